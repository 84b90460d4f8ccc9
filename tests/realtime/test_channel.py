"""A Redis that hangs: whoever tells does not wait for it, and whoever hears asks afterwards."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

import pytest
import redis

from app.realtime.channel import RedisChannel
from tests import servers
from tests.realtime.house import eventually
from tests.realtime.raw import Bare, Peer, bare_house

pytestmark = pytest.mark.slow


@pytest.fixture
def private_redis() -> Iterator[redis.Redis]:
    with servers.redis() as url, redis.Redis.from_url(url) as private:
        yield private


@pytest.fixture
def two(private_redis: redis.Redis) -> Iterator[list[Bare]]:
    """Two houses that share it, each with a page open."""
    port = private_redis.connection_pool.connection_kwargs["port"]
    with ExitStack() as stack:
        channels = [RedisChannel(f"redis://127.0.0.1:{port}/0") for _ in "ab"]
        for each in channels:
            stack.callback(each.stop)
        yield [stack.enter_context(bare_house(each)) for each in channels]


def hears(peer: Peer, event: str) -> None:
    while not (said := peer.hears()).startswith(f'42["{event}"'.encode()):
        assert said, "it was hung up on"


def test_a_redis_that_hangs_delays_nobody_and_pages_ask_when_it_is_back(
    private_redis: redis.Redis, two: list[Bare]
) -> None:
    here, there = two
    pages = [Peer(each.port) for each in two]
    eventually(lambda: private_redis.pubsub_numsub("kith.live")[0][1] == 2)
    here.live.emit("changed", {"at": 1}, skip_sid="nobody")
    for page in pages:
        hears(page, "changed")
    number = private_redis.info("server")["process_id"]

    os.kill(number, signal.SIGSTOP)
    try:
        stopped, took = time.monotonic(), []
        while time.monotonic() < stopped + 4:
            began = time.monotonic()
            with pytest.raises(redis.RedisError):
                here.live.emit("changed", {"at": 2})
            took.append(time.monotonic() - began)
            hears(pages[0], "changed")
        # A machine that does other work may be late with one of them.
        assert median(took) < 0.6
    finally:
        os.kill(number, signal.SIGCONT)
    back = time.monotonic()
    for page in pages:
        hears(page, "resync")
        assert time.monotonic() - back < 4

    there.live.emit("after", {"at": 3})
    for page in pages:
        hears(page, "after")
        page.close()
