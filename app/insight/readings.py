"""What a comparison is made of: the readings, times and events of a case that she may read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import bindparam, select

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.insight.comparison import Score, Told
from app.insight.events import is_significant
from app.insight.periods import Event
from app.models import Case, CaseStatus, Measure, Person, Post, Reading

_VIEWER, _CASE = (bindparam(name, type_=db.BigKey) for name in ("viewer", "case_id"))


def measures() -> list[Measure]:
    """All there are, in their order; one that is retired still has its readings."""
    return list(db.session().scalars(select(Measure).order_by(Measure.place, Measure.id)))


def told(viewer: Person, case: Case, name: str, among: Sequence[Measure]) -> Told:
    """What is known of one child; `case` comes from `app.access`."""
    asked = {"viewer": viewer.id, "case_id": case.id}
    scores = [Score(*row) for row in db.rows(_scores(), asked)]
    kinds = {each.counts_kind: each.id for each in among if each.counts_kind}
    times: dict[int, set[date]] = {each: set() for each in kinds.values()}
    # Two who report the same day report, as far as anybody can tell, the same thing.
    for kind, at in db.rows(_times(tuple(sorted(kinds))), asked) if kinds else ():
        times[kinds[kind]].add(_day(at))
    days = {number: sorted(on) for number, on in times.items()}
    return Told(name, begins(viewer, case), scores, days)


def begins(viewer: Person, case: Case) -> date:
    """Since when something would be known to her, had it happened."""
    first = select(CaseStatus.since).where(CaseStatus.case_id == case.id)
    since = db.session().scalar(first.order_by(CaseStatus.since).limit(1))
    opened = _day(case.opened_at)
    known = min(opened, since) if since else opened
    given = access.reads_from(viewer, case.id)
    return max(known, _day(given)) if given else known


def events(viewer: Person, case: Case) -> list[Event]:
    """Changes of status and significant events, the newest first."""
    asked = {"viewer": viewer.id, "case_id": case.id}
    found = [Event(f"status-{row.id}", row.since, row.status) for row in _statuses(case)]
    found += [
        Event(f"post-{row.id}", _day(row.occurred_at), row.kind, row.id, row.position)
        for row in db.rows(_significant(), asked)
    ]
    return sorted(found, key=lambda each: each.on, reverse=True)


def _statuses(case: Case) -> Sequence[AnyRow]:
    kept = select(CaseStatus.id, CaseStatus.since, CaseStatus.status)
    return db.rows(kept.where(CaseStatus.case_id == case.id), {})


@cache
def _scores() -> AnySelect:
    return (
        select(Reading.measure_id, Reading.rater, Reading.read_on, Reading.value)
        .where(Reading.case_id == _CASE, access.is_open_reading(_VIEWER, Reading))
        .order_by(Reading.read_on, Reading.id)
    )


@cache
def _times(kinds: tuple[str, ...]) -> AnySelect:
    return (
        select(Post.kind, Post.occurred_at)
        .where(Post.case_id == _CASE, Post.kind.in_(kinds), access.open_to(_VIEWER, Post))
        .order_by(Post.occurred_at, Post.id)
    )


# As many as a list to choose from can hold and still be read.
MOST_EVENTS = 60


@cache
def _significant() -> AnySelect:
    return (
        select(Post.id, Post.position, Post.kind, Post.occurred_at)
        .where(
            Post.case_id == _CASE,
            is_significant(),
            Post.kind != "status_changed",
            access.open_to(_VIEWER, Post),
        )
        .order_by(Post.occurred_at.desc(), Post.id.desc())
        .limit(MOST_EVENTS)
    )


def _day(at: datetime) -> date:
    return clock.local(at).date()
