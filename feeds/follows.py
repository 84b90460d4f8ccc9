"""Who wants to hear of which case, and how far they have read."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, update
from sqlalchemy import case as when
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect, Instant
from app.models import Agency, Case, Follow, Membership, Person, Post


def follow(person: Person, case: Case) -> None:
    _keep(person.id, case.id, following=True)


def unfollow(person: Person, case: Case) -> None:
    _keep(person.id, case.id, following=False)


def is_following(person: Person, case: Case) -> bool:
    return bool(
        db.session().scalar(
            select(Follow.following).where(Follow.person_id == person.id, Follow.case_id == case.id)
        )
    )


def last_read(person: Person, case: Case) -> int:
    """The position up to which the person has read everything; 0 for nothing."""
    return (
        db.session().scalar(
            select(Follow.last_read).where(Follow.person_id == person.id, Follow.case_id == case.id)
        )
        or 0
    )


def reading(person: Person, case: Case) -> tuple[int, datetime | None, bool]:
    """How far the person has read the case and when, and whether they follow it."""
    kept = (
        db.session()
        .execute(
            select(Follow.last_read, Follow.last_read_at, Follow.following).where(
                Follow.person_id == person.id, Follow.case_id == case.id
            )
        )
        .first()
    )
    return (kept.last_read, kept.last_read_at, kept.following) if kept else (0, None, False)


def mark_read(person: Person, case: Case, up_to: int) -> None:
    """Everything up to this position has been read; never moves back, nor past the newest.

    The newest of those she may read: the head of the stream would tell what others were told.
    Marking does not follow: a manager who looks in is not told of everything from then on.
    """
    db.session().execute(
        _mark(sqlite if db.is_sqlite() else postgresql),
        {"viewer": person.id, "place": case.id, "up_to": up_to, "at": clock.now()},
    )
    _read_copies(person)


def unread(person: Person) -> dict[int, int]:
    """For each case she follows and sees that has news: how many posts by others are new.

    Counted from the rows she may read, never by subtracting positions: the difference would
    tell that something hidden is there. What came from an import is never news.
    """
    rows = db.session().execute(_UNREAD, {"viewer": person.id})
    return {row.case_id: row.news for row in rows}


def news(person: Person) -> int:
    """How many posts are new over all her cases; one about several siblings counts once."""
    (row,) = db.rows(_NEWS, {"viewer": person.id})
    return int(row[0])


def readers_of(post: Post) -> list[AnyRow]:
    """The network's members other than the author, and whether each has read this far."""
    return list(
        db.session().execute(
            select(
                Person.id,
                Person.name,
                Membership.role,
                Agency.name.label("agency_name"),
                Agency.agency_type,
                (func.coalesce(Follow.last_read, 0) >= post.position).label("has_read"),
                Follow.last_read_at,
            )
            .join(Membership, Membership.person_id == Person.id)
            .join(Agency, Agency.id == Membership.agency_id)
            .outerjoin(
                Follow,
                (Follow.person_id == Person.id) & (Follow.case_id == Membership.case_id),
            )
            .where(
                Membership.case_id == post.case_id,
                access.current(Membership),
                access.reads_post(Person, post),
                Person.id.is_distinct_from(post.author_id),
            )
            .order_by(Person.name)
        )
    )


@cache
def _mark(dialect: Any) -> Any:
    place, up_to = bindparam("place", type_=db.BigKey), bindparam("up_to", type_=db.BigKey)
    newest = (
        select(func.coalesce(func.max(Post.position), 0))
        .where(Post.case_id == place, access.open_to(_VIEWER, Post))
        .scalar_subquery()
    )
    lesser = func.min if dialect is sqlite else func.least
    new = dialect.insert(Follow).values(
        person_id=_VIEWER,
        case_id=place,
        following=False,
        last_read=lesser(newest, up_to),
        last_read_at=bindparam("at", type_=Instant),
    )
    return new.on_conflict_do_update(
        index_elements=["person_id", "case_id"],
        set_={
            "last_read": when(
                (new.excluded.last_read > Follow.last_read, new.excluded.last_read),
                else_=Follow.last_read,
            ),
            "last_read_at": new.excluded.last_read_at,
        },
    )


def _read_copies(person: Person) -> None:
    """What was read in one child's case has been read in a brother's or sister's too."""
    for row in db.rows(_COPIES_READ, {"viewer": person.id}):
        up_to = row.newest if row.first_unread is None else row.first_unread - 1
        db.session().execute(
            update(Follow)
            .where(
                Follow.person_id == person.id,
                Follow.case_id == row.case_id,
                Follow.last_read < up_to,
            )
            .values(last_read=up_to, last_read_at=clock.now())
        )


def _keep(person_id: int, case_id: int, *, following: bool) -> None:
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    db.session().execute(
        insert(Follow)
        .values(person_id=person_id, case_id=case_id, following=following, last_read=0)
        .on_conflict_do_update(
            index_elements=["person_id", "case_id"], set_={"following": following}
        )
    )


def new_posts(viewer: ColumnElement[int], *columns: Any) -> AnySelect:
    """These columns of what others posted since she last read, in cases she follows and sees."""
    return (
        select(*columns)
        .select_from(Follow)
        .join(Post, (Post.case_id == Follow.case_id) & (Post.position > Follow.last_read))
        .where(
            Follow.person_id == viewer,
            Follow.following,
            access.sees_case(viewer, Follow.case_id),
            access.open_to(viewer, Post),
            Post.source.is_(None),
            Post.author_id.is_distinct_from(viewer),
        )
    )


_VIEWER = bindparam("viewer", type_=db.BigKey)
_UNREAD = new_posts(_VIEWER, Follow.case_id, func.count(Post.id).label("news")).group_by(
    Follow.case_id
)
_NEWS = new_posts(_VIEWER, func.count(func.coalesce(Post.original_id, Post.id).distinct()))


def _copies_read() -> AnySelect:
    """Cases with news some of which she has read elsewhere, and where the really new begins."""
    copy, there = aliased(Post), aliased(Follow)
    # Apart, so that a planner begins with the few copies and not with all she follows.
    was_read = (
        exists(1)
        .where(
            there.case_id == copy.case_id,
            there.person_id == _VIEWER,
            there.last_read >= copy.position,
        )
        .correlate(copy)
    )
    read_elsewhere = (
        exists(1)
        .where(
            # Three ways by index; the one expression that says the same would go through all posts.
            or_(
                copy.id == Post.original_id,
                copy.original_id == Post.original_id,
                copy.original_id == Post.id,
            ),
            copy.id != Post.id,
            was_read,
            access.open_to(_VIEWER, copy),
        )
        .correlate_except(copy)
    )
    return (
        new_posts(
            _VIEWER,
            Follow.case_id,
            func.min(when((~read_elsewhere, Post.position))).label("first_unread"),
            func.max(Post.position).label("newest"),
        )
        .group_by(Follow.case_id)
        .having(func.count(when((read_elsewhere, 1))) > 0)
    )


_COPIES_READ = _copies_read()
