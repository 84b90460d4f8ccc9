"""The searches somebody saves to ask them again, and those they asked lately: theirs alone.

What was looked for may be a name, so all of it is sealed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core import clock, db, seals, text
from app.core.errors import Invalid, NotFound
from app.models import ClearedSearches, Counter, Notice, Person, SavedSearch, Search
from search import parsing
from search.alerts import COUNTER

# Of one person.
MOST = 50
RECENT = 10
# So many on record are looked through for those that differ.
_LOOKED_THROUGH = 200
LONGEST_NAME = 80

FULL = f"You have {MOST} saved searches, which is as many as there can be. Delete one first."


@dataclass(frozen=True)
class Saved:
    """One saved search, opened; without words when it was sealed under another secret."""

    id: int
    words: str | None
    name: str | None
    alerts: bool
    saved_at: datetime


def save(person: Person, written: str, name: str = "", *, alerts: bool = True) -> int:
    """Keep a search; answers its number. The same words are kept once, as they are kept now."""
    words = text.line(
        written, field="words", longest=parsing.LONGEST, needed="Write what you look for."
    )
    called = _name(name)
    digest = seals.signature(f"saved search {person.id} {words}".encode())
    session = db.session()
    kept = session.scalar(
        select(SavedSearch).where(SavedSearch.person_id == person.id, SavedSearch.digest == digest)
    )
    if kept is None:
        many = select(func.count(SavedSearch.id)).where(SavedSearch.person_id == person.id)
        if (session.scalar(many) or 0) >= MOST:
            raise Invalid(FULL)
        kept = SavedSearch(
            person_id=person.id, terms=seals.sealed(words), digest=digest, saved_at=clock.now()
        )
        session.add(kept)
    kept.name, kept.alerts = called or kept.name, alerts
    session.flush()
    _changed()
    return kept.id


def change(
    person: Person, saved_search_id: int, *, name: str | None = None, alerts: bool | None = None
) -> None:
    """Call it otherwise, or have it alert or not; what is none stays."""
    kept = _own(person, saved_search_id)
    if name is not None:
        kept.name = _name(name)
    if alerts is not None:
        kept.alerts = alerts
        _changed()


def forget(person: Person, saved_search_id: int) -> None:
    """It goes, and what it told of goes with it."""
    kept = _own(person, saved_search_id)
    session = db.session()
    session.execute(delete(Notice).where(Notice.saved_search_id == kept.id))
    session.delete(kept)
    _changed()


def of(person: Person) -> list[Saved]:
    """Hers, the newest first."""
    rows = db.session().scalars(
        select(SavedSearch)
        .where(SavedSearch.person_id == person.id)
        .order_by(SavedSearch.id.desc())
    )
    return [_opened(row) for row in rows]


def one(person: Person, saved_search_id: int) -> Saved:
    return _opened(_own(person, saved_search_id))


def recent(person: Person) -> list[str]:
    """What she asked lately, the newest first, each once; not what she had not typed to the end."""
    cleared = select(ClearedSearches.up_to).where(ClearedSearches.person_id == person.id)
    rows = db.session().scalars(
        select(Search.terms)
        .where(
            Search.person_id == person.id,
            Search.id > func.coalesce(cleared.scalar_subquery(), 0),
        )
        .order_by(Search.id.desc())
        .limit(_LOOKED_THROUGH)
    )
    found: dict[str, None] = {}
    before = ""
    for terms in rows:
        words = " ".join((seals.opened(terms) or "").split())
        if words and not before.startswith(words):
            found[words] = None
        before = words
        if len(found) == RECENT:
            break
    return list(found)


def clear_recent(person: Person) -> None:
    """Her list is empty from here on; what is on record stays there."""
    newest = db.session().scalar(select(func.max(Search.id)).where(Search.person_id == person.id))
    values = {"up_to": newest or 0}
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    db.session().execute(
        insert(ClearedSearches)
        .values(person_id=person.id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )


def _own(person: Person, saved_search_id: int) -> SavedSearch:
    kept = db.session().scalar(
        select(SavedSearch).where(
            SavedSearch.id == min(saved_search_id, db.LARGEST), SavedSearch.person_id == person.id
        )
    )
    if kept is None:
        raise NotFound(f"saved-search:{saved_search_id}")
    return kept


def _opened(row: SavedSearch) -> Saved:
    name = seals.opened(row.name) if row.name else None
    return Saved(row.id, seals.opened(row.terms), name, row.alerts, row.saved_at)


def _name(written: str) -> str | None:
    name = text.line(written, field="name", longest=LONGEST_NAME)
    return seals.sealed(name) if name else None


def _changed() -> None:
    """Let every process read them again; whatever the number is, none has seen it before."""
    db.session().execute(
        update(Counter).where(Counter.name == COUNTER).values(value=secrets.randbits(62))
    )
