"""What people say to each other, about a case or about none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

REACTIONS = {"seen": "Seen", "on_it": "On it", "thank_you": "Thank you"}
# Rows the system writes into a conversation: nobody types them.
TURNS = ("joined", "left", "named")


class Conversation(Base):
    """`kind` is "direct" (two people), "group", or "case" (the whole network of one child).

    What is said about a case belongs to it: `case_id` puts its rules before all others. `pair`
    names the two of a direct conversation, which is the only one they have about the same thing.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("pair"),
        # A message cannot say it is about another case than its conversation.
        UniqueConstraint("id", "case_id"),
        Index("ix_conversations_case_id", "case_id"),
        Index(
            "uq_conversations_of_case",
            "case_id",
            unique=True,
            sqlite_where=text("kind = 'case'"),
            postgresql_where=text("kind = 'case'"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    name: Mapped[str | None]
    pair: Mapped[str | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]


class ConversationHead(Base):
    """How far a conversation has got: kept apart because every message writes it."""

    __tablename__ = "conversation_heads"
    __table_args__ = (Index("ix_conversation_heads_said_at", "said_at"),)

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    said_at: Mapped[datetime]


class Participant(Base):
    """Somebody who is in a direct or a group conversation; this row is the permission.

    They read what was said after the position `after`, or all of it when that is 0. The network's
    own conversation has no such rows: there membership is the permission.
    """

    __tablename__ = "participants"
    __table_args__ = (Index("ix_participants_person_id", "person_id"),)

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    after: Mapped[int] = mapped_column(default=0)


class ReadMark(Base):
    """How far one person has read one conversation, and whether they want to be told of it."""

    __tablename__ = "read_marks"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    last_read: Mapped[int] = mapped_column(default=0)
    last_read_at: Mapped[datetime | None]
    muted: Mapped[bool] = mapped_column(default=False)


class Message(Base):
    """One thing said by one person; `kind` is "said", or one of `TURNS`.

    `agency_id` and `author_role` are the author's at the time. `case_id` is the conversation's.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        UniqueConstraint("id", "conversation_id"),
        ForeignKeyConstraint(
            ["conversation_id", "case_id"], ["conversations.id", "conversations.case_id"]
        ),
        # A reply is to something said in the same conversation.
        ForeignKeyConstraint(
            ["reply_to_id", "conversation_id"], ["messages.id", "messages.conversation_id"]
        ),
        Index(
            "ix_messages_conversation_id_said_at",
            "conversation_id",
            "said_at",
            postgresql_include=["id"],
        ),
        Index("ix_messages_reply_to_id", "reply_to_id"),
    )

    id: Mapped[Id]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    case_id: Mapped[int | None]
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(default="said")
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    author_role: Mapped[str]
    body: Mapped[str]
    body_html: Mapped[str]
    cleaner: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    said_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    reply_to_id: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class MessageDraft(Base):
    """What somebody has typed in a conversation and not yet sent; nobody else ever sees it.

    `files` is how many they had chosen to go with it: those are not kept, and have to be chosen
    again.
    """

    __tablename__ = "message_drafts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    body: Mapped[str]
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    files: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]


class MessageVersion(Base):
    """What a message said before an edit."""

    __tablename__ = "message_versions"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    body_html: Mapped[str]
    written_at: Mapped[datetime]


class MessageMention(Base):
    __tablename__ = "message_mentions"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class MessageLink(Base):
    """A case or a post a message points to; shown to those who may see it, and to nobody else."""

    __tablename__ = "message_links"
    __table_args__ = (Index("ix_message_links_message_id", "message_id"),)

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))


class Reaction(Base):
    """One of a few short answers that save a message."""

    __tablename__ = "reactions"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    reaction: Mapped[str] = mapped_column(primary_key=True)
    reacted_at: Mapped[datetime]


class Keep(Base):
    """Somebody wants messages kept as an update in the stream of the case they are about.

    Their authors are told at once. It becomes a post when all of them have agreed, or at
    `due_at`, unless one of them has said no; of one's own messages, at once.
    """

    __tablename__ = "keeps"
    __table_args__ = (Index("ix_keeps_ended_at_due_at", "ended_at", "due_at"),)

    id: Mapped[Id]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    keeper_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    declined_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))


class KeptMessage(Base):
    """One message of a keep, and when its author agreed."""

    __tablename__ = "kept_messages"

    keep_id: Mapped[int] = mapped_column(ForeignKey("keeps.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True, index=True)
    agreed_at: Mapped[datetime | None]
