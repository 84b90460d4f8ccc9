"""Reading a conversation in order: a page of it, from either end, from a day, or from the news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.models import Agency, Conversation, Message, Person

PAGE = 50
# So much of what was read before stands above the first unread, so that one knows where one is.
ABOVE = 8


@dataclass(frozen=True)
class Page:
    """In the order in which it was said. `older` and `newer` are positions to go on from, none
    where there is no more that way."""

    messages: Sequence[AnyRow]
    older: int | None = None
    newer: int | None = None

    @property
    def range(self) -> tuple[int, int]:
        """The first and the last position shown; (0, 0) when there is nothing."""
        if not self.messages:
            return 0, 0
        return self.messages[0].position, self.messages[-1].position


def before(viewer: Person, conversation: Conversation, position: int, *, size: int = PAGE) -> Page:
    """What was said before a position."""
    older, more = _downwards(viewer, conversation, position, size)
    newer = older[-1].position if older else None
    return Page(older, more, newer)


def after(viewer: Person, conversation: Conversation, position: int, *, size: int = PAGE) -> Page:
    """What was said after a position: all of it is there, for none can come in below it later."""
    newer, more = _upwards(viewer, conversation, position, size)
    older = newer[0].position if newer and position else None
    return Page(newer, older, more)


def newest(viewer: Person, conversation: Conversation, *, size: int = PAGE) -> Page:
    older, more = _downwards(viewer, conversation, db.LARGEST, size)
    return Page(older, more)


def around(viewer: Person, conversation: Conversation, position: int, *, size: int = PAGE) -> Page:
    """From a little before a position on: where it opens when there is news, or at a message."""
    above, older = _downwards(viewer, conversation, position, min(ABOVE, size - 1))
    below, newer = _upwards(viewer, conversation, position - 1, size - len(above))
    return Page([*above, *below], older, newer)


def on(viewer: Person, conversation: Conversation, day: date) -> int | None:
    """The position of the first thing said on a day or after it; none when nothing was."""
    begins: datetime = clock.instant(day, time())
    return db.session().scalar(
        select(func.min(Message.position)).where(
            Message.conversation_id == conversation.id,
            Message.said_at >= begins,
            access.heard_by(viewer.id, Message),
        )
    )


def one(viewer: Person, message_id: int) -> AnyRow:
    """One message as screens show it; ask `access.message` first for the refusal."""
    return db.session().execute(_rows(viewer).where(Message.id == message_id)).one()


def these(
    viewer: Person, conversation: Conversation, message_ids: Sequence[int]
) -> Sequence[AnyRow]:
    """Those of these messages of the conversation that she hears, in order."""
    rows = _rows(viewer).where(
        Message.conversation_id == conversation.id, Message.id.in_(message_ids)
    )
    return db.rows(rows.order_by(Message.position))


def _downwards(
    viewer: Person, conversation: Conversation, position: int, size: int
) -> tuple[list[AnyRow], int | None]:
    rows = db.rows(
        _rows(viewer)
        .where(Message.conversation_id == conversation.id, Message.position < position)
        .order_by(Message.position.desc())
        .limit(size + 1)
    )
    shown = list(reversed(rows[:size]))
    first = shown[0].position if shown else position
    return shown, first if len(rows) > size else None


def _upwards(
    viewer: Person, conversation: Conversation, position: int, size: int
) -> tuple[list[AnyRow], int | None]:
    rows = db.rows(
        _rows(viewer)
        .where(Message.conversation_id == conversation.id, Message.position > position)
        .order_by(Message.position)
        .limit(size + 1)
    )
    shown = list(rows[:size])
    return shown, shown[-1].position if len(rows) > size else None


def _rows(viewer: Person) -> AnySelect:
    return (
        select(
            Message.id,
            Message.conversation_id,
            Message.case_id,
            Message.position,
            Message.kind,
            Message.body,
            Message.body_html,
            Message.version,
            Message.said_at,
            Message.edited_at,
            Message.reply_to_id,
            Message.author_id,
            Person.name.label("author_name"),
            Message.author_role,
            Message.agency_id,
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .join(Person, Person.id == Message.author_id)
        .join(Agency, Agency.id == Message.agency_id)
        .where(access.heard_by(viewer.id, Message))
    )
