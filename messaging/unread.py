"""How far somebody has read each conversation, how much is new, and who has read what."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app import access, push
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.models import Conversation, Message, Person, ReadMark
from messaging import conversations

_VIEWER = bindparam("viewer", type_=db.BigKey)


def counts(viewer: Person) -> dict[int, int]:
    """For each of her conversations with news: how many messages by others are new.

    Counted from the rows she may read, never by subtracting positions.
    """
    return {row.conversation_id: row.news for row in db.rows(_counts(), {"viewer": viewer.id})}


def total(viewer: Person) -> int:
    """How many messages are new over all her conversations but those she has muted."""
    (row,) = db.rows(_total(), {"viewer": viewer.id})
    return int(row[0])


def last_read(person: Person, conversation: Conversation) -> int:
    """The position up to which the person has read everything; 0 for nothing."""
    return (
        db.session().scalar(
            select(ReadMark.last_read).where(
                ReadMark.person_id == person.id, ReadMark.conversation_id == conversation.id
            )
        )
        or 0
    )


def first(viewer: Person, conversation: Conversation) -> int | None:
    """The position of the first message by somebody else that she has not read."""
    asked = {
        "viewer": viewer.id,
        "talk": conversation.id,
        "last_read": last_read(viewer, conversation),
    }
    return db.session().scalar(_first(), asked)


def mark(person: Person, conversation: Conversation, up_to: int) -> bool:
    """Everything up to this position has been read; never moves back, nor past the newest.

    Answers whether that is new. Then those who have it open are told, and so are the person's
    own other pages.
    """
    at = clock.now()
    newest = db.session().scalar(
        select(func.coalesce(func.max(Message.position), 0)).where(
            Message.conversation_id == conversation.id, access.heard_by(person.id, Message)
        )
    )
    reached = min(up_to, newest or 0)
    dialect: Any = sqlite if db.is_sqlite() else postgresql
    new = dialect.insert(ReadMark).values(
        conversation_id=conversation.id,
        person_id=person.id,
        last_read=reached,
        last_read_at=at,
        muted=False,
    )
    moved = db.session().scalar(
        new.on_conflict_do_update(
            index_elements=["conversation_id", "person_id"],
            set_={"last_read": new.excluded.last_read, "last_read_at": at},
            where=ReadMark.last_read < new.excluded.last_read,
        ).returning(ReadMark.last_read)
    )
    if not moved:
        return False
    db.afterwards(partial(_tell, person.id, conversation.id, reached))
    return True


def has_read(person: AnyRow, message: AnyRow) -> bool:
    """Whether one of `conversations.people` has read a message."""
    return bool(person.last_read >= message.position)


def hears(person: AnyRow, message: AnyRow) -> bool:
    """Whether a message was said to one of `conversations.people`, as `access.said_to` says."""
    early = person.history_from is not None and person.history_from > message.said_at
    return bool(person.id == message.author_id or (person.after < message.position and not early))


def receipts(people: Sequence[AnyRow], message: AnyRow) -> tuple[list[AnyRow], list[AnyRow]]:
    """Those other than its author to whom a message was said: who has read it, who has not."""
    others = [each for each in people if each.id != message.author_id and hears(each, message)]
    return (
        [each for each in others if has_read(each, message)],
        [each for each in others if not has_read(each, message)],
    )


def _tell(person_id: int, conversation_id: int, reached: int) -> None:
    """A hint and no more, so it needs no outbox: the next page shows what the rows say.

    To those who are in it after the commit, for somebody may have been taken out meanwhile.
    """
    with db.transaction(durable=False):
        told = access.those_in(conversation_id)
    pointer: push.Pointer = {
        "did": "read",
        "conversation": conversation_id,
        "position": reached,
        "by": person_id,
    }
    push.tell(told, pointer)


# Every page asks for these, and building them takes longer than asking.


@cache
def _counts() -> AnySelect:
    news = _new(Message.conversation_id, func.count(Message.id).label("news"))
    return news.group_by(Message.conversation_id)


@cache
def _total() -> AnySelect:
    return _new(func.count(Message.id)).where(or_(ReadMark.muted.is_(None), ~ReadMark.muted))


@cache
def _first() -> Select[int | None]:
    return select(func.min(Message.position)).where(
        Message.conversation_id == bindparam("talk", type_=db.BigKey),
        Message.position > bindparam("last_read", type_=db.BigKey),
        Message.author_id != _VIEWER,
        Message.kind == "said",
        access.heard_by(_VIEWER, Message),
    )


def _new(*columns: Any) -> AnySelect:
    """These columns of what others have said since she last read."""
    return (
        select(*columns)
        .select_from(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(
            ReadMark,
            (ReadMark.conversation_id == Message.conversation_id) & (ReadMark.person_id == _VIEWER),
        )
        .where(
            Message.conversation_id.in_(conversations.candidates(_VIEWER)),
            Message.position > func.coalesce(ReadMark.last_read, 0),
            Message.author_id != _VIEWER,
            Message.kind == "said",
            access.belongs_in(_VIEWER, Conversation),
            access.heard_by(_VIEWER, Message),
        )
    )
