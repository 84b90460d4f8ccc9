"""A running Kith for the tests of the live channel: in this process, or as `kith serve`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from queue import Empty, Queue
from typing import Any, ClassVar
from urllib.request import urlopen

import socketio
from flask import Flask
from sqlalchemy import QueuePool
from werkzeug.serving import WSGIRequestHandler, make_server

from app.casework import sign_ins
from app.core import db
from app.jobs import deliveries
from app.models import Person
from config.settings import Settings
from tests.servers import free_port


class Quiet(WSGIRequestHandler):
    """Writes no log, and is known while it answers; browsers hold lines they ask nothing on."""

    answering: ClassVar[set[WSGIRequestHandler]] = set()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass

    def run_wsgi(self) -> None:
        self.answering.add(self)
        try:
            super().run_wsgi()
        finally:
            self.answering.discard(self)


@contextmanager
def open_house(app: Flask, settings: Settings) -> Iterator[str]:
    """The application on its own port in threads of this process, deliveries included."""
    server = make_server("127.0.0.1", settings.port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    stop = deliveries.begin(sweep_every=0.2)
    try:
        yield f"http://127.0.0.1:{settings.port}"
    finally:
        stop()
        server.shutdown()
        thread.join()
        server.server_close()
        # Whoever still answers, or looks after sockets, holds a connection to the database.
        eventually(lambda: _is_quiet(app), 10)


def _is_quiet(app: Flask) -> bool:
    pages = app.extensions["socketio"].server.eio.sockets
    pool = db.engine().pool
    assert isinstance(pool, QueuePool)
    return not Quiet.answering and not pages and not pool.checkedout()


# Nothing is overdue so soon: the monitor would have something to tell as well.
PATIENT = (("child_protection_plan", 365), ("child_in_need", 365))


@contextmanager
def served(settings: Settings, **more: str) -> Iterator[str]:
    """`kith serve` as its own process, as councils run it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KITH_")}
    environ |= {
        "KITH_DATA": str(settings.data),
        "KITH_DATABASE_URL": settings.database_url,
        "KITH_SECRET_KEY": settings.secret_key,
        "KITH_PORT": str(settings.port),
        "KITH_LIMITS": "off",
        "KITH_SEEN_WITHIN": ",".join(f"{status}={days}" for status, days in PATIENT),
    } | ({"KITH_REDIS_URL": settings.redis_url} if settings.redis_url else {})
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    process = subprocess.Popen(
        command, env=environ | more, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line.startswith("Kith is at"), line
        yield f"http://127.0.0.1:{settings.port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        process.wait(30)


def cookie(app: Flask, person: Person) -> tuple[str, int]:
    """The cookie of a device she has just signed in on, and the number of that session."""
    with db.transaction():
        token = sign_ins.begin(person, "test", hours=12)
    with db.transaction():
        found = sign_ins.find(token, idle_minutes=60)
    assert found is not None
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = signer.dumps({"_user_id": token, "_fresh": True})
    return f"{app.config['SESSION_COOKIE_NAME']}={value}", found[1].id


@dataclass
class Page:
    """One open page of somebody, as far as the live channel knows it."""

    address: str
    cookie: str | None = None
    origin: str | None = "own"
    heard: Queue[dict[str, Any]] = field(default_factory=Queue)
    closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        named = {"own": self.address}.get(self.origin or "", self.origin)
        self.socket = socketio.Client(
            reconnection=False,
            websocket_extra_options={"origin": named} if named else {"suppress_origin": True},
        )
        self.socket.on("changed", self.heard.put)
        self.socket.on("disconnect", lambda *_: self.closed.set())

    def open(self) -> Page:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        self.socket.connect(self.address, headers=headers, transports=["websocket"])
        return self

    def close(self) -> None:
        self.socket.shutdown()
        # Which the client leaves open when the server said goodbye first.
        if self.socket.eio.ws:
            self.socket.eio.ws.shutdown()

    def hears(self, seconds: float = 5) -> dict[str, Any] | None:
        try:
            return self.heard.get(timeout=seconds)
        except Empty:
            return None


def free_settings(settings: Settings) -> Settings:
    """The same installation on a port of its own, with a secret `kith serve` accepts."""
    port = free_port()
    secret = "a secret for tests and nothing else"
    url = f"http://127.0.0.1:{port}"
    return replace(settings, port=port, url=url, secret_key=secret, seen_within=PATIENT)


def answers(address: str, seconds: float = 20) -> None:
    eventually(lambda: urlopen(f"{address}/livez").status == 200, seconds)


def eventually(holds: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
