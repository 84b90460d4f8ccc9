"""What every command begins with: the settings, and the database they name."""

from __future__ import annotations

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
    from sqlalchemy.exc import OperationalError

    from app.core import db

    engine = db.use(settings.database_url)
    try:
        engine.connect().close()
    except OperationalError:
        raise WrongSetting(
            "The database does not answer: see that it runs and that KITH_DATABASE_URL names it."
        ) from None
    return settings


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
