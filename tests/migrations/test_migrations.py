"""From nothing to the newest shape and back, on each kind of database."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from app.core import db, schema
from app.core.db import Base


def test_the_migrations_make_exactly_what_the_models_say(database: str) -> None:
    with db.engine().connect() as connection:
        options = {"compare_type": True, "include_name": _stands_in_a_model}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_can_be_taken_back_and_made_again(database: str) -> None:
    schema.downgrade(db.engine())
    left = set(inspect(db.engine()).get_table_names())
    schema.upgrade(db.engine())
    assert left <= {"alembic_version"}
    assert "posts" in inspect(db.engine()).get_table_names()


def test_the_last_file_is_the_newest_shape(database: str) -> None:
    head = ScriptDirectory.from_config(schema.configured()).get_current_head()

    assert schema.newest() == head


def _stands_in_a_model(name: str | None, kind: str, _parents: object) -> bool:
    """Not so what PostgreSQL alone has, to search with."""
    looked_through = kind == "index" and str(name).endswith(("_words", "_newest"))
    return not looked_through and (kind, name) != ("column", "words")
