"""Work out, from what happened to one child, how the child's case stood and since when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from app.casework.returns.facts import Event, StatusChange

LADDER = (
    "contact",
    "early_help",
    "assessment",
    "child_in_need",
    "child_protection_plan",
    "looked_after",
)
# What opens a period of work, the status while it is open, and what closes it.
_PERIODS = {
    "assessment_started": ("assessment", "assessment_authorised"),
    "child_in_need_started": ("child_in_need", "child_in_need_ended"),
    "child_in_need_assessed": ("assessment", "child_in_need_ended"),
    "plan_started": ("child_protection_plan", "plan_ended"),
    "looked_after_started": ("looked_after", "looked_after_ended"),
    "entered_care": ("looked_after", "adoption_order"),
}
# Whoever goes home after care is in need of help there until somebody says otherwise.
_WENT_HOME = "went_home"
_ENDS = frozenset({_WENT_HOME, *(end for _, end in _PERIODS.values())})
# What moves a case on but has no end of its own: it lasts until some period ends.
_MARKS = {
    "contact": "contact",
    "early_help_started": "early_help",
    "referral": "contact",
    "section_47_started": "assessment",
    "initial_conference_for_plan": "child_protection_plan",
    _WENT_HOME: "child_in_need",
}
_NO_ACTION = "referral_no_further_action"


@dataclass(frozen=True, slots=True)
class _Period:
    status: str
    since: date
    until: date | None
    category: str | None
    key: str

    @property
    def rung(self) -> int:
        return LADDER.index(self.status)


@dataclass(slots=True)
class _Day:
    """What happened on one day that may move the status."""

    marks: list[_Period] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    no_action: list[str] = field(default_factory=list)


def statuses(events: Iterable[Event], as_at: date | None = None) -> list[StatusChange]:
    """The dated status history of one child, oldest first; at most one change a day.

    Of several open periods the one furthest up the ladder is the status; when the last one ends
    the case is closed. What has no date of its own ended by `as_at`. What lies after `as_at` is
    planned and changes nothing yet.
    """
    happened = [
        event
        for event in events
        if as_at is None or event.occurred_on is None or event.occurred_on <= as_at
    ]
    periods = list(_periods(happened, as_at))
    days = _days(happened, as_at)
    for period in periods:
        days[period.since]
    return list(_changes(days, periods))


def _periods(events: list[Event], as_at: date | None) -> Iterator[_Period]:
    looked_after = any(event.what == "looked_after_started" for event in events)
    ends = {
        (event.sheet, event.row_no, event.what): event.occurred_on or as_at
        for event in events
        if event.what in _ENDS
    }
    for event in events:
        if event.what not in _PERIODS or event.occurred_on is None:
            continue
        if event.what == "entered_care" and looked_after:
            continue  # list 8 knows better, and may hold several periods
        status, end = _PERIODS[event.what]
        until = ends.get((event.sheet, event.row_no, end)) or event.until
        yield _Period(status, event.occurred_on, until, event.category, event.natural_key)


def _days(events: list[Event], as_at: date | None) -> dict[date, _Day]:
    days: dict[date, _Day] = defaultdict(_Day)
    for event in events:
        on = event.occurred_on or as_at
        if on is None:
            continue
        if event.what in _ENDS:
            days[on].ended.append(event.natural_key)
        elif event.what == _NO_ACTION:
            days[on].no_action.append(event.natural_key)
        if event.what in _MARKS:
            mark = _Period(_MARKS[event.what], on, None, None, event.natural_key)
            days[on].marks.append(mark)
    return days


def _changes(days: dict[date, _Day], periods: list[_Period]) -> Iterator[StatusChange]:
    before: tuple[str, str | None] | None = None
    resting: _Period | None = None
    for on in sorted(days):
        resting = _resting(resting, days[on])
        change = _standing(on, days[on], [*periods, *([resting] if resting else [])])
        if change is not None and (change.status, change.category) != before:
            yield change
            before = change.status, change.category


def _resting(resting: _Period | None, day: _Day) -> _Period | None:
    """The mark still in force at the end of the day: an end clears it, a lower one leaves it."""
    if day.ended or (day.no_action and resting and resting.status == "contact"):
        resting = None
    return max([*([resting] if resting else []), *day.marks], key=lambda m: m.rung, default=None)


def _standing(on: date, day: _Day, periods: list[_Period]) -> StatusChange | None:
    open_now = [
        period
        for period in periods
        if period.since <= on and (period.until is None or period.until > on)
    ]
    over = min(day.ended + day.no_action, default=None)
    if open_now:
        best = max(open_now, key=lambda period: period.rung)
        because = best.key if best.since == on or over is None else over
        return StatusChange(on, best.status, best.category, because)
    return StatusChange(on, "closed", None, over) if over else None
