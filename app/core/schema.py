"""Brings a database to the newest shape, or back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from app.core.db import Base

if TYPE_CHECKING:
    from alembic.config import Config

# What migrations make on PostgreSQL that goes with no table, in the order it can go.
PARTS_OF_SEARCH = (
    "FUNCTION IF EXISTS kith_vector(text), kith_words(text)",
    "TEXT SEARCH CONFIGURATION IF EXISTS kith",
    "TEXT SEARCH DICTIONARY IF EXISTS kith_stem",
)

# Alembic is met late: a start that finds the newest shape, as most do, is shorter by its import.


def configured(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run what is missing; nothing when the database is at `to` already."""
    with engine.connect() as connection, _one_at_a_time(connection):
        if to == "head" and _at(connection) == newest():
            return
        from alembic import command

        command.upgrade(configured(connection), to)


def downgrade(engine: Engine, to: str = "base") -> None:
    from alembic import command

    with engine.connect() as connection:
        command.downgrade(configured(connection), to)


def begin_anew(engine: Engine) -> None:
    """Drop every table with all it holds, and make them again."""
    with engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        if connection.dialect.name == "postgresql":
            for part in PARTS_OF_SEARCH:
                connection.execute(text(f"DROP {part}"))
    upgrade(engine)


def newest() -> str:
    """The revision this version of the code was written for: the last file, as its name says."""
    versions = files("migrations") / "versions"
    names = (each.name for each in versions.iterdir() if each.name[:4].isdigit())
    return max(names).removesuffix(".py")


def _at(connection: Connection) -> str | None:
    at: str | None = None
    if inspect(connection).has_table("alembic_version"):
        at = connection.scalar(text("SELECT version_num FROM alembic_version"))
    # A migration commits only a transaction it has begun itself.
    connection.rollback()
    return at


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
