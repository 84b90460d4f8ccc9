"""Kith as councils run it: server processes that share the live channel, and stop quickly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPConnection

import pytest
import redis
from flask import Flask

from app.core import db
from app.models import Person
from config.settings import Settings
from feeds import posts
from tests.cast import Cast, settle
from tests.realtime import house
from tests.realtime.house import Page

pytestmark = pytest.mark.slow
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

Open = Callable[[str, Person], Page]


@pytest.fixture
def cast(database: str) -> Cast:
    """Everybody, on the real clock: the servers are other processes and know no other."""
    with db.transaction():
        return settle()


@pytest.fixture
def page(app: Flask) -> Iterator[Open]:
    opened = []

    def make(address: str, person: Person) -> Page:
        opened.append(Page(address, house.cookie(app, person)[0]).open())
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def two(settings: Settings, cast: Cast, redis_url: str) -> Iterator[list[str]]:
    """Two servers of one house."""
    settings = replace(settings, redis_url=redis_url)
    servers = [house.served(house.free_settings(settings)) for _ in "ab"]
    with ExitStack() as stack, ThreadPoolExecutor() as at_once:
        yield list(at_once.map(stack.enter_context, servers))


def publish(cast: Cast) -> int:
    with db.transaction():
        return posts.publish(cast.priya, cast.amara, posts.Update(body="He ate well.")).id


@on_postgresql
def test_two_server_processes_share_the_live_channel(
    cast: Cast, two: list[str], page: Open
) -> None:
    pages = [page(address, cast.dan) for address in two]
    said = [publish(cast) for _ in range(5)]

    # Either server tells; the pages of the other hear it through Redis.
    for each in pages:
        heard = [each.hears() for _ in said]
        assert sorted(pointer["post"] for pointer in heard if pointer) == said


@on_postgresql
def test_pages_are_told_to_ask_after_the_channel_was_away(
    cast: Cast, two: list[str], page: Open, redis_url: str
) -> None:
    dan = page(two[0], cast.dan)
    resync: list[float] = []
    dan.socket.on("resync", lambda: resync.append(time.monotonic()))
    channel = redis.Redis.from_url(redis_url)
    # Whoever listens begins with the first socket, which may be later than its opening.
    house.eventually(lambda: channel.pubsub_numsub("kith.live")[0][1] > 0)
    channel.client_kill_filter(_type="pubsub")

    house.eventually(lambda: bool(resync))
    publish(cast)
    assert dan.hears()
    channel.close()


@on_sqlite
def test_a_server_with_open_pages_stops_at_once(cast: Cast, settings: Settings, page: Open) -> None:
    with ExitStack() as stack:
        address = stack.enter_context(house.served(settings))
        dan = page(address, cast.dan)
        asking = HTTPConnection(address.removeprefix("http://"))
        asking.request("GET", "/livez")
        asking.getresponse().read()  # and the line is kept, as browsers do
        publish(cast)
        assert dan.hears()
        began = time.monotonic()

    took = time.monotonic() - began
    asking.close()
    assert took < 5, (
        "it waited for the pages; the bar of 1 s is for a machine that does nothing else"
    )
    assert dan.closed.wait(1)


@on_sqlite
def test_open_pages_hold_none_of_the_threads_that_answer(
    cast: Cast, settings: Settings, page: Open
) -> None:
    with house.served(settings, KITH_THREADS="4") as address:
        pages = [page(address, cast.dan) for _ in range(12)]

        house.answers(address, seconds=1)
        publish(cast)
        assert all(each.hears() for each in pages)
