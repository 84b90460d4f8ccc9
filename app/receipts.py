"""The first answer to a write, given again to whoever repeats it with the same key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core import clock, db
from app.core.errors import Invalid
from app.models import Person, Receipt


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


def claim(actor: Person, key: str, request: bytes) -> Answer | None:
    """Take the key for this request; the kept answer when it was taken by an equal one before.

    `request` is everything that makes two writes the same: method, path and body. Somebody who
    comes while the first is still at work waits for its commit. Another request with the same
    key is `Invalid`.
    """
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise Invalid("An idempotency key has 1 to 200 visible characters.")
    fingerprint = hashlib.sha256(request).hexdigest()
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    taken = db.session().scalar(
        insert(Receipt)
        .values(
            person_id=actor.id,
            key=key,
            fingerprint=fingerprint,
            status=0,
            answer="",
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Receipt.key)
    )
    if taken is not None:
        return None
    kept = (
        db.session()
        .execute(
            select(Receipt.fingerprint, Receipt.status, Receipt.answer).where(
                Receipt.person_id == actor.id, Receipt.key == key
            )
        )
        .one()
    )
    if kept.fingerprint != fingerprint:
        raise Invalid("This idempotency key was used for something else.")
    return Answer(kept.status, kept.answer)


def keep(actor: Person, key: str, answer: Answer) -> None:
    """Keep the answer, in the transaction that claimed the key."""
    db.session().execute(
        update(Receipt)
        .where(Receipt.person_id == actor.id, Receipt.key == key)
        .values(status=answer.status, answer=answer.body)
    )
