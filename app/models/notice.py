"""Who is told of what, how they want to be told, and what still waits to be mailed."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

# Why somebody is told, the strongest first: who is told for two reasons is told for the first.
REASONS = {
    "urgent": "An urgent update in a case I see",
    "question": "A question to me by name",
    "named": "Somebody names me in an update or a message, or it is for me by name",
    "message": "Somebody writes to me alone",
    "unanswered": "A question stays without an answer, and I lead the case or manage who does",
    "asked": "In a case I lead, somebody asks about the child or opens it in an emergency",
    "unusual": "A case I lead is unusually busy or quiet, or one of my people’s that nobody leads",
    "access": "I am brought into a network, made its lead, or taken out of a conversation",
    "reply": "Somebody comments on what I posted, acknowledges it or accepts my answer",
    "followed": "In a case I follow, somebody is worried or asks the network",
    "news": "Any other update in a case I follow",
    "found": "A search I saved finds something new",
}
# How somebody is told; each takes in the one after it.
WAYS = {
    "at_once": "In Kith, and by email at once",
    "digest": "In Kith, and in the day’s email",
    "kith": "In Kith only",
    "off": "Not at all",
}


class Notice(Base):
    """One person is told of one thing done, for one reason.

    It says where to look and holds none of the words. `instead_of_id` is the colleague she stands
    in for. `comment_id` is what she was told of under the post, `message_id` what was said to her,
    which names no case here; with a `conversation_id` alone she was taken out of that. `alert_id`
    is what the monitor pointed out. Under a `saved_search_id` stand its finds, and nothing else
    here says what they are. `digest_on` is the day whose email counts it, if one does.
    """

    __tablename__ = "notices"
    __table_args__ = (
        # Told at least once, and yet only once.
        UniqueConstraint("person_id", "activity_position"),
        Index("ix_notices_person_id_read_at", "person_id", "read_at"),
        Index("ix_notices_digest_on_person_id", "digest_on", "person_id"),
        Index("ix_notices_told_at", "told_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    activity_position: Mapped[int] = mapped_column(ForeignKey("activities.position"))
    reason: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    saved_search_id: Mapped[int | None] = mapped_column(ForeignKey("saved_searches.id"), index=True)
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    told_at: Mapped[datetime]
    digest_on: Mapped[date | None]
    read_at: Mapped[datetime | None]


class NoticeChoice(Base):
    """How somebody wants to be told for one reason, where it is not the usual way."""

    __tablename__ = "notice_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    way: Mapped[str]


class QuietHours(Base):
    """When somebody wants no email: between two times of each day, and on whole days.

    `days` are numbers of the week, Monday being 0. What is urgent comes all the same if they let
    it.
    """

    __tablename__ = "quiet_hours"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    from_time: Mapped[time | None]
    until_time: Mapped[time | None]
    days: Mapped[list[int]] = mapped_column(JSON)
    urgent_passes: Mapped[bool]


class Absence(Base):
    """From which day until which somebody is away, and who is told instead."""

    __tablename__ = "absences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Mail(Base):
    """An email that waits, or has gone: about one notice, or one day's.

    `token` makes its Message-ID, the same however often it is sent. `done_at` is when it was
    taken, or when there was nothing left to say.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("person_id", "digest_on"),
        UniqueConstraint("notice_id"),
        Index("ix_mails_done_at_due_at", "done_at", "due_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    digest_on: Mapped[date | None]
    token: Mapped[str]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


class Escalation(Base):
    """A question without an answer went one step on: to the lead, then to their manager."""

    __tablename__ = "escalations"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
