"""An audit from before the chain is chained in its order, and given back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine, text

from app.audit import chain, proof
from app.core import db, schema

BEFORE, SINCE = "0006_versions_keep_the_meaning", "0007_audit_chain"


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database as it was before, with three rows and gaps between them."""
    if request.param == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('tmp_path') / 'old.db'}"
    else:
        url = request.getfixturevalue("old_postgresql")
    engine = db.use(url)
    schema.upgrade(engine, BEFORE)
    row = (
        "INSERT INTO audit_entries (id, at, did, how, outcome, case_id, about, ranges) VALUES "
        "({}, '2026-01-0{} 10:00:00.000250{}', 'read “case”', 'page', 'shown', 7, NULL, {})"
    )
    zone = "" if request.param == "sqlite" else "+00"
    with engine.begin() as connection:
        for place, ranges in ((4, "NULL"), (5, "'[[7, 1, 9]]'"), (9, "'null'")):
            connection.exec_driver_sql(row.format(place, place, zone, ranges))
    yield engine
    engine.dispose()


@pytest.fixture
def old_postgresql(postgresql_url: str) -> Iterator[str]:
    admin = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE old"))
    yield postgresql_url.replace("/kith?", "/old?")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE old WITH (FORCE)"))
    admin.dispose()


def test_the_rows_that_are_there_are_chained_in_order(before: Engine) -> None:
    schema.upgrade(before)
    assert [row.place for row in chain.rows(db.LARGEST)] == [1, 2, 3]
    assert proof.check([]) == proof.Finding(good=3)


def test_the_audit_goes_on_after_the_way_there_and_back(before: Engine) -> None:
    schema.upgrade(before, SINCE)
    schema.downgrade(before, BEFORE)
    with before.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit_entries (at, did, how, outcome) "
            "VALUES ('2026-02-01 10:00:00.000000', 'read', 'page', 'shown')"
        )
    schema.upgrade(before)
    assert proof.check([]) == proof.Finding(good=4)


def test_the_lists_that_are_there_get_their_looks(before: Engine) -> None:
    schema.upgrade(before, SINCE)
    with before.begin() as connection:
        for statement in (
            "INSERT INTO agencies (id, name, agency_type) VALUES (1, 'North team', '5A')",
            (
                "INSERT INTO people "
                "(id, name, role, agency_id, email, account, active, created_at) VALUES "
                "(1, 'Priya Shah', 'Social worker', 1, 'p@kith.example', 'practitioner', true, "
                " '2026-01-01 10:00:00.000000')"
            ),
            "INSERT INTO children (id, name) VALUES (1, 'Amara O')",
            "INSERT INTO cases (id, child_id, opened_at) VALUES (1, 1, '2026-01-01 10:00:00')",
        ):
            connection.exec_driver_sql(statement)
    note = chain.Note(
        datetime(2026, 2, 1, tzinfo=UTC),
        1,
        "read feed",
        "page",
        "shown",
        None,
        None,
        [[1, 1, 3], [1, 5, 9]],
        None,
    )
    with db.transaction():
        chain.write([note])
    schema.upgrade(before)
    with before.begin() as connection:
        found = connection.exec_driver_sql("SELECT case_id, person_id, did, how FROM looks").all()
    assert [tuple(each) for each in found] == [(1, 1, "read feed", "page")]
    assert proof.check([]) == proof.Finding(good=4)
