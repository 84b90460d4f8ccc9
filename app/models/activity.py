"""What happened, in order, without a word of what was said; and who is still to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigKey, Id


class Counter(Base):
    """A number that only grows by one, taken under the row's lock; or one that is only compared."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Activity(Base):
    """One thing done. `position` is one order for everything, without gaps.

    What is done in a conversation names it, and no case: talk is not what a case's activity is.
    """

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_case_id_position", "case_id", "position"),)

    position: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    did: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))


class Delivery(Base):
    """The outbox: one listener still to be told of one activity."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due_at", "due_at"),)

    id: Mapped[Id]
    activity_position: Mapped[int] = mapped_column(ForeignKey("activities.position"))
    listener: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
