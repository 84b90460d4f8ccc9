"""Finding words in PostgreSQL, which keeps them beside each row: see migration 0017.

What a plan costs hangs on how common the words are and on how many cases are looked through, and
the planner guesses both. So each question is built such that a wrong guess stays cheap: what
matches is collected before it is put in order (left to itself, the planner would walk through
everything from the newest on and hope), and over many cases it is asked in up to three steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
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
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, array
from sqlalchemy.exc import OperationalError

from app.access import Scope
from app.core import db
from app.core.db import AnySelect, Instant
from app.core.errors import Unavailable
from app.models import Attachment, Comment, Message, Post
from search import documents, matching, words
from search.index import BEST, NEWEST, Document, Mark
from search.query import All, Either, Everything, Filters, Not, Phrase, Prefix, Query, Word

LONGEST = "2s"
TOO_LONG = (
    "Search takes too long for this. Look for a rarer word, or within one case or some weeks."
)
# With more cases than these, what is common is looked for among the newest rows first.
FEW_CASES = 100
# So many matches, wherever they are, are few enough to collect all.
FEW_MATCHES = 2_000
NEW_ROWS = 10_000

_CANCELED = "57014"
# How many parts of the query a row holds, where that decides nothing.
_NO_MATTER: Any = literal(0)
_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

Values = dict[str, Any]


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
        things = tuple(_things(filters))
        if not things:
            return []
        with _in_time(query) as sought:
            values = sought | _values(filters, scope, before, size)
            if order == BEST and _holds_more_or_less(query):
                return _found(_most_first, things, values)
            if len(scope.case_ids) <= FEW_CASES:
                return _found(_all, things, values)
            return _in_steps(things, values)

    def put(self, documents: Iterable[Document]) -> None:
        pass

    def forget(self, things: Iterable[tuple[str, int]]) -> None:
        pass

    def reached(self) -> int | None:
        return None


def _things(only: Filters) -> Iterator[str]:
    """Those that can match at all: nothing but a post has a kind or a worry."""
    for thing in documents.THINGS:
        if thing in (only.things or {thing}) and (
            thing == "post" or not (only.kinds or only.worries)
        ):
            yield thing


def _values(only: Filters, scope: Scope, before: Mark | None, size: int) -> Values:
    return {
        "cases": sorted(scope.case_ids & (only.case_ids or scope.case_ids)),
        "talks": sorted(scope.conversation_ids),
        "only_cases": sorted(only.case_ids) or None,
        "kinds": sorted(only.kinds) or None,
        "worries": sorted(only.worries) or None,
        "agencies": sorted(only.agency_ids) or None,
        "authors": sorted(only.author_ids) or None,
        "since": only.since or _EVER[0],
        "until": only.until or _EVER[1],
        "at": before.at if before else _EVER[1],
        "thing": before.thing if before else "",
        "number": before.id if before else 0,
        "size": size,
        "few": FEW_MATCHES + 1,
        "new": NEW_ROWS,
    }


def _in_steps(things: tuple[str, ...], values: Values) -> list[Mark]:
    """Rare words by their few matches, common ones among the newest rows, the rest all through."""
    found, many = [], set()
    for row in db.rows(_united(_few, things), values):
        if row.id is not None:
            found.append(Mark(row.at, row.thing, row.id))
        elif row.matches > FEW_MATCHES:
            many.add(row.thing)
    found = [mark for mark in found if mark.thing not in many]
    for thing in sorted(many):
        marks = _found(_among_newest, (thing,), values)
        found += marks if len(marks) == values["size"] else _found(_all, (thing,), values)
    return sorted(found, reverse=True)[: values["size"]]


def _found(build: Callable[[str], Any], things: tuple[str, ...], values: Values) -> list[Mark]:
    rows = db.rows(_united(build, things), values)
    best = sorted(((row.matches, Mark(row.at, row.thing, row.id)) for row in rows), reverse=True)
    return [mark for _, mark in best[: values["size"]]]


@lru_cache(maxsize=200)
def _united(build: Callable[[str], Any], things: tuple[str, ...]) -> Any:
    """One statement for several kinds of thing, built once: building costs as much as asking."""
    return union_all(*(select(build(thing).subquery()) for thing in things))


def _all(thing: str, matches: Any = _NO_MATTER) -> AnySelect:
    """Collect everything that matches, and only then put it in order."""
    rows = _rows(thing).add_columns(matches.label("matches"))
    found = _once_only(rows.where(_matches(thing), _in_scope(thing)))
    newest = (found.c.at.desc(), found.c.id.desc())
    return select(found).order_by(found.c.matches.desc(), *newest).limit(_SIZE)


def _most_first(thing: str) -> AnySelect:
    """The same, those that hold most parts of the query first."""
    part = func.unnest(bindparam("parts", type_=ARRAY(Text))).column_valued("part")
    holds = _WORDS[thing].op("@@")(cast(part, TSQUERY))
    return _all(thing, select(func.count()).where(holds).scalar_subquery())


def _few(thing: str) -> Any:
    """The matches anywhere, as long as they are few; those in the scope, and how many there are."""
    rows = _rows(thing).add_columns(_in_scope(thing).label("is_in"))
    found = _once_only(rows.where(_matches(thing)).limit(bindparam("few", type_=Integer)))
    nothing = cast(null(), BigInteger)
    inside = (
        select(found.c.thing, found.c.id, found.c.at, nothing.label("matches"))
        .where(found.c.is_in)
        .order_by(found.c.at.desc(), found.c.id.desc())
        .limit(_SIZE)
    )
    counted = select(literal(thing), nothing, cast(null(), Instant), func.count())
    return union_all(select(inside.subquery()), counted.select_from(found))


def _among_newest(thing: str) -> AnySelect:
    """The newest matches among the newest rows; the first that are enough end the search."""
    is_in = and_(_matches(thing), _in_scope(thing)).label("is_in")
    newest = (_AT[thing].desc(), documents.table(thing).id.desc())
    rows = _rows(thing).add_columns(is_in).where(*_before(thing)).order_by(*newest)
    found = rows.limit(bindparam("new", type_=Integer)).subquery()
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


def _matches(thing: str) -> ColumnElement[bool]:
    """Whether a row matches, wherever it is."""
    held, table = _WORDS[thing], documents.table(thing)
    sought = bindparam("sought", type_=Text)
    conditions = [
        # With a value, only one of the two is left for the planner.
        or_(and_(sought.is_(None), held.is_not(None)), held.op("@@")(cast(sought, TSQUERY))),
        _is_among("only_cases", table.case_id),
        _is_among("agencies", documents.agency(thing)),
        _is_among("authors", table.author_id),
        _AT[thing] >= bindparam("since", type_=Instant),
        _AT[thing] < bindparam("until", type_=Instant),
        *_before(thing),
    ]
    if thing == "post":
        conditions += [
            _is_among("kinds", Post.kind, Text),
            _is_among("worries", Post.worry, Text),
        ]
    if thing in ("comment", "file"):
        conditions += [documents.stands(thing), ~documents.is_apart(thing)]
    return and_(*conditions)


def _before(thing: str) -> list[ColumnElement[bool]]:
    at, number = _AT[thing], documents.table(thing).id
    mark_at = bindparam("at", type_=Instant)
    mark_thing = bindparam("thing", type_=Text)
    tied = or_(
        literal(thing) < mark_thing.collate("C"),
        and_(literal(thing) == mark_thing, number < bindparam("number", type_=db.BigKey)),
    )
    # An index leads to the first condition, and the second looks at few rows.
    return [at <= mark_at, or_(at < mark_at, tied)]


def _in_scope(thing: str) -> ColumnElement[bool]:
    in_talk = _is_any("talks", Message.conversation_id)
    if thing == "message":
        return in_talk
    in_case = _is_any("cases", documents.table(thing).case_id)
    if thing == "file":
        return or_(and_(Attachment.post_id.is_not(None), in_case), in_talk)
    return in_case


def _is_any(name: str, column: Any, kind: Any = BigInteger) -> ColumnElement[bool]:
    some: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(kind)))
    return some


def _is_among(name: str, column: Any, kind: Any = BigInteger) -> ColumnElement[bool]:
    """The same, for a filter that may not be set."""
    return or_(bindparam(name, type_=ARRAY(kind)).is_(None), _is_any(name, column, kind))


@contextmanager
def _in_time(query: Query) -> Iterator[Values]:
    """Plan each question for itself, and give up on one that takes too long: on it alone.

    Answers the query and its parts in PostgreSQL's own terms: it stems the words itself.
    """
    parts: list[Any] = [cast(_leaf(each), Text) for each in dict.fromkeys(matching.sought(query))]
    asked = select(
        func.current_setting("statement_timeout").label("usual"),
        func.set_config("statement_timeout", LONGEST, True),
        # A plan made for any words would be one for the commonest; and compiling a plan takes
        # longer than any of these questions.
        func.set_config("plan_cache_mode", "force_custom_plan", True),
        func.set_config("jit", "off", True),
        cast(_tsquery(query), Text).label("sought"),
        array[Any](parts, type_=Text()).label("parts"),
    )
    try:
        with db.attempt():
            begun = db.session().execute(asked).one()
            yield {"sought": begun.sought, "parts": begun.parts}
            db.session().execute(_END, {"usual": begun.usual})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELED:
            raise
        raise Unavailable(TOO_LONG) from None


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
_END = select(func.set_config("statement_timeout", bindparam("usual"), True))
