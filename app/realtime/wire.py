"""Bytes on the wire: WebSocket as wsproto reads it, and whole frames ready to be sent to many."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

from h11 import ProtocolError as BadHeader
from wsproto.connection import Connection as WebSocket
from wsproto.connection import ConnectionType
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping
from wsproto.frame_protocol import CloseReason
from wsproto.handshake import H11Handshake
from wsproto.utilities import ProtocolError

# A page that only listens sends a few bytes; nothing here reads more.
LONGEST_MESSAGE = 4096
_ASKED = ("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version")
# Engine.IO's letter before each text.
OPEN, CLOSE, PING, PONG, MESSAGE = "01234"
_TEXT, _BINARY = 0x81, 0x82  # each whole: nothing is sent in parts


class Ended(Exception):
    """The page says goodbye, or says what nobody understands; `farewell` is its answer."""

    def __init__(self, farewell: bytes) -> None:
        super().__init__()
        self.farewell = farewell


def accepted(environ: dict[str, Any]) -> bytes | None:
    """The answer that makes a WebSocket of this request; None when it asks for none."""
    named = {name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", "") for name in _ASKED}
    headers = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
    handshake = H11Handshake(ConnectionType.SERVER)
    try:
        handshake.initiate_upgrade_connection(headers, b"/socket.io/")
        # No extension is taken up: a compressor would cost each page 90 KB, and pointers are small.
        return handshake.send(AcceptConnection())
    except (ProtocolError, BadHeader, UnicodeError):
        return None


def frame(message: str | bytes) -> bytes:
    """One message as one frame: the same bytes for everybody it goes to."""
    kind, payload = (
        (_TEXT, message.encode()) if isinstance(message, str) else (_BINARY, bytes(message))
    )
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", kind, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", kind, 126, size) + payload
    return struct.pack("!BBQ", kind, 127, size) + payload


GOING_AWAY = WebSocket(ConnectionType.SERVER).send(CloseConnection(CloseReason.GOING_AWAY))


class Reader:
    """What one page sends, put together to whole messages."""

    __slots__ = ("_begun", "_socket")

    def __init__(self) -> None:
        self._socket = WebSocket(ConnectionType.SERVER)
        self._begun: str | bytes = ""

    def read(self, received: bytes, answer: Callable[[bytes], None]) -> Iterator[str | bytes]:
        """The messages that are whole now. Raises `Ended` when there will be no more."""
        self._socket.receive_data(received)
        for event in self._socket.events():
            if isinstance(event, Message):
                yield from self._part(event)
            elif isinstance(event, Ping):
                answer(self._socket.send(event.response()))
            elif isinstance(event, CloseConnection):
                # From the page; or from wsproto, when the page broke the protocol.
                raise Ended(self._socket.send(event.response()))

    def _part(self, event: Message[Any]) -> Iterator[str | bytes]:
        message = self._begun + event.data if self._begun else event.data
        if len(message) > LONGEST_MESSAGE:
            raise Ended(self._socket.send(CloseConnection(CloseReason.MESSAGE_TOO_BIG)))
        self._begun = "" if event.message_finished else message
        if event.message_finished:
            yield message
