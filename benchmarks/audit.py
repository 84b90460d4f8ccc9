"""What the audit costs a view, and how long checking a million rows takes, on both databases."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Barrier
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from app import audit
from app.audit import chain, proof
from app.core import db, json, schema
from app.models import Agency, AuditEntry, Case, Child, Person
from tests import servers

THREADS = 8
VIEWS = 4_000
WARM_UP = 200
ROWS = 1_000_000
# Every so many rows is a list over so many cases, each of which has its look.
FEEDS, CASES = 20, 10
LOOKS = text(
    "INSERT INTO looks (case_id, person_id, at, did, how) "
    "SELECT cases.id, person_id, at, did, how FROM audit_entries CROSS JOIN cases "
    "WHERE case_id IS NULL ORDER BY audit_entries.id, cases.id"
)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

# Milliseconds, and seconds.
P50, P99, VERIFY = 3.0, 30.0, 15.0


def main() -> int:
    missed = 0
    print(f"{'':34}{'p50 ms':>9}{'p99 ms':>9}{'goals':>12}{'rows/s':>9}")
    with tempfile.TemporaryDirectory() as folder, servers.postgresql() as postgresql:
        for url in (f"sqlite:///{Path(folder) / 'kith.db'}", postgresql):
            name = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
            viewer = prepare(url)
            for threads in (1, THREADS):
                missed += report(f"{name}, {threads} at once", *measured(viewer, threads))
            fill()
            missed += check(name)
            db.engine().dispose()
    return min(missed, 1)


def prepare(url: str) -> Person:
    schema.upgrade(db.use(url))
    with db.transaction() as session:
        agency = Agency(name="North team", agency_type="5A")
        session.add(agency)
        session.flush()
        viewer = Person(
            name="Priya Shah",
            role="Social worker",
            agency_id=agency.id,
            email="priya@kith.example",
            account="practitioner",
            active=True,
            created_at=BEGAN,
        )
        session.add(viewer)
        children = [Child(name=f"Child {number}") for number in range(CASES)]
        session.add_all(children)
        session.flush()
        session.add_all(Case(child_id=child.id, opened_at=BEGAN) for child in children)
    return viewer


def measured(viewer: Person, threads: int) -> tuple[list[float], float]:
    """Each view's audit in milliseconds, and how many are written in a second."""
    together = Barrier(threads)

    def work(_number: int) -> list[float]:
        together.wait()
        return [view(viewer) for _ in range(VIEWS // threads)]

    for _ in range(WARM_UP):
        view(viewer)
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        taken = [each for times in pool.map(work, range(threads)) for each in times]
    return taken, len(taken) / (time.perf_counter() - began)


def view(viewer: Person) -> float:
    """A read like any other; what counts is from its note to the end of its commit."""
    with db.transaction(durable=False) as session:
        session.scalar(select(Person.active).where(Person.id == viewer.id))
        began = time.perf_counter()
        audit.note(viewer, "read case", how="page", case_id=7, ranges=[(7, 12, 36)], why="member")
    return (time.perf_counter() - began) * 1e3


def report(name: str, taken: list[float], rate: float) -> int:
    ordered = sorted(taken)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    print(f"{'a view, ' + name:34}{p50:9.2f}{p99:9.2f}{f'≤ {P50:g}, {P99:g}':>12}{rate:9.0f}")
    return int(p50 > P50) + int(p99 > P99)


def check(name: str) -> int:
    """Seconds to verify all rows; they must be good, or the figure says nothing."""
    began = time.perf_counter()
    found = proof.check([])
    taken = time.perf_counter() - began
    assert found.wrong is None, found.wrong
    assert found.good == ROWS
    print(f"verify {found.good:,} rows, {name}: {taken:.1f} s (goal: at most {VERIFY:g} s)")
    return int(taken > VERIFY)


def fill() -> None:
    """Write the rows that are wanting in one go, past the triggers."""
    with db.transaction() as session:
        place, before = chain.head()
        assert session.scalar(select(func.count(AuditEntry.id))) == place
    with db.engine().begin() as connection:
        put = _into_sqlite if db.is_sqlite() else _into_postgresql
        put(connection, rows(place, before))
        connection.execute(LOOKS)


def rows(place: int, before: str) -> Iterator[dict[str, Any]]:
    for number in range(place + 1, ROWS + 1):
        is_feed = number % FEEDS == 0
        ranges = [[number % 900, 1, 25]] if number % 3 == 0 else None
        if is_feed:
            ranges = [[case_id, 1, 25] for case_id in range(1, CASES + 1)]
        note = chain.Note(
            BEGAN + timedelta(seconds=number, microseconds=number % 1_000_000),
            1,
            "read case",
            "page",
            "shown",
            None if is_feed else number % 900,
            f"post:{number}" if number % 5 == 0 else None,
            ranges,
            "member",
        )
        before = chain.link(before, number, chain.digest(chain.said(note)))
        yield note._asdict() | {"id": number, "hash": before}


def _into_sqlite(connection: Connection, wanting: Iterator[dict[str, Any]]) -> None:
    for trigger in ("audit_entries_follow", "audit_entries_move_head", "audit_head_moves"):
        connection.execute(text(f"DROP TRIGGER {trigger}"))
    last: dict[str, Any] = {}
    while batch := list(islice(wanting, 20_000)):
        connection.execute(insert(AuditEntry), batch)
        last = batch[-1]
    _move_head(connection, last)


def _into_postgresql(connection: Connection, wanting: Iterator[dict[str, Any]]) -> None:
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    names = [*chain.Note._fields, "id", "hash"]
    cursor: Any = connection.connection.cursor()
    last: dict[str, Any] = {}
    with cursor.copy(f"COPY audit_entries ({', '.join(names)}) FROM STDIN") as copy:
        for last in wanting:
            kept = last | {"ranges": json.dumps(last["ranges"]).decode()}
            copy.write_row([kept[name] for name in names])
    _move_head(connection, last)


def _move_head(connection: Connection, last: dict[str, Any]) -> None:
    moved = text("UPDATE audit_head SET place = :id, hash = :hash")
    connection.execute(moved, {"id": last["id"], "hash": last["hash"]})


if __name__ == "__main__":
    sys.exit(main())
