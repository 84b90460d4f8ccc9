"""What is overdue in open cases: where too little is recorded for a silence to say anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnySelect, Instant
from app.models import (
    SEEN_IN,
    Acknowledgement,
    Case,
    CaseStatus,
    Child,
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
    left_out: frozenset[str] = frozenset()  # what is not pointed out at all
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


def patience() -> Patience:
    """What is chosen, for whoever wants to know the rule."""
    return _patience


@dataclass(frozen=True)
class Due:
    """One thing that is overdue: of which case, about which post or date, since when."""

    kind: str
    case_id: int
    about_id: int
    post_id: int | None
    since: datetime


def found(kind: str) -> set[Due]:
    """All of one kind that is overdue now, in every open case."""
    if kind in _patience.left_out:
        return set()
    return _found(_everywhere(kind, tuple(_patience.seen_within)), {})


def found_in(case_id: int) -> set[Due]:
    """All that is overdue now in one case, if it is open."""
    found = _found(_in_one(tuple(_patience.seen_within)), {"case_id": case_id})
    return {each for each in found if each.kind not in _patience.left_out}


def _found(asked: AnySelect, about: dict[str, Any]) -> set[Due]:
    return {Due(*row) for row in db.session().execute(asked, _limits() | about)}


def _limits() -> dict[str, Any]:
    """The instants before which, or after which, a thing is due."""
    now = clock.now()
    return {
        "today": clock.today(),
        "instant": now,
        "too_old": now - TOO_OLD,
        "acknowledge": now - _patience.acknowledge,
        "outcome": now - _patience.outcome,
        "not_brought": now - _patience.not_brought_within,
        "no_lead": now - _patience.no_lead,
        **{
            f"seen_{status}": now - timedelta(days=days)
            for status, days in _patience.seen_within.items()
        },
    }


def _limit(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=Instant)


# Each question is built once: building costs more than asking.


@cache
def _everywhere(kind: str, statuses: tuple[str, ...]) -> AnySelect:
    rows = _rows(kind, statuses)
    return rows.where(_is_open(_case_of(rows)))


@cache
def _in_one(statuses: tuple[str, ...]) -> Any:
    number = bindparam("case_id", type_=db.BigKey)
    rows = [_rows(kind, statuses) for kind in KINDS]
    of_case = [each.where(_case_of(each) == number) for each in rows]
    return union_all(*(each.where(_is_open(_case_of(each))) for each in of_case))


def _rows(kind: str, statuses: tuple[str, ...]) -> AnySelect:
    return _not_seen(statuses) if kind == "not_seen" else _OTHERS[kind]()


def _case_of(rows: AnySelect) -> Any:
    return rows.selected_columns[1]


def _row(kind: str, case_id: Any, since: Any, *, about: Any = None, post: Any = None) -> AnySelect:
    return select(
        literal(kind).label("kind"),
        case_id.label("case_id"),
        (literal(0, db.BigKey) if about is None else about).label("about_id"),
        (cast(null(), db.BigKey) if post is None else post).label("post_id"),
        type_coerce(since, Instant).label("since"),
    )


def _unacknowledged() -> AnySelect:
    """Urgent, and nobody has said that they have it."""
    taken = exists(1).where(Acknowledgement.post_id == Post.id).correlate(Post)
    return _of_posts(
        "unacknowledged",
        Post.worry == "urgent",
        Post.posted_at < _limit("acknowledge"),
        Post.posted_at > _limit("too_old"),
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
        "unanswered",
        Post.kind == "question",
        Post.due_at < _limit("instant"),
        Post.due_at > _limit("too_old"),
        ~replied,
        since=Post.due_at,
    )


def _no_outcome() -> AnySelect:
    """A planned visit whose day is over, and nobody has said how it went.

    What was told to some alone answers only what was planned among some: of a visit that the whole
    network awaits, the others would know by the card that goes.
    """
    made = aliased(Post)
    answered = (
        exists(1)
        .where(
            made.case_id == Post.case_id,
            made.kind.in_(VISITS),
            made.withdrawn_at.is_(None),
            made.posted_at >= Post.posted_at,
            # On its day or after it, whether earlier or later than it was planned for.
            _day_of(made.occurred_at) >= _day_of(Post.due_at),
            or_(_is_for_all(made), ~_is_for_all(Post)),
        )
        .correlate(Post)
    )
    return _of_posts(
        "no_outcome",
        Post.kind == "planned_visit",
        Post.due_at < _limit("outcome"),
        Post.due_at > _limit("too_old"),
        ~answered,
        since=Post.due_at,
    )


def _of_posts(kind: str, *which: ColumnElement[bool], since: Any = Post.posted_at) -> AnySelect:
    return _row(kind, Post.case_id, since, about=Post.id, post=Post.id).where(
        Post.withdrawn_at.is_(None), Post.source.is_(None), *which
    )


def _not_seen(statuses: tuple[str, ...]) -> AnySelect:
    """Nobody has seen the child for longer than how the case stands allows."""
    since = func.coalesce(_last_seen(), Case.opened_at)
    status = _status(Case.id)
    too_long = (and_(status == each, since < _limit(f"seen_{each}")) for each in statuses)
    is_born = exists(1).where(Child.id == Case.child_id, _is_born()).correlate(Case)
    return _row("not_seen", Case.id, since).where(is_born, or_(false(), *too_long))


def _is_born() -> ColumnElement[bool]:
    """Nobody can visit a child before that; whose dates are not known is there."""
    return or_(
        Child.born_on.is_not(None),
        Child.expected_on.is_(None),
        Child.expected_on <= bindparam("today", type_=Date),
    )


def _last_seen() -> ColumnElement[Any]:
    return (
        select(func.max(Post.occurred_at))
        .where(
            Post.case_id == Case.id,
            Post.kind.in_(SEEN_IN),
            Post.seen.is_(True),
            *_for_all(),
        )
        .correlate(Case)
        .scalar_subquery()
    )


def _not_brought() -> AnySelect:
    """Twice in so many days, and not twice told of once."""
    return (
        _row("not_brought", Post.case_id, func.min(Post.occurred_at))
        .where(
            Post.kind == "was_not_brought",
            Post.source.is_(None),
            Post.occurred_at > _limit("not_brought"),
            *_for_all(),
        )
        .group_by(Post.case_id)
        .having(func.count(func.distinct(_day_of(Post.occurred_at))) > 1)
    )


def _day_of(at: Any) -> ColumnElement[Any]:
    return func.date(at)


def _for_all() -> tuple[ColumnElement[bool], ...]:
    """What the whole network reads: an alert about anything else would tell of it."""
    return Post.withdrawn_at.is_(None), _is_for_all(Post)


def _is_for_all(post: Any) -> ColumnElement[bool]:
    shuts_out = exists(1).where(Exclusion.post_id == post.id).correlate_except(Exclusion)
    return and_(post.audience == "network", ~shuts_out)


def _no_lead() -> AnySelect:
    """Nobody in the network coordinates the work."""
    leads, led = aliased(Membership), aliased(Membership)
    is_led = exists(1).where(leads.case_id == Case.id, access.leads_now(leads)).correlate(Case)
    ended = (
        select(func.max(led.until_at))
        .where(led.case_id == Case.id, led.is_lead, led.until_at < _limit("instant"))
        .correlate(Case)
        .scalar_subquery()
    )
    since = func.coalesce(ended, Case.opened_at)
    return _row("no_lead", Case.id, since).where(~is_led, since < _limit("no_lead"))


def _review_due() -> AnySelect:
    """A review, a conference or another day of the plan has passed and is not marked as done."""
    return _row("review_due", KeyDate.case_id, KeyDate.due_at, about=KeyDate.id).where(
        KeyDate.done_at.is_(None),
        KeyDate.due_at < _limit("instant"),
        KeyDate.due_at > _limit("too_old"),
    )


def _is_open(case_id: Any) -> ColumnElement[bool]:
    return func.coalesce(_status(case_id), "") != "closed"


def _status(case_id: Any) -> ColumnElement[Any]:
    newest = aliased(CaseStatus)
    return (
        select(newest.status)
        .where(newest.case_id == case_id, newest.since <= bindparam("today", type_=Date))
        .order_by(newest.since.desc(), newest.id.desc())
        .limit(1)
        .correlate_except(newest)
        .scalar_subquery()
    )


_OTHERS: dict[str, Callable[[], AnySelect]] = {
    "unacknowledged": _unacknowledged,
    "unanswered": _unanswered,
    "no_outcome": _no_outcome,
    "not_brought": _not_brought,
    "no_lead": _no_lead,
    "review_due": _review_due,
}
KINDS = (*_OTHERS, "not_seen")
# What passes with the hours; the others are looked at once a night, and when something is done.
BY_THE_HOUR = ("unacknowledged", "unanswered")
