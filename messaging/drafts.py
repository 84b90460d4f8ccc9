"""What somebody has typed in a conversation and not yet sent, so that a lost page loses nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app import access
from app.core import clock, db
from app.core.errors import Invalid, NotAllowed
from app.models import Conversation, MessageDraft, Person
from messaging import messages, reading

KEPT = timedelta(hours=72)


def save(
    author: Person,
    conversation: Conversation,
    body: str,
    *,
    reply_to_id: int | None = None,
    files: int = 0,
) -> None:
    """Keep it; one draft a person and conversation.

    Without words and without a message they answer there is nothing to keep. That they answer what
    is not theirs to read is not kept; of `files` only how many there were.
    """
    if not access.writes(author, conversation.id):
        raise NotAllowed(messages.READS_ONLY)
    if len(body) > messages.LONGEST:
        raise Invalid(body=f"Write at most {messages.LONGEST:,} characters.")
    answered = reading.these(author, conversation, [reply_to_id]) if reply_to_id else ()
    if not body.strip() and not answered:
        drop(author, conversation)
        return
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    values = {
        "body": body,
        "reply_to_id": answered[0].id if answered else None,
        "files": files,
        "saved_at": clock.now(),
    }
    db.session().execute(
        insert(MessageDraft)
        .values(person_id=author.id, conversation_id=conversation.id, **values)
        .on_conflict_do_update(index_elements=["person_id", "conversation_id"], set_=values)
    )


def find(author: Person, conversation: Conversation) -> MessageDraft | None:
    return db.session().scalar(
        select(MessageDraft).where(
            MessageDraft.person_id == author.id,
            MessageDraft.conversation_id == conversation.id,
            MessageDraft.saved_at > clock.now() - KEPT,
        )
    )


def drop(author: Person, conversation: Conversation) -> None:
    db.session().execute(
        delete(MessageDraft).where(
            MessageDraft.person_id == author.id,
            MessageDraft.conversation_id == conversation.id,
        )
    )


def drop_old() -> None:
    """Forget drafts nobody came back to."""
    db.session().execute(delete(MessageDraft).where(MessageDraft.saved_at <= clock.now() - KEPT))
