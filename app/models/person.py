"""Somebody who works with children, and how they sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Id
from app.models.agency import Agency
from app.models.name_key import NameKey, unkeyed

# What an account may do. Administrators and auditors see no child's content.
ACCOUNTS = ("practitioner", "manager", "administrator", "auditor")
CONTENT_ACCOUNTS = ("practitioner", "manager")


class Person(Base):
    """`role` is the profession's word ("Health visitor"); `account` is what the account may do.

    `keyed_name` is the name there are keys of, see `Child`. `email` is kept in small letters.
    `home_address` and `home_postcode` are where the person lives, when their agency gives it: who
    looks up their own household is noticed. `shortcuts` is whether a single key does something on
    the pages: it would for who dictates, unasked.
    """

    __tablename__ = "people"
    __table_args__ = (unkeyed("people"),)

    id: Mapped[Id]
    name: Mapped[str]
    keyed_name: Mapped[str | None]
    role: Mapped[str]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None]
    out_of_office: Mapped[str | None]
    account: Mapped[str] = mapped_column(default="practitioner")
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    home_address: Mapped[str | None]
    home_postcode: Mapped[str | None]
    shortcuts: Mapped[bool] = mapped_column(default=False, server_default=false())

    agency: Mapped[Agency] = relationship(lazy="raise")


class PersonKey(NameKey, Base):
    __tablename__ = "person_keys"

    owner_id: Mapped[int] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Supervision(Base):
    """A line of management: the manager may see what the person is a member of."""

    __tablename__ = "supervisions"

    manager_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class KnownDevice(Base):
    """A browser that has signed in as this person before, signed out or not.

    Several people may share one: each has a row of their own with the same hash.
    """

    __tablename__ = "known_devices"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(index=True)
    device: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class HalfSignIn(Base):
    """A right password that still waits for a code; it grants nothing."""

    __tablename__ = "half_sign_ins"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    known_device_id: Mapped[int | None] = mapped_column(
        ForeignKey("known_devices.id", ondelete="SET NULL")
    )
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    wrong: Mapped[int] = mapped_column(default=0)


class SignIn(Base):
    """One device signed in as one person; ending the row ends it everywhere.

    `proved_at` is when the person last showed on this device who they are, `by_code` whether
    that took a second factor, `wrong` how often they have failed to since.
    """

    __tablename__ = "sign_ins"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    proved_at: Mapped[datetime]
    by_code: Mapped[bool] = mapped_column(default=False)
    wrong: Mapped[int] = mapped_column(default=0)
    known_device_id: Mapped[int | None] = mapped_column(
        ForeignKey("known_devices.id", ondelete="SET NULL"), index=True
    )


class SecondFactor(Base):
    """The secret a person's phone counts codes from, sealed; `pending` until a code confirms it.

    `last_step` is the half minute of the last code taken: no code of it or before works again.
    """

    __tablename__ = "second_factors"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed: Mapped[str | None]
    pending: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]


class RecoveryCode(Base):
    """A way in without the phone, once; only its hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


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
