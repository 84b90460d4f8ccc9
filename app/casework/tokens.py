"""Keys for programs that act as one person."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import String, bindparam, select, update

from app.casework.sign_ins import digest
from app.core import clock, db, text
from app.core.db import Instant
from app.core.errors import Invalid, NotFound
from app.models import Person, Token

SCOPES = ("read", "write")
PREFIX = "kith_"


def issue(person: Person, name: str, *, scope: str = "read", days: int = 90) -> str:
    """A new key, shown this once; `scope` "write" may also read."""
    if scope not in SCOPES:
        raise Invalid(scope="A token is for read or for write.")
    if not 1 <= days <= 366:
        raise Invalid(days="A token lasts from 1 to 366 days.")
    token = PREFIX + secrets.token_urlsafe(32)
    at = clock.now()
    db.session().add(
        Token(
            person_id=person.id,
            name=text.line(name, field="name", longest=100) or "token",
            token_hash=digest(token),
            scope=scope,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    db.session().flush()
    return token


def find(token: str) -> tuple[Person, str] | None:
    """Whose token this is and its scope, while it works and its person is active."""
    at = clock.now()
    found = db.session().execute(_FIND, {"digest": digest(token), "at": at}).first()
    if found is None:
        return None
    if found.used_at is None or at - found.used_at > timedelta(minutes=1):
        db.session().execute(update(Token).where(Token.id == found.id).values(used_at=at))
    return found.Person, found.scope


def revoke(person: Person, token_id: int) -> None:
    token = db.session().get(Token, token_id) if token_id <= db.LARGEST else None
    if token is None or token.person_id != person.id:
        raise NotFound(f"token:{token_id}")
    token.revoked_at = clock.now()


def revoke_all(person: Person) -> None:
    db.session().execute(
        update(Token)
        .where(Token.person_id == person.id, Token.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def of(person: Person) -> list[Token]:
    """The person's tokens that still work."""
    return list(
        db.session().scalars(
            select(Token)
            .where(
                Token.person_id == person.id,
                Token.revoked_at.is_(None),
                Token.expires_at > clock.now(),
            )
            .order_by(Token.id.desc())
        )
    )


_FIND = (
    select(Person, Token.id, Token.scope, Token.used_at)
    .join(Token, Token.person_id == Person.id)
    .where(
        Token.token_hash == bindparam("digest", type_=String),
        Token.revoked_at.is_(None),
        Token.expires_at > bindparam("at", type_=Instant),
        Person.active,
    )
)
