"""What narrows a search, from words to numbers; of cases only those the viewer may see."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, union_all

from app import access
from app.core import clock, db
from app.models import KINDS, SYSTEM_KINDS, WORRIES, Agency, Case, Child, ChildName, Person
from search import find
from search.index import Document
from search.query import Filters

THINGS = {"post": "posts", "comment": "comments", "message": "messages", "file": "files"}
_WORDS = {"in": THINGS, "kind": KINDS | SYSTEM_KINDS, "worry": WORRIES}
_NAMES = ("case", "agency", "from", "person")
_DATE = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4}|[0-9]{2})")
# The filter of the port that each name sets.
_SETS = {
    "in": "things",
    "kind": "kinds",
    "worry": "worries",
    "case": "case_ids",
    "agency": "agency_ids",
    "from": "author_ids",
    "person": "author_ids",
}
# Nothing is of this kind.
_NOTHING = Filters(things=frozenset({"nothing"}))


@dataclass(frozen=True)
class Narrowed:
    """Filters for an index, and what the index cannot know.

    `unknown` are those that name nothing, as ("kind", "viist"): then nothing is found.
    """

    filters: Filters
    unread: bool = False
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Settled:
    """Filters as far as they are settled without asking who is called so; `named` are the rest."""

    filters: Filters
    named: tuple[tuple[str, str], ...] = ()
    unread: bool = False
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Names:
    """What the child, the author and the agency of a document are called."""

    child: Collection[str] = ()
    author: Collection[str] = ()
    agency: Collection[str] = ()


def resolve(viewer: Person, scope: access.Scope, asked: Iterable[tuple[str, str]]) -> Narrowed:
    """What the filters name. The same one twice lets in both; another one narrows further."""
    settled = settle(asked)
    among: dict[str, frozenset[int]] = {}
    unknown = list(settled.unknown)
    for name, value in settled.named:
        if called := _called_so(viewer, scope, name, value):
            among[_SETS[name]] = among.get(_SETS[name], frozenset()) | called
        else:
            unknown.append((name, value))
    if unknown:
        return Narrowed(_NOTHING, settled.unread, tuple(unknown))
    only: dict[str, Any] = dict(among)
    return Narrowed(replace(settled.filters, **only), settled.unread)


def settle(asked: Iterable[tuple[str, str]]) -> Settled:
    """What can be told of filters without the database."""
    among: dict[str, set[str]] = defaultdict(set)
    between: dict[str, Any] = {}
    named, unknown, unread = [], [], False
    for name, value in asked:
        if name in ("since", "before") and (at := _midnight(value)):
            choose, edge = (max, "since") if name == "since" else (min, "until")
            between[edge] = choose(at, between.get(edge, at))
        elif (name, value.lower()) == ("is", "unread"):
            unread = True
        elif (name, value.lower()) == ("is", "mine"):
            named.append(("from", "me"))
        elif name in _NAMES:
            named.append((name, value))
        elif keys := _keys(value, _WORDS.get(name, {})):
            among[_SETS[name]] |= keys
        else:
            unknown.append((name, value))
    only: dict[str, Any] = {each: frozenset(allowed) for each, allowed in among.items()}
    return Settled(Filters(**only, **between), tuple(named), unread, tuple(unknown))


def let_in(
    person_id: int, named: Iterable[tuple[str, str]], document: Document, names: Names
) -> bool:
    """Whether filters that name somebody let in one document, as `resolve` would for a person."""
    among: dict[str, bool] = defaultdict(bool)
    for name, value in named:
        among[_SETS[name]] |= _names(person_id, name, value, document, names)
    return all(among.values())


def _names(person_id: int, name: str, value: str, document: Document, names: Names) -> bool:
    if (name, value.lower()) == ("from", "me"):
        return document.author_id == person_id
    number, called = {
        "case": (document.case_id, names.child),
        "agency": (document.agency_id, names.agency),
    }.get(name, (document.author_id, names.author))
    if value.isdecimal():
        return number == int(value)
    is_so = _has if name == "agency" else _is_called
    return any(is_so(value, each) for each in called)


def _called_so(viewer: Person, scope: access.Scope, name: str, value: str) -> frozenset[int]:
    """What one filter lets in; nothing when it names nothing."""
    if (name, value.lower()) == ("from", "me"):
        return frozenset({viewer.id})
    if not value.strip() or (value.isdecimal() and int(value) > db.LARGEST):
        return frozenset()
    if name == "case":
        return _cases(viewer, scope, value)
    return _agencies(value) if name == "agency" else _people(value)


def _keys(value: str, names: Mapping[str, str]) -> frozenset[str]:
    """By its key or by what people call it: kind:was-not-brought, kind:"Was not brought"."""
    sought = _plain(value)
    return frozenset(key for key, name in names.items() if sought in (_plain(key), _plain(name)))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.replace("’", "'")).strip().lower()


def _cases(viewer: Person, scope: access.Scope, value: str) -> frozenset[int]:
    """One of her cases by its number, or those of hers whose child is called so."""
    hers = scope.case_ids | scope.restricted_case_ids
    if value.isdecimal():
        return hers & {int(value)}
    near = find.children_near(viewer, value)
    own = select(Case.id, Child.name).join(Child, Child.id == Case.child_id)
    other = select(Case.id, ChildName.name).join(ChildName, ChildName.child_id == Case.child_id)
    called: Any = union_all(
        own.where(or_(Case.child_id.in_(near), _has_all(Child.name, value))),
        other.where(or_(Case.child_id.in_(near), _has_all(ChildName.name, value))),
    )
    rows = db.rows(called)
    return hers & {row.id for row in rows if row.name and _is_called(value, row.name)}


def _agencies(value: str) -> frozenset[int]:
    called = Agency.id == int(value) if value.isdecimal() else _has_all(Agency.name, value)
    return frozenset(db.session().scalars(select(Agency.id).where(called)))


def _people(value: str) -> frozenset[int]:
    """Everybody called so; whoever has left is still the author of what they said."""
    if value.isdecimal():
        return frozenset(db.session().scalars(select(Person.id).where(Person.id == int(value))))
    may_be = or_(Person.id.in_(find.people_near(value)), _has_all(Person.name, value))
    rows = db.rows(select(Person.id, Person.name).where(may_be))
    return frozenset(row.id for row in rows if _is_called(value, row.name))


def _is_called(value: str, name: str) -> bool:
    return _has(value, name) or find.is_surely(value, name)


def _has(value: str, name: str) -> bool:
    words = value.lower().split()
    return bool(words) and all(word in name.lower() for word in words)


def _has_all(name: Any, value: str) -> ColumnElement[bool]:
    return and_(*(name.icontains(word, autoescape=True) for word in value.split()))


def _midnight(value: str) -> datetime | None:
    """2026-11-01, or 1/11/2026, or 1/11/26."""
    try:
        if parts := _DATE.fullmatch(value):
            day, month, year = map(int, parts.groups())
            return clock.instant(date(year + 2000 * (year < 100), month, day), time())
        return clock.instant(date.fromisoformat(value), time())
    except (ValueError, OverflowError):
        return None
