"""Socket.IO on the engine, without Kith around it: handlers, rooms, hostile neighbours."""

from __future__ import annotations

import random
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

import pytest
import socketio
from flask import request
from flask_socketio import join_room, leave_room, rooms
from structlog.testing import capture_logs

from tests.realtime.house import eventually
from tests.realtime.raw import CLOSE, CONTINUED, TEXT, Bare, Peer, bare_house, close_code, masked


@pytest.fixture
def house() -> Iterator[Bare]:
    with bare_house() as house:
        yield house


def join(room: str) -> list[str]:
    join_room(room)
    return rooms()


@pytest.fixture
def client(house: Bare) -> Iterator[socketio.Client]:
    client = socketio.Client(reconnection=False)
    client.connect(f"http://127.0.0.1:{house.port}", transports=["websocket"])
    yield client
    client.shutdown()


def test_a_handler_answers_by_its_ack_and_emits_to_a_room(
    house: Bare, client: socketio.Client
) -> None:
    @house.live.on("typing")
    def typing(case: int, picture: bytes) -> tuple[str, bytes]:
        join_room(f"case:{case}")
        both: Any = [f"case:{case}", request.sid]  # type: ignore[attr-defined]
        house.live.emit("typed", {"case": case, "picture": picture}, to=both)
        return f"noted {case}", picture[::-1]

    heard: Queue[Any] = Queue()
    client.on("typed", heard.put)

    assert client.call("typing", (7, b"\0\1\xff"), timeout=5) == ("noted 7", b"\xff\1\0")
    assert heard.get(timeout=5) == {"case": 7, "picture": b"\0\1\xff"}
    assert heard.empty(), "in two rooms, told once"


def test_the_server_is_answered_by_an_ack_too(house: Bare, client: socketio.Client) -> None:
    client.on("are you there", lambda: "yes")
    answers: Queue[str] = Queue()

    house.live.emit("are you there", to=client.get_sid(), callback=answers.put)

    assert answers.get(timeout=5) == "yes"


def test_messages_of_one_page_are_answered_in_order_and_pages_side_by_side(house: Bare) -> None:
    said: list[int] = []
    slow = threading.Event()

    @house.live.on("number")
    def number(value: int) -> None:
        time.sleep(random.random() / 500)
        said.append(value)

    house.live.on("wait")(lambda: slow.wait(5) and None)
    waiting, counting = Peer(house.port), Peer(house.port)
    waiting.says('42["wait"]')
    for value in range(50):
        counting.says(f'42["number",{value}]')

    eventually(lambda: len(said) == 50)
    assert said == sorted(said)
    slow.set()
    waiting.close()
    counting.close()


def test_a_page_that_goes_leaves_its_rooms_and_nothing_behind(house: Bare) -> None:
    gone: Queue[Any] = Queue()
    house.live.on("join")(join)
    house.live.on("leave")(leave_room)
    house.live.on("disconnect")(lambda reason: gone.put((request.sid, reason)))  # type: ignore[attr-defined]
    peer, other = Peer(house.port), Peer(house.port)
    other.says('420["join","a"]')
    assert b'"a"' in other.hears()
    for room in "abc":
        peer.says(f'420["join","{room}"]')
        assert room.encode() in peer.hears()
    peer.says('42["leave","c"]')
    eventually(lambda: "c" not in {room for _, room in house.rooms._inside})

    peer.close()
    sid, reason = gone.get(timeout=5)

    assert reason == "transport close"
    eventually(lambda: len(house.engine.sockets) == 1)
    assert list(house.rooms._inside) == [("/", "a")]
    assert sid not in str([house.rooms._rooms_of, house.rooms.rooms, house.rooms._inside])
    other.close()


class Interrupted(dict[str, list[str]]):
    """Whoever looks something up here lets another thread go first."""

    def __getitem__(self, key: str) -> list[str]:
        time.sleep(0)
        return super().__getitem__(key)


def test_pages_that_come_and_go_at_once_do_not_meet_in_each_others_lists(house: Bare) -> None:
    rooms = house.rooms
    rooms.pending_connect, rooms.pending_disconnect = Interrupted(), Interrupted()

    def come_and_go(name: str) -> None:
        for each in range(50):
            sid = rooms.pre_connect(f"{name}{each}", "/")
            assert sid is not None
            rooms.connect(sid, "/")
            assert rooms.is_connected(sid, "/")
            rooms.pre_disconnect(sid, "/")
            assert rooms.eio_sid_from_sid(sid, "/") == f"{name}{each}"
            rooms.disconnect(sid, "/")

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(come_and_go, "abcd"))
    assert not rooms.rooms
    assert not rooms.pending_connect
    assert not rooms.pending_disconnect


def test_a_page_that_no_longer_answers_is_let_go() -> None:
    with bare_house(ping_interval=0.2, ping_timeout=0.2) as house:
        silent, lively = Peer(house.port), Peer(house.port)
        for _ in range(4):
            assert lively.hears() == b"2"
            lively.says("3")

        assert [silent.hears(), silent.hears()] == [b"2", b""]
        eventually(lambda: len(house.engine.sockets) == 1)
        silent.close()
        lively.close()


def hostile() -> Iterator[bytes]:
    chance = random.Random(8)
    texts = ["", *"4 40 42 42[] 42{} 42[1] 43 43[] 430 41 44 45 451-[] 4599-[] 46 5 9 x".split()]
    texts += ["4" + "[" * 4000, '42["typing"' + ",1" * 1900 + "]", "42" + "9" * 200 + "[]", "40/x,"]
    for text in texts:
        yield masked(TEXT, text.encode())
    yield masked(CLOSE, b"\x03")
    yield masked(TEXT, b"\xff\xfe")
    yield masked(CONTINUED, b"x")
    yield masked(TEXT, b"", fin=False) + masked(CONTINUED, b"", fin=False) * 5000
    yield masked(TEXT, b"x" * 60_000)
    yield b"\x81\xff" + struct.pack("!Q", 1 << 62) + b"abcd" + b"x" * 9000
    yield b"GET / HTTP/1.1\r\n\r\n"
    for _ in range(60):
        yield chance.randbytes(chance.randrange(1, 400))


def test_hostile_pages_harm_nobody(house: Bare) -> None:
    house.live.on("typing")(lambda *_: "heard")
    neighbour = Peer(house.port)
    with capture_logs() as lines:
        for sent in hostile():
            for joins in (True, False):
                peer = Peer(house.port, joins=joins)
                peer.socket.sendall(sent)
                peer.close()
        neighbour.says('421["typing"]')
        assert neighbour.hears() == b'431["heard"]'
        eventually(lambda: len(house.engine.sockets) == 1, 20)
    neighbour.close()

    assert {line["event"] for line in lines} == {"a page was not answered"}
    assert all(set(line) == {"event", "error", "log_level"} for line in lines), "no word of it"


def test_who_breaks_the_protocol_hears_why(house: Bare) -> None:
    peer = Peer(house.port)
    peer.socket.sendall(masked(TEXT, b"x" * 5000) + b"and more" * 1000)

    assert close_code(peer.hears()) == 1009
    assert peer.hears() == b""
    peer.close()


def test_a_page_that_does_not_read_is_let_go_and_others_are_not(house: Bare) -> None:
    lazy, keen = Peer(house.port), Peer(house.port)
    for _ in range(900):
        house.live.emit("long", "x" * 4000)
        assert len(keen.hears()) > 4000

    eventually(lambda: len(house.engine.sockets) == 1)
    lazy.close()
    keen.close()


def test_a_page_costs_no_thread_and_the_last_one_ends_the_loop(house: Bare) -> None:
    first = Peer(house.port)
    eventually(lambda: "process_request_thread" not in str(threading.enumerate()))
    before = threading.active_count()
    peers = [Peer(house.port) for _ in range(40)]
    eventually(lambda: len(house.engine.sockets) == 41)
    eventually(lambda: threading.active_count() <= before + 4)  # hands
    for each in (first, *peers):
        each.close()

    eventually(lambda: "live" not in {each.name for each in threading.enumerate()})
    Peer(house.port).close()  # and begins again with the next


def test_a_handler_that_fails_is_logged_without_its_words(house: Bare) -> None:
    @house.live.on("typing")
    def typing() -> None:
        raise ValueError("canary")

    house.live.on("other")(lambda: "still here")
    peer = Peer(house.port)
    with capture_logs() as lines:
        peer.says('42["typing"]')
        peer.says('421["other"]')
        assert peer.hears() == b'431["still here"]'
    peer.close()

    assert [(line["event"], line["error"]) for line in lines] == [
        ("a page was not answered", "ValueError")
    ]


def test_whoever_stops_says_goodbye(house: Bare) -> None:
    peer = Peer(house.port)
    house.engine.shutdown()

    assert close_code(peer.hears()) == 1001
    peer.close()
