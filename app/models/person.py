"""Somebody who works with children, and how they sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id
from app.models.agency import Agency

# What an account may do. Administrators and auditors see no child's content.
ACCOUNTS = ("practitioner", "manager", "administrator", "auditor")
CONTENT_ACCOUNTS = ("practitioner", "manager")


class Person(Base):
    """`role` is the profession's word ("Health visitor"); `account` is what the account may do.

    `email` is kept in small letters.
    """

    __tablename__ = "people"

    id: Mapped[Id]
    name: Mapped[str]
    role: Mapped[str]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None]
    out_of_office: Mapped[str | None]
    account: Mapped[str] = mapped_column(default="practitioner")
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]

    agency: Mapped[Agency] = relationship(lazy="raise")


class Supervision(Base):
    """A line of management: the manager may see what the person is a member of."""

    __tablename__ = "supervisions"

    manager_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class SignIn(Base):
    """One device signed in as one person; ending the row ends it everywhere."""

    __tablename__ = "sign_ins"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Token(Base):
    """A key for a program that acts as one person; only its hash is kept."""

    __tablename__ = "tokens"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
