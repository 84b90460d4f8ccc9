"""Telling people's open pages that something changed: where to look, never what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

Pointer = Mapping[str, int | str | None]


class Channel(Protocol):
    def tell(self, person_ids: Iterable[int], pointer: Pointer) -> None:
        """Send the pointer to every open page of these people, and to nobody else."""


class _Nobody:
    def tell(self, person_ids: Iterable[int], pointer: Pointer) -> None:
        pass


NOBODY: Channel = _Nobody()
_channel = NOBODY


def use(channel: Channel) -> None:
    global _channel
    _channel = channel


def tell(person_ids: Iterable[int], pointer: Pointer) -> None:
    _channel.tell(person_ids, pointer)
