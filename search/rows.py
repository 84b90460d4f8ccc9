"""What was found, asked of the database again, through the rules: nothing else is ever shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, select, union_all

from app import access
from app.access import Scope
from app.core import db
from app.core.db import AnyRow, AnySelect
from app.models import (
    Agency,
    Attachment,
    Case,
    Child,
    Comment,
    Conversation,
    Follow,
    Message,
    Person,
    Post,
    ReadMark,
)
from search import documents
from search.index import Document, Mark

Build = Callable[[str], AnySelect]
_VIEWER = bindparam("viewer", type_=db.BigKey)
# Whoever sees the case of one reads it if its post is open to her.
_IN_CASES = ("comment", "post")


def permitted(
    viewer: Person, scope: Scope, marks: Iterable[Mark], *, unread: bool = False
) -> list[AnyRow]:
    """Those of these that she may read: `thing`, `id`, `case_id` and the child's name.

    On SQLite nothing changes while this transaction is open: which cases she sees is known from
    its scope, and for hundreds of posts and comments that is half of the rule. On PostgreSQL it
    may have changed since, and is asked again.
    """
    if not db.is_sqlite():
        return _asked(_briefly, viewer, marks, unread=unread)
    seen = scope.case_ids | scope.restricted_case_ids
    found = _asked(_brief_where_seen, viewer, marks, unread=unread)
    return [row for row in found if row[0] not in _IN_CASES or row[2] in seen]


def shown(viewer: Person, marks: Iterable[Mark], *, unread: bool = False) -> list[AnyRow]:
    """The same with everything a screen says of each, and its text."""
    return _asked(_fully, viewer, marks, unread=unread)


def texts(viewer: Person, marks: Iterable[Mark], *, unread: bool = False) -> list[Document]:
    """The same as documents."""
    return documents.read(_asked(_to_read, viewer, marks, unread=unread))


def is_news(thing: str) -> ColumnElement[bool]:
    """Whether a post or message by somebody else has not been read; nothing else ever has been."""
    if thing == "post":
        return and_(
            Post.author_id.is_distinct_from(_VIEWER),
            Post.source.is_(None),
            select(1)
            .where(
                Follow.person_id == _VIEWER,
                Follow.case_id == Post.case_id,
                Follow.following,
                Follow.last_read < Post.position,
            )
            .correlate(Post)
            .exists(),
        )
    if thing == "message":
        read = (
            select(1)
            .where(
                ReadMark.person_id == _VIEWER,
                ReadMark.conversation_id == Message.conversation_id,
                ReadMark.last_read >= Message.position,
            )
            .correlate(Message)
            .exists()
        )
        return and_(Message.author_id != _VIEWER, ~read)
    return false()


def _asked(build: Build, viewer: Person, marks: Iterable[Mark], *, unread: bool) -> list[AnyRow]:
    numbers: dict[str, list[int]] = {}
    for mark in marks:
        numbers.setdefault(mark.thing, []).append(mark.id)
    if not numbers:
        return []
    return list(
        db.rows(
            _united(build, tuple(sorted(numbers)), unread=unread, is_sqlite=db.is_sqlite()),
            numbers | {"viewer": viewer.id},
        )
    )


@cache
def _united(build: Build, things: tuple[str, ...], *, unread: bool, is_sqlite: bool) -> Any:
    """One statement for several kinds of thing, built once: building costs more than asking."""
    each = []
    for thing in things:
        rows = build(thing).where(
            db.is_among(documents.table(thing).id, thing, sqlite=is_sqlite),
            _rule(build, thing),
        )
        each.append(rows.where(is_news(thing)) if unread else rows)
    return each[0] if len(each) == 1 else union_all(*each)


def _rule(build: Build, thing: str) -> ColumnElement[bool]:
    """The rule, but for whether she sees the case where that is asked apart."""
    if build is _brief_where_seen and thing in _IN_CASES:
        return and_(documents.stands(thing), access.open_to(_VIEWER, Post))
    return documents.readable(_VIEWER, thing)


def _to_read(thing: str) -> AnySelect:
    return documents.columns(thing)


def _briefly(thing: str) -> AnySelect:
    rows = documents.columns(thing)
    kept = [rows.selected_columns[name] for name in ("thing", "id", "case_id")]
    return _with_child(thing, rows.with_only_columns(*kept, maintain_column_froms=True))


def _brief_where_seen(thing: str) -> AnySelect:
    return _briefly(thing)


def _with_child(thing: str, rows: AnySelect) -> AnySelect:
    about = documents.table(thing).case_id
    return (
        rows.add_columns(Child.label.label("child_name"))
        .outerjoin(Case, Case.id == about)
        .outerjoin(Child, Child.id == Case.child_id)
    )


def _fully(thing: str) -> AnySelect:
    """What it is, where, when and whose. A comment or a file stands where its post stands."""
    table, is_said = documents.table(thing), thing in ("file", "message")
    post_id = {"post": Post.id, "comment": Comment.post_id, "file": Attachment.post_id}.get(thing)
    position = {
        "message": Message.position,
        "file": func.coalesce(Post.position, Message.position),
    }.get(thing, Post.position)
    rows = (
        _with_child(thing, documents.columns(thing))
        .add_columns(
            (documents.NO_NUMBER if post_id is None else post_id).label("post_id"),
            position.label("position"),
            Person.name.label("author_name"),
            Agency.name.label("agency_name"),
            Agency.agency_type,
            (Conversation.kind if is_said else documents.NO_WORDS).label("talk_kind"),
            (Conversation.name if is_said else documents.NO_WORDS).label("talk_name"),
        )
        .outerjoin(Person, Person.id == table.author_id)
        .outerjoin(Agency, Agency.id == documents.agency(thing))
    )
    if is_said:
        return rows.outerjoin(Conversation, Conversation.id == Message.conversation_id)
    return rows
