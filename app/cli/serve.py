"""Serves Kith: the newest schema, then worker processes with threads, deliveries and sockets."""

from __future__ import annotations

import gc
import resource
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers import gthread

from app.cli.opening import answering
from app.core import db, schema
from config.settings import Settings, WrongSetting
from search import name_keys

# Seconds. Answers under way may end; open pages come back to whoever answers next.
LAST_ANSWERS_IN = 5
# How long a browser that holds a line to a stopping server may still ask on it, in seconds.
LAST_QUESTIONS_IN = 0.3
# Open files of a process: each open page is one.
FILES = 65_536
# How long a thread that computes may keep the others waiting, in seconds. At Python's own 0.005
# news for open pages would stand behind each page that is being made.
TURN = 0.0005
# How long a browser's connection waits for its next request, in seconds.
KEPT_ALIVE = 15


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    _check_port(settings)
    with answering():
        engine = db.use(settings.database_url)
        schema.upgrade(engine)
        name_keys.make_all()
        engine.dispose()
    _make_room()
    gthread.STOP_KEEPALIVE_LINGER = LAST_QUESTIONS_IN
    _Server(settings).run()


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
            "worker_class": gthread.ThreadWorker,
            "worker_connections": 2000,
            "keepalive": KEPT_ALIVE,
            "graceful_timeout": LAST_ANSWERS_IN,
            # Its own log would hold the words of searches; what Kith logs has none.
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda _server: _look_for_rubbish(),
            "post_worker_init": self._begin,
            "worker_exit": lambda _server, _worker: self._stop(),
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        gc.disable()  # until all is there
        from app.factory import create_app

        return create_app(self._settings)

    def _begin(self, worker: gthread.ThreadWorker) -> None:
        from app.audit import anchors
        from app.jobs import deliveries, mails, watching
        from search import engines

        gc.collect()
        _look_for_rubbish()
        sys.setswitchinterval(TURN)
        kept, index = self._settings, engines.kept()
        stops = [
            worker.wsgi.extensions["socketio"].server.shutdown,
            deliveries.begin(
                anchor=lambda: anchors.write(kept.anchors, kept.anchor_key),
                patience=timedelta(hours=kept.question_hours),
            ),
            mails.begin(),
            watching.begin(),
        ]
        if index is not None:
            from app.jobs import indexing

            stops.append(indexing.begin(index))

        def stop() -> None:
            for each in stops:
                each()

        self._stop = stop
        # The first worker of the start, not one that takes the place of another.
        if worker.age == 1:
            print(f"Kith is at {self._settings.url}", flush=True)  # noqa: T201


def _look_for_rubbish() -> None:
    """From now on, and only in what is new: all that was imported stays.

    To look through all of it for what nobody needs any more would stop every thread for a tenth of
    a second, again and again, and lengthen a start by a quarter.
    """
    gc.freeze()
    gc.enable()


def _make_room() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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
