"""What is on its way to one page: in order, whole, and never more than may wait."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.realtime import connection as connections
from app.realtime import wire
from app.realtime.connection import Connection

Ends = tuple[Connection, socket.socket, list[Connection]]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A connection, the page at its other end, and who asked for room."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname(), timeout=5)
        ours, _ = server.accept()
    asked: list[Connection] = []
    connection = Connection(ours, "sid", {}, asked.append)
    yield connection, theirs, asked
    connection.let_go()
    theirs.close()


def test_what_does_not_go_at_once_follows_in_order(ends: Ends) -> None:
    connection, theirs, asked = ends
    frames = [bytes([number]) * 5000 for number in range(100)]
    for each in frames:
        connection.send(each)
    assert asked == [connection], "one asks for room, once"

    received = b""
    while len(received) < 500_000:
        received += theirs.recv(65536)
        connection.flush()

    assert received == b"".join(frames)
    assert connection.flush()


def test_a_page_that_reads_nothing_is_let_go_with_what_waited(ends: Ends) -> None:
    connection, theirs, _ = ends
    frame = b"x" * 1000
    sent = 0
    while not connection.closed:
        connection.send(frame)
        sent += len(frame)

    assert sent < connections.MOST_WAITING + 500_000
    assert connection._waiting is None
    heard = 0
    while data := theirs.recv(1 << 20):
        heard += len(data)
    assert heard < sent


def test_pointers_a_page_does_not_read_become_one_word_that_sends_it_to_look(ends: Ends) -> None:
    connection, theirs, _ = ends
    pointer = wire.frame('42["changed",{"at":1,"did":"said"}]')
    answer, resync = wire.frame('430["an answer"]'), wire.frame('42["resync"]')
    for _ in range(10_000):
        connection.send(pointer)
    assert connection._waiting, "it reads nothing"
    connection.send(answer)
    for _ in range(100_000):
        connection.send(pointer)
        assert connection._size < connections.MOST_POINTERS + 1000
    assert not connection.closed

    theirs.settimeout(0.2)
    received = b""
    while not connection.flush():
        received += theirs.recv(1 << 20)
    with suppress(TimeoutError):
        while data := theirs.recv(1 << 20):
            received += data
    assert received.count(answer) == received.count(resync) == 1
    assert received.index(answer) < received.index(resync), "what is no pointer keeps its place"
    pointers = received.replace(answer, b"").replace(resync, b"")
    assert pointers == pointer * (len(pointers) // len(pointer)), "and every frame is whole"


def test_frames_of_many_threads_stay_whole(ends: Ends) -> None:
    connection, theirs, _ = ends
    frames = [bytes([number]) * 999 for number in range(8)]

    def send(frame: bytes) -> None:
        for _ in range(50):
            connection.send(frame)

    threads = [threading.Thread(target=send, args=(each,)) for each in frames]
    for each in threads:
        each.start()
    received = b""
    while len(received) < 8 * 50 * 999:
        received += theirs.recv(7777)
        connection.flush()

    whole = [received[place : place + 999] for place in range(0, len(received), 999)]
    assert all(len(set(each)) == 1 for each in whole)


def test_what_a_page_says_waits_for_one_hand_at_a_time(ends: Ends) -> None:
    connection, _, _ = ends

    assert connection.said("first"), "a hand must be called"
    assert not connection.said("second"), "one is there already"
    assert connection.next_said() == "first"
    assert connection.answered()
    assert connection.next_said() == "second"
    assert not connection.answered()
    assert connection.said("third")


def test_a_page_that_says_too_much_is_let_go(ends: Ends) -> None:
    connection, _, _ = ends
    for _ in range(connections.MOST_UNANSWERED):
        connection.said("x")
    assert not connection.closed

    connection.said("x")
    assert connection.closed
