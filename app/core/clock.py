"""The only clock: what time it is now, and which day that is for the people who use Kith."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

# The statutory returns, the school day and "seen on Tuesday" all mean the British day.
ZONE = ZoneInfo("Europe/London")
SATURDAY = 5


def _real() -> datetime:
    return datetime.now(UTC)


_now: Callable[[], datetime] = _real


def now() -> datetime:
    """The instant, aware and in UTC."""
    return _now()


def today() -> date:
    """The local day."""
    return now().astimezone(ZONE).date()


def local(at: datetime) -> datetime:
    """The same instant as a clock on the wall shows it."""
    return at.astimezone(ZONE)


def instant(day: date, at: time = time(12)) -> datetime:
    """A local day, and noon unless a time is known, as an instant in UTC."""
    return datetime.combine(day, at, ZONE).astimezone(UTC)


def working_days_after(at: datetime, days: int) -> datetime:
    """The end of the office, at five, on the last of so many working days of England."""
    day = local(at).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY and day not in _bank_holidays(day.year)
    return instant(day, time(17))


@cache
def _bank_holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG", years=year)


@contextmanager
def held(at: datetime) -> Iterator[None]:
    """Stand still at one instant: for tests, and for a demo world with a past."""
    global _now
    before, _now = _now, lambda: at
    try:
        yield
    finally:
        _now = before
