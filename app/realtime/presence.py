"""Presence in Redis, where several processes share it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.presence import LASTS

# Seconds. Nobody waits for what only says whether somebody is at their desk.
PATIENCE = 0.3


class RedisPresence:
    """Keys that end by themselves. With Redis away nobody is here, and all else goes on."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )

    def seen(self, person_id: int, state: str) -> None:
        with suppress(redis.RedisError):
            self._redis.set(_key(person_id), state, ex=LASTS)

    def of(self, person_ids: Iterable[int]) -> dict[int, str]:
        people = list(person_ids)
        found: list[str | None] = []
        with suppress(redis.RedisError):
            # The library gives one type for its waiting and its asynchronous client.
            found = self._redis.mget([_key(each) for each in people]) if people else []  # type: ignore[assignment]
        return {person: state for person, state in zip(people, found, strict=False) if state}


def _key(person_id: int) -> str:
    return f"kith.here:{person_id}"
