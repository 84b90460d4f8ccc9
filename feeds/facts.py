"""What stands at the top of a case: since when, last seen, what comes next, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from app import access
from app.core import clock, db
from app.core.db import AnyRow
from app.models import (
    Acknowledgement,
    Case,
    CaseStatus,
    Comment,
    KeyDate,
    Membership,
    Person,
    Post,
)

Rule = ColumnElement[bool]


@dataclass(frozen=True)
class Facts:
    """Each is None, or empty, when nobody has recorded it where the viewer may read.

    `reads_from` is the instant before which nothing is shared with her: then an empty fact says
    nothing about what happened earlier.
    """

    status: str | None
    category: str | None
    since: date | None
    lead: AnyRow | None
    last_seen: AnyRow | None
    next_what: str | None
    next_at: datetime | None
    next_post_id: int | None
    questions: list[AnyRow]
    overdue: list[str]
    unacknowledged: list[int]
    reads_from: datetime | None


def of(viewer: Person, case: Case) -> Facts:
    """Only from posts the viewer may read; `case` comes from `app.access`."""
    hers = access.open_to(viewer.id, Post)
    status = _status(case)
    planned = _planned(case, hers)
    dates = _key_dates(case)
    questions = _open_questions(case, hers)
    coming = sorted(
        [(row.due_at, "Visit", row.id) for row in planned if row.due_at > clock.now()]
        + [(row.due_at, row.what, None) for row in dates if row.due_at > clock.now()],
        key=lambda each: each[0],
    )
    overdue = (
        [f"{row.what}" for row in dates if row.due_at <= clock.now()]
        + ["Planned visit" for row in planned if row.due_at <= clock.now()]
        + ["Unanswered question" for row in questions if row.due_at and row.due_at <= clock.now()]
    )
    return Facts(
        status=status.status if status else None,
        category=status.category if status else None,
        since=status.since if status else None,
        lead=_lead(case),
        last_seen=_last_seen(case, hers),
        next_what=coming[0][1] if coming else None,
        next_at=coming[0][0] if coming else None,
        next_post_id=coming[0][2] if coming else None,
        questions=questions,
        overdue=overdue,
        unacknowledged=_unacknowledged(case, hers),
        reads_from=access.reads_from(viewer, case.id),
    )


def _status(case: Case) -> AnyRow | None:
    return (
        db.session()
        .execute(
            select(CaseStatus.status, CaseStatus.category, CaseStatus.since)
            .where(CaseStatus.case_id == case.id, CaseStatus.since <= clock.today())
            .order_by(CaseStatus.since.desc(), CaseStatus.id.desc())
            .limit(1)
        )
        .first()
    )


def _lead(case: Case) -> AnyRow | None:
    return (
        db.session()
        .execute(
            select(Person.id, Person.name, Membership.role, Person.phone)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.case_id == case.id, Membership.is_lead, access.current(Membership))
            .order_by(Membership.from_at.desc())
            .limit(1)
        )
        .first()
    )


def _last_seen(case: Case, hers: Rule) -> AnyRow | None:
    return (
        db.session()
        .execute(
            select(Post.id, Post.occurred_at, Post.seen_alone, Person.name)
            .outerjoin(Person, Person.id == Post.author_id)
            .where(
                Post.case_id == case.id,
                Post.kind.in_(["visit", "imported"]),
                Post.seen.is_(True),
                hers,
            )
            .order_by(Post.occurred_at.desc(), Post.id.desc())
            .limit(1)
        )
        .first()
    )


def _planned(case: Case, hers: Rule) -> list[AnyRow]:
    """Planned visits that no visit has answered: a later one, or their agency's on the day."""
    visits = (
        Post.case_id == case.id,
        Post.kind.in_(["visit", "was_not_brought"]),
        hers,
    )
    since = db.session().scalar(select(func.max(Post.occurred_at)).where(*visits))
    query = select(Post.id, Post.due_at, Post.posted_at, Post.agency_id).where(
        Post.case_id == case.id,
        Post.kind == "planned_visit",
        Post.due_at.is_not(None),
        hers,
    )
    if since is not None:
        query = query.where(Post.due_at > since)
    rows = db.session().execute(query.order_by(Post.due_at)).all()
    if since is None or not rows or rows[0].due_at > clock.now():
        return list(rows)
    first_day = clock.instant(clock.local(rows[0].due_at).date(), time())
    made = db.session().execute(
        select(Post.agency_id, Post.occurred_at).where(*visits, Post.occurred_at >= first_day)
    )
    early = [tuple(visit) for visit in made]
    return [row for row in rows if row.due_at > clock.now() or not _made_early(row, early)]


def _made_early(planned: AnyRow, visits: list[Any]) -> bool:
    day = clock.local(planned.due_at).date()
    return any(
        agency_id == planned.agency_id and at >= planned.posted_at and clock.local(at).date() == day
        for agency_id, at in visits
    )


def _key_dates(case: Case) -> list[AnyRow]:
    return list(
        db.session().execute(
            select(KeyDate.what, KeyDate.due_at)
            .where(KeyDate.case_id == case.id, KeyDate.done_at.is_(None))
            .order_by(KeyDate.due_at)
        )
    )


def _open_questions(case: Case, hers: Rule) -> list[AnyRow]:
    accepted = select(Comment.post_id).where(
        Comment.case_id == case.id, Comment.accepted_at.is_not(None)
    )
    return list(
        db.session().execute(
            select(Post.id, Post.body, Post.due_at)
            .where(
                Post.case_id == case.id,
                Post.kind == "question",
                Post.id.not_in(accepted),
                hers,
            )
            .order_by(Post.due_at)
        )
    )


def _unacknowledged(case: Case, hers: Rule) -> list[int]:
    taken = exists(1).where(Acknowledgement.post_id == Post.id).correlate(Post)
    return list(
        db.session().scalars(
            select(Post.id)
            .where(
                Post.case_id == case.id,
                Post.worry == "urgent",
                ~taken,
                hers,
            )
            .order_by(Post.position)
        )
    )
