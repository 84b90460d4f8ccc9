"""Speaks with clamd, the daemon of ClamAV, over its socket: one file, one answer."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

CHUNK = 256 * 1024
# Seconds. It answers within one for what is taken here; a page waits for it.
PATIENCE = 20.0
LONGEST_ANSWER = 4096


class Clamd:
    """`address` is unix:///run/clamav/clamd.ctl or tcp://host:3310."""

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        self._address, self._patience = urlsplit(address), patience

    def is_infected(self, data: bytes) -> bool:
        """Whether it knows the file as harmful; `OSError` when it gives no such answer."""
        answer = self._answer(data)
        if answer.endswith(b"OK"):
            return False
        if answer.endswith(b"FOUND"):
            return True
        raise ConnectionError("clamd did not take the file")

    def _answer(self, data: bytes) -> bytes:
        with self._connected() as opened:
            # z: what is asked and what is answered ends with a zero byte.
            opened.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                part = data[start : start + CHUNK]
                opened.sendall(struct.pack("!L", len(part)) + part)
            opened.sendall(struct.pack("!L", 0))
            return _until_zero(opened)

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        if self._address.scheme == "unix":
            opened = socket.socket(socket.AF_UNIX)
            opened.settimeout(self._patience)
            with opened:
                opened.connect(self._address.path)
                yield opened
            return
        place = (self._address.hostname or "", self._address.port or 3310)
        with socket.create_connection(place, self._patience) as opened:
            yield opened


def _until_zero(opened: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        part = opened.recv(LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n ")
