"""A team's quarter beside its own last one: counts of its cases, and of no one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnySelect, Instant
from app.insight import comparison, events
from app.insight.comparison import Comparison, Told
from app.insight.periods import Choice, Span, full_date
from app.models import KINDS, Comment, Measure, Membership, Person, Post, Supervision

_VIEWER = bindparam("viewer", type_=db.BigKey)
_SINCE, _UNTIL = (bindparam(name, type_=Instant) for name in ("since", "until"))

# What is counted of a team: of most, more is neither good nor bad.
COUNTS = (
    ("Updates", "All updates that people wrote.", "neither"),
    ("Visits", "Visits, seen or not.", "neither"),
    ("Was not brought", "Times a child was not brought.", "down"),
    ("Significant events", "What goes into a chronology.", "neither"),
    ("Times missing", "Times reported missing.", "down"),
    ("Questions", "Questions to a network.", "neither"),
)


@dataclass(frozen=True)
class Quarters:
    """How many people and which cases it is about, and questions without an answer, then and now.

    `comparison` is none where she supervises nobody, or nobody of them is in a network.
    """

    people: int
    cases: Sequence[int]
    comparison: Comparison | None
    open_then: int
    open_now: int

    @property
    def questions(self) -> str:
        """What waited at the end of either time."""
        assert self.comparison is not None
        then, now = self.comparison.choice.spans
        return (
            f"Questions without an answer: {self.open_now} on {full_date(now.until_on)}, "
            f"{self.open_then} on {full_date(then.until_on)}."
        )


def of(viewer: Person) -> Quarters:
    """This quarter so far beside as many days of the last one, over the cases they are in today."""
    asked = {"viewer": viewer.id}
    people = db.rows(_people(), asked)[0][0]
    cases = sorted({row.case_id for row in db.rows(_cases(), asked)})
    if not cases:
        return Quarters(people, [], None, 0, 0)
    choice = beside(clock.today())
    measures = [_measure(place) for place in range(len(COUNTS))]
    told = Told("The team", choice.first.from_on, times=_times(viewer, choice))
    shown = comparison.of(measures, [told], choice, [])
    then, now = (_open(viewer, span) for span in choice.spans)
    return Quarters(people, cases, shown, then, now)


def beside(today: date) -> Choice:
    """From the first day of this quarter to today, and as many days from that of the last."""
    begins = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    before = (begins - timedelta(days=1)).replace(day=1)
    before = before.replace(month=(before.month - 1) // 3 * 3 + 1)
    ends = min(before + (today - begins), begins - timedelta(days=1))
    return Choice(
        "periods",
        Span("Last quarter", before, ends),
        Span("This quarter", begins, today),
        "Beside the same days of the last quarter",
        # As many days of as many cases, whether the quarter has just begun or not.
        shortest=1,
    )


def _measure(place: int) -> Measure:
    name, about, better = COUNTS[place]
    return Measure(
        id=place,
        name=name,
        about=about,
        unit="",
        better=better,
        lowest=0,
        step=1,
        noise=0,
        counts_kind=name,
        place=place,
    )


def _times(viewer: Person, choice: Choice) -> dict[int, list[date]]:
    """A day for each time, of all kinds in one question."""
    first, second = choice.spans
    asked = {
        "viewer": viewer.id,
        "since": _midnight(first.from_on),
        "until": _midnight(second.until_on + timedelta(days=1)),
    }
    times: dict[int, list[date]] = {place: [] for place in range(len(COUNTS))}
    for row in db.rows(_counted(), asked):
        # The day of the database is an hour behind in summer.
        on = max(date.fromisoformat(str(row.on)[:10]), first.from_on)
        for place in times:
            times[place] += [on] * row[place + 1]
    return times


def _open(viewer: Person, span: Span) -> int:
    until = _midnight(span.until_on + timedelta(days=1))
    ((number,),) = db.rows(_waiting(), {"viewer": viewer.id, "until": until})
    return int(number)


def _midnight(on: date) -> datetime:
    return clock.instant(on, time())


def _hers() -> ColumnElement[bool]:
    """Updates of cases in which somebody she supervises is a member now; one that was told in the
    cases of brothers and sisters counts once."""
    return and_(
        Post.case_id.in_(_cases()),
        Post.source.is_(None),
        Post.author_id.is_not(None),
        Post.original_id.is_(None),
    )


@cache
def _people() -> AnySelect:
    return select(func.count(Supervision.person_id.distinct())).where(
        Supervision.manager_id == _VIEWER
    )


@cache
def _cases() -> AnySelect:
    member = aliased(Membership)
    line = select(Supervision.person_id).where(Supervision.manager_id == _VIEWER)
    return select(member.case_id).where(
        member.person_id.in_(line),
        access.current(member),
        member.case_id.in_(access.seen_cases(_VIEWER)),
    )


@cache
def _counted() -> AnySelect:
    on = func.date(Post.occurred_at)
    among = (
        Post.kind.in_(list(KINDS)),
        Post.kind == "visit",
        Post.kind == "was_not_brought",
        events.is_significant(),
        Post.kind == "missing",
        Post.kind == "question",
    )
    return (
        select(on.label("on"), *(func.count(Post.id).filter(each) for each in among))
        .where(
            _hers(),
            access.open_to(_VIEWER, Post),
            Post.occurred_at >= _SINCE,
            Post.occurred_at < _UNTIL,
        )
        .group_by(on)
    )


@cache
def _waiting() -> AnySelect:
    answer = aliased(Comment)
    answered = (
        exists(1)
        .where(
            answer.post_id == Post.id,
            answer.withdrawn_at.is_(None),
            answer.accepted_at.is_not(None),
            answer.accepted_at < _UNTIL,
        )
        .correlate_except(answer)
    )
    return select(func.count(Post.id)).where(
        _hers(),
        access.open_to(_VIEWER, Post),
        Post.kind == "question",
        Post.posted_at < _UNTIL,
        ~answered,
    )
