"""The chain: each row's hash covers the row and the hash before it, and one head ends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import JSON, bindparam, select, text

from app.core import db, json
from app.core.db import AnyRow
from app.models import AuditHead

START = "0" * 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# Rows read at once by who checks: on SQLite nobody writes for that long.
BATCH = 10_000


class Note(NamedTuple):
    """What a row says, apart from its place."""

    at: datetime
    person_id: int | None
    did: str
    how: str
    outcome: str
    case_id: int | None
    about: str | None
    ranges: list[list[int]] | None
    why: str | None


class Head(NamedTuple):
    place: int
    hash: str


class Row(NamedTuple):
    """A row as it was found; `said` is nothing when it cannot be read as a note."""

    place: int
    hash: str
    said: list[Any] | None


def said(note: Note) -> list[Any]:
    """All the row says, in one form whichever database holds it: the time in microseconds."""
    return [(note.at - EPOCH) // MICROSECOND, *note[1:]]


def microseconds(at: datetime | str) -> int:
    """The time of a plain column, which SQLite keeps as words."""
    if isinstance(at, str):
        at = datetime.fromisoformat(f"{at}+00:00")
    return (at - EPOCH) // MICROSECOND


def digest(says: list[Any]) -> str:
    return sha256(json.dumps(says)).hexdigest()


def link(before: str, place: int, digested: str) -> str:
    """The hash of a row. The trigger on PostgreSQL computes the same."""
    return sha256(f"{before} {place} {digested}".encode()).hexdigest()


HEAD = select(AuditHead.place, AuditHead.hash)


def head() -> Head:
    """Where the chain ends, as the open transaction sees it."""
    (ends,) = db.rows(HEAD)
    return Head(*ends)


def write(notes: Sequence[Note]) -> None:
    """Put them at the end of the chain; the last thing before the commit.

    On SQLite this transaction alone may write, so the place and the hash are computed here. On
    PostgreSQL a trigger locks the head and computes them, so that the lock is held for no more
    than one statement and the commit.
    """
    connection = db.session().connection()
    place, before = head() if db.is_sqlite() else (None, "")
    for each in notes:
        written = digest(said(each))
        if place is not None:
            place, written = place + 1, link(before, place + 1, written)
            before = written
        connection.execute(_WRITE, each._asdict() | {"place": place, "hash": written})


def rows(upto: int, after: int = -db.LARGEST) -> Iterator[Row]:
    """Rows up to a place, in order; each batch is read in a transaction of its own.

    Whoever is at work meanwhile goes on.
    """
    while after < upto:
        with db.engine().connect() as connection:
            batch = connection.execute(_READ, {"after": after, "size": BATCH}).all()
        if not batch:
            return
        yield from (_row(each) for each in batch if each[0] <= upto)
        after = batch[-1][0]


def _row(found: AnyRow) -> Row:
    place, hashed, at, *facts, ranges, why = found
    try:
        read = json.loads(ranges) if ranges else None
        return Row(place, hashed, [microseconds(at), *facts, read, why])
    except (TypeError, ValueError):
        return Row(place, hashed, None)


_WRITE = text(
    "INSERT INTO audit_entries "
    "(id, hash, at, person_id, did, how, outcome, case_id, about, ranges, why) VALUES "
    "(:place, :hash, :at, :person_id, :did, :how, :outcome, :case_id, :about, :ranges, :why)"
).bindparams(bindparam("at", type_=db.Instant), bindparam("ranges", type_=JSON(none_as_null=True)))
# Plain columns: a million rows are to be read in seconds.
_READ = text(
    "SELECT id, hash, at, person_id, did, how, outcome, case_id, about, CAST(ranges AS TEXT), why "
    "FROM audit_entries WHERE id > :after ORDER BY id LIMIT :size"
)
