"""What every command begins with: the settings, and the database they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import Refusal
from config.settings import Settings, WrongSetting, from_environment


def read_settings() -> Settings:
    try:
        return from_environment()
    except OSError as error:
        raise WrongSetting(f"KITH_DATA cannot be used: {error.strerror}.") from None


def opened() -> Settings:
    """Choose the database of the settings, and see that it answers."""
    settings = read_settings()
    from app.core import db

    with answering():
        db.use(settings.database_url).connect().close()
    return settings


@contextmanager
def answering() -> Iterator[None]:
    """Round the first use of the database: what goes wrong is told without its address."""
    from sqlite3 import Error as SqliteError

    from sqlalchemy.exc import OperationalError, SQLAlchemyError

    try:
        yield
    except OperationalError:
        raise WrongSetting(
            "The database does not answer: see that it runs and that KITH_DATABASE_URL names it."
        ) from None
    except (SQLAlchemyError, SqliteError, ValueError, TypeError) as error:
        # The address may hold a password, and so may what is said about it.
        kind = type(getattr(error, "orig", None) or error).__name__
        raise WrongSetting(
            f"The database cannot be used ({kind}): see that KITH_DATABASE_URL is the address of "
            "one, and that its user may make tables."
        ) from None


def opened_at_newest() -> Settings:
    """The database, refused while it lacks what this version needs."""
    settings = opened()
    from sqlalchemy import inspect, text

    from app.core import db, schema

    with db.engine().connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        now = connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
    if now != schema.newest():
        raise Refusal("The database is not up to date: run `kith upgrade` first.")
    return settings
