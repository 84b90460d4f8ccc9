"""What narrows a search, from words to numbers; of cases only those the viewer may see."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.models import KINDS, SYSTEM_KINDS, WORRIES, Agency, Case, Child, ChildName, Person
from search.query import Filters

THINGS = {"post": "posts", "comment": "comments", "message": "messages", "file": "files"}
_DATE = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})")
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

Named = frozenset[str] | frozenset[int]


@dataclass(frozen=True)
class Narrowed:
    """Filters for an index, and what the index cannot know.

    `unknown` are those that name nothing, as ("kind", "viist"): then nothing is found.
    """

    filters: Filters
    unread: bool = False
    unknown: tuple[tuple[str, str], ...] = ()


def resolve(viewer: Person, scope: access.Scope, asked: Iterable[tuple[str, str]]) -> Narrowed:
    """What the filters name. The same one twice lets in both; another one narrows further."""
    among: dict[str, set[Any]] = defaultdict(set)
    between: dict[str, Any] = {}
    unknown, unread = [], False
    for name, value in asked:
        if name in ("since", "before") and (at := _midnight(value)):
            choose, edge = (max, "since") if name == "since" else (min, "until")
            between[edge] = choose(at, between.get(edge, at))
        elif (name, value.lower()) == ("is", "unread"):
            unread = True
        elif named := _named(viewer, scope, name, value):
            among[_SETS.get(name, "author_ids")] |= named
        else:
            unknown.append((name, value))
    if unknown:
        return Narrowed(_NOTHING, unread, tuple(unknown))
    only: dict[str, Any] = {each: frozenset(allowed) for each, allowed in among.items()}
    return Narrowed(Filters(**only, **between), unread)


def _named(viewer: Person, scope: access.Scope, name: str, value: str) -> Named:
    """What one filter lets in; nothing when it names nothing."""
    if (name, value.lower()) in (("is", "mine"), ("from", "me")):
        return frozenset({viewer.id})
    if name == "case":
        return _cases(scope, value)
    if name == "agency":
        return _called(Agency, value)
    if name in ("from", "person"):
        return _called(Person, value)
    kinds = {"in": THINGS, "kind": KINDS | SYSTEM_KINDS, "worry": WORRIES}.get(name, {})
    return _keys(value, kinds)


def _keys(value: str, names: Mapping[str, str]) -> frozenset[str]:
    """By its key or by what people call it: kind:was-not-brought, kind:"Was not brought"."""
    sought = _plain(value)
    return frozenset(key for key, name in names.items() if sought in (_plain(key), _plain(name)))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.replace("’", "'")).strip().lower()


def _cases(scope: access.Scope, value: str) -> frozenset[int]:
    """One of her cases by its number, or those of hers whose child is called so."""
    hers = scope.case_ids | scope.restricted_case_ids
    if value.isdecimal():
        return hers & {int(value)}
    other = aliased(ChildName)
    also = exists(1).where(other.child_id == Child.id, *_has(other.name, value))
    named = select(Case.id).join(Child, Child.id == Case.child_id)
    by_name = named.where(and_(*_has(Child.name, value)) | also.correlate(Child))
    return hers & frozenset(db.session().scalars(by_name))


def _called(table: type[Agency | Person], value: str) -> frozenset[int]:
    """Every agency or person called so; whoever has left is still the author of what they said."""
    if value.isdecimal():
        return frozenset({int(value)}) if int(value) <= db.LARGEST else frozenset()
    return frozenset(db.session().scalars(select(table.id).where(*_has(table.name, value))))


def _has(name: Any, value: str) -> list[ColumnElement[bool]]:
    return [name.icontains(word, autoescape=True) for word in value.split()]


def _midnight(value: str) -> datetime | None:
    """2026-11-01, or 1/11/2026."""
    try:
        if parts := _DATE.fullmatch(value):
            day, month, year = map(int, parts.groups())
            return clock.instant(date(year, month, day), time())
        return clock.instant(date.fromisoformat(value), time())
    except (ValueError, OverflowError):
        return None
