"""Signing in and out: a row for each device, ended in one place for good."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select, update

from app import audit
from app.core import clock, db, passwords, text
from app.core.db import AnyRow
from app.core.errors import Invalid
from app.models import Person, SignIn

WRONG = "That email address and password do not go together."


def check(email: str, password: str) -> Person:
    """The person, or the same refusal in the same time whatever was wrong."""
    person = db.session().scalar(
        select(Person).where(Person.email == address(email), Person.active)
    )
    if not passwords.matches(password, person.password_hash if person else None):
        raise Invalid(WRONG)
    assert person is not None
    return person


def address(email: str) -> str:
    """The address an account is found by, however it was typed."""
    return text.plain(email).lower()


def begin(person: Person, device: str, *, hours: int) -> str:
    """Sign the person in on one device; answers the secret their cookie carries."""
    token = secrets.token_urlsafe(32)
    at = clock.now()
    db.session().add(
        SignIn(
            person_id=person.id,
            token_hash=digest(token),
            device=device[:200],
            created_at=at,
            seen_at=at,
            expires_at=at + timedelta(hours=hours),
            proved_at=at,
        )
    )
    audit.note(person, "signed in", how="page", outcome="done")
    return token


def find(token: str, *, idle_minutes: int, by_hand: bool = True) -> tuple[Person, SignIn] | None:
    """Whose device this is, while it is signed in and its person active.

    Only what a person does by hand keeps a session from ending as idle: an open page that asks
    for news by itself does not.
    """
    at = clock.now()
    found = (
        db.session()
        .execute(
            select(Person, SignIn)
            .join(SignIn, SignIn.person_id == Person.id)
            .where(
                SignIn.token_hash == digest(token),
                SignIn.ended_at.is_(None),
                SignIn.expires_at > at,
                SignIn.seen_at > at - timedelta(minutes=idle_minutes),
                Person.active,
            )
        )
        .first()
    )
    if found is None:
        return None
    person, sign_in = found
    if by_hand and at - sign_in.seen_at > timedelta(minutes=1):
        sign_in.seen_at = at
    return person, sign_in


def end(sign_in_id: int) -> None:
    """Sign one device out; it cannot come back with an old cookie."""
    db.session().execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def end_all(person: Person) -> None:
    db.session().execute(
        update(SignIn)
        .where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def ended(sign_in_ids: list[int]) -> set[int]:
    """Which of these may no longer hold a socket open."""
    at = clock.now()
    alive = set(
        db.session().scalars(
            select(SignIn.id)
            .join(Person, Person.id == SignIn.person_id)
            .where(
                SignIn.id.in_(sign_in_ids),
                SignIn.ended_at.is_(None),
                SignIn.expires_at > at,
                Person.active,
            )
        )
    )
    return set(sign_in_ids) - alive


def of(person: Person) -> list[AnyRow]:
    """The person's own devices that are signed in, newest first."""
    return list(
        db.session().execute(
            select(SignIn.id, SignIn.device, SignIn.created_at, SignIn.seen_at)
            .where(
                SignIn.person_id == person.id,
                SignIn.ended_at.is_(None),
                SignIn.expires_at > clock.now(),
            )
            .order_by(SignIn.id.desc())
        )
    )


def digest(token: str) -> str:
    """What is kept of a secret: enough to know it again, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()
