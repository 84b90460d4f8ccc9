"""The British day, summer and winter."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from app.core import clock


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 7, 1, 22, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), date(2026, 7, 2)),  # midnight in summer
        (datetime(2026, 12, 1, 23, 59, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), date(2026, 3, 29)),  # the clocks go forward
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 10, 25)),  # the clocks go back
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_today_is_the_day_on_the_wall(at: datetime, day: date) -> None:
    with clock.held(at):
        assert clock.today() == day


@pytest.mark.parametrize(
    ("day", "at", "instant"),
    [
        (date(2026, 7, 1), time(12), datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (date(2026, 12, 1), time(12), datetime(2026, 12, 1, 12, tzinfo=UTC)),
        (date(2026, 3, 29), time(0), datetime(2026, 3, 29, 0, tzinfo=UTC)),
        (date(2026, 3, 29), time(2), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (date(2026, 10, 25), time(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first
        (date(2026, 10, 25), time(2), datetime(2026, 10, 25, 2, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_one_instant(day: date, at: time, instant: datetime) -> None:
    assert clock.instant(day, at) == instant


def test_a_day_without_a_time_is_its_noon_and_keeps_its_date() -> None:
    for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)):
        noon = clock.instant(day)
        assert clock.local(noon).date() == day
        assert clock.local(noon).hour == 12


def test_the_clock_goes_on_after_it_was_held() -> None:
    then = datetime(2020, 1, 1, tzinfo=UTC)
    with clock.held(then):
        assert clock.now() == then
    assert clock.now() > datetime(2026, 1, 1, tzinfo=UTC)
