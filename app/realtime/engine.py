"""Engine.IO for Flask-SocketIO on sockets of which none costs a thread."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import engineio
import socketio
import structlog
from engineio.packet import Packet
from socketio.packet import Packet as SocketIOPacket

from app.core import json
from app.realtime import wire
from app.realtime.connection import Connection
from app.realtime.loop import Loop

log = structlog.get_logger()

# Threads that run what pages ask for; the messages of one page one after the other.
HANDS = 4
# What an event may still ask of the request that opened the page. The rest would cost 10 KB each.
KEPT = """
    REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING SERVER_NAME SERVER_PORT SERVER_PROTOCOL
    REMOTE_ADDR HTTP_HOST HTTP_COOKIE wsgi.url_scheme flask.app kith.person kith.sign_in
""".split()

# Pieces of bytes one message may announce, for they are kept until the last of them is there.
MOST_ATTACHED = 10

Environ = dict[str, Any]


class SmallPacket(SocketIOPacket):
    def decode(self, encoded_packet: str) -> int:
        attached: int = super().decode(encoded_packet)
        if attached > MOST_ATTACHED:
            raise ValueError("too many attachments")
        return attached


class Engine(engineio.Server):
    """Takes a request's socket away from the web server and keeps it while the page is open."""

    def __init__(self, **options: Any) -> None:
        super().__init__(async_mode="threading", monitor_clients=False, **options)
        self._loop = Loop(self, look_every=self.ping_interval)
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="hand")

    @classmethod
    def of(cls, server: socketio.Server) -> Engine:
        """Stand where the server's own engine stood."""
        was = server.eio
        engine = cls(
            ping_interval=was.ping_interval,
            ping_timeout=was.ping_timeout,
            max_http_buffer_size=was.max_http_buffer_size,
        )
        engine.handlers, server.eio = was.handlers, engine
        server.packet_class = SmallPacket
        return engine

    def connections(self) -> list[Connection]:
        return list(self.sockets.values())

    # What Socket.IO asks for

    def handle_request(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        answer = wire.accepted(environ)
        if answer is None:
            start_response("400 Bad Request", [("Content-Length", "0")])
            return []
        taken, server_is_done = _take(environ)
        kept = {name: environ[name] for name in KEPT if name in environ}
        connection = Connection(taken, self.generate_id(), kept, self._loop.wants_room)
        self.sockets[connection.sid] = connection
        self.handlers["connect"](connection.sid, kept)
        connection.send(answer + wire.frame(wire.OPEN + self._greeting(connection)))
        self._loop.add(connection)
        raise server_is_done

    def send(self, sid: str, data: str | bytes) -> None:
        self._send(sid, wire.MESSAGE + data if isinstance(data, str) else data)

    def send_packet(self, sid: str, pkt: Packet) -> None:
        self._send(sid, pkt.encode())

    def _send(self, sid: str, message: str | bytes) -> None:
        if connection := self.sockets.get(sid):
            connection.send(wire.frame(message))

    def shutdown(self) -> None:
        """Tell every page that this server goes, so that it looks for another at once."""
        for connection in self.connections():
            connection.leave(wire.GOING_AWAY, self.reason.SERVER_DISCONNECT)

    def _greeting(self, connection: Connection) -> str:
        return json.dumps(
            {
                "sid": connection.sid,
                "upgrades": [],
                "pingInterval": int(self.ping_interval * 1000),
                "pingTimeout": int(self.ping_timeout * 1000),
                "maxPayload": self.max_http_buffer_size,
            }
        ).decode()

    # What the loop tells

    def hear(self, connection: Connection, message: str | bytes) -> None:
        connection.is_silent = False
        if isinstance(message, bytes):
            self._say(connection, message)
        elif message[:1] == wire.MESSAGE:
            self._say(connection, message[1:])
        elif message[:1] == wire.CLOSE:
            connection.close(reason=self.reason.CLIENT_DISCONNECT)

    def look_after(self, connection: Connection) -> None:
        if connection.is_silent:
            connection.close(reason=self.reason.PING_TIMEOUT)
        else:
            connection.is_silent = True
            connection.send(_PING)

    def end(self, connection: Connection) -> None:
        self._say(connection, None)

    # What hands do

    def _say(self, connection: Connection, message: str | bytes | None) -> None:
        if connection.said(message):
            self._call(connection)

    def _call(self, connection: Connection) -> None:
        with suppress(RuntimeError):  # the process ends, and nobody is there any more
            self._hands.submit(self._answer, connection)

    def _answer(self, connection: Connection) -> None:
        message = connection.next_said()
        try:
            if message is None:
                self.sockets.pop(connection.sid, None)
                self.handlers["disconnect"](
                    connection.sid, connection.reason or self.reason.TRANSPORT_CLOSE
                )
            elif not connection.closed:
                self.handlers["message"](connection.sid, message)
        except Exception as error:  # noqa: BLE001 - whatever a page says, the next is answered
            log.warning("a page was not answered", error=type(error).__name__)
        # Flask leaves its request there, which would be kept as long as the page is open.
        connection.environ.pop("werkzeug.request", None)
        if connection.answered():
            self._call(connection)


_PING = wire.frame(wire.PING)


def _take(environ: Environ) -> tuple[socket.socket, Exception]:
    """The socket, and what the server behind it takes for the end of the connection.

    In its place the server finds a line on which somebody has hung up, and closes that.
    """
    by_gunicorn = "gunicorn.socket" in environ
    given: socket.socket = environ["gunicorn.socket" if by_gunicorn else "werkzeug.socket"]
    taken = socket.socket(fileno=os.dup(given.fileno()))
    left, other = socket.socketpair()
    with left, other:
        os.dup2(left.fileno(), given.fileno(), inheritable=False)
    return taken, StopIteration() if by_gunicorn else ConnectionError()
