"""Who looked at what, who was refused, and the answers already given to a repeated write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigKey, Id


class AuditEntry(Base):
    """One answer given to one person: numbers and codes, never a name or a word of content.

    `id` is the place in the chain, from 1 on and without a gap; `hash` covers the row and the
    hash before. Rows are written by `audit.note`, and the database refuses to change them.
    `ranges` lists `[case, first position, last position]` for an answer that shows posts.
    `about` names what was asked for when that is not a case: "post:12". `why` is the ground on
    which a case was shown: "member", "supervision", "break-glass".
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_case_id_at", "case_id", "at"),
        Index("ix_audit_entries_person_id_at", "person_id", "at"),
        Index("ix_audit_entries_about", "about"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    did: Mapped[str]
    how: Mapped[str]
    outcome: Mapped[str]
    case_id: Mapped[int | None]
    about: Mapped[str | None]
    ranges: Mapped[list[Any] | None] = mapped_column(JSON)
    why: Mapped[str | None]
    hash: Mapped[str]


class Look(Base):
    """That a list over several cases showed this one, or a page of another case showed posts of it.

    Written with the row of the audit, whose `ranges` say the same; that one is the proof.
    """

    __tablename__ = "looks"
    __table_args__ = (Index("ix_looks_case_id_at", "case_id", "at"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    did: Mapped[str]
    how: Mapped[str]


class AuditHead(Base):
    """Where the chain of the audit ends: one row, which only ever moves on by one."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    place: Mapped[int]
    hash: Mapped[str]


class Search(Base):
    """What somebody looked for, in their own words, sealed under this installation's secret.

    The row of the audit names it, so that who may read the audit need not be able to read this.
    """

    __tablename__ = "searches"
    __table_args__ = (Index("ix_searches_person_id_at", "person_id", "at"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    terms: Mapped[str]


class Receipt(Base):
    """The first answer to a write; the same key gets it again."""

    __tablename__ = "receipts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int]
    answer: Mapped[str]
    created_at: Mapped[datetime]
