"""Who may see and do what: each rule once, as SQL, asked three ways.

A person and a thing may each be a number, a row, a bind parameter or the whole table. So one
rule answers "may she?" (`may(reads_post(7, 12))`), "what may she?" (`select(Post).where(
reads_post(7, Post))`) and "who may?" (`select(Person).where(reads_post(Person, 12))`).

The rules:

    sees_case(person)  = active, with an account for content, and (member now, or supervises
                         somebody who is a member now)
    reads_post(person) = sees_case, and open_to
    open_to(person)    = not withdrawn, and (the author, or posted since my history_from)
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.core import clock, db
from app.core.db import Instant
from app.core.errors import NotAllowed, NotFound
from app.models import (
    CONTENT_ACCOUNTS,
    Case,
    Comment,
    Membership,
    Person,
    Post,
    Supervision,
)

# A row, a number, a bind parameter, or the table itself.
Thing = Any

# Each rule looks through rows of its own, apart from those of the question it stands in. Making
# such an alias costs more than asking most questions, so each is made once.
_member, _line, _account = aliased(Membership), aliased(Supervision), aliased(Person)


def now() -> ColumnElement[Any]:
    """The instant at which a statement runs, so that a prepared rule is never a stale one."""
    return bindparam("now", callable_=clock.now, type_=Instant)


def current(membership: Any) -> ColumnElement[bool]:
    """A membership that has begun and has not ended."""
    return and_(
        membership.from_at <= now(),
        or_(membership.until_at.is_(None), membership.until_at > now()),
    )


def is_member(person: Thing, case: Thing) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(_member.case_id == _id(case), _member.person_id == _id(person), current(_member))
        .correlate_except(_member)
    )


def is_lead(person: Thing, case: Thing) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(
            _member.case_id == _id(case),
            _member.person_id == _id(person),
            _member.is_lead,
            current(_member),
        )
        .correlate_except(_member)
    )


def supervises_member(person: Thing, case: Thing) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(
            _line.manager_id == _id(person),
            _member.person_id == _line.person_id,
            _member.case_id == _id(case),
            current(_member),
        )
        .correlate_except(_member, _line)
    )


def has_content_account(person: Thing) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(
            _account.id == _id(person),
            _account.active,
            or_(*(_account.account == each for each in CONTENT_ACCOUNTS)),
        )
        .correlate_except(_account)
    )


def sees_case(person: Thing, case: Thing) -> ColumnElement[bool]:
    return and_(
        has_content_account(person),
        or_(is_member(person, case), supervises_member(person, case)),
    )


def open_to(person: Thing, post: Thing) -> ColumnElement[bool]:
    """Whether a post is open to somebody who sees its case.

    Apart from `sees_case` so that a list asks the case's rule once a case, not once a post.
    """
    too_early = (
        exists(1)
        .where(
            _member.case_id == _of(post, "case_id"),
            _member.person_id == _id(person),
            _member.history_from > _of(post, "posted_at"),
            current(_member),
        )
        .correlate_except(_member)
    )
    return and_(
        _of(post, "withdrawn_at").is_(None),
        or_(_of(post, "author_id") == _id(person), ~too_early),
    )


def reads_post(person: Thing, post: Thing) -> ColumnElement[bool]:
    if isinstance(post, int):
        p = aliased(Post)
        return exists(1).where(p.id == post, reads_post(person, p)).correlate_except(p)
    return and_(sees_case(person, _of(post, "case_id")), open_to(person, post))


def may_lead(person: Thing, case: Thing) -> ColumnElement[bool]:
    """Change the network, the lead or the status, or withdraw somebody else's post."""
    return and_(
        has_content_account(person),
        or_(is_lead(person, case), supervises_member(person, case)),
    )


def may(rule: ColumnElement[bool]) -> bool:
    """Ask one rule about one person and one thing."""
    return bool(db.session().scalar(select(rule)))


def case(viewer: Person, case_id: int) -> Case:
    """The case, or `NotFound` when it is not there or not hers."""
    found = db.session().scalar(
        select(Case).where(Case.id == _possible(case_id), sees_case(viewer.id, Case))
    )
    if found is None:
        raise NotFound(f"case:{case_id}")
    return found


def led_case(actor: Person, case_id: int) -> Case:
    """A case she may lead; one she only sees is refused with whom to ask."""
    found = case(actor, case_id)
    if not may(may_lead(actor.id, case_id)):
        raise NotAllowed("Ask the lead practitioner or their manager to do this.")
    return found


def post(viewer: Person, post_id: int) -> Post:
    found = db.session().scalar(
        select(Post).where(Post.id == _possible(post_id), reads_post(viewer.id, Post))
    )
    if found is None:
        raise NotFound(f"post:{post_id}")
    return found


def comment(viewer: Person, comment_id: int) -> Comment:
    found = db.session().scalar(
        select(Comment)
        .join(Post, Post.id == Comment.post_id)
        .where(
            Comment.id == _possible(comment_id),
            Comment.withdrawn_at.is_(None),
            reads_post(viewer.id, Post),
        )
    )
    if found is None:
        raise NotFound(f"comment:{comment_id}")
    return found


def reads_from(viewer: Person, case_id: int) -> datetime | None:
    """The instant before which the case's posts are not shared with her; none when all are."""
    return db.session().scalar(
        select(func.max(_member.history_from)).where(
            _member.case_id == case_id, _member.person_id == viewer.id, current(_member)
        )
    )


def cases(viewer: Thing) -> Select[Case]:
    """Every case she sees."""
    return select(Case).where(sees_case(_id(viewer), Case))


def viewers(case_id: int) -> list[int]:
    """Everybody who sees the case now."""
    return list(db.session().scalars(select(Person.id).where(sees_case(Person, case_id))))


def readers(post_id: int) -> list[int]:
    """Everybody who may read the post now: the people an author is told will see it."""
    return list(db.session().scalars(select(Person.id).where(reads_post(Person, post_id))))


def _possible(number: int) -> int:
    # No row has the number 0.
    return number if number <= db.LARGEST else 0


def _id(thing: Thing) -> Any:
    if isinstance(thing, int):
        return literal(thing, db.BigKey)
    return getattr(thing, "id", thing)


def _of(row: Thing, column: str) -> Any:
    value = getattr(row, column)
    return literal(value, getattr(Post, column).type) if isinstance(row, Post) else value
