"""Bringing a database up to date, by one process or by several."""

from __future__ import annotations

from sqlalchemy import func, select

from app import audit
from app.core import db, schema
from app.models import AuditEntry, Person
from tests.cast import Cast


def test_a_second_process_need_not_wait_for_the_first_to_end(database: str) -> None:
    first, second = db.connect(database), db.connect(database)
    try:
        schema.upgrade(first)  # its connection goes back to the pool, and stays open there
        if second.dialect.name == "postgresql":
            with second.connect() as connection:
                connection.exec_driver_sql("SET lock_timeout = '2s'")
                connection.commit()
        schema.upgrade(second)
    finally:
        first.dispose()
        second.dispose()


def test_what_is_begun_anew_is_empty_even_of_its_audit(cast: Cast) -> None:
    with db.transaction():
        audit.note(cast.dan, "read feed", how="page")
    schema.begin_anew(db.engine())
    with db.transaction() as session:
        counts = [session.scalar(select(func.count(noun.id))) for noun in (Person, AuditEntry)]
        audit.note(None, "read help", how="page")
    assert counts == [0, 0]
