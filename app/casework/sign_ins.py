"""Signing in and out: a row for each device, ended in one place for good."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from app import audit
from app.core import clock, db, passwords, text
from app.core.db import AnyRow
from app.core.errors import Invalid, NotFound
from app.models import HalfSignIn, KnownDevice, Person, SignIn

# How long a browser is known after its last sign-in: as long as browsers keep a cookie.
KNOWN_FOR = timedelta(days=400)

WRONG = "That email address and password do not go together."


def check(email: str, password: str) -> Person:
    """The person, or the same refusal in the same time whatever was wrong."""
    # Two plain columns: making a person of the row would take a little longer than finding none.
    found = db.rows(
        select(Person.id, Person.password_hash).where(Person.email == address(email), Person.active)
    )
    person_id, kept = found[0] if found else (0, None)
    if not passwords.matches(password, kept):
        raise Invalid(WRONG)
    return db.session().get_one(Person, person_id)


def address(email: str) -> str:
    """The address an account is found by, however it was typed."""
    return text.plain(email).lower()


def begin(
    person: Person,
    device: str,
    *,
    hours: int,
    by_code: bool = False,
    known: KnownDevice | None = None,
) -> str:
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
            by_code=by_code,
            known_device_id=known.id if known else None,
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


def fail(sign_in_id: int) -> int:
    """Count that somebody on this device could not show who they are; answers how often."""
    counted = (
        update(SignIn)
        .where(SignIn.id == sign_in_id)
        .values(wrong=SignIn.wrong + 1)
        .returning(SignIn.wrong)
    )
    return db.session().execute(counted).scalar_one()


def end_all(person: Person, *, but: SignIn | None = None) -> None:
    """Sign every device out and know none of them any more, except where `but` is signed in."""
    others = [SignIn.person_id == person.id, SignIn.ended_at.is_(None)]
    known = [KnownDevice.person_id == person.id]
    if but is not None:
        others.append(SignIn.id != but.id)
        known.append(KnownDevice.id != (but.known_device_id or 0))
    db.session().execute(update(SignIn).where(*others).values(ended_at=clock.now()))
    db.session().execute(delete(HalfSignIn).where(HalfSignIn.person_id == person.id))
    db.session().execute(delete(KnownDevice).where(*known))


def revoke(person: Person, sign_in_id: int) -> None:
    """Sign out a device of the person's own, and know it no more."""
    found = {row.id: row for row in of(person)}.get(sign_in_id)
    if found is None:
        raise NotFound(f"sign-in:{sign_in_id}")
    end(sign_in_id)
    if found.known_device_id:
        forget(person, found.known_device_id)


def know(person: Person, token: str | None, device: str) -> tuple[KnownDevice, str]:
    """Remember that the person signs in on this browser; answers what its cookie carries.

    A cookie nobody is known by is replaced: whoever put it there knows what it says.
    """
    sharing = _sharing(token) if token else []
    if not token or not sharing:
        token = secrets.token_urlsafe(32)
    at = clock.now()
    known = next((each for each in sharing if each.person_id == person.id), None)
    if known is None:
        known = KnownDevice(person_id=person.id, token_hash=digest(token), created_at=at)
        db.session().add(known)
    known.device, known.seen_at = device[:200], at
    db.session().flush()
    return known, token


def known_device(email: str, token: str) -> int | None:
    """The row by which this account knows this browser; nothing for every other browser."""
    return db.session().scalar(
        select(KnownDevice.id)
        .join(Person, Person.id == KnownDevice.person_id)
        .where(
            KnownDevice.token_hash == digest(token),
            KnownDevice.seen_at > clock.now() - KNOWN_FOR,
            Person.email == address(email),
        )
    )


def known_devices(person: Person) -> list[KnownDevice]:
    """The browsers that have signed in as this person, the last used first."""
    return list(
        db.session().scalars(
            select(KnownDevice)
            .where(
                KnownDevice.person_id == person.id,
                KnownDevice.seen_at > clock.now() - KNOWN_FOR,
            )
            .order_by(KnownDevice.seen_at.desc(), KnownDevice.id.desc())
        )
    )


def forget(person: Person, known_device_id: int) -> None:
    """Know a browser no more, and sign it out where it is signed in."""
    mine = (SignIn.person_id == person.id, SignIn.known_device_id == known_device_id)
    db.session().execute(
        update(SignIn).where(*mine, SignIn.ended_at.is_(None)).values(ended_at=clock.now())
    )
    forgotten = db.session().execute(
        delete(KnownDevice)
        .where(KnownDevice.id == known_device_id, KnownDevice.person_id == person.id)
        .returning(KnownDevice.id)
    )
    if not forgotten.all():
        raise NotFound(f"known-device:{known_device_id}")


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
            select(
                SignIn.id,
                SignIn.device,
                SignIn.created_at,
                SignIn.seen_at,
                SignIn.known_device_id,
            )
            .where(
                SignIn.person_id == person.id,
                SignIn.ended_at.is_(None),
                SignIn.expires_at > clock.now(),
            )
            .order_by(SignIn.id.desc())
        )
    )


def _sharing(token: str) -> list[KnownDevice]:
    """Everybody's rows for one browser: people who share a desk share it."""
    return list(
        db.session().scalars(select(KnownDevice).where(KnownDevice.token_hash == digest(token)))
    )


def digest(token: str) -> str:
    """What is kept of a secret: enough to know it again, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()
