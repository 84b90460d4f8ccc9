"""How old a child was, in words."""

from __future__ import annotations

from datetime import date

import pytest

from app.insight import ages

BORN = date(2020, 2, 29)


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2020, 2, 28), "before birth"),
        (date(2020, 2, 29), "newborn"),
        (date(2020, 3, 14), "2 weeks"),
        (date(2020, 3, 29), "1 month"),
        (date(2021, 2, 28), "11 months"),
        (date(2021, 3, 1), "1 year"),
        (date(2023, 4, 30), "3 years 2 months"),
    ],
)
def test_an_age_is_said_in_years_and_months(on: date, said: str) -> None:
    assert ages.at(BORN, None, on) == said


def test_an_unborn_child_has_no_age_and_one_nobody_knows_of_none_either() -> None:
    due = date(2026, 12, 1)
    assert ages.at(None, due, date(2026, 11, 30)) == "before birth"
    assert ages.at(None, due, date(2026, 12, 2)) == ""
    assert ages.at(None, None, due) == ""
