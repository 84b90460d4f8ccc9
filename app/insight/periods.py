"""Which two times are held against each other, and what stands on the time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.errors import Invalid
from app.models import KINDS

# What can be compared, as it stands in an address.
COMPARED_BY = ("since", "periods", "siblings", "raters")
BEGAN = {
    "contact": "the first contact",
    "early_help": "early help began",
    "assessment": "the assessment began",
    "child_in_need": "the child became a child in need",
    "child_protection_plan": "the child protection plan began",
    "looked_after": "the child became looked after",
    "closed": "the case was closed",
}
INSIDE = {
    "First time": "in the first time",
    "Second time": "in the second",
    "Last quarter": "in the last quarter",
    "This quarter": "in this one",
}
MONTHS = (
    "January February March April May June July August September October November December"
).split()
YEAR, HALF_A_YEAR = timedelta(days=365), timedelta(days=182)
OLDEST = timedelta(days=25 * 365)
# Of fewer days nobody can say how often something happens in a month.
A_MONTH = 28


@dataclass(frozen=True)
class Span:
    """A time with both its ends in it."""

    name: str
    from_on: date
    until_on: date

    def holds(self, on: date) -> bool:
        return self.from_on <= on <= self.until_on

    @property
    def days(self) -> int:
        return max((self.until_on - self.from_on).days + 1, 0)

    @property
    def words(self) -> str:
        return f"{full_date(self.from_on)} to {full_date(self.until_on)}"

    @property
    def inside(self) -> str:
        """As it ends a sentence about what was so then."""
        return INSIDE.get(self.name, self.name.lower())

    def within(self, begins: date) -> Span:
        return Span(self.name, max(self.from_on, begins), self.until_on)


@dataclass(frozen=True)
class Event:
    """A change of status or a significant event: `kind` is the status, or the kind of post."""

    code: str
    on: date
    kind: str
    post_id: int | None = None
    position: int | None = None

    @property
    def is_status(self) -> bool:
        return self.post_id is None

    @property
    def words(self) -> str:
        return sentence_case(BEGAN[self.kind]) if self.is_status else KINDS.get(self.kind, "Event")


@dataclass(frozen=True)
class Asked:
    """What was chosen, as it was written; empty is not chosen."""

    way: str = ""
    event: str = ""
    on: str = ""
    from_1: str = ""
    until_1: str = ""
    from_2: str = ""
    until_2: str = ""


@dataclass(frozen=True)
class Choice:
    """The way of comparing, the two times, and how a sentence about them begins.

    `code` and `kind` are those of the event at which the second time begins, and `shortest` is of
    how many days a rate can be told.
    """

    way: str
    first: Span
    second: Span
    opening: str
    code: str = ""
    kind: str = ""
    shortest: int = A_MONTH

    @property
    def spans(self) -> tuple[Span, Span]:
        return self.first, self.second

    @property
    def is_before_and_since(self) -> bool:
        return self.way != "periods"


@dataclass(frozen=True)
class Years:
    """The days that can be chosen: from when the child was born, as far as that is known."""

    today: date
    born_on: date | None = None

    def hold(self, on: date) -> bool:
        first = self.today - OLDEST + timedelta(days=1)
        return max(first, self.born_on or first) <= on <= self.today


def choose(
    asked: Asked, events: Sequence[Event], today: date, born_on: date | None = None
) -> Choice:
    """What is asked for, or `Invalid` with a sentence for each field that cannot be."""
    way = asked.way if asked.way in COMPARED_BY else "since"
    years = Years(today, born_on)
    return _periods(asked, years) if way == "periods" else _since(asked, way, events, years)


def usual(way: str, events: Sequence[Event], today: date) -> Choice:
    """Before and since the present status began; without one, half a year back."""
    way = way if way in COMPARED_BY and way != "periods" else "since"
    return _since(Asked(way), way, events, Years(today))


def _since(asked: Asked, way: str, events: Sequence[Event], years: Years) -> Choice:
    on, opening, event = _beginning(asked, events, years)
    first = Span("Before", years_before(on), on - timedelta(days=1))
    code, kind = (event.code, event.kind) if event else ("", "")
    return Choice(way, first, Span("Since", on, years.today), opening, code, kind)


def _beginning(
    asked: Asked, events: Sequence[Event], years: Years
) -> tuple[date, str, Event | None]:
    if asked.on.strip():
        on = _day("on", asked.on, years)
        return on, f"Since {full_date(on)}", None
    if asked.event:
        found = next((each for each in events if each.code == asked.event), None)
        if found is None:
            raise Invalid(event="Choose an event from the list, or write a day.")
        return found.on, _opening(found), found
    statuses = [each for each in events if each.is_status and each.on <= years.today]
    if statuses:
        newest = max(statuses, key=lambda each: each.on)
        return newest.on, _opening(newest), newest
    on = years.today - HALF_A_YEAR
    return on, f"Since {full_date(on)}", None


def _opening(event: Event) -> str:
    if event.is_status:
        return f"Since {BEGAN[event.kind]} on {full_date(event.on)}"
    return f"Since {full_date(event.on)} ({KINDS.get(event.kind, 'Event').lower()})"


def _periods(asked: Asked, years: Years) -> Choice:
    wrong: dict[str, str] = {}
    days: dict[str, date] = {}
    for name in ("from_1", "until_1", "from_2", "until_2"):
        try:
            days[name] = _day(name, getattr(asked, name), years)
        except Invalid as refusal:
            wrong.update(refusal.fields)
    if not wrong:
        wrong = _in_order(days)
    if wrong:
        raise Invalid(**wrong)
    first = Span("First time", days["from_1"], days["until_1"])
    second = Span("Second time", days["from_2"], days["until_2"])
    return Choice("periods", first, second, f"From {second.words}")


def _in_order(days: dict[str, date]) -> dict[str, str]:
    wrong = {}
    if days["until_1"] < days["from_1"]:
        wrong["until_1"] = "The first time ends before it begins."
    if days["until_2"] < days["from_2"]:
        wrong["until_2"] = "The second time ends before it begins."
    if not wrong and days["from_2"] <= days["until_1"]:
        wrong["from_2"] = "The second time begins when the first has ended."
    return wrong


def _day(name: str, written: str, years: Years) -> date:
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        raise Invalid(**{name: "Write a day, such as 2026-03-31."}) from None
    if not years.hold(day):
        raise Invalid(**{name: "Choose a day that has been, within the child’s years."})
    return day


def years_before(on: date) -> date:
    return on - YEAR


def full_date(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]
