"""Frames as a page may send them: in pieces, in the wrong order, too long, or made to do harm."""

from __future__ import annotations

import random
import struct
from itertools import pairwise

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, TextMessage

from app.realtime import wire
from tests.realtime.raw import BINARY, CLOSE, CONTINUED, PING, TEXT, close_code, masked

HELLO = masked(TEXT, "grüß".encode())


def read(received: bytes, *cuts: int) -> tuple[list[str | bytes], bytes, int | None]:
    """What is understood, what is answered, and the code it ends with."""
    reader, answered = wire.Reader(), bytearray()
    messages: list[str | bytes] = []
    try:
        for begin, end in pairwise([0, *cuts, len(received)]):
            messages.extend(reader.read(received[begin:end], answered.extend))
    except wire.Ended as ended:
        return messages, bytes(answered), close_code(ended.farewell)
    return messages, bytes(answered), None


def test_a_message_is_the_same_wherever_it_was_cut() -> None:
    sent = (
        masked(TEXT, b"4gr\xc3", fin=False)
        + masked(PING, b"there?")
        + masked(CONTINUED, b"\xbc\xc3", fin=False)
        + masked(CONTINUED, b"\x9f")
        + masked(BINARY, b"\0\xff" * 100)
        + HELLO
    )
    whole = read(sent)

    assert whole == (["4grüß", b"\0\xff" * 100, "grüß"], b"\x8a\x06there?", None)
    assert all(read(sent, cut) == whole for cut in range(len(sent)))
    assert read(sent, *range(len(sent))) == whole


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (b"\xc1" + HELLO[1:], 1002),  # a reserved bit
        (masked(3, b"hi"), 1002),  # no such kind
        (masked(PING, b"hi", fin=False), 1002),  # a ping in parts
        (masked(PING, b"x" * 126), 1002),
        (masked(CONTINUED, b"hi"), 1002),  # of nothing
        (masked(TEXT, b"hi", fin=False) + HELLO, 1002),  # one inside another
        (b"\x81\xfe\0\x02\0\0\0\0hi", 1002),  # a length longer than need be
        (b"\x81\xff" + struct.pack("!Q", 1 << 63) + b"\0\0\0\0", 1002),
        (masked(TEXT, b"\xff"), 1007),
        (masked(TEXT, b"\xed\xa0\x80"), 1007),  # half a pair of surrogates
        (masked(TEXT, b"gr\xc3", fin=False) + masked(CONTINUED, b"hi"), 1007),
        (masked(CLOSE, b"\x03"), 1002),
        (masked(CLOSE, struct.pack("!H", 1005)), 1002),
        (masked(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
        (masked(TEXT, b"x" * 5000), 1009),
        (masked(TEXT, b"x" * 3000, fin=False) + masked(CONTINUED, b"x" * 3000), 1009),
        (b"\x82\xff" + struct.pack("!Q", 1 << 40) + b"\0\0\0\0" + b"x" * 5000, 1009),
    ],
)
def test_what_breaks_the_protocol_ends_with_its_code(sent: bytes, code: int) -> None:
    for cuts in (range(0), range(len(HELLO + sent))):
        messages, _, ended_with = read(HELLO + sent, *cuts)

        assert (messages, ended_with) == (["grüß"], code)


def test_a_goodbye_is_answered_and_nothing_after_it_is_heard() -> None:
    goodbye = masked(CLOSE, struct.pack("!H", 1001) + b"bye")

    assert read(HELLO + goodbye + HELLO) == (["grüß"], b"", 1001)


def test_whatever_comes_it_is_understood_or_ended() -> None:
    chance = random.Random(4)
    valid = masked(TEXT, b"40", fin=False) + masked(PING, b"!") + masked(CONTINUED, b"x" * 200)
    for _ in range(3000):
        sent = bytearray(valid if chance.random() < 0.8 else chance.randbytes(300))
        for _ in range(chance.randrange(1, 6)):
            sent[chance.randrange(len(sent))] = chance.randrange(256)
        messages, _, code = read(bytes(sent), *sorted(chance.sample(range(len(sent)), 3)))

        assert code in (None, 1000, 1002, 1007, 1009) or 1000 < code < 5000
        assert all(len(each) <= wire.LONGEST_MESSAGE for each in messages)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_what_the_library_would_have_made(size: int) -> None:
    by_the_book = Connection(ConnectionType.SERVER)

    assert wire.frame("x" * size) == by_the_book.send(TextMessage("x" * size))
    assert wire.frame(b"x" * size) == by_the_book.send(BytesMessage(b"x" * size))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("HTTP_UPGRADE", "h2c"),
        ("HTTP_CONNECTION", "close"),
        ("HTTP_SEC_WEBSOCKET_VERSION", "8"),
        ("HTTP_HOST", "\xff.example"),
        ("HTTP_SEC_WEBSOCKET_KEY", "a\nb"),
    ],
)
def test_only_a_request_for_a_socket_is_answered_with_one(header: str, value: str) -> None:
    asked = {
        "HTTP_HOST": "kith.example",
        "HTTP_UPGRADE": "WebSocket",
        "HTTP_CONNECTION": "keep-alive, Upgrade",
        "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate",
    }
    answer = wire.accepted(asked) or b""

    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
    assert b"deflate" not in answer
    assert wire.accepted(asked | {header: value}) is None
