"""Sockets: who may open one, how long it lasts, and how a pointer reaches a person's pages."""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable, Iterable
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
from app.realtime import talking, wire
from app.realtime.channel import RedisChannel
from app.realtime.connection import Connection
from app.realtime.engine import Engine
from app.realtime.presence import RedisPresence
from app.realtime.rooms import Rooms
from config.settings import Settings

log = structlog.get_logger()

# Both seconds. A page that has not answered when the next ping is due is gone.
PING_EVERY, PING_ANSWERED_IN = 25, 20
# Each costs about 10 KB; whoever finds the house full asks every ten seconds instead.
MOST_SOCKETS = 20_000
# How soon a socket closes after its session has ended, in seconds.
LOOK_EVERY = 1.0

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


def register(app: Flask, settings: Settings) -> None:
    live = SocketIO(
        app,
        async_mode="threading",
        # The engine calls a page's handlers one after the other, in threads of its own.
        async_handlers=False,
        client_manager=RedisChannel(settings.redis_url) if settings.redis_url else Rooms(),
        transports=["websocket"],  # type: ignore[call-arg]
        cors_allowed_origins=settings.origins,
        manage_session=False,
        ping_interval=PING_EVERY,
        ping_timeout=PING_ANSWERED_IN,
        max_http_buffer_size=wire.LONGEST_MESSAGE,
    )
    engine = Engine.of(live.server)  # type: ignore[attr-defined]
    live.on("connect")(_join)
    talking.register(live)
    if settings.redis_url:
        presence.use(RedisPresence(settings.redis_url))
    app.wsgi_app = Door(app, settings, engine)  # type: ignore[method-assign]
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

    def __init__(self, engine: Engine) -> None:
        self._lock = threading.Lock()
        self._engine = engine
        self._looking = False

    def begin(self) -> None:
        with self._lock:
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, name="watch", daemon=True).start()

    def _look(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_EVERY):
            with self._lock:
                held = self._engine.connections()
                if not held:
                    self._looking = False
                    return
            for connection in _ended(held):
                connection.close(reason="signed out")


def _ended(held: list[Connection]) -> list[Connection]:
    sign_in_ids = {connection.environ["kith.sign_in"] for connection in held}
    try:
        with db.transaction():
            ended = sign_ins.ended(sorted(sign_in_ids))
    except Exception as error:  # noqa: BLE001 - the database may be away; look again in a second
        log.warning("sessions not looked at", error=type(error).__name__)
        return []
    return [each for each in held if each.environ["kith.sign_in"] in ended]


class Door:
    """Stands before Socket.IO, which itself takes a request without an Origin, and from anybody."""

    def __init__(self, app: Flask, settings: Settings, engine: Engine) -> None:
        self._app, self._inside, self._settings = app, app.wsgi_app, settings
        self._engine, self._watch = engine, Watch(engine)
        # Half of the files this process may open: the other half is for those who only ask.
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._room = MOST_SOCKETS if files == resource.RLIM_INFINITY else files // 2

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith("/socket.io"):
            return self._inside(environ, start_response)
        if not self._asks_rightly(environ):
            return _refuse(start_response, "400 Bad Request")
        if environ.get("HTTP_ORIGIN") not in self._settings.origins:
            return _refuse(start_response, "403 Forbidden")
        if self._is_full():
            return _refuse(start_response, "503 Service Unavailable")
        try:
            device = self._device(environ)
        except SQLAlchemyError as error:
            log.warning("socket not opened", error=type(error).__name__)
            return _refuse(start_response, "503 Service Unavailable")
        if device is None:
            return _refuse(start_response, "401 Unauthorized")
        environ["kith.person"], environ["kith.sign_in"] = device
        try:
            return self._inside(environ, start_response)
        finally:
            self._watch.begin()

    def _is_full(self) -> bool:
        return len(self._engine.sockets) >= min(MOST_SOCKETS, self._room)

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


def _refuse(start_response: Any, status: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return []
