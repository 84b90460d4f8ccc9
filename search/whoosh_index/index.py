"""What is asked of the folder and changed in it, as the port says."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, groupby
from math import log
from pathlib import Path

import numpy as np

from app.access import Scope
from search import words
from search.documents import THINGS
from search.index import NEWEST, Document, Mark, NotReady
from search.query import Filters, Query
from search.whoosh_index import reading, segments
from search.whoosh_index.folder import INDEX, NEXT, Damaged, Folder, Part, Reached, Table
from search.whoosh_index.reading import Facts, Open
from search.whoosh_index.segments import Arrays, Segment

# So many segments of about one size become one, unless that would have more documents than this:
# to merge them costs half a second and hundreds of megabytes, while people search.
MOST_ALIKE = 5
LARGEST = 50_000
# A segment that has lost more than one in so many documents is written again without them.
ONE_IN = 8

Key = tuple[str, int]
# A segment as the table names it, and what is in it.
Pair = tuple[Part, Open]


@dataclass(frozen=True)
class _Shelf:
    table: Table
    pairs: tuple[Pair, ...] = ()


class WhooshIndex:
    """Answers from memory, from what its table names; a newer one is opened when it is there."""

    def __init__(self, path: Path, table: str = INDEX) -> None:
        self.path, self._folder, self._name = path, Folder(path), table
        self._opening = threading.Lock()
        self._shelf: tuple[object, _Shelf] | None = None

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
        shelf = self._usable()
        if shelf is None:
            raise NotReady
        opened = [each for _, each in shelf.pairs]
        asked = reading.asked(query, filters, scope)
        if order == NEWEST:
            return reading.newest(opened, asked, before, size)
        return reading.best(opened, asked, size)

    def is_ready(self) -> bool:
        """Whether there is one, whole and as it was written here."""
        return self._usable() is not None

    def reached(self) -> int:
        """The position of the last activity that is in it; 0 while there is none."""
        return self.point().position

    def point(self) -> Reached:
        shelf = self._usable()
        return shelf.table.reached if shelf else Reached()

    def put(self, documents: Iterable[Document]) -> None:
        self.write(documents, ())

    def forget(self, things: Iterable[Key]) -> None:
        self.write((), things)

    def write(
        self, documents: Iterable[Document], things: Iterable[Key], reached: Reached | None = None
    ) -> None:
        """Put these, forget those and say how far it has got: all of it or nothing."""
        put = {key(each): each for each in documents}
        with self._writing() as shelf:
            if reached is not None and self._folder.stamp(self._name) is None:
                raise Damaged
            pairs = _without(shelf.pairs, {*put, *things})
            if put:
                pairs.append(self._kept(_arrays_of(put.values())))
            table = shelf.table if reached is None else replace(shelf.table, reached=reached)
            self._save(table, self._tidied(pairs))

    def keys(self) -> Iterator[Key]:
        """All that can be found in it, whoever may."""
        shelf = self._usable()
        for _, each in shelf.pairs if shelf else ():
            for mark in reading.marks(each):
                yield mark.thing, mark.id

    def __len__(self) -> int:
        shelf = self._now()
        return sum(int(np.count_nonzero(each.live)) for _, each in shelf.pairs) if shelf else 0

    def differing(self, documents: Iterable[Document]) -> list[Key]:
        """Those of the documents that it has otherwise, or not at all."""
        shelf = self._usable()
        opened = [each for _, each in shelf.pairs] if shelf else []
        wanted = {key(each): reading.facts(each) for each in documents}
        return [each for each, facts in wanted.items() if reading.known(opened, facts) != facts]

    def erase(self) -> None:
        """Write every segment anew that still holds words of what was forgotten.

        An index that is being built beside this one begins again, for it may hold such words.
        """
        with self._writing() as shelf:
            self._folder.drop(NEXT)
            clean = [pair for pair in shelf.pairs if not pair[0].gone]
            anew = (self._merged([pair]) for pair in shelf.pairs if pair[0].gone)
            self._save(shelf.table, [*clean, *chain.from_iterable(anew)])

    @contextmanager
    def leased(self, *, patiently: bool = False) -> Iterator[bool]:
        """Be the only one that brings it on; says whether that is so.

        The system ends the lease of whoever dies.
        """
        with self._folder.held("indexing", patiently=patiently) as is_ours:
            yield is_ours

    @contextmanager
    def building(self) -> Iterator[Next | None]:
        """What is to take the place of this index; nothing while somebody else builds it."""
        with self._folder.held("building", patiently=False) as is_ours:
            yield Next(self.path) if is_ours else None

    @contextmanager
    def _writing(self) -> Iterator[_Shelf]:
        """What there is, while nobody else can change it."""
        with self._folder.held():
            yield self._now() or _Shelf(Table(is_whole=self._name == INDEX))

    def _save(self, table: Table, pairs: Sequence[Pair]) -> None:
        table = replace(table, parts=tuple(part for part, _ in pairs))
        self._folder.write(self._name, table)
        with self._opening:
            self._shelf = self._folder.stamp(self._name), _Shelf(table, tuple(pairs))
        self._folder.sweep()

    def _usable(self) -> _Shelf | None:
        with suppress(Damaged):
            shelf = self._now()
            return shelf if shelf and shelf.table.is_whole else None
        return None

    def _now(self) -> _Shelf | None:
        with self._opening:
            stamp = self._folder.stamp(self._name)
            if self._shelf is None or self._shelf[0] != stamp:
                opened = self._opened()
                self._shelf = (stamp, opened) if opened else None
            return self._shelf[1] if self._shelf else None

    def _opened(self) -> _Shelf | None:
        before = self._shelf[1].pairs if self._shelf else ()
        known = {part.name: each.segment for part, each in before}
        while (table := self._folder.read(self._name)) is not None:
            try:
                pairs = [(part, self._open(part, known.get(part.name))) for part in table.parts]
            except FileNotFoundError:
                # Merged away since the table was read; if there is no newer one, it is lost.
                if self._folder.read(self._name) == table:
                    raise Damaged from None
            else:
                return _Shelf(table, tuple(pairs))
        return None

    def _open(self, part: Part, segment: Segment | None = None) -> Open:
        if segment is None:
            segment = Segment(segments.unpacked(self._folder.load(part)))
        live = np.ones(part.count, bool)
        live[list(part.gone)] = False
        return Open(segment, live)

    def _kept(self, arrays: Arrays) -> Pair:
        part = self._folder.keep(segments.packed(arrays), len(arrays["at"]))
        return part, self._open(part, Segment(arrays))

    def _merged(self, pairs: Iterable[Pair]) -> list[Pair]:
        left = [(each.segment, each.live) for _, each in pairs if each.live.any()]
        return [self._kept(segments.merged(left))] if left else []

    def _tidied(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        while due := _due(pairs):
            pairs = [*_besides(pairs, due), *self._merged(due)]
        return pairs


class Next(WhooshIndex):
    """An index that is being built: nobody is answered from it before it is whole.

    It keeps what it has come to with each step, so that who dies goes on from there.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, NEXT)

    def begin(self, reached: Reached) -> Key | None:
        """Go on from the thing that is answered, or begin with none, as of this activity."""
        with self._folder.held():
            with suppress(Damaged):
                shelf = self._now()
                if shelf is not None:
                    return shelf.table.come_to
            self._save(Table(reached=reached), ())
            return None

    def add(self, documents: Iterable[Document], come_to: Key, after: Key | None) -> None:
        """Add what comes next; `Damaged` when somebody has taken away what came before."""
        put = {key(each): each for each in documents}
        with self._writing() as shelf:
            if shelf.table.come_to != after:
                raise Damaged
            kept = [self._kept(_arrays_of(put.values()))] if put else []
            table = replace(shelf.table, come_to=come_to)
            self._save(table, self._tidied([*shelf.pairs, *kept]))

    def finish(self, after: Key | None) -> None:
        """Be the index from now on."""
        with self._writing() as shelf:
            if shelf.table.come_to != after:
                raise Damaged
            self._save(replace(shelf.table, is_whole=True, come_to=None), shelf.pairs)
            self._folder.switch()
            self._folder.sweep()


def key(document: Document) -> Key:
    return document.mark.thing, document.mark.id


def _besides(pairs: Iterable[Pair], some: Iterable[Pair]) -> list[Pair]:
    named = {part.name for part, _ in some}
    return [pair for pair in pairs if pair[0].name not in named]


def _without(pairs: Iterable[Pair], changed: set[Key]) -> list[Pair]:
    known = [(THINGS.index(thing), number) for thing, number in changed if thing in THINGS]
    things, ids = np.array(known, np.int64).reshape(-1, 2).T
    return [_less(part, each, segments.keys(things, ids)) for part, each in pairs]


def _less(part: Part, each: Open, keys: segments.Numbers) -> Pair:
    numbers = each.segment.numbers(keys)
    if not each.live[numbers].any():
        return part, each
    live = each.live.copy()
    live[numbers] = False
    return replace(part, gone=tuple(np.flatnonzero(~live).tolist())), Open(each.segment, live)


def _due(pairs: Iterable[Pair]) -> list[Pair]:
    """What is to become one segment next, if anything."""

    def size(pair: Pair) -> int:
        return pair[0].count - len(pair[0].gone)

    def level(pair: Pair) -> int:
        return int(log(max(1, size(pair)), MOST_ALIKE))

    for pair in pairs:
        if len(pair[0].gone) * ONE_IN > pair[0].count:
            return [pair]
    for _, alike in groupby(sorted(pairs, key=level), level):
        some = list(alike)
        if len(some) >= MOST_ALIKE and sum(map(size, some)) <= LARGEST:
            return some
    return []


def _arrays_of(documents: Iterable[Document]) -> Arrays:
    # Whoosh takes a tenth of a second to import, which only who writes has to wait for.
    from search.whoosh_index.writer import written

    return written(_row(each) for each in documents)


def _row(each: Document) -> tuple[Facts, list[str], list[str]]:
    tokens = words.tokens(each.text)
    stems = [words.stem(token) for token in tokens]
    as_written = [token for token, stem in zip(tokens, stems, strict=True) if token != stem]
    return reading.facts(each), stems, as_written
