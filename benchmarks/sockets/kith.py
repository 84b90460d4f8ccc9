"""Kith as `kith serve` runs it, with rooms to join, an event on request, and something to compute.

python -m benchmarks.sockets.kith LINES
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from flask_socketio import SocketIO, join_room

from app.cli.serve import _make_room, _Server
from app.core import json
from config import settings


class Server(_Server):
    def load(self) -> Any:
        app = super().load()
        live: SocketIO = app.extensions["socketio"]
        live.on("join")(join_room)
        live.on("say")(lambda room, said: live.emit("changed", said, to=room))
        app.wsgi_app = compute(app.wsgi_app)
        threading.Thread(target=tell, args=(live,), daemon=True).start()
        return app

    def _begin(self, worker: Any) -> None:
        super()._begin(worker)
        print(os.getpid(), flush=True)


def compute(inside: Any) -> Any:
    """Five milliseconds of a processor for whoever asks."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/compute":
            return inside(environ, start_response)
        end = time.thread_time() + 0.005
        while time.thread_time() < end:
            pass
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    return answer


def tell(live: SocketIO) -> None:
    """One line is one event: a room, a space, and what is told there."""
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as lines:
        while True:
            said_by, _ = lines.accept()
            for line in said_by.makefile("rb"):
                room, _, said = line.partition(b" ")
                live.emit("changed", json.loads(said), to=room.decode())


if __name__ == "__main__":
    _make_room()
    Server(settings.from_environment()).run()
