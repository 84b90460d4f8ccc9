"""The port to whatever finds words: it answers which things match, in order, and nothing else.

The database is the truth. An index is a cache that may be thrown away; what it answers is asked of
the database again, through the rules, before anybody sees it. It never answers text or a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from app.access import Scope
from app.core.errors import Unavailable
from search.query import Filters, Query

NEWEST, BEST = "newest", "best"


# Plain tuples: each search makes, compares and puts in order hundreds of them.
class Mark(NamedTuple):
    """Where a thing stands among all that is found, newest last; also what names it."""

    at: datetime
    thing: str  # post, comment, message, file
    id: int


class Document(NamedTuple):
    """What is indexed of one thing. Its text is looked through, and not kept.

    Nothing of a restricted case or of a post with a named audience is ever put in an index.
    """

    mark: Mark
    text: str
    case_id: int | None
    conversation_id: int | None
    author_id: int
    agency_id: int
    kind: str = ""
    worry: str = ""


class NotReady(Unavailable):
    """There is no whole index yet: one is being built."""

    sentence = "Search is being made ready. Try again in a few minutes. Everything else works."


class Index(Protocol):
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
        """What matches within the scope: the newest first, or what promises most first.

        `before` goes on after the last mark of the page before (newest first only). Best first
        gives those that hold the most parts of the query and among these the newest, so that no
        weight of words over the index decides: `ranking.py` then ranks them by their text.
        """
        ...

    def reached(self) -> int | None:
        """The position of the last activity it knows of; none when it is never behind."""
        ...

    def put(self, documents: Iterable[Document]) -> None:
        """Index these, each in place of what was indexed of it before; durable on return."""
        ...

    def forget(self, things: Iterable[tuple[str, int]]) -> None:
        """Find these no more; durable on return."""
        ...


_chosen: Index | None = None


def use(chosen: Index | None) -> None:
    """Choose what finds words in this process; with none, search is away."""
    global _chosen
    _chosen = chosen


def chosen() -> Index:
    if _chosen is None:
        raise Unavailable("Search is not available at the moment. Everything else works.")
    return _chosen
