"""The work round one child: where it stands, since when, and what is due."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id
from app.models.child import Child

STATUSES = {
    "contact": "Contact",
    "early_help": "Early help",
    "assessment": "Assessment",
    "child_in_need": "Child in need",
    "child_protection_plan": "Child protection plan",
    "looked_after": "Looked after",
    "closed": "Closed",
}
CATEGORIES = {
    "NEG": "Neglect",
    "PHY": "Physical abuse",
    "SAB": "Sexual abuse",
    "EMO": "Emotional abuse",
    "MUL": "Multiple",
}


class Case(Base):
    __tablename__ = "cases"

    id: Mapped[Id]
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), unique=True)
    opened_at: Mapped[datetime]
    before_visit: Mapped[str | None]

    child: Mapped[Child] = relationship(lazy="raise")


class CaseHead(Base):
    """How far the case's stream has got: kept apart because every post writes it.

    `position` counts posts without a gap; `posted_at` is the newest that people wrote.
    """

    __tablename__ = "case_heads"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    posted_at: Mapped[datetime | None]


class CaseStatus(Base):
    """One line of a case's dated history; the newest `since` is how it stands."""

    __tablename__ = "case_statuses"
    __table_args__ = (
        Index("ix_case_statuses_case_id_since", "case_id", "since"),
        UniqueConstraint("case_id", "source_key"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    status: Mapped[str]
    category: Mapped[str | None]
    since: Mapped[date]
    reason: Mapped[str | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime]
    source: Mapped[str | None]
    source_key: Mapped[str | None]


class KeyDate(Base):
    """A day the network must not miss: a review, a conference, a core group.

    With a source, another system told of it; the key is by which it is known again.
    """

    __tablename__ = "key_dates"
    __table_args__ = (UniqueConstraint("case_id", "source_key"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    what: Mapped[str]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    source: Mapped[str | None]
    source_key: Mapped[str | None]
