"""Several processes share one live channel through Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry
from socketio import PubSubManager

from app.core import json
from app.realtime.rooms import Rooms

log = structlog.get_logger()

# Seconds. Who tells must not wait for a Redis that hangs: the outbox tells again.
PATIENCE = 0.5
# Who listens asks every second for a sign of life; so many without one, and the line is dead.
ASK_EVERY, SIGNS_MISSED = 1.0, 3
# Before what is a frame already; Socket.IO's own messages are JSON.
FRAME = b"\0"


class RedisChannel(PubSubManager, Rooms):
    """Socket.IO's way between processes, with a tongue that gives up and an ear that does not."""

    name = "redis"

    def __init__(self, url: str) -> None:
        super().__init__(channel="kith.live")
        self._stopping = threading.Event()
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str | None = None,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **kwargs: Any,
    ) -> None:
        namespace, room = namespace or "/", to or room
        if callback:
            super().emit(event, data, namespace, room, skip_sid, callback, **kwargs)
            return
        frame = self.framed(event, data, namespace)
        self.deliver(frame, namespace, room, skip_sid)
        if not kwargs.get("ignore_queue"):
            # A failure passes on: the delivery stays in the outbox and is tried again.
            to_whom = json.dumps([self.host_id, namespace, room, skip_sid])
            self._redis.publish(self.channel, FRAME + to_whom + b"\n" + frame)

    def stop(self) -> None:
        """Listen no more."""
        self._stopping.set()
        self.thread.join()
        self._redis.close()

    def _publish(self, data: dict[str, Any]) -> None:
        self._redis.publish(self.channel, self.json.dumps(data))

    def _listen(self) -> Iterator[Any]:
        again = False
        while not self._stopping.is_set():
            try:
                for message in self._messages():
                    if message["type"] == "message":
                        yield from self._told(message["data"])
                    elif message["type"] == "subscribe" and again:
                        yield _RESYNC
            except (redis.RedisError, ValueError) as error:
                log.warning("the live channel is away", error=type(error).__name__)
                again = True
                self._stopping.wait(PATIENCE)

    def _messages(self) -> Iterator[dict[str, Any]]:
        with self._redis.pubsub() as heard:  # type: ignore[no-untyped-call]
            heard.subscribe(self.channel)
            silent = 0
            while silent < SIGNS_MISSED and not self._stopping.is_set():
                if message := heard.get_message(timeout=ASK_EVERY):
                    silent = 0
                    yield message
                else:
                    silent += 1
                    heard.ping()
        raise redis.TimeoutError

    def _told(self, said: bytes) -> Iterator[bytes]:
        if not said.startswith(FRAME):
            yield said
            return
        to_whom, _, frame = said[1:].partition(b"\n")
        host_id, namespace, room, skip_sid = json.loads(to_whom)
        if host_id != self.host_id:
            self.deliver(frame, namespace, room, skip_sid)


# What was said while nobody heard is gone, so every page of this process asks for what it missed.
_RESYNC: dict[str, Any] = {
    "method": "emit",
    "event": "resync",
    "data": [],
    "namespace": "/",
    "room": None,
}
