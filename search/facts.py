"""What else is known of somebody looked for, and what it says for or against one who was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA

from app.core import clock

# How sure it is: a number, or the beginning of one, is enough whatever name was written with it.
CERTAIN, BEGUN = 1.0, 0.9
# Either brings in somebody of whose name one word fits.
SAME_DAY, DAY_EXCHANGED = 0.6, 0.45

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"(?P<word>{'|'.join(_MONTHS)})[a-z]*"
_BORN = r"(?:(?:born(?: on| in)?|dob|d\.o\.b\.?)\b:? ?)?"
_DAY, _YEAR_OF = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?", r"(?P<year>[0-9]{4})"
_DATES = [
    rf"{_BORN}{_YEAR_OF}[-./](?P<month>[0-9]{{1,2}})[-./](?P<day>[0-9]{{1,2}})",
    rf"{_BORN}{_DAY}[-./ ](?P<month>[0-9]{{1,2}})[-./ ](?P<year>[0-9]{{4}}|[0-9]{{2}})",
    rf"{_BORN}{_DAY}[- ]{_MONTH}[-, ]+{_YEAR_OF}",
    rf"{_BORN}{_MONTH} {_DAY},? {_YEAR_OF}",
]


def _alone(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S){pattern}(?![^\s,;])", re.ASCII | re.IGNORECASE)


_DATE = [_alone(pattern) for pattern in _DATES]
_NHS_NUMBER = _alone(r"[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{4}")
_YEAR = _alone(rf"{_BORN}(?P<year>(?:19|20)[0-9]{{2}})")
_AGE = _alone(r"(?:aged? )?(?P<age>[0-9]{1,2})(?: ?(?:years?|yrs?|yo|y)\b)?(?: ?old\b)?")
_INFANT = _alone(r"(?:aged? )?(?P<many>[0-9]{1,2}) ?(?P<unit>months?|weeks?)\b(?: old\b)?")
_POSTCODE = _alone(r"[a-z]{1,2}[0-9][a-z0-9]?(?: ?[0-9][a-z]{2})?")
_NUMBER = _alone(r"[a-z0-9/-]*[0-9][a-z0-9/-]*")


@dataclass(frozen=True, slots=True)
class Facts:
    """A year of birth, an age or half a postcode will do."""

    born_on: date | None = None
    born_in: int | None = None
    age: int | None = None
    postcode: str | None = None
    identifier: str | None = None


NOTHING = Facts()


def read(written: str) -> tuple[str, Facts]:
    """The name that is written, and what else: "Amara 4", "Mohammed Ali born 2019 NM4 7QT"."""
    rest, nhs_number = _taken(_NHS_NUMBER, written)
    rest, born_on = _date_taken(rest)
    rest, infant = _taken(_INFANT, rest)
    rest, postcode = _taken(_POSTCODE, rest)
    rest, year = _taken(_YEAR, rest)
    rest, age = _taken(_AGE, rest)
    rest, number = _taken(_NUMBER, rest)
    name = " ".join(rest.split())
    identifier = nhs_number or number
    if not name and not identifier:
        # Alone it may be the beginning of a number as well.
        identifier = postcode or year or age
    years = int(age["age"]) if age else 0 if infant else None
    if infant and infant["unit"].startswith("m"):
        years = int(infant["many"]) // 12
    return name, Facts(
        born_on,
        int(year["year"]) if year else None,
        years,
        postcode[0] if postcode else None,
        identifier[0] if identifier else None,
    )


def evidence(
    facts: Facts,
    born_on: date | None,
    postcode: str | None,
    identifiers: Sequence[str],
    number: str | None,
) -> Iterator[tuple[float, str]]:
    """How much of what is missing to certainty each fact adds, or of what is there it takes away.

    It takes little: dates are written down wrongly, and families move.
    """
    if facts.identifier:
        wanted = squeezed(facts.identifier)
        if wanted in map(squeezed, (*identifiers, number or "")):
            yield CERTAIN, "same number"
        elif number and squeezed(number).startswith(wanted):
            yield BEGUN, "number begins so"
    if born_on:
        yield from _birth(facts, born_on)
    if facts.postcode and postcode:
        yield _place(squeezed(facts.postcode), squeezed(postcode))


def weighed(score: float, weight: float) -> float:
    return score + (1 - score) * weight if weight > 0 else score * (1 + weight)


def squeezed(written: str) -> str:
    return "".join(filter(str.isalnum, written)).upper()


def _taken(pattern: re.Pattern[str], written: str) -> tuple[str, re.Match[str] | None]:
    """What is left of the words without the first that is of this kind, and that one."""
    found = pattern.search(written)
    return (f"{written[: found.start()]} {written[found.end() :]}" if found else written), found


def _date_taken(written: str) -> tuple[str, date | None]:
    for pattern in _DATE:
        rest, found = _taken(pattern, written)
        if found and (day := _day_of(found)):
            return rest, day
    return written, None


def _day_of(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    year, day = int(parts["year"]), int(parts["day"])
    month = _MONTHS.index(parts["word"].lower()) + 1 if "word" in parts else int(parts["month"])
    if year < 100:
        year += 2000 if year <= clock.today().year % 100 else 1900
    with suppress(ValueError):
        return date(year, month, day)
    return None


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
        return SAME_DAY, "same date of birth"
    if (born_on.year, born_on.month, born_on.day) == (wanted.year, wanted.day, wanted.month):
        return DAY_EXCHANGED, "day and month of birth exchanged"
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
