"""Cases with news: which of those somebody follows hold posts they have not read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.models import WORRIES, Case, CaseStatus, Child, Follow, Person, Post
from feeds import follows


def of(viewer: Person) -> Sequence[AnyRow]:
    """For each such case: child, status, how many posts are new and the worst worry in them.

    The most worrying first, then the newest. Counts as `follows.unread` does.
    """
    return db.rows(_NEWS, {"viewer": viewer.id})


def _statement() -> AnySelect:
    viewer = bindparam("viewer", type_=db.BigKey)
    rank = when(*((Post.worry == worry, place) for place, worry in enumerate(WORRIES)), else_=0)
    unread = (
        follows.new_posts(
            viewer,
            Follow.case_id,
            func.count(Post.id).label("unread"),
            func.max(rank).label("worry_rank"),
            func.max(Post.posted_at).label("newest_at"),
        )
        .group_by(Follow.case_id)
        .subquery()
    )
    standing = aliased(CaseStatus)
    status = (
        select(standing.status)
        .where(
            standing.case_id == Case.id,
            standing.since <= bindparam("today", callable_=clock.today, type_=Date, unique=True),
        )
        .order_by(standing.since.desc(), standing.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(
            Case.id,
            Child.label.label("child_name"),
            Child.born_on,
            Child.expected_on,
            status.label("status"),
            unread.c.unread,
            unread.c.worry_rank,
        )
        .join(unread, unread.c.case_id == Case.id)
        .join(Child, Child.id == Case.child_id)
        .order_by(unread.c.worry_rank.desc(), unread.c.newest_at.desc(), Case.id)
    )


_NEWS = _statement()
