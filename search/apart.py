"""What stands in no index and is looked through row by row: few things, and none that is hidden.

What is about a restricted case, or goes with a post that is for some of its network alone, is
never indexed, so that nothing of it can move what others are shown. And what has just been said
may not be indexed yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, null, or_, select, union_all

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
    for_some = _for_some(ahead=reached is not None, unread=unread)
    there = documents.read(db.rows(for_some, {"viewer": viewer.id, "reached": reached}))
    found = [each for each in there if each.case_id in scope.joined_case_ids]
    said = [*_shut(viewer, scope)]
    if any(each.case_id is None for each in there):
        said += _ahead(viewer, scope, reached)
    if not said:
        return found
    left = {each.mark: each for each in [*found, *_with(viewer, said, unread=unread)]}
    return [*left.values()]


def _shut(viewer: Person, scope: access.Scope) -> Sequence[AnyRow]:
    """The posts and messages about restricted cases."""
    if not scope.restricted_case_ids:
        return []
    asked = {"viewer": viewer.id, "shut": scope.restricted_case_ids}
    return db.rows(_of_cases(is_sqlite=db.is_sqlite()), asked)


def _ahead(viewer: Person, scope: access.Scope, reached: int | None) -> Sequence[AnyRow]:
    """The posts and messages that something was done to after what an index has reached."""
    asked = {
        "viewer": viewer.id,
        "reached": reached,
        "most": MOST_AHEAD,
        "cases": scope.case_ids,
        "talks": scope.conversation_ids,
    }
    return db.rows(_done(is_sqlite=db.is_sqlite()), asked)


def _with(viewer: Person, said: Iterable[AnyRow], *, unread: bool) -> list[Document]:
    """These posts and messages, and what goes with them."""
    there = {
        "posts": {row.post_id for row in said} - {None},
        "messages": {row.message_id for row in said} - {None},
    }
    of = tuple(name for name in there if there[name])
    going = _going_with(of, is_sqlite=db.is_sqlite(), unread=unread)
    return documents.read(db.rows(going, there | {"viewer": viewer.id}))


@cache
def _for_some(*, ahead: bool, unread: bool) -> Any:
    """What is for some alone, as far as she is a member of its case, which is left to be seen.

    And a row of nothing where something lies ahead.
    """
    rule = access.is_open_when_joined(_VIEWER)
    found = [_standing(thing, rule, unread=unread) for thing in _GO_WITH["posts"]]
    later = select(1).where(Activity.position > _REACHED).exists()
    nothing = select(*(null() for _ in found[0].selected_columns)).where(later)
    return union_all(*found, *([nothing] if ahead else []))


@cache
def _of_cases(*, is_sqlite: bool) -> Any:
    posts = select(Post.id.label("post_id"), documents.NO_NUMBER.label("message_id")).where(
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
    return union_all(posts, messages)


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
def _going_with(said: tuple[str, ...], *, is_sqlite: bool, unread: bool) -> Any:
    """Posts or messages that she reads, and what goes with them."""
    return union_all(
        *(
            _standing(thing, db.is_among(number, name, sqlite=is_sqlite), unread=unread)
            for name in said
            for thing, number in _GO_WITH[name].items()
        )
    )


def _standing(thing: str, rule: ColumnElement[bool], *, unread: bool) -> AnySelect:
    """Of a kind of thing what was not taken back, where the rule lets it in."""
    found = documents.columns(thing).where(rule, documents.stands(thing))
    return found.where(rows.is_news(thing)) if unread else found


# What goes with a post or a message, and the column that says with which.
_GO_WITH: dict[str, dict[str, Any]] = {
    "posts": {"post": Post.id, "comment": Comment.post_id, "file": Attachment.post_id},
    "messages": {"message": Message.id, "file": Attachment.message_id},
}
