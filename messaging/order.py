"""The order inside one conversation: each message takes the next position, late."""

from __future__ import annotations

from sqlalchemy import update

from app.core import clock, db, text
from app.models import Conversation, ConversationHead, Message, Person


def append(message: Message) -> Message:
    """Give the message its position and keep it.

    The head's row lock is held until the commit: a reader who has seen position 12 can never be
    shown an 11 later.
    """
    session = db.session()
    message.position = session.scalars(
        update(ConversationHead)
        .where(ConversationHead.conversation_id == message.conversation_id)
        .values(position=ConversationHead.position + 1, said_at=message.said_at)
        .returning(ConversationHead.position)
        .execution_options(synchronize_session=False)
    ).one()
    session.add(message)
    session.flush()
    return message


def note(actor: Person, conversation: Conversation, kind: str, words: str) -> Message:
    """A row the system writes: somebody was added, the group has a name."""
    return append(written(actor, conversation, text.clean(words), kind=kind))


def written(
    author: Person, conversation: Conversation, words: text.Text, *, kind: str = "said"
) -> Message:
    """A message that has no position yet."""
    return Message(
        conversation_id=conversation.id,
        case_id=conversation.case_id,
        kind=kind,
        author_id=author.id,
        agency_id=author.agency_id,
        author_role=author.role,
        body=words.source,
        body_html=words.html,
        cleaner=text.CLEANER,
        said_at=clock.now(),
    )
