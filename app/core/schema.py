"""Brings a database to the newest shape, or back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text


def configured(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run what is missing; nothing when the database is at `to` already."""
    with engine.connect() as connection, _one_at_a_time(connection):
        command.upgrade(configured(connection), to)


def downgrade(engine: Engine, to: str = "base") -> None:
    with engine.connect() as connection:
        command.downgrade(configured(connection), to)


def newest() -> str:
    """The revision this version of the code was written for."""
    return ScriptDirectory.from_config(configured()).get_current_head() or ""


@contextmanager
def _one_at_a_time(connection: Connection) -> Iterator[None]:
    # Several processes may start at once; on SQLite the write lock already does this.
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.execute(text("SELECT pg_advisory_lock(72011)"))
    connection.commit()
    try:
        yield
    finally:
        # It belongs to the connection, which goes back to the pool and lives on.
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(72011)"))
        connection.commit()
