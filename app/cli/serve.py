"""Serves Kith: the newest schema, then worker processes with threads, deliveries and sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.cli.opening import answering
from app.core import db, schema
from config.settings import Settings, WrongSetting

# Seconds. Answers under way may end; open pages come back to whoever answers next.
LAST_ANSWERS_IN = 5
# How long a browser's connection waits for its next request, in seconds.
KEPT_ALIVE = 15


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    _check_port(settings)
    with answering():
        engine = db.connect(settings.database_url)
        schema.upgrade(engine)
        engine.dispose()
    _Server(settings).run()


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that lets go of a connection which became a WebSocket.

    `app.realtime.sockets` takes the socket out of the connection's own object, so that an open
    page holds none of the threads that answer requests, nor the worker when it is to stop.
    """

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        if conn.sock.fileno() == -1:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop: Callable[[], None] = lambda: None
        super().__init__()

    def load_config(self) -> None:
        chosen = {
            "bind": _address(self._settings),
            "workers": self._settings.processes,
            "threads": self._settings.threads,
            "worker_class": Worker,
            "worker_connections": 2000,
            "keepalive": KEPT_ALIVE,
            "graceful_timeout": LAST_ANSWERS_IN,
            # Its own log would hold the words of searches; what Kith logs has none.
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self._begin,
            "worker_exit": lambda _server, _worker: self._stop(),
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from app.factory import create_app

        return create_app(self._settings)

    def _begin(self, worker: Worker) -> None:
        from app.audit import anchors
        from app.jobs import deliveries, mails

        kept = self._settings
        stops = (
            deliveries.begin(
                anchor=lambda: anchors.write(kept.anchors, kept.anchor_key),
                patience=timedelta(hours=kept.question_hours),
            ),
            mails.begin(),
        )

        def stop() -> None:
            for each in stops:
                each()

        self._stop = stop
        # The first worker of the start, not one that takes the place of another.
        if worker.age == 1:
            print(f"Kith is at {self._settings.url}", flush=True)  # noqa: T201


def _check_port(settings: Settings) -> None:
    with socket.socket(_family(settings.host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise WrongSetting(
                f"Kith cannot listen on {_address(settings)}: {error.strerror}. "
                "Set KITH_PORT to another port."
            ) from error


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
