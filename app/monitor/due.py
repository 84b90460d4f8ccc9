"""What is overdue in open cases: where too little is recorded for a silence to say anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnySelect, Instant
from app.models import (
    Acknowledgement,
    Case,
    CaseStatus,
    Comment,
    Exclusion,
    KeyDate,
    Membership,
    Post,
)

# What became due longer ago than this is history, and on the case's own page.
TOO_OLD = timedelta(days=90)
VISITS = ("visit", "was_not_brought")


@dataclass(frozen=True)
class Patience:
    """After how long each thing is pointed out; an organisation may choose its own.

    `seen_within` has days by how the case stands: who stands otherwise need not be seen.
    """

    acknowledge: timedelta = timedelta(hours=2)
    outcome: timedelta = timedelta(days=1)
    not_brought_within: timedelta = timedelta(days=30)
    no_lead: timedelta = timedelta(days=1)
    # The rhythm of visits that most English councils write into such plans, and some days more.
    seen_within: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                "assessment": 20,
                "child_in_need": 35,
                "child_protection_plan": 20,
                "looked_after": 45,
            }
        )
    )


_patience = Patience()


def use(patience: Patience) -> None:
    """What this organisation has chosen."""
    global _patience
    _patience = patience


@dataclass(frozen=True)
class Due:
    """One thing that is overdue: of which case, about which post or date, since when."""

    case_id: int
    about_id: int
    post_id: int | None
    since: datetime


def found(kind: str, case_ids: Collection[int] | None = None) -> set[Due]:
    """All that is overdue now, of these cases or of all that are open."""
    asked = KINDS[kind]()
    rows = asked.where(_is_open(_case_of(asked)))
    if case_ids is not None:
        rows = rows.where(_case_of(asked).in_(case_ids))
    return {Due(*row) for row in db.session().execute(rows)}


def _case_of(asked: AnySelect) -> Any:
    return next(iter(asked.selected_columns))


def _row(case_id: Any, since: Any, *, about: Any = None, post: Any = None) -> AnySelect:
    return select(
        case_id.label("case_id"),
        (literal(0, db.BigKey) if about is None else about).label("about_id"),
        (null() if post is None else post).label("post_id"),
        since.label("since"),
    )


def _unacknowledged() -> AnySelect:
    """Urgent, and nobody has said that they have it."""
    taken = exists(1).where(Acknowledgement.post_id == Post.id).correlate(Post)
    return _of_posts(
        Post.worry == "urgent",
        Post.posted_at < clock.now() - _patience.acknowledge,
        Post.posted_at > clock.now() - TOO_OLD,
        ~taken,
    )


def _unanswered() -> AnySelect:
    """A question whose time is over, without an accepted answer or anybody's reply."""
    replied = (
        exists(1)
        .where(
            Comment.post_id == Post.id,
            Comment.withdrawn_at.is_(None),
            or_(
                Comment.accepted_at.is_not(None),
                Comment.author_id.is_distinct_from(Post.author_id),
            ),
        )
        .correlate(Post)
    )
    return _of_posts(
        Post.kind == "question",
        Post.due_at < clock.now(),
        Post.due_at > clock.now() - TOO_OLD,
        ~replied,
        since=Post.due_at,
    )


def _no_outcome() -> AnySelect:
    """A planned visit whose day is over, and nobody has said how it went."""
    made = aliased(Post)
    answered = (
        exists(1)
        .where(
            made.case_id == Post.case_id,
            made.kind.in_(VISITS),
            made.withdrawn_at.is_(None),
            made.posted_at >= Post.posted_at,
            # The visit may have been made some hours before or a day after it was planned for.
            made.occurred_at >= _before(Post.due_at),
        )
        .correlate(Post)
    )
    return _of_posts(
        Post.kind == "planned_visit",
        Post.due_at < clock.now() - _patience.outcome,
        Post.due_at > clock.now() - TOO_OLD,
        ~answered,
        since=Post.due_at,
    )


def _before(due_at: Any) -> ColumnElement[Any]:
    """Half a day earlier, as each database counts."""
    if db.is_sqlite():
        return func.strftime("%Y-%m-%d %H:%M:%f", due_at, "-12 hours", type_=Instant)
    before: ColumnElement[Any] = due_at - literal(timedelta(hours=12))
    return before


def _of_posts(*which: ColumnElement[bool], since: Any = Post.posted_at) -> AnySelect:
    return _row(Post.case_id, since, about=Post.id, post=Post.id).where(
        Post.withdrawn_at.is_(None), Post.source.is_(None), *which
    )


def _not_seen() -> AnySelect:
    """Nobody has seen the child for longer than how the case stands allows."""
    since = func.coalesce(_last_seen(), Case.opened_at)
    status = _status(Case.id)
    too_long = or_(
        *(
            and_(status == each, since < clock.now() - timedelta(days=days))
            for each, days in _patience.seen_within.items()
        )
    )
    return _row(Case.id, since).where(too_long)


def _last_seen() -> ColumnElement[Any]:
    return (
        select(func.max(Post.occurred_at))
        .where(
            Post.case_id == Case.id,
            Post.kind.in_(["visit", "imported"]),
            Post.seen.is_(True),
            *_for_all(),
        )
        .correlate(Case)
        .scalar_subquery()
    )


def _not_brought() -> AnySelect:
    """Twice in so many days, and not twice told of once."""
    first = clock.now() - _patience.not_brought_within
    return (
        _row(Post.case_id, func.min(Post.occurred_at))
        .where(
            Post.kind == "was_not_brought",
            Post.source.is_(None),
            Post.occurred_at > first,
            *_for_all(),
        )
        .group_by(Post.case_id)
        .having(func.count(func.distinct(_day_of(Post.occurred_at))) > 1)
    )


def _day_of(at: Any) -> ColumnElement[Any]:
    return func.date(at)


def _for_all() -> tuple[ColumnElement[bool], ...]:
    """What the whole network reads: an alert about anything else would tell of it."""
    shuts_out = exists(1).where(Exclusion.post_id == Post.id).correlate(Post)
    return Post.withdrawn_at.is_(None), Post.audience == "network", ~shuts_out


def _no_lead() -> AnySelect:
    """Nobody in the network coordinates the work."""
    leads, led = aliased(Membership), aliased(Membership)
    is_led = exists(1).where(leads.case_id == Case.id, access.leads_now(leads)).correlate(Case)
    ended = (
        select(func.max(led.until_at))
        .where(led.case_id == Case.id, led.is_lead, led.until_at < clock.now())
        .correlate(Case)
        .scalar_subquery()
    )
    since = func.coalesce(ended, Case.opened_at)
    return _row(Case.id, since).where(~is_led, since < clock.now() - _patience.no_lead)


def _review_due() -> AnySelect:
    """A review, a conference or another day of the plan has passed and is not marked as done."""
    return _row(KeyDate.case_id, KeyDate.due_at, about=KeyDate.id).where(
        KeyDate.done_at.is_(None),
        KeyDate.due_at < clock.now(),
        KeyDate.due_at > clock.now() - TOO_OLD,
    )


def _is_open(case_id: Any) -> ColumnElement[bool]:
    return func.coalesce(_status(case_id), "") != "closed"


def _status(case_id: Any) -> ColumnElement[Any]:
    newest = aliased(CaseStatus)
    return (
        select(newest.status)
        .where(newest.case_id == case_id, newest.since <= clock.today())
        .order_by(newest.since.desc(), newest.id.desc())
        .limit(1)
        .correlate_except(newest)
        .scalar_subquery()
    )


KINDS: dict[str, Callable[[], AnySelect]] = {
    "unacknowledged": _unacknowledged,
    "unanswered": _unanswered,
    "not_seen": _not_seen,
    "no_outcome": _no_outcome,
    "not_brought": _not_brought,
    "no_lead": _no_lead,
    "review_due": _review_due,
}
# What passes with the hours; the others are looked at once a night, and when something is done.
BY_THE_HOUR = ("unacknowledged", "unanswered")
