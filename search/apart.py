"""What stands in no index and is looked through row by row: few things, and none that is hidden.

What is about a restricted case, or goes with a post that is for some of its network alone, is
never indexed, so that nothing of it can move what others are shown. And what has just been said
may not be indexed yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from app import access
from app.core import db
from app.core.db import AnySelect
from app.models import Activity, Conversation, Message, Person, Post
from search import documents, rows
from search.index import Document

# With more than this still to index, the oldest of it is found once the index has caught up.
MOST_AHEAD = 2_000

_VIEWER = bindparam("viewer", type_=db.BigKey)
_NOTHING: tuple[Document, ...] = ()


def unshared(viewer: Person, scope: access.Scope, *, unread: bool = False) -> list[Document]:
    """Of restricted cases, and for some alone: everything of it that she reads."""
    named = [row.id for row in db.rows(_named(), {"viewer": viewer.id})]
    if not named and not scope.restricted_case_ids:
        return []
    return _read(
        viewer, {"posts": named, "shut": list(scope.restricted_case_ids), "messages": []}, unread
    )


def ahead(
    viewer: Person, scope: access.Scope, reached: int | None, *, unread: bool = False
) -> list[Document]:
    """What was said or changed after the activity that an index has reached, and she reads."""
    if reached is None:
        return []
    asked = {
        "viewer": viewer.id,
        "reached": reached,
        "most": MOST_AHEAD,
        "cases": scope.case_ids,
        "talks": scope.conversation_ids,
    }
    done = db.rows(_done(is_sqlite=db.is_sqlite()), asked)
    posts = {row.post_id for row in done if row.post_id is not None}
    messages = {row.message_id for row in done if row.message_id is not None}
    if not posts and not messages:
        return []
    return _read(viewer, {"posts": list(posts), "messages": list(messages), "shut": []}, unread)


def _read(viewer: Person, where: dict[str, list[int]], unread: bool) -> list[Document]:
    """Every post, comment, message and file there."""
    values = where | {"viewer": viewer.id}
    found = db.rows(_there(is_sqlite=db.is_sqlite(), unread=unread), values)
    return documents.read(found)


@cache
def _named() -> AnySelect:
    return select(Post.id).where(
        Post.id.in_(access.named_for(_VIEWER)),
        Post.audience == "named",
        access.reads_post(_VIEWER, Post),
    )


@cache
def _done(*, is_sqlite: bool) -> AnySelect:
    # What she may not read is not counted: it would push out what she may.
    post = select(1).where(Post.id == Activity.post_id, access.reads_post(_VIEWER, Post))
    message = select(1).where(
        Message.id == Activity.message_id, access.reads_message(_VIEWER, Message)
    )
    return (
        select(Activity.post_id, Activity.message_id)
        .where(
            Activity.position > bindparam("reached", type_=db.BigKey),
            or_(
                and_(
                    db.is_among(Activity.case_id, "cases", sqlite=is_sqlite),
                    post.correlate(Activity).exists(),
                ),
                and_(
                    db.is_among(Activity.conversation_id, "talks", sqlite=is_sqlite),
                    message.correlate(Activity).exists(),
                ),
            ),
        )
        .order_by(Activity.position.desc())
        .limit(bindparam("most", type_=db.BigKey))
    )


@cache
def _there(*, is_sqlite: bool, unread: bool) -> Any:
    each = []
    for thing in documents.THINGS:
        there = documents.table(thing).id.in_(union(*_places(thing, is_sqlite=is_sqlite)))
        found = documents.columns(thing).where(there, documents.readable(_VIEWER, thing))
        each.append(found.where(rows.is_news(thing)) if unread else found)
    return union_all(*each)


def _places(thing: str, *, is_sqlite: bool) -> Iterator[Select[int]]:
    """The numbers of what is there; each way leads through an index, however much was said."""
    this, post, message = aliased(documents.table(thing)), aliased(Post), aliased(Message)
    among = partial(db.is_among, sqlite=is_sqlite)
    if thing != "message":
        hangs_on = this.id if thing == "post" else this.post_id
        yield select(this.id).where(among(hangs_on, "posts"))
        shut = select(this.id).join(post, post.id == hangs_on)
        yield shut.where(among(post.case_id, "shut"))
    if thing in ("message", "file"):
        belongs_to = this.id if thing == "message" else this.message_id
        yield select(this.id).where(among(belongs_to, "messages"))
        shut = select(this.id).join(message, message.id == belongs_to)
        yield shut.join(Conversation, Conversation.id == message.conversation_id).where(
            among(Conversation.case_id, "shut")
        )
