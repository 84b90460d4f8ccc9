"""How old a child was on a day, in words: years and months, or before birth."""

from __future__ import annotations

from datetime import date


def at(born_on: date | None, expected_on: date | None, on: date) -> str:
    """3 years 2 months, 5 months, 2 weeks, before birth; nothing where it is not known."""
    if born_on is None:
        return "before birth" if expected_on is not None and on < expected_on else ""
    if on < born_on:
        return "before birth"
    months = (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)
    if months < 1:
        return _under_a_month((on - born_on).days)
    years, rest = divmod(months, 12)
    return " ".join(each for each in (_many(years, "year"), _many(rest, "month")) if each)


def _under_a_month(days: int) -> str:
    return _many(days // 7, "week") or "newborn"


def _many(number: int, noun: str) -> str:
    if not number:
        return ""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
