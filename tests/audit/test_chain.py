"""The chain: every note in its place, whoever writes at once, and nothing shown without one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from app import access, audit
from app.audit import chain, proof
from app.core import db
from app.core.errors import Conflict
from app.models import AuditEntry
from feeds import posts
from tests.audit.conftest import Record
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
Program = Callable[..., FlaskClient]
HOUSE = Path(__file__).parents[2]


def found() -> list[AuditEntry]:
    with db.transaction() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def whole() -> int:
    """How many rows the chain has; it must be good."""
    checked = proof.check([])
    assert checked.wrong is None
    return checked.good


def test_every_row_has_the_next_place_and_names_the_one_before(record: Record) -> None:
    rows = list(chain.rows(db.LARGEST))
    assert [row.place for row in rows] == list(range(1, 11))
    before = chain.START
    for row in rows:
        assert row.said is not None
        before = chain.link(before, row.place, chain.digest(row.said))
        assert row.hash == before


def test_a_row_has_the_hash_it_had_when_this_was_written(record: Record) -> None:
    # On both databases, and for ever: what is anchored today must hold after any change of ours.
    (first, *_) = chain.rows(1)
    assert first.said is not None
    assert chain.digest(first.said).startswith("a235e5c32330fbc0")
    assert first.hash.startswith("bc71d399e6ba74bc")


def test_what_an_undone_attempt_noted_goes_with_it(cast: Cast) -> None:
    with db.transaction():
        audit.note(cast.dan, "before", how="page")
        with pytest.raises(Conflict), db.attempt():
            refused(cast)
        assert audit.is_noted()
        audit.note(cast.dan, "after", how="page")
    assert [each.did for each in found()] == ["before", "after"]
    assert whole() == 2


def test_what_an_undone_transaction_noted_goes_with_it(cast: Cast) -> None:
    with pytest.raises(Conflict), db.transaction():
        refused(cast)
    assert found() == []


def refused(cast: Cast) -> None:
    audit.note(cast.dan, "inside", how="page")
    raise Conflict


def test_a_note_says_on_what_ground_the_case_was_shown(cast: Cast) -> None:
    for viewer, case in ((cast.dan, cast.amara), (cast.mo, cast.amara), (cast.dan, None)):
        with db.transaction():
            if case:
                access.case(viewer, case.id)
            audit.note(viewer, "read", how="page", case_id=case.id if case else None)
    assert [each.why for each in found()] == ["member", "supervision", None]


def test_the_chain_holds_while_many_write_and_some_are_refused(record: Record) -> None:
    def work(number: int) -> None:
        for turn in range(25):
            with suppress(Conflict), db.transaction(durable=turn % 2 == 0):
                audit.note(record.cast.dan, f"read {number}", how="api", case_id=turn)
                if turn % 5 == 0:
                    audit.note(None, "twice", how="command")
                if turn % 7 == 0:
                    refused(record.cast)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    # Of 25 turns 4 are refused, and of the 5 that note twice one (turn 0) is among them.
    assert whole() == 10 + 8 * (21 + 4)
    assert record.check() == ""


WRITER = """
import sys
from app import audit
from app.core import db
db.use(sys.argv[1])
for turn in range(60):
    with db.transaction(durable=False):
        audit.note(None, "read", how="api", case_id=turn)
"""


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_chain_holds_while_two_processes_write(database: str, record: Record) -> None:
    command = [sys.executable, "-c", WRITER, database]
    writers = [subprocess.Popen(command, cwd=HOUSE) for _ in range(2)]
    assert [each.wait(60) for each in writers] == [0, 0]
    assert whole() == 10 + 120
    assert record.check() == ""


PUT_IN = (
    "INSERT INTO audit_entries (id, at, did, how, outcome, hash) "
    "VALUES ({}, '2026-11-23 09:00:00.000000', 'read', 'page', 'shown', 'x')"
)
CHANGES = [
    "UPDATE audit_entries SET did = 'read help' WHERE id = 5",
    "UPDATE audit_entries SET id = 99 WHERE id = 10",
    "DELETE FROM audit_entries WHERE id = 10",
    "DELETE FROM audit_entries",
    PUT_IN.format(5),
    PUT_IN.format(12),
    "UPDATE audit_head SET place = 9",
    "UPDATE audit_head SET place = 11",
    "UPDATE audit_head SET hash = 'x'",
    "DELETE FROM audit_head",
    "INSERT INTO audit_head (id, place, hash) VALUES (2, 0, 'x')",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_it(record: Record, change: str) -> None:
    assert "the audit" in refusal(change)
    assert record.check() == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_refuses_to_replace_a_row(record: Record) -> None:
    columns = "id, at, did, how, outcome, hash"
    copy = f"SELECT {columns} FROM audit_entries WHERE id = 5"
    assert "the audit" in refusal(f"INSERT OR REPLACE INTO audit_entries ({columns}) {copy}")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["audit_entries", "audit_head", "people"])
def test_postgresql_refuses_to_truncate_it(record: Record, table: str) -> None:
    assert "the audit" in refusal(f"TRUNCATE {table} CASCADE")


def refusal(change: str) -> str:
    with pytest.raises(DBAPIError) as refused, db.engine().begin() as connection:
        connection.execute(text(change))
    return str(refused.value.orig)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_kith_works_with_no_more_rights_than_the_docs_give_it(
    database: str, record: Record, app: Flask, browser: Browser
) -> None:
    (grants,) = re.findall(r"```sql\n(.*?)```", (HOUSE / "docs/audit.md").read_text(), re.DOTALL)
    with db.engine().begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS kith_app"))
        connection.execute(text("CREATE ROLE kith_app LOGIN"))
        connection.exec_driver_sql(grants)
    try:
        db.use(database.replace("//kith@", "//kith_app@"))
        ruth = browser(record.cast.ruth)
        assert ruth.get(f"/cases/{record.cast.amara.id}").status_code == 200
        alter = "ALTER TABLE audit_entries DISABLE TRIGGER ALL"
        for change in (*CHANGES[:4], *CHANGES[6:], alter):
            assert re.search("permission denied|must be owner", refusal(change)), change
        assert whole() == 12
    finally:
        db.use(database)
        with db.engine().begin() as connection:
            connection.execute(text("DROP OWNED BY kith_app"))
            connection.execute(text("DROP ROLE kith_app"))


@pytest.fixture
def nothing_can_be_noted(cast: Cast, database: str) -> Any:
    """A database that has no room for the audit; it is as before when the test ends."""
    with db.transaction():
        posts.publish(cast.priya, cast.amara, posts.Update(body="marmalade"))
    owner = create_engine(database)
    if database.startswith("sqlite"):
        off = "DROP TABLE audit_head"
        on = ""
    else:
        off = "ALTER TABLE audit_head RENAME TO audit_head_away"
        on = "ALTER TABLE audit_head_away RENAME TO audit_head"
    with owner.begin() as connection:
        connection.execute(text(off))
    yield
    if on:
        with owner.begin() as connection:
            connection.execute(text(on))
    owner.dispose()


def test_a_read_that_cannot_be_noted_shows_nothing(
    app: Flask,
    browser: Browser,
    cast: Cast,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    program: Program,
) -> None:
    ruth, reader = browser(cast.ruth), program(cast.ruth, "read")
    with db.transaction():
        posts.publish(cast.priya, cast.amara, posts.Update(body="quiet"))
    paths = [(ruth, "/"), (ruth, f"/cases/{cast.amara.id}")]
    paths += [(reader, "/api/v1/feed"), (reader, f"/api/v1/cases/{cast.amara.id}/posts")]
    assert all("quiet" in client.get(path).text for client, path in paths)
    request.getfixturevalue("nothing_can_be_noted")
    monkeypatch.setattr(app, "testing", False)
    for client, path in paths:
        answer = client.get(path)
        assert answer.status_code in (500, 503), path
        for word in ("marmalade", "quiet", "Amara"):
            assert word not in answer.text, path
