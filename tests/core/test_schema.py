"""Bringing a database up to date, by one process or by several."""

from __future__ import annotations

from app.core import db, schema


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
