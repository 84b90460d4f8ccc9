"""An audit with rows and anchors, and somebody with every right to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app import audit
from app.audit import anchors, chain, proof
from app.core import clock, db
from tests.cast import MORNING, Cast


@dataclass
class Record:
    """The audit of an installation, its file of anchors, and a copy kept elsewhere."""

    file: Path
    key: Path
    cast: Cast

    def look(self, times: int = 1) -> None:
        """Somebody reads a case, so many times, each in a transaction of its own."""
        for _ in range(times):
            with db.transaction(durable=False):
                audit.note(
                    self.cast.dan,
                    "read case",
                    how="page",
                    case_id=self.cast.amara.id,
                    ranges=[(self.cast.amara.id, 1, 9)],
                    why="member",
                )

    def anchor(self) -> None:
        assert anchors.write(self.file, self.key)

    def anchors(self) -> list[anchors.Anchor]:
        key = anchors.as_public_key(anchors.public_key(self.key))
        return anchors.read(self.file, key) if self.file.exists() else []

    def check(self, *, alone: bool = False) -> str:
        """What is wrong, or nothing."""
        return proof.check([] if alone else self.anchors()).wrong or ""

    def late(self) -> str:
        """What is wrong because no anchor holds it."""
        return proof.waiting_too_long(proof.check(self.anchors())) or ""


@pytest.fixture
def record(cast: Cast, tmp_path: Path) -> Record:
    """Ten rows: anchored at the third and the eighth."""
    made = Record(tmp_path / "anchors.jsonl", tmp_path / "anchor-key.pem", cast)
    made.look(3)
    made.anchor()
    made.look(5)
    made.anchor()
    made.look(2)
    return made


@pytest.fixture
def feed(record: Record) -> None:
    """Rows 11 and 12: a list that shows posts of one case at two places."""
    case_id = record.cast.amara.id
    for _ in range(2):
        with db.transaction(durable=False):
            ranges = [(case_id, 1, 3), (case_id, 5, 9)]
            audit.note(record.cast.dan, "read feed", how="page", ranges=ranges)


@pytest.fixture
def owner(database: str) -> Callable[..., Any]:
    """Whoever owns the database: takes the triggers off, and runs any SQL."""
    with db.engine().begin() as connection:
        if db.is_sqlite():
            found = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars()
            for name in found.all():
                connection.execute(text(f"DROP TRIGGER {name}"))

    def run(statement: str, **values: Any) -> Any:
        with db.engine().begin() as connection:
            if not db.is_sqlite():
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            answer = connection.execute(text(statement), values)
            return answer.all() if answer.returns_rows else None

    return run


@pytest.fixture
def make_anew(owner: Callable[..., Any]) -> Callable[..., None]:
    """Compute the hashes anew from a row on, and put the head behind the last."""

    def do(first: int, *, head: bool = True, only: bool = False) -> None:
        place, before = first - 1, chain.START
        for row in list(chain.rows(db.LARGEST)):
            if row.place < first:
                before = row.hash
                continue
            assert row.said is not None
            place = row.place
            before = chain.link(before, place, chain.digest(row.said))
            owner("UPDATE audit_entries SET hash = :h WHERE id = :p", h=before, p=place)
            if only:
                return
        if head:
            owner("UPDATE audit_head SET place = :p, hash = :h", h=before, p=place)

    return do


@pytest.fixture
def an_hour_later() -> Iterator[None]:
    with clock.held(MORNING + timedelta(hours=1)):
        yield
