"""Reading posts in order: one case's stream, and the home feed over everything followed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect, Instant
from app.core.errors import Invalid
from app.models import (
    Acknowledgement,
    Agency,
    Case,
    Child,
    Comment,
    Follow,
    Membership,
    Mention,
    Person,
    Post,
)

PAGE = 25
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_MARKER = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
PostRow = AnyRow


@dataclass(frozen=True)
class Filter:
    """What to leave in: a named view ("worries", "working-well", "childs-words"), and more.

    `first_on` and `last_on` are the days on which it was posted.
    """

    view: str | None = None
    kind: str | None = None
    agency_id: int | None = None
    author_id: int | None = None
    first_on: date | None = None
    last_on: date | None = None

    @property
    def is_set(self) -> bool:
        return self != Filter()


@dataclass(frozen=True)
class Page:
    """Newest first; `older` is the cursor of the next page down, none at the end."""

    posts: Sequence[PostRow]
    older: str | None

    @property
    def ranges(self) -> list[tuple[int, int, int]]:
        """(case, first position, last position) for each case on the page: for the audit."""
        shown: dict[int, list[int]] = {}
        for post in self.posts:
            shown.setdefault(post.case_id, []).append(post.position)
        return [(case_id, min(seen), max(seen)) for case_id, seen in shown.items()]


def stream(
    viewer: Person,
    case: Case,
    *,
    only: Filter | None = None,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE,
) -> Page:
    """One page of a case's stream by position; `case` comes from `app.access`.

    `after` reads upwards, for a page or a program that follows: everything from the next
    position on, oldest of them first, so that a gap can never be skipped.
    """
    query = _downwards() if after is None else _upwards()
    if only and only.is_set:
        query = query.where(*_filtered(only))
    rows = db.rows(
        query,
        {
            "viewer": viewer.id,
            "case": case.id,
            "before": db.LARGEST if before is None else before,
            "after": after,
            "size": size + 1,
        },
    )
    more = str(rows[size - 1].position) if len(rows) > size else None
    return Page(rows[:size], more)


def post(viewer: Person, post_id: int) -> PostRow:
    """One post as screens show it; ask `access.post` first for the refusal."""
    return db.session().execute(_one(), {"viewer": viewer.id, "post": post_id}).one()


def posts(viewer: Person, post_ids: Sequence[int]) -> Sequence[PostRow]:
    """Those of these posts she may read, newest first."""
    return db.rows(_these(), {"viewer": viewer.id, "posts": list(post_ids)})


def home(viewer: Person, *, before: str | None = None, size: int = PAGE) -> Page:
    """The newest posts of every case she follows and sees, and the cursor for older ones."""
    at, post_id = _cursor(before)
    rows = db.rows(
        _HOME_OLDER if before else _HOME,
        {"viewer": viewer.id, "size": size + 1, "at": at, "before_id": post_id},
    )
    shown = rows[:size]
    more = None
    if len(rows) > size:
        more = _marker(shown[-1])
    return Page(shown, more)


def floor(page: Page) -> int:
    """How far down a stream's page has shown everything: 0 when it reached the first post."""
    return int(page.older) - 1 if page.older else 0


def mentions(post_ids: Sequence[int], person: Person) -> set[int]:
    """Which of these posts name the person."""
    return set(
        db.session().scalars(
            select(Mention.post_id).where(
                Mention.post_id.in_(post_ids), Mention.person_id == person.id
            )
        )
    )


def _marker(last: PostRow) -> str:
    # In whole microseconds: a float would round, and skip what was posted in the same one.
    return f"{(last.posted_at - EPOCH) // MICROSECOND}-{last.id}"


def _cursor(before: str | None) -> tuple[datetime | None, int | None]:
    if not before:
        return None, None
    parts = _MARKER.fullmatch(before)
    if not parts:
        raise Invalid("That page marker is not one of ours.")
    return EPOCH + int(parts[1]) * MICROSECOND, int(parts[2])


def _filtered(only: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if only.view == "worries":
        conditions.append(
            or_(Post.worry.in_(["worried", "urgent"]), Post.kind.in_(["concern", "missing"]))
        )
    if only.view == "working-well":
        conditions.append(Post.kind == "working_well")
    if only.view == "childs-words":
        conditions.append(Post.kind == "childs_words")
    if only.kind:
        conditions.append(Post.kind == only.kind)
    if only.agency_id:
        conditions.append(Post.agency_id == only.agency_id)
    if only.author_id:
        conditions.append(Post.author_id == only.author_id)
    return conditions + _within(only.first_on, only.last_on)


def _within(first_on: date | None, last_on: date | None) -> list[ColumnElement[bool]]:
    """Posted on one of these days."""
    conditions: list[ColumnElement[bool]] = []
    if first_on:
        conditions.append(Post.posted_at >= clock.instant(first_on, time()))
    if last_on and last_on < date.max:
        end = clock.instant(last_on + timedelta(days=1), time())
        conditions.append(Post.posted_at < end)
    return conditions


def _rows() -> AnySelect:
    """A post with everything a card or an answer of the API shows, in one statement."""
    reader, read = aliased(Membership), aliased(Follow)
    readers = (
        select(func.count())
        .select_from(reader)
        .where(
            reader.case_id == Post.case_id,
            reader.person_id.is_distinct_from(Post.author_id),
            access.reads_as_member(reader, Post),
        )
        .correlate(Post)
    )
    have_read = readers.join(
        read,
        and_(
            read.person_id == reader.person_id,
            read.case_id == reader.case_id,
            read.last_read >= Post.position,
        ),
    )
    comments = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.post_id == Post.id, Comment.withdrawn_at.is_(None))
        .correlate(Post)
    )
    accepted = (
        select(func.min(Comment.id))
        .where(Comment.post_id == Post.id, Comment.accepted_at.is_not(None))
        .correlate(Post)
    )
    acknowledger = aliased(Person)
    first_acknowledged = (
        select(func.min(Acknowledgement.acknowledged_at))
        .where(Acknowledgement.post_id == Post.id)
        .correlate(Post)
    )
    acknowledged_by = (
        select(acknowledger.name)
        .join(Acknowledgement, Acknowledgement.person_id == acknowledger.id)
        .where(Acknowledgement.post_id == Post.id)
        .order_by(Acknowledgement.acknowledged_at)
        .limit(1)
        .correlate(Post)
    )
    return (
        select(
            Post.id,
            Post.case_id,
            Post.position,
            Post.original_id,
            Post.kind,
            Post.worry,
            Post.body,
            Post.body_html,
            Post.version,
            Post.occurred_at,
            Post.posted_at,
            Post.edited_at,
            Post.significant,
            Post.meaning,
            Post.seen,
            Post.seen_alone,
            Post.due_at,
            Post.referral,
            Post.phoned,
            Post.audience,
            Post.sharing_reason,
            Post.source,
            Post.source_as_at,
            Post.author_id,
            Person.name.label("author_name"),
            Post.author_role,
            Post.agency_id,
            Agency.name.label("agency_name"),
            Agency.agency_type,
            Child.label.label("child_name"),
            comments.scalar_subquery().label("comment_count"),
            accepted.scalar_subquery().label("accepted_comment_id"),
            readers.scalar_subquery().label("reader_count"),
            have_read.scalar_subquery().label("read_count"),
            acknowledged_by.scalar_subquery().label("acknowledged_by"),
            first_acknowledged.scalar_subquery().label("acknowledged_at"),
        )
        .join(Case, Case.id == Post.case_id)
        .join(Child, Child.id == Case.child_id)
        .outerjoin(Person, Person.id == Post.author_id)
        .outerjoin(Agency, Agency.id == Post.agency_id)
    )


def _home(*, older: bool) -> AnySelect:
    """The newest rows over all followed cases, looking at few more than the page shows.

    Each case's newest open row is looked up first. When there are more cases than rows on the
    page, the page cannot reach below the newest row of the last case that fits: that is the
    floor. The busiest case cannot need more than a page's worth, and that is its own floor. Both
    count open rows only, so that what is hidden can never leave the page short.
    """
    viewer, size = bindparam("viewer", type_=db.BigKey), bindparam("size", type_=db.BigKey)
    followed = _once_only(
        select(Follow.case_id, Follow.last_read).where(
            Follow.person_id == viewer,
            Follow.following,
            access.sees_case(viewer, Follow.case_id),
        ),
        "followed",
    )

    def shown(post: Any) -> list[ColumnElement[bool]]:
        rules = [
            post.source.is_(None),
            access.open_to(viewer, post),
            _first_of_its_copies(post, viewer, followed),
        ]
        return [*rules, _before(post)] if older else rules

    first, inside = aliased(Post), aliased(Post)
    newest = (
        select(first.posted_at)
        .where(first.case_id == followed.c.case_id, *shown(first))
        .order_by(first.posted_at.desc())
        .limit(1)
        .correlate(followed)
    )
    mine = _once_only(select(followed, newest.scalar_subquery().label("newest_at")), "mine")
    last = (
        select(mine.c.newest_at)
        .where(mine.c.newest_at.is_not(None))
        .order_by(mine.c.newest_at.desc())
        .limit(1)
        .offset(size - 1)
    )
    floor = _once_only(
        select(func.coalesce(last.scalar_subquery(), _BEGINNING).label("at")), "floor"
    )
    own = (
        select(inside.posted_at)
        .where(inside.case_id == mine.c.case_id, inside.posted_at >= floor.c.at, *shown(inside))
        .order_by(inside.posted_at.desc())
        .limit(1)
        .offset(size - 1)
        .correlate(mine, floor)
    )
    chosen = _once_only(
        select(Post.id, mine.c.last_read)
        .select_from(mine)
        .join(floor, true())
        .join(Post, Post.case_id == mine.c.case_id)
        .where(Post.posted_at >= func.coalesce(own.scalar_subquery(), floor.c.at), *shown(Post))
        .order_by(Post.posted_at.desc(), Post.id.desc())
        .limit(size),
        "chosen",
    )
    return (
        _ROWS.join(chosen, chosen.c.id == Post.id)
        .add_columns(chosen.c.last_read)
        .order_by(Post.posted_at.desc(), Post.id.desc())
    )


def _first_of_its_copies(post: Any, viewer: Any, followed: CTE) -> ColumnElement[bool]:
    """One post told about several siblings stands in each of their streams, and once here."""
    other = aliased(Post)
    earlier = (
        exists(1)
        .where(
            other.id < post.id,
            or_(other.id == post.original_id, other.original_id == post.original_id),
            other.case_id.in_(select(followed.c.case_id).correlate(None)),
            access.open_to(viewer, other),
        )
        .correlate_except(other)
    )
    return or_(post.original_id.is_(None), ~earlier)


# Each question is built once: building costs more than asking.


@cache
def _stream() -> AnySelect:
    return _ROWS.where(
        Post.case_id == bindparam("case", type_=db.BigKey), access.open_to(_VIEWER, Post)
    ).limit(_SIZE)


@cache
def _downwards() -> AnySelect:
    before = bindparam("before", type_=db.BigKey)
    return _stream().where(Post.position < before).order_by(Post.position.desc())


@cache
def _upwards() -> AnySelect:
    after = bindparam("after", type_=db.BigKey)
    return _stream().where(Post.position > after).order_by(Post.position)


@cache
def _one() -> AnySelect:
    post_id = bindparam("post", type_=db.BigKey)
    return _ROWS.where(Post.id == post_id, access.reads_post(_VIEWER, Post))


@cache
def _these() -> AnySelect:
    post_ids: Any = bindparam("posts", expanding=True)
    return _ROWS.where(Post.id.in_(post_ids), access.reads_post(_VIEWER, Post)).order_by(
        Post.position.desc()
    )


def _before(post: Any) -> ColumnElement[bool]:
    at = bindparam("at", type_=Instant)
    before_id = bindparam("before_id", type_=db.BigKey)
    return or_(post.posted_at < at, and_(post.posted_at == at, post.id < before_id))


def _once_only(rows: AnySelect, name: str) -> CTE:
    # Left to itself, a planner may work a part out again for every row that asks for it.
    return rows.cte(name).prefix_with("MATERIALIZED")


_BEGINNING = literal(datetime(1900, 1, 1, tzinfo=UTC), Instant)
_ROWS = _rows()
_VIEWER, _SIZE = bindparam("viewer", type_=db.BigKey), bindparam("size", type_=db.BigKey)
_HOME = _home(older=False)
_HOME_OLDER = _home(older=True)
