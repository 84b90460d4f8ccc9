"""One open page: what is on its way to it, and what it said that nobody has answered yet."""

from __future__ import annotations

import ctypes
import errno
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from app.realtime import wire
from app.realtime.wire import Reader

# Bytes that may wait for a page that does not read. Beyond it the page is let go; it comes back
# and asks for what it missed.
MOST_WAITING = 1024 * 1024
# Bytes of pointers that may wait. Beyond it they become one word that sends the page to `/sync`,
# which knows all of them.
MOST_POINTERS = 256 * 1024
# How a pointer begins, behind at most ten bytes of its frame.
_POINTER, _HEAD = f'{wire.MESSAGE}2["changed",'.encode(), 24
_RESYNC = wire.frame(f'{wire.MESSAGE}2["resync"]')
# Messages of one page that may wait for a hand; a page that says more is let go.
MOST_UNANSWERED = 100
# The system's own queue in front of ours. Small, so that what waits is counted here.
SYSTEM_QUEUE = 64 * 1024
AT_ONCE = 16 * 1024

# The same send as a socket's, which keeps the interpreter's lock. It never waits, so that there is
# nothing to let go for; a thread that computes would have the lock between one page and the next.
_send = ctypes.PyDLL(None, use_errno=True).send
_send.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
_send.restype = ctypes.c_ssize_t
_FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR)


class Connection:
    """A socket that was taken from the web server. Any thread may send; one thread reads.

    `closed`, `session`, `upgraded`, `send` and `close` are what Engine.IO asks of its sockets.
    """

    __slots__ = (
        "__weakref__",
        "_in_hand",
        "_lock",
        "_pointers",
        "_said",
        "_size",
        "_socket",
        "_waiting",
        "_wants_room",
        "closed",
        "environ",
        "is_silent",
        "reader",
        "reason",
        "session",
        "sid",
    )
    upgraded = True

    def __init__(
        self,
        taken: socket.socket,
        sid: str,
        environ: dict[str, Any],
        wants_room: Callable[[Connection], None],
    ) -> None:
        taken.setblocking(False)
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_QUEUE)
        self._socket, self.sid, self.environ = taken, sid, environ
        self._wants_room = wants_room
        self._lock = threading.Lock()
        self._waiting: deque[bytes] | None = None
        self._size = self._pointers = 0
        self._said: list[str | bytes | None] = []
        self._in_hand = False
        self.reader: Reader | None = Reader()
        self.is_silent = False  # since it was asked for a sign of life
        self.closed, self.reason = False, ""
        self.session: dict[str, Any] = {}

    def fileno(self) -> int:
        return self._socket.fileno()

    # Out

    def send(self, frame: bytes) -> None:
        """As much as goes without waiting goes now; the rest when there is room."""
        with self._lock:
            if self._waiting:
                self._keep(frame)
                return
            sent = _send(self._socket.fileno(), frame, len(frame), socket.MSG_DONTWAIT)
            if sent < 0 and ctypes.get_errno() not in _FULL:
                return  # it has gone; whoever reads will notice
            if sent != len(frame):
                self._keep(frame[max(sent, 0) :])
                self._wants_room(self)

    def _keep(self, frame: bytes) -> None:
        if self.closed:
            return
        self._waiting = self._waiting or deque()
        self._waiting.append(frame)
        self._size += len(frame)
        if _POINTER in frame[:_HEAD]:
            self._pointers += len(frame)
            if self._pointers > MOST_POINTERS:
                self._merge(self._waiting)
        if self._size > MOST_WAITING:
            self._hang_up("does not read")

    def _merge(self, waiting: deque[bytes]) -> None:
        """One word for all pointers that wait; of the first frame a part may have gone."""
        first, *rest = waiting
        kept = [each for each in rest if _POINTER not in each[:_HEAD] and each != _RESYNC]
        self._waiting = deque([first, *kept, _RESYNC])
        self._size, self._pointers = sum(map(len, self._waiting)), 0

    def flush(self) -> bool:
        """There is room again. Answers whether all has gone."""
        with self._lock:
            while self._waiting:
                frame = self._waiting[0]
                try:
                    sent = self._socket.send(frame)
                except BlockingIOError:
                    return False
                except OSError:
                    return True
                self._size -= sent
                if sent != len(frame):
                    self._waiting[0] = frame[sent:]
                    return False
                self._waiting.popleft()
            self._waiting, self._pointers = None, 0
            return True

    # In

    def receive(self) -> bytes | None:
        """What has come: None when nothing has, no bytes when the page has gone."""
        try:
            return self._socket.recv(AT_ONCE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def said(self, message: str | bytes | None) -> bool:
        """Keep it until a hand is free; None is the last. Answers whether one must be called."""
        with self._lock:
            self._said.append(message)
            if len(self._said) > MOST_UNANSWERED:
                self._hang_up("says too much")
            is_called, self._in_hand = self._in_hand, True
            return not is_called

    def next_said(self) -> str | bytes | None:
        return self._said[0]

    def answered(self) -> bool:
        """The first is done. Answers whether more waits."""
        with self._lock:
            del self._said[0]
            self._in_hand = bool(self._said)
            return self._in_hand

    # The end

    def close(self, wait: bool = False, abort: bool = False, reason: str = "") -> None:  # noqa: ARG002
        """Hang up, from any thread, under whatever is reading or writing."""
        with self._lock:
            self._hang_up(reason)

    def _hang_up(self, reason: str) -> None:
        if not self.closed:
            self.closed, self.reason = True, self.reason or reason
            self._waiting, self._size = None, 0
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def leave(self, farewell: bytes, reason: str = "") -> None:
        """Say the last, then only listen until the page has heard it."""
        self.send(farewell)
        with self._lock:
            self.closed, self.reason = True, self.reason or reason
            self.reader = None
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    def let_go(self) -> None:
        """Give the socket back to the system. Only for the thread that reads."""
        with self._lock:
            self.closed = True
            self._waiting = None
            self._socket.close()
