"""Several processes share one live channel through Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
import structlog
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry
from socketio import PubSubManager

log = structlog.get_logger()

# Seconds. Who tells must not wait for a Redis that hangs: the outbox tells again.
PATIENCE = 0.5
# Who listens is never silent for longer than this, or the line is dead without saying so.
SIGN_OF_LIFE = 10.0


class RedisChannel(PubSubManager):
    """Socket.IO's way between processes, with a tongue that gives up and an ear that does not."""

    name = "redis"

    def __init__(self, url: str) -> None:
        super().__init__(channel="kith.live")
        once = Retry(NoBackoff(), 0)
        self._tongue = redis.Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=once
        )
        self._ear = redis.Redis.from_url(
            url,
            socket_timeout=SIGN_OF_LIFE,
            socket_connect_timeout=PATIENCE,
            health_check_interval=SIGN_OF_LIFE / 2,
            retry=once,
        )

    def _publish(self, data: dict[str, Any]) -> None:
        # A failure passes on: the delivery stays in the outbox and is tried again.
        self._tongue.publish(self.channel, self.json.dumps(data))

    def _listen(self) -> Iterator[Any]:
        pause, again = threading.Event(), False
        while True:
            try:
                with self._subscription() as heard:
                    if again:
                        yield _RESYNC
                    while True:
                        if message := heard.get_message(timeout=SIGN_OF_LIFE / 2):
                            yield message["data"]
            except redis.RedisError as error:
                log.warning("the live channel is away", error=type(error).__name__)
                again = True
                pause.wait(PATIENCE)

    @contextmanager
    def _subscription(self) -> Iterator[PubSub]:
        with self._ear.pubsub(ignore_subscribe_messages=True) as heard:  # type: ignore[no-untyped-call]
            heard.subscribe(self.channel)
            yield heard


# What was said while nobody heard is gone, so every page of this process asks for what it missed.
_RESYNC: dict[str, Any] = {
    "method": "emit",
    "event": "resync",
    "data": [],
    "namespace": "/",
    "room": None,
}
