"""Which engine finds words in this installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.core import db
from search import index

if TYPE_CHECKING:
    from search.whoosh_index import WhooshIndex

_kept: WhooshIndex | None = None


def use(engine: str, folder: Path) -> None:
    """Choose by its name, or by the database with "auto"; a folder is for what needs one.

    Each is imported when it is chosen: nobody waits for the libraries of the others.
    """
    global _kept
    _kept = None
    if engine == "auto":
        engine = "whoosh" if db.is_sqlite() else "postgresql"
    if engine == "whoosh":
        from search.whoosh_index import WhooshIndex

        _kept = WhooshIndex(folder)
        index.use(_kept)
    elif engine == "postgresql":
        from search.postgresql import PostgreSQL

        index.use(PostgreSQL())
    else:
        index.use(None)


def kept() -> WhooshIndex | None:
    """The index that this installation has to keep in step with its database, if it has one."""
    return _kept
