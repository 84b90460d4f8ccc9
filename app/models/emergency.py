"""Ways to a case for somebody who is not in its network, and what is asked about them later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

EMERGENCIES = {
    "danger_now": "A child may be in danger now",
    "missing": "A child is missing",
    "arrived": "The child is here with me: hospital, police, school",
    "cover": "The worker cannot be reached and it cannot wait",
    "court": "A court or a conference needs an answer today",
}
# What an auditor is asked to look into, and why.
REVIEWS = {
    "break_glass": "Opened in an emergency",
    "same_household": "Looked at a child of the same household",
    "surname_and_address": "Looked at a child of the same surname and address",
    "closed_case": "Looked at a case that is closed",
    "outside_line": "Looked at many cases outside their line",
    "failed_look_ups": "Asked for many children who were not found or not theirs",
}


class BreakGlass(Base):
    """Somebody opens a case in an emergency, with a reason, for an hour.

    `reference` is what others are told instead of a name. It opens at `opened_at`: at once, or
    for a restricted case when a second person has approved. `case_id` is none when what was
    asked for is not there, not for this person or theirs already: the row counts, and opens
    nothing.
    """

    __tablename__ = "break_glass"
    __table_args__ = (Index("ix_break_glass_person_id_case_id", "person_id", "case_id"),)

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    emergency: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]


class LookUp(Base):
    """Somebody asks for a child they have no case with; the lead answers, if there is one.

    `case_id` is none when there was no case but those they see: they are told the same either way.
    """

    __tablename__ = "look_ups"
    __table_args__ = (Index("ix_look_ups_person_id_asked_at", "person_id", "asked_at"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    outcome: Mapped[str | None]
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]


class Review(Base):
    """A question about who looked, for a person to decide: never an automatic block.

    `evidence` holds numbers and codes, never a name or a word of content. `outcome` is
    "justified" or "not justified".
    """

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_outcome_due_at", "outcome", "due_at"),)

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    break_glass_id: Mapped[int | None] = mapped_column(ForeignKey("break_glass.id"))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reviewed_at: Mapped[datetime | None]
