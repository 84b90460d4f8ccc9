"""Sending an email: where to look and how often, never what it says or of whom (a port)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Letter:
    """`token` makes the Message-ID: one that is sent twice is shown once."""

    to: str
    subject: str
    body: str
    token: str


class Refused(Exception):
    """The letter will never be taken; trying again is no use."""


class Carrier(Protocol):
    def round(self) -> AbstractContextManager[Callable[[Letter], None]]:
        """One way to the post office, on which letters are handed over one after the other."""


@dataclass(frozen=True)
class Office:
    """Who carries, if anybody does; what links begin with; at which hour the day's email goes."""

    carrier: Carrier | None = None
    url: str = "http://localhost:8000"
    hour: int = 7


CLOSED = Office()
_office = CLOSED


def use(office: Office) -> None:
    global _office
    _office = office


def office() -> Office:
    return _office


def is_on() -> bool:
    return _office.carrier is not None
