"""Sockets: who may open one, how long it lasts, and how a pointer reaches a person's pages."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import structlog
from flask import Flask, request
from flask_socketio import SocketIO, join_room
from sqlalchemy.exc import SQLAlchemyError

from app import presence, push
from app.casework import sign_ins
from app.core import db
from app.models import CONTENT_ACCOUNTS
from app.realtime import talking
from app.realtime.channel import RedisChannel
from app.realtime.presence import RedisPresence
from config.settings import Settings

log = structlog.get_logger()

# Both seconds. What has been silent for longer than both together is gone.
PING_EVERY, PING_ANSWERED_IN = 25, 20
GONE_AFTER = PING_EVERY + PING_ANSWERED_IN + 15
# Each costs about 100 KB; whoever finds the house full asks every ten seconds instead.
MOST_SOCKETS = 2000
# A browser that only listens sends a few bytes; nothing here reads more.
LONGEST_MESSAGE = 4096
# How soon a socket closes after its session has ended, in seconds.
LOOK_EVERY = 1.0

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


def register(app: Flask, settings: Settings) -> None:
    channel = RedisChannel(settings.redis_url) if settings.redis_url else None
    live = SocketIO(
        app,
        async_mode="threading",
        client_manager=channel,
        transports=["websocket"],  # type: ignore[call-arg]
        cors_allowed_origins=settings.origins,
        manage_session=False,
        ping_interval=PING_EVERY,
        ping_timeout=PING_ANSWERED_IN,
        max_http_buffer_size=LONGEST_MESSAGE,
    )
    live.on("connect")(_join)
    talking.register(live)
    if settings.redis_url:
        presence.use(RedisPresence(settings.redis_url))
    app.wsgi_app = Door(app, settings, Watch())  # type: ignore[method-assign]
    push.use(Pages(live))


class Pages:
    """`app.push` over Socket.IO: one room a person, which only the server fills."""

    def __init__(self, live: SocketIO) -> None:
        self._live = live

    def tell(self, person_ids: Iterable[int], pointer: push.Pointer) -> None:
        if rooms := [_room(person_id) for person_id in person_ids]:
            self._live.emit("changed", dict(pointer), to=rooms)  # type: ignore[arg-type]


def _room(person_id: int) -> str:
    return f"person:{person_id}"


def _join() -> None:
    join_room(_room(request.environ["kith.person"]))


class Watch:
    """Looks once a second whether the sessions behind the open sockets still stand."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[socket.socket, int] = {}
        self._looking = False

    def is_full(self) -> bool:
        return len(self._open) >= MOST_SOCKETS

    def add(self, connection: socket.socket, sign_in_id: int) -> None:
        with self._lock:
            self._open[connection] = sign_in_id
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, name="watch", daemon=True).start()

    def remove(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.pop(connection, None)

    def _look(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_EVERY):
            with self._lock:
                held = dict(self._open)
                if not held:
                    self._looking = False
                    return
            for connection in _ended(held):
                hang_up(connection)


def _ended(held: dict[socket.socket, int]) -> list[socket.socket]:
    try:
        with db.transaction():
            ended = sign_ins.ended(sorted(set(held.values())))
    except Exception as error:  # noqa: BLE001 - the database may be away; look again in a second
        log.warning("sessions not looked at", error=type(error).__name__)
        return []
    return [connection for connection, sign_in_id in held.items() if sign_in_id in ended]


def hang_up(connection: socket.socket) -> None:
    """End it under whatever is reading or writing; the browser comes back and is refused."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Door:
    """Stands before Socket.IO: answers strangers without a socket, and gives friends a thread.

    Socket.IO itself takes a request without an Origin, and would hold one of the server's
    request threads for as long as the page is open.
    """

    def __init__(self, app: Flask, settings: Settings, watch: Watch) -> None:
        self._app, self._inside, self._settings = app, app.wsgi_app, settings
        self._watch = watch

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith("/socket.io"):
            return self._inside(environ, start_response)
        if not self._asks_rightly(environ):
            return _refuse(start_response, "400 Bad Request")
        if environ.get("HTTP_ORIGIN") not in self._settings.origins:
            return _refuse(start_response, "403 Forbidden")
        if self._watch.is_full():
            return _refuse(start_response, "503 Service Unavailable")
        try:
            device = self._device(environ)
        except SQLAlchemyError as error:
            log.warning("socket not opened", error=type(error).__name__)
            return _refuse(start_response, "503 Service Unavailable")
        if device is None:
            return _refuse(start_response, "401 Unauthorized")
        environ["kith.person"], sign_in_id = device
        # Pointers are small, and a compressor would cost each socket 90 KB.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._hold(environ, start_response, sign_in_id)

    @staticmethod
    def _asks_rightly(environ: Environ) -> bool:
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        return (
            environ["REQUEST_METHOD"] == "GET"
            and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
            and "HTTP_SEC_WEBSOCKET_KEY" in environ
            and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
            and asked.get("transport") == ["websocket"]
            and asked.get("EIO") == ["4"]
            and "sid" not in asked
        )

    def _device(self, environ: Environ) -> tuple[int, int] | None:
        """Whose page it is and by which session: numbers only, for the rows end with the look."""
        asked = self._app.request_class(environ)
        cookie = self._app.session_interface.open_session(self._app, asked)
        token = cookie.get("_user_id") if cookie else None
        if not token:
            return None
        with db.transaction():
            found = sign_ins.find(token, idle_minutes=self._settings.idle_minutes, by_hand=False)
        if found is None or found[0].account not in CONTENT_ACCOUNTS:
            return None
        if self._settings.second_factor_required and not found[1].by_code:
            return None
        return found[0].id, found[1].id

    def _hold(self, environ: Environ, start_response: Any, sign_in_id: int) -> Iterable[bytes]:
        if "gunicorn.socket" not in environ:
            self._keep(environ["werkzeug.socket"], sign_in_id, environ, start_response)
            raise ConnectionError  # which that server takes for the end of the connection
        # The server's own object is left empty, and its worker knows what that means.
        served = environ["gunicorn.socket"]
        taken = socket.socket(fileno=served.detach())
        environ["gunicorn.socket"] = taken
        threading.Thread(
            target=self._keep, args=(taken, sign_in_id, environ, start_response), daemon=True
        ).start()
        raise StopIteration

    def _keep(
        self, connection: socket.socket, sign_in_id: int, environ: Environ, start_response: Any
    ) -> None:
        _set_limits(connection)
        self._watch.add(connection, sign_in_id)
        try:
            with suppress(StopIteration, ConnectionError):
                self._inside(environ, start_response)
        finally:
            self._watch.remove(connection)
            hang_up(connection)
            connection.close()


def _set_limits(connection: socket.socket) -> None:
    # Not `settimeout`: that makes sends partial, and half a frame spoils the stream.
    seconds = struct.pack("ll", GONE_AFTER, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _refuse(start_response: Any, status: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return []
