"""What is searched: posts, comments, messages and the names of files, each one document."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, null, or_, select

from app import access
from app.core import db
from app.core.db import AnyRow, AnySelect
from app.models import Attachment, Comment, Message, Post
from search.index import Document, Mark

THINGS = ("comment", "file", "message", "post")
# Where a kind of thing has no such column, of a type, so that several kinds stand in one answer.
NO_WORDS: Any = cast(null(), String)
NO_NUMBER: Any = cast(null(), db.BigKey)


def read(rows: Iterable[AnyRow]) -> list[Document]:
    """Documents out of the rows of `columns`, in the order they have there."""
    return [
        Document(Mark(at, thing, number), f"{text}\n{more}" if more else text, *facts)
        for thing, number, at, text, more, *facts in rows
    ]


def belongs(thing: str) -> ColumnElement[bool]:
    """Whether a row of `columns` is for an index.

    Nothing that was taken back, that is for some of a network alone, or of a restricted case.
    """
    about = table(thing).case_id
    return and_(stands(thing), ~is_apart(thing), or_(about.is_(None), ~access.is_restricted(about)))


def stands(thing: str) -> ColumnElement[bool]:
    """Whether somebody said it, and it was not taken back."""
    post = Post.withdrawn_at.is_(None)
    message = and_(Message.kind == "said", Message.withdrawn_at.is_(None))
    return {
        "comment": and_(Comment.withdrawn_at.is_(None), post),
        "file": or_(
            and_(Attachment.post_id.is_not(None), post),
            and_(Attachment.message_id.is_not(None), message),
        ),
        "message": message,
        "post": post,
    }[thing]


def is_apart(thing: str) -> ColumnElement[bool]:
    """Whether it is, or goes with, a post that is for some of its network alone."""
    if thing == "message":
        return literal(value=False)
    return func.coalesce(Post.audience, "network") == "named"


def readable(viewer: Any, thing: str) -> ColumnElement[bool]:
    """The rule for a row of `columns`."""
    if thing == "file":
        return and_(stands(thing), access.reads_attachment(viewer, Attachment))
    if thing == "message":
        return and_(stands(thing), access.reads_message(viewer, Message))
    return and_(stands(thing), access.reads_post(viewer, Post))


def table(thing: str) -> Any:
    return {"comment": Comment, "file": Attachment, "message": Message, "post": Post}[thing]


def agency(thing: str) -> Any:
    """The agency its author worked for; of a file, the one of what it goes with."""
    if thing == "file":
        return func.coalesce(Post.agency_id, Message.agency_id)
    return table(thing).agency_id


@cache
def columns(thing: str) -> AnySelect:
    """The rows that `read` reads; what a thing hangs on is joined to it."""
    if thing == "post":
        return _columns(
            thing,
            Post,
            at=Post.posted_at,
            text=Post.body,
            more=Post.meaning,
            kind=Post.kind,
            worry=Post.worry,
        )
    if thing == "comment":
        return _columns(thing, Comment, at=Comment.posted_at, text=Comment.body).join(
            Post, Post.id == Comment.post_id
        )
    if thing == "message":
        return _columns(
            thing,
            Message,
            at=Message.said_at,
            text=Message.body,
            conversation_id=Message.conversation_id,
        )
    return (
        _columns(
            thing,
            Attachment,
            at=Attachment.kept_at,
            text=Attachment.name,
            more=Attachment.alt,
            agency_id=func.coalesce(agency(thing), literal(0, db.BigKey)),
            conversation_id=Message.conversation_id,
        )
        .outerjoin(Post, Post.id == Attachment.post_id)
        .outerjoin(Message, Message.id == Attachment.message_id)
    )


def _columns(
    thing: str,
    table: Any,
    *,
    at: Any,
    text: Any,
    more: Any = None,
    conversation_id: Any = None,
    agency_id: Any = None,
    kind: Any = "",
    worry: Any = "",
) -> AnySelect:
    # A row the system wrote has no author, and nobody has the number 0.
    nobody = literal(0, db.BigKey)
    agency = func.coalesce(table.agency_id, nobody) if agency_id is None else agency_id
    return select(
        literal(thing).label("thing"),
        table.id,
        at.label("at"),
        text.label("text"),
        (NO_WORDS if more is None else more).label("more"),
        table.case_id,
        (NO_NUMBER if conversation_id is None else conversation_id).label("conversation_id"),
        func.coalesce(table.author_id, nobody).label("author_id"),
        agency.label("agency_id"),
        (literal(kind) if isinstance(kind, str) else kind).label("kind"),
        (literal(worry) if isinstance(worry, str) else worry).label("worry"),
    )
