"""A page that says what it likes, byte by byte; and a house with nothing in it but sockets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from werkzeug.serving import make_server

from app.realtime.engine import Engine
from app.realtime.rooms import Rooms
from tests.realtime.house import Quiet, eventually

CONTINUED, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9


def masked(kind: int, payload: bytes, *, fin: bool = True) -> bytes:
    """A frame as a client sends it."""
    key, size = b"\x01\x02\x03\x04", len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0xFE, size)
    hidden = bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))
    return bytes([kind | (0x80 if fin else 0)]) + length + key + hidden


def close_code(frame: bytes) -> int | None:
    assert frame[0] == 0x80 | CLOSE, frame
    return int(struct.unpack("!H", frame[2:4])[0]) if frame[1] else None


class Peer:
    """The other end of one socket."""

    def __init__(self, port: int, *, joins: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self.file = self.socket.makefile("rb")
        assert self.file.readline().startswith(b"HTTP/1.1 101")
        while self.file.readline() != b"\r\n":
            pass
        assert self.hears().startswith(b"0{")
        if joins:
            self.says("40")
            assert self.hears().startswith(b"40{")

    def says(self, text: str) -> None:
        self.socket.sendall(masked(TEXT, text.encode()))

    def hears(self) -> bytes:
        """The next frame's payload; a goodbye as it stands, nothing at the end."""
        head = self.file.read(2)
        if len(head) < 2:
            return b""
        size = head[1]
        if size == 126:
            size = struct.unpack("!H", self.file.read(2))[0]
        payload = self.file.read(size)
        return head + payload if head[0] == 0x80 | CLOSE else payload

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@dataclass
class Bare:
    """Flask-SocketIO on Kith's engine, without Kith."""

    live: SocketIO
    engine: Engine
    port: int

    @property
    def rooms(self) -> Rooms:
        return self.live.server.manager  # type: ignore[attr-defined]


@contextmanager
def bare_house(rooms: Rooms | None = None, **options: Any) -> Iterator[Bare]:
    app = Flask("tests")
    live = SocketIO(
        app,
        async_mode="threading",
        async_handlers=False,
        client_manager=rooms or Rooms(),
        manage_session=False,
        **({"ping_interval": 25, "ping_timeout": 20} | options),
    )
    engine = Engine.of(live.server)  # type: ignore[attr-defined]
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Bare(live, engine, server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for connection in engine.connections():
            connection.close()
        eventually(lambda: not engine.sockets)
