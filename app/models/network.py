"""The professionals round one child, who is kept apart from it, and who wants to hear of what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

# On which ground of the law something is shared; data protection law asks for one each time.
LEGAL_BASES = {
    "public_task": "Public task: to safeguard the child and promote their welfare",
    "legal_obligation": "Required by law or ordered by a court",
    "vital_interests": "To protect somebody’s life",
    "consent": "The family has agreed",
}


class Membership(Base):
    """One person in one network for a time; this row is the permission.

    `role` and `agency_id` are what they were on joining, so that the past reads true. It always
    has an end, at most twelve months after it was decided or renewed; who ends it earlier moves
    `until_at`. `history_from` hides what was posted before it; none means the whole stream.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_case_id_person_id", "case_id", "person_id"),
        # With its dates, so that whoever is in thousands of networks is told which without a row.
        Index("ix_memberships_person_id_case_id", "person_id", "case_id", "from_at", "until_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    role: Mapped[str]
    is_lead: Mapped[bool] = mapped_column(default=False)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    legal_basis: Mapped[str] = mapped_column(default="public_task")
    reason: Mapped[str]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    history_from: Mapped[datetime | None]
    renewed_at: Mapped[datetime | None]
    renewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    renewed_reason: Mapped[str | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_reason: Mapped[str | None]


class Restriction(Base):
    """A time in which a case is for its members alone, and not for those who supervise them."""

    __tablename__ = "restrictions"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    reason: Mapped[str]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_reason: Mapped[str | None]


class Conflict(Base):
    """Somebody who must know nothing of a case: a relative, a neighbour, the person it is about.

    It beats everything else, membership and emergency too.
    """

    __tablename__ = "conflicts"
    __table_args__ = (Index("ix_conflicts_case_id_person_id", "case_id", "person_id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    reason: Mapped[str]
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    ended_reason: Mapped[str | None]


class Follow(Base):
    """How far one person has read one case, and whether they want to hear of it.

    Following never grants access: it only picks from what the person may see anyway.
    """

    __tablename__ = "follows"
    __table_args__ = (Index("ix_follows_case_id", "case_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    following: Mapped[bool] = mapped_column(default=True)
    last_read: Mapped[int] = mapped_column(default=0)
    last_read_at: Mapped[datetime | None]
