"""Looking through segments: which documents hold what is looked for, and in which order.

A question is answered for all documents of a segment at once, as one array of yes and no, and what
somebody may see is taken from columns: a list of 3,000 cases costs as much as one of three.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from zlib import crc32

import numpy as np

from app.access import Scope
from search import matching, words
from search.documents import THINGS
from search.index import Document, Mark
from search.query import All, Either, Everything, Filters, Not, Phrase, Prefix, Query, Word
from search.whoosh_index.segments import COLUMNS, Bools, Numbers, Segment, keys

# A thing's place among them is its number: marks of one instant stand in the same order.
assert list(THINGS) == sorted(THINGS)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

Found = list[tuple[int, Mark]]
# One document's row of COLUMNS.
Facts = tuple[int, ...]


def ticks(at: datetime) -> int:
    return (at - _EPOCH) // _TICK


def code(word: str) -> int:
    """The number a kind or a worry has in its column, in every version and on every machine."""
    return crc32(word.encode())


def facts(document: Document) -> Facts:
    return (
        ticks(document.mark.at),
        THINGS.index(document.mark.thing),
        document.mark.id,
        document.case_id or 0,
        document.conversation_id or 0,
        document.author_id,
        document.agency_id,
        code(document.kind),
        code(document.worry),
        code(document.text),
    )


@dataclass(frozen=True)
class Open:
    """A segment as it counts now: `live` are the documents that are not gone."""

    segment: Segment
    live: Bools


@dataclass(frozen=True)
class Asked:
    """What is looked for, and where it may be: numbers of cases, and below nothing of talks."""

    query: Query
    filters: Filters
    places: Numbers


def asked(query: Query, filters: Filters, scope: Scope) -> Asked:
    talks = (-each for each in scope.conversation_ids)
    return Asked(query, filters, _numbers([*scope.case_ids, *talks]))


def newest(shelf: Iterable[Open], what: Asked, before: Mark | None, size: int) -> list[Mark]:
    found: Found = []
    for each in shelf:
        numbers = _matching(each, what)
        if before is not None:
            numbers = numbers[_stand_before(each.segment, numbers, before)]
        numbers = _newest(each.segment, numbers, size)
        found += _marked(each.segment, numbers, each.segment["at"][numbers])
    return _in_order(found)[:size]


def best(shelf: Iterable[Open], what: Asked, size: int) -> list[Mark]:
    """Those that hold the most parts of the query, and of those that hold as many the newest."""
    parts = dict.fromkeys(matching.sought(what.query))
    found: Found = []
    for each in shelf:
        numbers = _matching(each, what)
        held = np.zeros(len(numbers), int)
        for part in parts:
            held += _holds(each.segment, part)[numbers]
        left = size
        for count in range(len(parts), -1, -1):
            some = _newest(each.segment, numbers[held == count], left)
            found += _marked(each.segment, some, np.full(len(some), count))
            left = max(0, left - len(some))
    return _in_order(found)[:size]


def known(shelf: Iterable[Open], wanted: Facts) -> Facts | None:
    """What is kept of the thing that these facts are about."""
    place = {name: number for number, name in enumerate(COLUMNS.names or ())}
    key = keys(np.array([wanted[place["thing"]]]), np.array([wanted[place["id"]]]))
    for each in shelf:
        for number in each.segment.numbers(key):
            if each.live[number]:
                return tuple(int(each.segment[name][number]) for name in place)
    return None


def marks(each: Open) -> list[Mark]:
    """All that can be found in it."""
    numbers = np.flatnonzero(each.live)
    return [mark for _, mark in _marked(each.segment, numbers, numbers)]


def _matching(each: Open, what: Asked) -> Numbers:
    """The documents that match, that stand where they may and that nothing filters out."""
    segment, filters = each.segment, what.filters
    numbers = np.flatnonzero(_holds(segment, what.query) & each.live)
    if not len(numbers):
        return numbers
    names, place_of = segment.places
    numbers = numbers[np.isin(names, what.places)[place_of[numbers]]]
    for column, allowed in _allowed(filters):
        numbers = numbers[np.isin(segment[column][numbers], allowed)]
    if filters.since is not None:
        numbers = numbers[segment["at"][numbers] >= ticks(filters.since)]
    if filters.until is not None:
        numbers = numbers[segment["at"][numbers] < ticks(filters.until)]
    return numbers


def _allowed(filters: Filters) -> Iterator[tuple[str, Numbers]]:
    for column, names in (("kind", filters.kinds), ("worry", filters.worries)):
        if names:
            yield column, _numbers(map(code, names))
    if filters.things:
        yield "thing", _numbers(THINGS.index(each) for each in filters.things if each in THINGS)
    for column, ids in (
        ("case", filters.case_ids),
        ("agency", filters.agency_ids),
        ("author", filters.author_ids),
    ):
        if ids:
            yield column, _numbers(ids)


def _holds(segment: Segment, query: Query) -> Bools:
    match query:
        case Everything():
            return np.ones(len(segment), bool)
        case All(parts):
            held = (_holds(segment, part) for part in parts)
            return reduce(np.logical_and, held, np.ones(len(segment), bool))
        case Either(parts):
            held = (_holds(segment, part) for part in parts)
            return reduce(np.logical_or, held, np.zeros(len(segment), bool))
        case Not(part):
            return ~_holds(segment, part)
        case _:
            found = np.zeros(len(segment), bool)
            found[_occurrences(segment, query)] = True
            return found


def _occurrences(segment: Segment, leaf: Word | Prefix | Phrase) -> Numbers:
    """The documents that hold it, one for each time they do."""
    stems, written = segment.stems, segment.words
    match leaf:
        case Word(text):
            stem = words.stem(text)
            both = stems.docs[stems.exactly(stem)], written.docs[written.exactly(stem)]
        case Prefix(text):
            both = stems.docs[stems.beginning(text)], written.docs[written.beginning(text)]
        case Phrase(texts):
            return stems.phrase([words.stem(text) for text in texts])
    return np.concatenate(both)


def _stand_before(segment: Segment, numbers: Numbers, mark: Mark) -> Bools:
    at, when = segment["at"][numbers], ticks(mark.at)
    thing, which = segment["thing"][numbers], THINGS.index(mark.thing)
    lower = (thing < which) | ((thing == which) & (segment["id"][numbers] < mark.id))
    earlier: Bools = (at < when) | ((at == when) & lower)
    return earlier


def _newest(segment: Segment, numbers: Numbers, size: int) -> Numbers:
    """The newest so many in no order, and with the last of them all that are as old."""
    if len(numbers) <= size or size == 0:
        return numbers[: len(numbers) if size else 0]
    at = segment["at"][numbers]
    last = np.partition(at, len(at) - size)[len(at) - size]
    newest: Numbers = numbers[at >= last]
    return newest


def _marked(segment: Segment, numbers: Numbers, worth: Numbers) -> Found:
    rows = zip(
        worth.tolist(),
        segment["at"][numbers].tolist(),
        segment["thing"][numbers].tolist(),
        segment["id"][numbers].tolist(),
        strict=True,
    )
    return [
        (each, Mark(_EPOCH + at * _TICK, THINGS[thing], number)) for each, at, thing, number in rows
    ]


def _in_order(found: Found) -> list[Mark]:
    return [mark for _, mark in sorted(found, reverse=True)]


def _numbers(ids: Iterable[int]) -> Numbers:
    return np.fromiter(ids, np.int64)
