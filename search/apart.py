"""What stands in no index and is looked through row by row: few things, and none that is hidden.

What is about a restricted case, or goes with a post that is for some of its network alone, is
never indexed, so that nothing of it can move what others are shown. And what has just been said
may not be indexed yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, union_all

from app import access
from app.core import db
from app.core.db import AnyRow, AnySelect
from app.models import Activity, Attachment, Comment, Conversation, Message, Person, Post
from search import documents, rows
from search.index import Document

# With more than this still to index, the oldest of it is found once the index has caught up.
MOST_AHEAD = 2_000

_VIEWER = bindparam("viewer", type_=db.BigKey)
_REACHED = bindparam("reached", type_=db.BigKey)


def beside(
    viewer: Person, scope: access.Scope, reached: int | None, *, unread: bool = False
) -> list[Document]:
    """Everything she reads that an index which got as far as this has not, or not as it is now.

    What is asked of the rules is which posts and messages these are: whatever goes with one of them
    is as open as it is. Nothing of it is shown before it has been asked of them again.
    """
    shut, is_sqlite = scope.restricted_case_ids, db.is_sqlite()
    hers = _unshared(shut=bool(shut), ahead=reached is not None, is_sqlite=is_sqlite)
    found = db.rows(hers, {"viewer": viewer.id, "shut": shut, "reached": reached})
    if any(row.post_id is None and row.message_id is None for row in found):
        found = [*found, *_ahead(viewer, scope, reached)]
    there = {
        "posts": {row.post_id for row in found} - {None},
        "messages": {row.message_id for row in found} - {None},
    }
    said = tuple(name for name in there if there[name])
    if not said:
        return []
    return documents.read(
        db.rows(_with(said, is_sqlite=is_sqlite, unread=unread), there | {"viewer": viewer.id})
    )


def _ahead(viewer: Person, scope: access.Scope, reached: int | None) -> Sequence[AnyRow]:
    """What was said or changed after the activity that an index has reached."""
    asked = {
        "viewer": viewer.id,
        "reached": reached,
        "most": MOST_AHEAD,
        "cases": scope.case_ids,
        "talks": scope.conversation_ids,
    }
    return db.rows(_done(is_sqlite=db.is_sqlite()), asked)


@cache
def _unshared(*, shut: bool, ahead: bool, is_sqlite: bool) -> Any:
    """Of restricted cases, and for some alone; and a row of nothing where something lies ahead."""
    named = select(Post.id.label("post_id"), documents.NO_NUMBER.label("message_id")).where(
        Post.id.in_(access.named_for(_VIEWER)),
        Post.audience == access.NAMED,
        access.reads_post(_VIEWER, Post),
    )
    posts = select(Post.id, documents.NO_NUMBER).where(
        db.is_among(Post.case_id, "shut", sqlite=is_sqlite), access.reads_post(_VIEWER, Post)
    )
    messages = (
        select(documents.NO_NUMBER, Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            db.is_among(Conversation.case_id, "shut", sqlite=is_sqlite),
            access.reads_message(_VIEWER, Message),
        )
    )
    later = select(1).where(Activity.position > _REACHED).exists()
    more = select(documents.NO_NUMBER, documents.NO_NUMBER).where(later)
    return union_all(named, *([posts, messages] if shut else []), *([more] if ahead else []))


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
            Activity.position > _REACHED,
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
def _with(said: tuple[str, ...], *, is_sqlite: bool, unread: bool) -> Any:
    """Posts or messages that she reads, and what goes with them."""
    found = []
    for name in said:
        for thing, number in _GO_WITH[name].items():
            there = db.is_among(number, name, sqlite=is_sqlite)
            each = documents.columns(thing).where(there, documents.stands(thing))
            found.append(each.where(rows.is_news(thing)) if unread else each)
    return union_all(*found)


# What goes with a post or a message, and the column that says with which.
_GO_WITH: dict[str, dict[str, Any]] = {
    "posts": {"post": Post.id, "comment": Comment.post_id, "file": Attachment.post_id},
    "messages": {"message": Message.id, "file": Attachment.message_id},
}
