"""One thread that reads all open pages, sends what had to wait, and asks for signs of life."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

import structlog

from app.realtime.connection import Connection
from app.realtime.wire import Ended

log = structlog.get_logger()

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
RINGS = 64  # bytes of the bell, taken at a time


class Listener(Protocol):
    """Who knows what pages mean. It is asked in the loop's own thread, so nothing may wait."""

    def hear(self, connection: Connection, message: str | bytes) -> None: ...

    def look_after(self, connection: Connection) -> None: ...

    def end(self, connection: Connection) -> None: ...


class Loop:
    """The thread begins with the first page and ends with the last."""

    def __init__(self, listener: Listener, look_every: float) -> None:
        self._listener, self._look_every = listener, look_every
        self._lock = threading.Lock()
        self._runs = self._rung = False
        self._asked: list[tuple[Callable[[Connection], None], Connection]] = []
        # Who is looked after next; everybody at the same interval, so the order never changes.
        self._turns: deque[tuple[float, Connection]] = deque()

    # From any thread

    def add(self, connection: Connection) -> None:
        with self._lock:
            if not self._runs:
                self._runs, self._rung = True, False
                self._bell, self._ear = socket.socketpair()
                threading.Thread(target=self._run, name="live", daemon=True).start()
            self._ask(self._welcome, connection)

    def wants_room(self, connection: Connection) -> None:
        """Something waits for the page until its socket takes more."""
        with self._lock:
            self._ask(self._wait_for_room, connection)

    def _ask(self, act: Callable[[Connection], None], connection: Connection) -> None:
        self._asked.append((act, connection))
        if self._runs and not self._rung:
            self._rung = True
            self._bell.send(b"!")

    # In the loop's thread

    def _run(self) -> None:
        with selectors.DefaultSelector() as self._selector:
            self._selector.register(self._ear, READ)
            while self._goes_on():
                self._tend()
                self._do_what_was_asked()
                self._look_after()

    def _goes_on(self) -> bool:
        with self._lock:
            if not self._asked and len(self._selector.get_map()) == 1:
                self._runs = False
                self._turns.clear()
                self._bell.close()
                self._ear.close()
            return self._runs

    def _tend(self) -> None:
        for key, events in self._selector.select(self._until_next()):
            if key.data is None:
                self._ear.recv(RINGS)
            else:
                self._do(partial(self._move, events=events), key.data)

    def _do(self, act: Callable[[Connection], None], connection: Connection) -> None:
        try:
            act(connection)
        except Exception as error:  # noqa: BLE001 - one page must not end the others
            log.warning("a page was let go", error=type(error).__name__)
            self._end(connection)

    def _move(self, connection: Connection, events: int) -> None:
        if events & WRITE and connection.flush():
            self._selector.modify(connection, READ, connection)
        if events & READ:
            received = connection.receive()
            if received:
                self._read(connection, received)
            elif received is not None:
                self._end(connection)

    def _read(self, connection: Connection, received: bytes) -> None:
        if connection.closed or connection.reader is None:
            return  # it says goodbye, or said it after it was hung up on
        try:
            for message in connection.reader.read(received, connection.send):
                self._listener.hear(connection, message)
        except Ended as ended:
            connection.leave(ended.farewell)

    def _do_what_was_asked(self) -> None:
        with self._lock:
            asked, self._asked, self._rung = self._asked, [], False
        for act, connection in asked:
            if connection.fileno() != -1:
                self._do(act, connection)

    def _welcome(self, connection: Connection) -> None:
        self._selector.register(connection, READ, connection)
        self._turns.append((time.monotonic() + self._look_every, connection))

    def _wait_for_room(self, connection: Connection) -> None:
        self._selector.modify(connection, READ | WRITE, connection)

    def _until_next(self) -> float | None:
        return max(self._turns[0][0] - time.monotonic(), 0) if self._turns else None

    def _look_after(self) -> None:
        now = time.monotonic()
        while self._turns and self._turns[0][0] <= now:
            _, connection = self._turns.popleft()
            if connection.fileno() == -1:
                continue
            if connection.closed:  # and it takes its time over going
                self._end(connection)
            else:
                self._do(self._listener.look_after, connection)
                self._turns.append((now + self._look_every, connection))

    def _end(self, connection: Connection) -> None:
        with suppress(KeyError):
            self._selector.unregister(connection)
        connection.let_go()
        self._listener.end(connection)
