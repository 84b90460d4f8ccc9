"""Asking as a door does, on whichever engine the database is for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core import db, seals
from app.models import Person
from search import indexing, look
from search.index import BEST, Index
from search.look import Results
from search.postgresql import PostgreSQL
from search.whoosh_index import WhooshIndex
from tests import servers

Things = list[tuple[str, int]]


def engine(folder: Path, at_once: int = indexing.AT_ONCE) -> Index:
    """The engine of the database in use, with all in it that there is; `at_once` in a segment."""
    seals.use("a secret of this installation")
    if not db.is_sqlite():
        return PostgreSQL()
    made, usual = WhooshIndex(folder), indexing.AT_ONCE
    indexing.AT_ONCE = at_once
    try:
        assert indexing.rebuild(made)
    finally:
        indexing.AT_ONCE = usual
    return made


def on_each_engine(prove: Callable[[str, str, Path], bool]) -> bool:
    """Whether it is proved on both, each beside a database of its own: name, address, folder."""
    with servers.postgresql() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = [
            prove("Whoosh", f"sqlite:///{folder / 'kith.db'}", folder),
            prove("PostgreSQL", server, folder),
        ]
    return all(results)


def looked(viewer: Person, written: str, **how: Any) -> Results:
    with db.transaction(durable=False):
        return look.look(viewer, written, how="page", **how)


def things(results: Results) -> Things:
    return [(each.row.thing, each.row.id) for each in results.found]


def all_of_it(viewer: Person, written: str, order: str = BEST, size: int = 100) -> Things:
    """Page after page, to the end."""
    found, before = Things(), None
    while True:
        page = looked(viewer, written, order=order, before=before, size=size)
        found += things(page)
        before = page.older
        if not before:
            return found
