"""What somebody has typed in a conversation and not yet sent, so that a lost page loses nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app import access
from app.core import clock, db
from app.core.errors import Invalid, NotAllowed
from app.models import Conversation, MessageDraft, Person
from messaging import messages

KEPT = timedelta(hours=72)


def save(author: Person, conversation: Conversation, body: str) -> None:
    """Keep it; one draft a person and conversation. Without words there is nothing to keep."""
    if not access.writes(author, conversation.id):
        raise NotAllowed(messages.READS_ONLY)
    if len(body) > messages.LONGEST:
        raise Invalid(body=f"Write at most {messages.LONGEST:,} characters.")
    if not body.strip():
        drop(author, conversation)
        return
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    values = {"body": body, "saved_at": clock.now()}
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
