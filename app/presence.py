"""Who has Kith before them at this moment: known for a minute, and never kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

# Seconds after which somebody of whom nothing was heard is neither here nor away.
LASTS = 60


class Presence(Protocol):
    def seen(self, person_id: int, state: str) -> None:
        """The person has a page open: "here" while they look at it, "away" while they do not."""

    def of(self, person_ids: Iterable[int]) -> dict[int, str]:
        """Of these people, who is here or away; nobody else is in the answer."""


class Memory:
    """For one process. `clock` answers seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._seen: dict[int, tuple[float, str]] = {}

    def seen(self, person_id: int, state: str) -> None:
        now = self._clock()
        with self._lock:
            self._seen[person_id] = (now, state)
            if len(self._seen) % 256 == 0:
                self._seen = {
                    number: each for number, each in self._seen.items() if now - each[0] < LASTS
                }

    def of(self, person_ids: Iterable[int]) -> dict[int, str]:
        now = self._clock()
        with self._lock:
            found = {each: self._seen[each] for each in person_ids if each in self._seen}
        return {number: state for number, (at, state) in found.items() if now - at < LASTS}


_presence: Presence = Memory()


def use(presence: Presence) -> None:
    global _presence
    _presence = presence


def seen(person_id: int, state: str) -> None:
    _presence.seen(person_id, state)


def of(person_ids: Iterable[int]) -> dict[int, str]:
    return _presence.of(person_ids)
