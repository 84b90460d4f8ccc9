"""What stands at the top of a case: since when, last seen, what comes next, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, exists, func, or_, select
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect, Instant
from app.models import (
    SEEN_IN,
    Acknowledgement,
    Case,
    CaseStatus,
    Comment,
    KeyDate,
    Membership,
    Person,
    Post,
)

# Of whose case it is asked, and by whom.
_CASE, _VIEWER = bindparam("case_id", type_=db.BigKey), bindparam("viewer", type_=db.BigKey)


@dataclass(frozen=True)
class Lead:
    """Who leads the case, and under which number."""

    id: int
    name: str
    role: str
    phone: str | None


@dataclass(frozen=True)
class Facts:
    """Each is None, or empty, when nobody has recorded it where the viewer may read.

    `reads_from` is the instant before which nothing is shared with her: then an empty fact says
    nothing about what happened earlier. `withheld` counts the posts she is told of unread.
    """

    status: str | None
    category: str | None
    since: date | None
    lead: Lead | None
    last_seen: AnyRow | None
    next_what: str | None
    next_at: datetime | None
    next_post_id: int | None
    questions: Sequence[AnyRow]
    overdue: list[str]
    unacknowledged: list[int]
    reads_from: datetime | None
    withheld: int


def of(viewer: Person, case: Case) -> Facts:
    """Only from posts the viewer may read; `case` comes from `app.access`."""
    asked = {"case_id": case.id, "viewer": viewer.id}
    (standing,) = db.rows(_standing(), asked)
    waiting = db.rows(_waiting(), asked)
    planned = _unanswered([row for row in waiting if row.kind == "planned_visit"], asked)
    questions = [row for row in waiting if row.kind == "question"]
    dates = db.rows(_key_dates(), asked)
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
        status=standing.status,
        category=standing.category,
        since=standing.since,
        lead=_lead(standing),
        last_seen=next(iter(db.rows(_last_seen(), asked)), None),
        next_what=coming[0][1] if coming else None,
        next_at=coming[0][0] if coming else None,
        next_post_id=coming[0][2] if coming else None,
        questions=questions,
        overdue=overdue,
        unacknowledged=sorted(row.id for row in waiting if row.is_unacknowledged),
        reads_from=standing.reads_from,
        withheld=standing.withheld,
    )


def _lead(standing: AnyRow) -> Lead | None:
    if standing.lead_id is None:
        return None
    return Lead(standing.lead_id, standing.name, standing.role, standing.phone)


def _unanswered(planned: list[AnyRow], asked: dict[str, Any]) -> list[AnyRow]:
    """Planned visits that none of their agency has answered early, but on the same day."""
    if not planned or planned[0].due_at > clock.now():
        return planned
    first_day = clock.instant(clock.local(planned[0].due_at).date(), time())
    made = [tuple(visit) for visit in db.rows(_made(), {**asked, "since": first_day})]
    return [row for row in planned if row.due_at > clock.now() or not _made_early(row, made)]


def _made_early(planned: AnyRow, visits: list[Any]) -> bool:
    day = clock.local(planned.due_at).date()
    return any(
        agency_id == planned.agency_id and at >= planned.posted_at and clock.local(at).date() == day
        for agency_id, at in visits
    )


# Each question is built once: building costs more than asking.


def _hers(post: Any = Post) -> tuple[ColumnElement[bool], ...]:
    """The posts of the case that the viewer may read."""
    return post.case_id == _CASE, access.open_to(_VIEWER, post)


@cache
def _standing() -> AnySelect:
    """How the case stands, who leads it, and what of it the viewer is not given."""
    today = bindparam("today", callable_=clock.today, type_=Date, unique=True)
    status, mine = aliased(CaseStatus), aliased(Membership)
    latest = (
        select(status.id)
        .where(status.case_id == _CASE, status.since <= today)
        .order_by(status.since.desc(), status.id.desc())
        .limit(1)
    )
    lead = (
        select(mine.id)
        .where(mine.case_id == _CASE, access.leads_now(mine))
        .order_by(mine.from_at.desc())
        .limit(1)
    )
    reads_from = select(func.max(mine.history_from)).where(
        mine.case_id == _CASE, mine.person_id == _VIEWER, access.current(mine)
    )
    withheld = select(func.count(Post.id)).where(
        Post.case_id == _CASE, access.is_withheld(_VIEWER, Post)
    )
    return (
        select(
            CaseStatus.status,
            CaseStatus.category,
            CaseStatus.since,
            Person.id.label("lead_id"),
            Person.name,
            Membership.role,
            Person.phone,
            reads_from.scalar_subquery().label("reads_from"),
            withheld.scalar_subquery().label("withheld"),
        )
        .select_from(Case)
        .outerjoin(CaseStatus, CaseStatus.id == latest.scalar_subquery())
        .outerjoin(Membership, Membership.id == lead.scalar_subquery())
        .outerjoin(Person, Person.id == Membership.person_id)
        .where(Case.id == _CASE)
    )


@cache
def _last_seen() -> AnySelect:
    return (
        select(Post.id, Post.occurred_at, Post.seen_alone, Person.name)
        .outerjoin(Person, Person.id == Post.author_id)
        .where(Post.kind.in_(SEEN_IN), Post.seen.is_(True), *_hers())
        .order_by(Post.occurred_at.desc(), Post.id.desc())
        .limit(1)
    )


@cache
def _waiting() -> AnySelect:
    """Visits planned for after the last one made, open questions, and what nobody has taken on."""
    visit = aliased(Post)
    last = (
        select(func.max(visit.occurred_at))
        .where(visit.kind.in_(["visit", "was_not_brought"]), *_hers(visit))
        .scalar_subquery()
    )
    is_planned = and_(
        Post.kind == "planned_visit",
        Post.due_at.is_not(None),
        or_(last.is_(None), Post.due_at > last),
    )
    answered = exists(1).where(Comment.post_id == Post.id, Comment.accepted_at.is_not(None))
    is_question = and_(Post.kind == "question", ~answered.correlate(Post))
    taken = exists(1).where(Acknowledgement.post_id == Post.id)
    is_unacknowledged = and_(Post.worry == "urgent", ~taken.correlate(Post))
    return (
        select(
            Post.id,
            # What only has to be acknowledged waits as nothing else.
            when(
                (or_(is_planned, is_question), Post.kind),
                else_="",
            ).label("kind"),
            Post.body,
            Post.due_at,
            Post.posted_at,
            Post.agency_id,
            is_unacknowledged.label("is_unacknowledged"),
        )
        .where(or_(is_planned, is_question, is_unacknowledged), *_hers())
        .order_by(Post.due_at)
    )


@cache
def _made() -> AnySelect:
    return select(Post.agency_id, Post.occurred_at).where(
        Post.kind.in_(["visit", "was_not_brought"]),
        Post.occurred_at >= bindparam("since", type_=Instant),
        *_hers(),
    )


@cache
def _key_dates() -> AnySelect:
    return (
        select(KeyDate.what, KeyDate.due_at)
        .where(KeyDate.case_id == _CASE, KeyDate.done_at.is_(None))
        .order_by(KeyDate.due_at)
    )
