"""What somebody looks for again and again, and what it has found since they last looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id


class SavedSearch(Base):
    """A search of one person, in her own words and under a name of her own, both sealed.

    `digest` is the same for the same words of one person, and says nothing of them. With
    `alerts` she is told of what is new.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("person_id", "digest"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    terms: Mapped[str]
    digest: Mapped[str]
    name: Mapped[str | None]
    alerts: Mapped[bool]
    saved_at: Mapped[datetime]


class Find(Base):
    """Something new that a saved search found, gathered under the notice that tells of it."""

    __tablename__ = "finds"

    id: Mapped[Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)


class ClearedSearches(Base):
    """Up to which search on record somebody's list of recent ones is empty.

    The record itself stays as it is.
    """

    __tablename__ = "cleared_searches"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    up_to: Mapped[int]
