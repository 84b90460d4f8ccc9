"""Finding words in PostgreSQL, which keeps them beside each row: see migrations 0017 and 0024.

What a question costs hangs on how common the words are and on how many cases are looked through.
So the database is first asked how many rows it expects to hold them. Where the newest of what may
be searched will soon be enough, it is walked; otherwise all that matches is collected before it is
put in order. What is expected may be wrong: over many cases each way is followed by another where
it was not enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import REGCLASS, TSQUERY, TSVECTOR, array
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from app.access import Scope
from app.core import db
from app.core.db import AnyRow, AnySelect, Instant
from app.core.errors import Unavailable
from app.models import Attachment, Comment, Message, Post
from search import documents, matching, words
from search.index import BEST, NEWEST, Document, Mark
from search.query import All, Either, Everything, Filters, Not, Phrase, Prefix, Query, Word

LONGEST = "2s"
TOO_LONG = (
    "Search takes too long for this. Look for a rarer word, or within one case or some weeks."
)
# What is in no more cases than these is put in order sooner than the newest of all is tried.
FEW_CASES = 200
# So many matches, wherever they are, are few enough to collect all.
FEW_MATCHES = 2_000
NEW_ROWS = 10_000
# A step to the next newest row takes as long as it takes to learn of so many more that they match;
# over many cases, where each of these is looked at, as it takes for these few.
STEP, STEP_OVER_MANY = 80, 4

_CANCELED = "57014"
# How many parts of the query a row holds, where that decides nothing.
_NO_MATTER: Any = literal(0)

Values = dict[str, Any]
# Which of the values that narrow a search are there.
Given = frozenset[str]
Build = Callable[[str, Given], Any]


class PostgreSQL:
    """The index that the database is itself: it is never behind, and has nothing to be told."""

    def find(
        self,
        query: Query,
        filters: Filters,
        scope: Scope,
        *,
        order: str = NEWEST,
        before: Mark | None = None,
        size: int = 20,
    ) -> list[Mark]:
        things = tuple(_things(filters, scope))
        if not things:
            return []
        values = _values(filters, scope, before, size)
        with _in_time(query, things) as begun:
            values |= {"sought": begun.sought, "parts": begun.parts}
            if order == BEST and _holds_more_or_less(query):
                return _found(dict.fromkeys(things, _most_first), values)
            look = _Look(filters, scope, size)
            ways = {each: look.way(each, getattr(begun, each, None)) for each in things}
            return _found(ways, values)

    def put(self, documents: Iterable[Document]) -> None:
        pass

    def forget(self, things: Iterable[tuple[str, int]]) -> None:
        pass

    def reached(self) -> int | None:
        return None


@dataclass(frozen=True)
class _Look:
    """What decides how the newest matches are looked for."""

    filters: Filters
    scope: Scope
    size: int

    def way(self, thing: str, expected: list[int] | None) -> Build:
        if self._is_over_few(thing):
            return _walked if self._is_soon_enough(expected, STEP) else _all
        return _among_newest if self._is_soon_enough(expected, STEP_OVER_MANY) else _few

    def _is_over_few(self, thing: str) -> bool:
        within = self.scope.conversation_ids if thing == "message" else self.scope.case_ids
        return len(self.filters.case_ids or within) <= FEW_CASES

    def _is_soon_enough(self, expected: list[int] | None, step: int) -> bool:
        """Whether the newest are walked sooner than the matches are collected.

        That is the square of how many match, for more of them make walking shorter and collecting
        longer. What a filter leaves of them is not known.
        """
        matches, rows = expected or (0, 0)
        only = self.filters
        is_narrow = only.kinds or only.worries or only.agency_ids or only.author_ids
        return not is_narrow and step * self.size * max(rows, 1) < matches**2


def _things(only: Filters, scope: Scope) -> Iterator[str]:
    """Those that can match at all: nothing but a post has a kind or a worry."""
    for thing in documents.THINGS:
        if (
            thing in (only.things or {thing})
            and (thing == "post" or not (only.kinds or only.worries))
            and (thing != "message" or scope.conversation_ids)
        ):
            yield thing


def _values(only: Filters, scope: Scope, before: Mark | None, size: int) -> Values:
    """What a statement is given; what is none narrows nothing."""
    at, thing, number = before or (None, None, None)
    return {
        "cases": scope.case_ids & (only.case_ids or scope.case_ids),
        "talks": scope.conversation_ids,
        "only_cases": sorted(only.case_ids) or None,
        "kinds": sorted(only.kinds) or None,
        "worries": sorted(only.worries) or None,
        "agencies": sorted(only.agency_ids) or None,
        "authors": sorted(only.author_ids) or None,
        "since": only.since,
        "until": only.until,
        "at": at,
        "thing": thing,
        "number": number,
        "size": size,
        "few": FEW_MATCHES + 1,
        "new": NEW_ROWS,
    }


def _found(ways: Mapping[str, Build], values: Values) -> list[Mark]:
    """The newest of what is found on these ways, each followed by the next if it is not enough."""
    given = frozenset(name for name in _NARROWING if values[name] is not None)
    found: list[tuple[int, Mark]] = []
    while ways:
        rows = defaultdict(list)
        for row in db.rows(_united(tuple(ways.items()), given), values):
            rows[row.thing].append(row)
        left = {
            each: _NEXT[way] for each, way in ways.items() if _is_lacking(way, rows[each], values)
        }
        found += (
            (row.matches, Mark(row.at, thing, row.id))
            for thing in ways.keys() - left.keys()
            for row in rows[thing]
            if row.id is not None
        )
        ways = left
    return [mark for _, mark in sorted(found, reverse=True)[: values["size"]]]


def _is_lacking(way: Build, rows: Sequence[AnyRow], values: Values) -> bool:
    """Whether there may be more, or newer ones, than this way has found."""
    if way is _few:
        return any(row.id is None and row.matches > FEW_MATCHES for row in rows)
    return way is _among_newest and len(rows) < values["size"]


@lru_cache(maxsize=500)
def _united(ways: tuple[tuple[str, Build], ...], given: Given) -> Any:
    """One statement for several kinds of thing, built once: building costs as much as asking."""
    return union_all(*(select(build(thing, given).subquery()) for thing, build in ways))


def _all(thing: str, given: Given, matches: Any = _NO_MATTER) -> AnySelect:
    """Collect everything that matches, and only then put it in order."""
    rows = _rows(thing).add_columns(matches.label("matches"))
    found = _once_only(rows.where(_in_scope(thing), *_matches(thing, given)))
    newest = (found.c.at.desc(), found.c.id.desc())
    return select(found).order_by(found.c.matches.desc(), *newest).limit(_SIZE)


def _most_first(thing: str, given: Given) -> AnySelect:
    """The same, those that hold most parts of the query first."""
    part = func.unnest(bindparam("parts", type_=ARRAY(Text))).column_valued("part")
    holds = _WORDS[thing].op("@@")(cast(part, TSQUERY))
    return _all(thing, given, select(func.count()).where(holds).scalar_subquery())


def _walked(thing: str, given: Given) -> AnySelect:
    """From the newest of what may be searched on; the first matches that are enough end it."""
    table = aliased(documents.table(thing))
    at = getattr(table, _AT[thing].key)
    there = select(table.id, at.label("at")).where(
        _in_scope(thing, table), *_when(thing, given, at, table.id)
    )
    within = there.order_by(at.desc(), table.id.desc()).subquery()
    return (
        _rows(thing)
        .add_columns(_NO_MATTER.label("matches"))
        .join(within, within.c.id == documents.table(thing).id)
        .where(*_matches(thing, given))
        .order_by(within.c.at.desc(), within.c.id.desc())
        .limit(_SIZE)
    )


def _few(thing: str, given: Given) -> Any:
    """The matches anywhere, as long as they are few; those in the scope, and how many there are."""
    rows = _rows(thing).add_columns(_in_scope(thing).label("is_in"))
    found = _once_only(rows.where(*_matches(thing, given)).limit(bindparam("few", type_=Integer)))
    inside = (
        select(found.c.thing, found.c.id, found.c.at, _NO_MATTER.label("matches"))
        .where(found.c.is_in)
        .order_by(found.c.at.desc(), found.c.id.desc())
        .limit(_SIZE)
    )
    counted = select(
        literal(thing), cast(null(), BigInteger), cast(null(), Instant), func.count()
    ).select_from(found)
    return union_all(select(inside.subquery()), counted)


def _among_newest(thing: str, given: Given) -> AnySelect:
    """The newest matches among the newest rows; the first that are enough end the search."""
    # Where it is stands in a column, and its words have to be fetched.
    is_in = and_(_in_scope(thing), *_matches(thing, given)).label("is_in")
    at, number = _AT[thing], documents.table(thing).id
    rows = _rows(thing).add_columns(is_in).where(*_when(thing, given, at, number))
    newest = rows.order_by(at.desc(), number.desc())
    found = newest.limit(bindparam("new", type_=Integer)).subquery()
    return (
        select(found.c.thing, found.c.id, found.c.at, _NO_MATTER.label("matches"))
        .where(found.c.is_in)
        .order_by(found.c.at.desc(), found.c.id.desc())
        .limit(_SIZE)
    )


def _rows(thing: str) -> AnySelect:
    return documents.columns(thing).with_only_columns(
        literal(thing).label("thing"),
        documents.table(thing).id.label("id"),
        _AT[thing].label("at"),
        maintain_column_froms=True,
    )


def _matches(thing: str, given: Given) -> Iterator[ColumnElement[bool]]:
    """Whether a row matches, wherever it is: what is not asked for is no part of the statement."""
    held, table = _WORDS[thing], documents.table(thing)
    sought = bindparam("sought", type_=Text)
    asked: dict[str, ColumnElement[bool]] = {
        "only_cases": _is_among("only_cases", table.case_id),
        "agencies": _is_among("agencies", documents.agency(thing)),
        "authors": _is_among("authors", table.author_id),
        "kinds": _is_among("kinds", Post.kind, Text),
        "worries": _is_among("worries", Post.worry, Text),
    }
    yield held.op("@@")(cast(sought, TSQUERY)) if "sought" in given else held.is_not(None)
    yield from (asked[name] for name in asked if name in given)
    yield from _when(thing, given, _AT[thing], table.id)
    if thing in ("comment", "file"):
        yield documents.stands(thing)
        yield ~documents.is_apart(thing)


def _when(thing: str, given: Given, at: Any, number: Any) -> Iterator[ColumnElement[bool]]:
    """Whether something of this instant and number stands where it is looked for."""
    if "since" in given:
        yield at >= bindparam("since", type_=Instant)
    if "until" in given:
        yield at < bindparam("until", type_=Instant)
    if "at" not in given:
        return
    mark_at = bindparam("at", type_=Instant)
    mark_thing = bindparam("thing", type_=Text)
    tied = or_(
        literal(thing) < mark_thing.collate("C"),
        and_(literal(thing) == mark_thing, number < bindparam("number", type_=db.BigKey)),
    )
    # An index leads to the first condition, and the second looks at few rows.
    yield at <= mark_at
    yield or_(at < mark_at, tied)


def _in_scope(thing: str, table: Any = None) -> ColumnElement[bool]:
    """Whether a row is where somebody may search: one of the table of things, or of an alias."""
    table = table or documents.table(thing)
    if thing == "message":
        return db.is_among(table.conversation_id, "talks", sqlite=False)
    in_case = db.is_among(table.case_id, "cases", sqlite=False)
    if thing == "file":
        in_talk = db.is_among(Message.conversation_id, "talks", sqlite=False)
        return or_(and_(table.post_id.is_not(None), in_case), in_talk)
    return in_case


def _is_among(name: str, column: Any, kind: Any = BigInteger) -> ColumnElement[bool]:
    some: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(kind)))
    return some


@contextmanager
def _in_time(query: Query, things: Iterable[str]) -> Iterator[AnyRow]:
    """Plan each question for itself, and give up on one that takes too long: on it alone.

    Answers the query and its parts in PostgreSQL's own terms, for it stems the words itself; and of
    each kind of thing how many rows it expects to match and to hold words at all.
    """
    sought = _tsquery(query)
    parts: list[Any] = [cast(_leaf(each), Text) for each in dict.fromkeys(matching.sought(query))]
    asked = select(
        func.set_config("statement_timeout", LONGEST, True),
        # A plan made for any words would be one for the commonest; and compiling a plan takes
        # longer than any of these questions.
        func.set_config("plan_cache_mode", "force_custom_plan", True),
        func.set_config("jit", "off", True),
        cast(sought, Text).label("sought"),
        array[Any](parts, type_=Text()).label("parts"),
        # Names of files are few and short: collecting them is always soon enough.
        *(_expected(thing, sought).label(thing) for thing in things if thing != "file"),
    )
    try:
        with db.aside():
            yield db.rows(asked)[0]
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELED:
            raise
        raise Unavailable(TOO_LONG) from None


def _expected(thing: str, sought: Any) -> Any:
    noun = cast(documents.table(thing).__tablename__, REGCLASS)
    return func.kith_expected(noun, sought, type_=ARRAY(BigInteger))


def _tsquery(query: Query) -> Any:
    """The query in PostgreSQL's own terms; null matches everything."""
    match query:
        case All(parts):
            some = [each for each in map(_tsquery, parts) if each is not _EVERYTHING]
            return reduce(func.tsquery_and, some) if some else _EVERYTHING
        case Either(parts):
            each = list(map(_tsquery, parts))
            has_all = any(one is _EVERYTHING for one in each)
            return _EVERYTHING if has_all else reduce(func.tsquery_or, each)
        case Not(part):
            sought = _tsquery(part)
            return _NOTHING if sought is _EVERYTHING else func.tsquery_not(sought)
        case Everything():
            return _EVERYTHING
        case Word() | Prefix() | Phrase():
            return _leaf(query)


def _leaf(part: Word | Prefix | Phrase) -> Any:
    sought = part.words if isinstance(part, Phrase) else (part.text,)
    if any(len(word.encode()) > words.LONGEST for word in sought):
        return _NOTHING  # no row holds it
    quoted = " <-> ".join(map(_quoted, sought))
    if isinstance(part, Prefix):
        return func.to_tsquery(_AS_WRITTEN, f"{quoted}:*")
    return func.to_tsquery(_STEMS, quoted)


def _quoted(word: str) -> str:
    # Words hold neither quotes nor backslashes: they divide.
    return f"'{word}'"


def _holds_more_or_less(query: Query) -> bool:
    """Whether what matches can hold more or fewer parts of the query."""
    match query:
        case Either():
            return True
        case All(parts):
            return any(map(_holds_more_or_less, parts))
    return False


def _once_only(rows: AnySelect) -> CTE:
    return rows.cte().prefix_with("MATERIALIZED")


_SIZE = bindparam("size", type_=Integer)
_AT: dict[str, Any] = {
    "comment": Comment.posted_at,
    "file": Attachment.kept_at,
    "message": Message.said_at,
    "post": Post.posted_at,
}
# Columns that only PostgreSQL has, and so no model.
_WORDS: dict[str, Any] = {
    "comment": literal_column("comments.words", TSVECTOR),
    "file": literal_column("attachments.words", TSVECTOR),
    "message": literal_column("messages.words", TSVECTOR),
    "post": literal_column("posts.words", TSVECTOR),
}
_STEMS: Any = literal_column("'kith'::regconfig")
_AS_WRITTEN: Any = literal_column("'pg_catalog.simple'::regconfig")
_EVERYTHING: Any = cast(null(), TSQUERY)
_NOTHING: Any = cast("x & !x", TSQUERY)
_NARROWING = (
    "sought",
    "only_cases",
    "agencies",
    "authors",
    "since",
    "until",
    "kinds",
    "worries",
    "at",
)
# What follows where a way was not enough.
_NEXT: dict[Build, Build] = {_few: _among_newest, _among_newest: _all}
