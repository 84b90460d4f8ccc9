"""Every search is on record: that it was made and what it showed, and, sealed, what it was for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, insert, select

from app import audit
from app.core import clock, db, seals, text
from app.models import Person, Search
from search import parsing


def note(viewer: Person, written: str, ranges: Sequence[tuple[int, int, int]], *, how: str) -> int:
    """Put it on record in the transaction of the read; answers its number.

    What was read of it may be a name, so it is sealed. The audit's row says `search:` and the
    number, and so says whatever is opened from it.
    """
    terms = seals.sealed(text.plain(written[: parsing.LONGEST]))
    (search,) = db.rows(_NOTE, {"person_id": viewer.id, "at": clock.now(), "terms": terms})
    audit.note(viewer, "searched", how=how, about=f"search:{search.id}", ranges=ranges or None)
    number: int = search.id
    return number


def opened_from(viewer: Person, search_id: int) -> None:
    """Say in the record of this transaction that all was opened from this search, if it is hers."""
    hers = exists().where(Search.id == search_id, Search.person_id == viewer.id)
    if search_id <= db.LARGEST and db.session().scalar(select(hers)):
        audit.opened_from(search_id)


_NOTE: Any = insert(Search).returning(Search.id)
