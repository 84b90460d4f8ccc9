"""Work out, from what happened to one child, how the child's case stood and since when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.casework.annex_a.facts import Event, StatusChange

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
_ENDS = frozenset(end for _, end in _PERIODS.values())
# What moves a case but has no end of its own: the status lasts until something else happens.
_MARKS = {
    "contact": "contact",
    "early_help_started": "early_help",
    "referral": "contact",
    "referral_no_further_action": "closed",
    "section_47_started": "assessment",
    "initial_conference_for_plan": "child_protection_plan",
}


@dataclass(frozen=True, slots=True)
class _Period:
    status: str
    since: date
    until: date | None
    category: str | None


def statuses(events: Iterable[Event], as_at: date | None = None) -> list[StatusChange]:
    """The dated status history of one child, oldest first; at most one change a day.

    Of several open periods the one furthest up the ladder is the status; when the last one ends
    the case is closed. What has no date of its own ended by `as_at`. What lies after `as_at` is
    planned and changes nothing yet.
    """
    happened = [event for event in events if _has_happened(event, as_at)]
    periods = list(_periods(happened, as_at))
    ended = {period.until for period in periods if period.until}
    ended |= {on for event in happened if event.what in _ENDS and (on := _on(event, as_at))}
    marks: dict[date, list[str]] = defaultdict(list)
    for event in happened:
        if event.what in _MARKS and event.occurred_on is not None:
            marks[event.occurred_on].append(_MARKS[event.what])
    days = {period.since for period in periods} | ended | marks.keys()
    return list(_changes(sorted(days), periods, ended, marks))


def _has_happened(event: Event, as_at: date | None) -> bool:
    return as_at is None or event.occurred_on is None or event.occurred_on <= as_at


def _on(event: Event, as_at: date | None) -> date | None:
    return event.occurred_on or as_at


def _periods(events: list[Event], as_at: date | None) -> Iterator[_Period]:
    looked_after = any(event.what == "looked_after_started" for event in events)
    ends = {
        (event.sheet, event.row_no, event.what): _on(event, as_at)
        for event in events
        if event.what in _ENDS
    }
    for event in events:
        if event.what not in _PERIODS or event.occurred_on is None:
            continue
        if event.what == "entered_care" and looked_after:
            continue  # list 8 knows better, and may hold several periods
        status, end = _PERIODS[event.what]
        until = ends.get((event.sheet, event.row_no, end))
        yield _Period(status, event.occurred_on, until, event.category)


def _changes(
    days: list[date],
    periods: list[_Period],
    ended: set[date],
    marks: Mapping[date, list[str]],
) -> Iterator[StatusChange]:
    before: tuple[str, str | None] | None = None
    for day in days:
        now = _standing(day, periods, marks.get(day, [])) or (
            ("closed", None) if day in ended else None
        )
        if now is not None and now != before:
            yield StatusChange(day, *now)
            before = now


def _standing(day: date, periods: list[_Period], marks: list[str]) -> tuple[str, str | None] | None:
    """The status on a day by what is open and what is marked; None when neither says."""
    standing = [
        (period.status, period.category)
        for period in periods
        if period.since <= day and (period.until is None or period.until > day)
    ]
    standing += [(mark, None) for mark in marks if mark != "closed"]
    if standing:
        return max(standing, key=lambda each: LADDER.index(each[0]))
    return ("closed", None) if marks else None
