"""Significant events in one line each, with who they are from, and the gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import ColumnElement, bindparam, or_, select

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect, Instant
from app.insight.strip import Gap
from app.models import Agency, Case, Person, Post

# Six months: what somebody who covers has to know.
RECENT = timedelta(days=182)
SHOWN = 4
# Updates that matter whatever their author ticked; who is worried has said that it matters.
# Routine meetings and plans do not: a chronology that holds everything is read by nobody.
ALWAYS = ("concern", "incident", "missing", "returned", "was_not_brought", "decision")


@dataclass(frozen=True)
class Events:
    """The newest first; `gap` stands before the event with the place `gap_at`, or after the last.

    `more` says that there are older ones in this time.
    """

    rows: Sequence[AnyRow]
    more: bool
    gap: Gap | None
    gap_at: int


def recent(viewer: Person, case: Case, gap: Gap | None = None, size: int = SHOWN) -> Events:
    """Of the last six months what she may read; `gap` is when nobody posted."""
    since = clock.now() - RECENT
    asked = {"viewer": viewer.id, "case_id": case.id, "since": since, "size": size + 1}
    found = db.rows(_recent(), asked)
    return placed(found[:size], gap, more=len(found) > size)


def placed(rows: Sequence[AnyRow], gap: Gap | None, *, more: bool = False) -> Events:
    """With the gap where it belongs; one that is older than all that is shown is left out."""
    if gap is None or gap.ends_on < clock.today() - RECENT:
        return Events(rows, more, None, -1)
    later = sum(clock.local(row.occurred_at).date() > gap.ends_on for row in rows)
    return Events(rows, more, None if more and later == len(rows) else gap, later)


def is_significant() -> ColumnElement[bool]:
    """Whether an update is one of those a chronology is made of."""
    return or_(Post.significant, Post.kind.in_(ALWAYS))


@cache
def _recent() -> AnySelect:
    viewer, case_id = (bindparam(name, type_=db.BigKey) for name in ("viewer", "case_id"))
    return (
        columns()
        .where(
            Post.case_id == case_id,
            is_significant(),
            Post.occurred_at >= bindparam("since", type_=Instant),
            access.open_to(viewer, Post),
        )
        .order_by(Post.occurred_at.desc(), Post.id.desc())
        .limit(bindparam("size", type_=db.BigKey))
    )


def columns() -> AnySelect:
    """What a line says of a post: the rule is the caller's to add."""
    return (
        select(
            Post.id,
            Post.case_id,
            Post.position,
            Post.kind,
            Post.worry,
            is_significant().label("significant"),
            Post.body,
            Post.meaning,
            Post.occurred_at,
            Post.posted_at,
            Post.due_at,
            Post.source,
            Post.source_as_at,
            Person.name.label("author_name"),
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .outerjoin(Person, Person.id == Post.author_id)
        .outerjoin(Agency, Agency.id == Post.agency_id)
    )
