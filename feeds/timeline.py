"""Reading posts in order: one case's stream, and the home feed over everything followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app import access
from app.core import db
from app.core.db import AnyRow, AnySelect, Instant
from app.core.errors import Invalid
from app.models import (
    Acknowledgement,
    Agency,
    Case,
    CaseHead,
    Child,
    Comment,
    Follow,
    Membership,
    Mention,
    Person,
    Post,
)

PAGE = 25
PostRow = AnyRow


@dataclass(frozen=True)
class Filter:
    """What to leave in: a named view ("worries", "working-well", "childs-words"), and more."""

    view: str | None = None
    kind: str | None = None
    agency_id: int | None = None
    author_id: int | None = None

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
    query = _ROWS.where(Post.case_id == case.id, access.open_to(viewer.id, Post))
    if only:
        query = query.where(*_filtered(only))
    if after is not None:
        rows = _all(query.where(Post.position > after).order_by(Post.position).limit(size + 1))
    else:
        if before is not None:
            query = query.where(Post.position < before)
        rows = _all(query.order_by(Post.position.desc()).limit(size + 1))
    more = str(rows[size - 1].position) if len(rows) > size else None
    return Page(rows[:size], more)


def post(viewer: Person, post_id: int) -> PostRow:
    """One post as screens show it; ask `access.post` first for the refusal."""
    return (
        db.session()
        .execute(_ROWS.where(Post.id == post_id, access.reads_post(viewer.id, Post)))
        .one()
    )


def posts(viewer: Person, post_ids: Sequence[int]) -> Sequence[PostRow]:
    """Those of these posts she may read, newest first."""
    return _all(
        _ROWS.where(Post.id.in_(post_ids), access.reads_post(viewer.id, Post)).order_by(
            Post.position.desc()
        )
    )


def home(viewer: Person, *, before: str | None = None, size: int = PAGE) -> Page:
    """The newest posts of every case she follows and sees, and the cursor for older ones."""
    at, post_id = _cursor(before)
    rows = _all(
        _HOME_OLDER if before else _HOME,
        {"viewer": viewer.id, "size": size + 1, "at": at, "before_id": post_id},
    )
    shown = rows[:size]
    more = None
    if len(rows) > size:
        last = shown[-1]
        more = f"{int(last.posted_at.timestamp() * 1_000_000)}-{last.id}"
    return Page(_once(shown), more)


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


def _all(statement: AnySelect, values: dict[str, Any] | None = None) -> Sequence[PostRow]:
    return db.session().execute(statement, values or {}).all()


def _once(rows: Sequence[PostRow]) -> list[PostRow]:
    # One post told about several siblings stands in each of their streams, and once here.
    seen: set[int] = set()
    kept = []
    for row in rows:
        told = row.original_id or row.id
        if told not in seen:
            seen.add(told)
            kept.append(row)
    return kept


def _cursor(before: str | None) -> tuple[datetime | None, int | None]:
    if not before:
        return None, None
    stamp, _, post_id = before.partition("-")
    if not (stamp.isdigit() and post_id.isdigit()):
        raise Invalid("That page marker is not one of ours.")
    return datetime.fromtimestamp(int(stamp) / 1_000_000, UTC), int(post_id)


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
            access.current(reader),
            or_(reader.history_from.is_(None), reader.history_from <= Post.posted_at),
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
    """The newest rows over all followed cases, found by looking at a page's worth of each.

    The rule for cases is asked once a case; the rule for posts inside each case's own little
    page, so that what is hidden can never leave the page short.
    """
    viewer, size = bindparam("viewer", type_=db.BigKey), bindparam("size", type_=db.BigKey)
    mine = (
        select(Follow.case_id, Follow.last_read)
        .join(CaseHead, CaseHead.case_id == Follow.case_id)
        .where(
            Follow.person_id == viewer,
            Follow.following,
            CaseHead.posted_at.is_not(None),
            access.sees_case(viewer, Follow.case_id),
        )
        .cte("mine")
    )
    inside = aliased(Post)
    newest = select(inside.id).where(
        inside.case_id == mine.c.case_id,
        inside.source.is_(None),
        access.open_to(viewer, inside),
    )
    if older:
        at = bindparam("at", type_=Instant)
        before_id = bindparam("before_id", type_=db.BigKey)
        newest = newest.where(
            or_(
                inside.posted_at < at,
                and_(inside.posted_at == at, inside.id < before_id),
            )
        )
    newest = newest.order_by(inside.posted_at.desc(), inside.id.desc()).limit(size).correlate(mine)
    chosen = (
        select(Post.id, Post.posted_at, mine.c.last_read)
        .join(mine, mine.c.case_id == Post.case_id)
        .where(Post.id.in_(newest))
        .order_by(Post.posted_at.desc(), Post.id.desc())
        .limit(size)
        .cte("chosen")
    )
    return (
        _ROWS.join(chosen, chosen.c.id == Post.id)
        .add_columns(chosen.c.last_read)
        .order_by(Post.posted_at.desc(), Post.id.desc())
        .limit(size)
    )


_ROWS = _rows()
_HOME = _home(older=False)
_HOME_OLDER = _home(older=True)
