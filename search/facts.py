"""What else is known of somebody looked for, and what it says for or against one who was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA

from app.core import clock

CERTAIN = 1.0


@dataclass(frozen=True, slots=True)
class Facts:
    """A year of birth, an age or half a postcode will do."""

    born_on: date | None = None
    born_in: int | None = None
    age: int | None = None
    postcode: str | None = None
    identifier: str | None = None


def evidence(
    facts: Facts, born_on: date | None, postcode: str | None, identifiers: Sequence[str]
) -> Iterator[tuple[float, str]]:
    """How much of what is missing to certainty each fact adds, or of what is there it takes away.

    It takes little: dates are written down wrongly, and families move.
    """
    if facts.identifier and _squeezed(facts.identifier) in map(_squeezed, identifiers):
        yield CERTAIN, "same number"
    if born_on:
        yield from _birth(facts, born_on)
    if facts.postcode and postcode:
        yield _place(_squeezed(facts.postcode), _squeezed(postcode))


def weighed(score: float, weight: float) -> float:
    return score + (1 - score) * weight if weight > 0 else score * (1 + weight)


def _birth(facts: Facts, born_on: date) -> Iterator[tuple[float, str]]:
    if facts.born_on:
        yield _day(facts.born_on, born_on)
    if facts.born_in is not None:
        yield (0.25, "same year of birth") if born_on.year == facts.born_in else (-0.15, "")
    if facts.age is not None:
        apart = abs(_age(born_on) - facts.age)
        yield ((0.25, "same age"), (0.1, "about that age"))[apart] if apart < 2 else (-0.15, "")


def _day(wanted: date, born_on: date) -> tuple[float, str]:
    if born_on == wanted:
        return 0.6, "same date of birth"
    if (born_on.year, born_on.month, born_on.day) == (wanted.year, wanted.day, wanted.month):
        return 0.45, "day and month of birth exchanged"
    if OSA.distance(born_on.isoformat(), wanted.isoformat()) == 1:
        return 0.4, "nearly the same date of birth"
    if born_on.year == wanted.year:
        return 0.1, "same year of birth"
    return -0.15, ""


def _place(wanted: str, postcode: str) -> tuple[float, str]:
    if postcode == wanted:
        return 0.4, "same postcode"
    if len(wanted) > 1 and (postcode.startswith(wanted) or postcode[:-3] == wanted[:-3]):
        return 0.2, "same part of the postcode"
    return -0.05, ""


def _age(born_on: date) -> int:
    today = clock.today()
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def _squeezed(written: str) -> str:
    return "".join(filter(str.isalnum, written)).upper()
