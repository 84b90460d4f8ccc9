"""Which days people work and post on, so that a year looks like a year."""

from __future__ import annotations

from datetime import date, time
from functools import cache
from random import Random

# (month, day) to (month, day): as councils in the north of England set them, near enough.
_HOLIDAYS = (
    ((1, 1), (1, 4)),
    ((2, 14), (2, 22)),
    ((4, 1), (4, 14)),
    ((5, 23), (5, 31)),
    ((7, 22), (9, 2)),
    ((10, 24), (11, 1)),
    ((12, 19), (12, 31)),
)
_CHRISTMAS = ((12, 24), (1, 1))
_AT_SCHOOL = ("school", "nursery")
_AT_ALL_HOURS = ("police", "ae")
# How readily people of each profession write, against one another.
READINESS = {
    "care": 4.0,
    "support": 3.0,
    "school": 3.0,
    "nursery": 2.5,
    "hv": 2.0,
    "nurse": 1.2,
    "gp": 0.7,
    "ae": 0.15,
    "police": 0.7,
    "housing": 0.6,
    "lantern": 1.3,
    "chair": 0.2,
    "iro": 0.3,
    "adviser": 1.0,
}


@cache
def is_school_day(day: date) -> bool:
    at = (day.month, day.day)
    return day.weekday() < 5 and not any(first <= at <= last for first, last in _HOLIDAYS)


def busyness(day: date) -> float:
    """How much of an ordinary day's work is done on this one."""
    at = (day.month, day.day)
    if at >= _CHRISTMAS[0] or at <= _CHRISTMAS[1]:
        return 0.1
    if day.weekday() >= 5:
        return 0.07
    return 1.0 if is_school_day(day) else 0.6


def writes_on(day: date, writes: str) -> float:
    """How readily somebody of this profession writes on this day."""
    if writes in _AT_SCHOOL:
        return READINESS[writes] if is_school_day(day) else 0.0
    if writes in _AT_ALL_HOURS:
        return READINESS[writes] * (1.0 if day.weekday() < 5 else 6.0)
    return READINESS.get(writes, 0.0) * (1.0 if day.weekday() < 5 else 0.2)


def hour(random: Random, writes: str) -> time:
    """A time of day at which such a person writes."""
    first, last = (8, 23) if writes in _AT_ALL_HOURS else (8, 16) if writes == "school" else (9, 17)
    return time(random.randint(first, last), random.randint(0, 59))
