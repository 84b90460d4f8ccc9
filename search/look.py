"""Looking through everything that was said, as far as it is the viewer's to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice

from app import access
from app.core.db import AnyRow
from app.core.errors import Invalid
from app.models import Person
from search import apart, asked, filters, index, matching, parsing, ranking, rows, snippets
from search.filters import Narrowed
from search.index import BEST, NEWEST, Document, Index, Mark
from search.query import Everything, Query

PAGE = 20
# No more are counted: "200+".
COUNTED = 200
# Up to so many pages are read whole: texts that are not shown cost less than one statement more.
WHOLE = 3
# So many of those that promise most are ranked by their text.
RANKED = 1_000
# Asked of the database at once.
AT_ONCE = 4_000

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_MARKER = re.compile(r"([0-9]{1,17})-(comment|file|message|post)-([0-9]{1,18})")
_PLACE = re.compile(r"best-([0-9]{1,4})")

# Where something stands, and its row, which begins with what it is and its number.
Told = tuple[Mark, AnyRow]


@dataclass(frozen=True)
class Found:
    """One thing that was found: what, where, when and whose (see `rows.shown`), and how it reads.

    `snippet` is safe HTML.
    """

    row: AnyRow
    snippet: str


@dataclass(frozen=True)
class Results:
    """`older` is the marker of the next page, none at the end.

    How many there are is told with the first page: `count` is at most `COUNTED`, and `more` says
    that there are more; `by_case` has (case, its child's name, how many of those counted).
    `unknown` are filters that name nothing. `search_id` says which search a result was opened
    from.
    """

    found: Sequence[Found] = ()
    older: str | None = None
    count: int | None = None
    more: bool = False
    by_case: Sequence[tuple[int, str, int]] = ()
    unknown: Sequence[tuple[str, str]] = ()
    search_id: int | None = None

    @property
    def ranges(self) -> list[tuple[int, int, int]]:
        """(case, first position, last position) of the posts that were shown: for the audit.

        A case of which only messages were shown has no positions of posts, and (case, 0, 0).
        """
        positions: dict[int, list[int]] = {}
        for row in (each.row for each in self.found):
            if row.case_id is not None:
                positions.setdefault(row.case_id, []).extend(
                    [row.position] if row.post_id is not None else []
                )
        return [
            (case_id, min(shown, default=0), max(shown, default=0))
            for case_id, shown in positions.items()
        ]


def look(
    viewer: Person,
    written: str,
    *,
    how: str,
    order: str = NEWEST,
    before: str | None = None,
    size: int = PAGE,
    typing: bool = False,
    beside: Sequence[int] = (),
) -> Results:
    """What she may read that answers what is written, newest or best first; it is put on record.

    `how` is the door, `beside` are cases that the same answer shows by name. `typing` says that
    the last word may be half typed.
    """
    parsed = parsing.parse(written, typing=typing)
    if isinstance(parsed.query, Everything) and not parsed.filters:
        return Results()
    scope = access.searchable(viewer)
    narrowed = filters.resolve(viewer, scope, parsed.filters)
    search = _Search(viewer, scope, parsed.query, narrowed, index.chosen())
    results = search.best(before, size) if order == BEST else search.newest(before, size)
    ranges = results.ranges + [(case_id, 0, 0) for case_id in beside]
    number = asked.note(viewer, written, ranges, how=how)
    return replace(results, unknown=narrowed.unknown, search_id=number)


@dataclass(frozen=True)
class _Search:
    """One search by one person at one moment."""

    viewer: Person
    scope: access.Scope
    query: Query
    narrowed: Narrowed
    engine: Index

    def newest(self, before: str | None, size: int) -> Results:
        wanted = size if before else max(size, COUNTED)
        candidates = self._candidates(_mark(before) if before else None, wanted + 1)
        marks = list(islice(candidates, wanted + 1))
        # What will be shown is asked of the rules once, with what is shown of it.
        whole = size + 1 if len(marks) > WHOLE * size else len(marks)
        page = self._shown(marks[:whole])
        found, at_once = [*page, *self._permitted(marks[whole:])], wanted + 1
        while len(found) <= wanted and len(marks) == at_once:
            at_once = min(at_once * 2, AT_ONCE)
            marks = list(islice(candidates, at_once))
            found += self._permitted(marks)
        if len(page) < min(size, len(found)):
            page = self._shown([mark for mark, _ in found[:size]])
        older = _marker(found[size - 1][0]) if len(found) > size else None
        told = [_found(self.query, row) for _, row in page[:size]]
        return Results(told, older) if before else _counted(told, older, found)

    def best(self, before: str | None, size: int) -> Results:
        """Ranked anew for each page: what was said in between may have moved it on."""
        first = _place(before) if before else 0
        ranked = ranking.best(self.query, self._promising())
        marks = [each.mark for each in ranked]
        page = self._shown(marks[first : first + size])
        told = [_found(self.query, row) for _, row in page]
        older = f"best-{first + size}" if len(marks) > first + size else None
        if before:
            return Results(told, older)
        return _counted(told, older, [*page, *self._permitted(marks[size : COUNTED + 1])])

    def _candidates(self, before: Mark | None, at_once: int) -> Iterator[Mark]:
        """The marks of what matches, newest first, some of which she may turn out not to read."""
        beside = self._beside()
        indexed = self._indexed(_named(beside), before, at_once)
        if not beside:
            return indexed
        left = (each for each in beside if before is None or each.mark < before)
        marks = sorted((each.mark for each in self._matching(left)), reverse=True)
        return merge(indexed, marks, reverse=True)

    def _indexed(
        self, elsewhere: set[tuple[str, int]], before: Mark | None, at_once: int
    ) -> Iterator[Mark]:
        while True:
            marks = self.engine.find(
                self.query, self.narrowed.filters, self.scope, before=before, size=at_once
            )
            yield from (m for m in marks if m[1:] not in elsewhere) if elsewhere else marks
            if len(marks) < at_once:
                return
            before, at_once = marks[-1], min(at_once * 2, AT_ONCE)

    def _promising(self) -> list[Document]:
        """Those that promise most, each of which she reads, and what no index knows of."""
        beside = self._beside()
        elsewhere, size = _named(beside), RANKED
        while True:
            marks = self.engine.find(
                self.query, self.narrowed.filters, self.scope, order=BEST, size=size
            )
            fresh = [mark for mark in marks if mark[1:] not in elsewhere]
            read = {each.mark: each for each in self._read(fresh)}
            if len(marks) < size or len(read) >= RANKED:
                break
            size *= 2
        promising = [read[mark] for mark in fresh if mark in read][:RANKED]
        return [*promising, *self._matching(beside)]

    def _beside(self) -> list[Document]:
        """What an index does not have, or not as it is now, whether it matches or not."""
        reached, unread = self.engine.reached(), self.narrowed.unread
        return apart.beside(self.viewer, self.scope, reached, unread=unread)

    def _matching(self, documents: Iterable[Document]) -> Iterator[Document]:
        return matching.matching(self.query, self.narrowed.filters, documents)

    def _permitted(self, marks: Sequence[Mark]) -> list[Told]:
        """Those of the marks that she reads, in the order they are in."""
        unread = self.narrowed.unread
        return _told(marks, rows.permitted(self.viewer, self.scope, marks, unread=unread))

    def _shown(self, marks: Sequence[Mark]) -> list[Told]:
        """The same with all that is shown: the rows that hold a text say that she may read it."""
        return _told(marks, rows.shown(self.viewer, marks, unread=self.narrowed.unread))

    def _read(self, marks: Sequence[Mark]) -> Iterator[Document]:
        for start in range(0, len(marks), AT_ONCE):
            part = marks[start : start + AT_ONCE]
            yield from rows.texts(self.viewer, part, unread=self.narrowed.unread)


def _found(query: Query, row: AnyRow) -> Found:
    text = f"{row.text}\n{row.more}" if row.more else row.text
    return Found(row, snippets.snippet(query, text))


def _counted(page: Sequence[Found], older: str | None, found: Sequence[Told]) -> Results:
    about = [(row.case_id, row.child_name) for _, row in found[:COUNTED]]
    names, many = dict(about), Counter(case_id for case_id, _ in about if case_id is not None)
    by_case = [(case_id, names[case_id], times) for case_id, times in many.most_common()]
    return Results(page, older, len(about), len(found) > COUNTED, by_case)


def _named(documents: Iterable[Document]) -> set[tuple[str, int]]:
    return {each.mark[1:] for each in documents}


def _told(marks: Sequence[Mark], found: Iterable[AnyRow]) -> list[Told]:
    rows_of = {row[:2]: row for row in found}
    return [(mark, rows_of[mark[1:]]) for mark in marks if mark[1:] in rows_of]


def _marker(last: Mark) -> str:
    return f"{(last.at - EPOCH) // MICROSECOND}-{last.thing}-{last.id}"


def _mark(marker: str) -> Mark:
    parts = _MARKER.fullmatch(marker)
    if not parts:
        raise Invalid("That page marker is not one of ours.")
    return Mark(EPOCH + int(parts[1]) * MICROSECOND, parts[2], int(parts[3]))


def _place(marker: str) -> int:
    parts = _PLACE.fullmatch(marker)
    if not parts:
        raise Invalid("That page marker is not one of ours.")
    return int(parts[1])
