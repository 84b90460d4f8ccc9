"""One segment: arrays of documents and of where each word stands, never changed once written.

Numbers stand in files as they stand in memory, so that a segment is opened by reading it, and
nothing in it is ever run. It is kept in memory as it was when its signature was checked.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]
Bools = NDArray[np.bool_]
Arrays = dict[str, Numbers]

# What is known of each document, one column each: `at` counts microseconds, and `sum` tells one
# text from another.
COLUMNS = np.dtype(
    [
        ("at", "<i8"),
        ("thing", "u1"),
        ("id", "<i8"),
        ("case", "<i8"),
        ("conversation", "<i8"),
        ("author", "<i8"),
        ("agency", "<i8"),
        ("kind", "<u4"),
        ("worry", "<u4"),
        ("sum", "<u4"),
    ]
)
# Words by their stems, and as written where that is something else; of these no places are kept,
# for only the beginning of what somebody types is looked for among them.
FIELDS = {"stem": True, "word": False}
MAGIC = b"kith segment 1\n"
_PLACE = 16


class Terms(Sequence[bytes]):
    """The different words of a field, in order, read where they lie."""

    def __init__(self, texts: Numbers, ends: Numbers) -> None:
        self._texts, self._ends = texts, ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: Any) -> Any:
        start = self._ends[place - 1] if place else 0
        return self._texts[start : self._ends[place]].tobytes()


class Field:
    """Where the words of one field stand: `docs` has a number for each time one does."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self.terms = Terms(arrays[f"{name} texts"], arrays[f"{name} ends"])
        self.starts = arrays[f"{name} starts"]
        self.docs = arrays[f"{name} docs"]
        self.places = arrays.get(f"{name} places")

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each of the words stands."""
        return self.starts[1:].astype(np.int64) - self.starts[:-1]

    def exactly(self, text: str) -> slice:
        """The stretch of `docs` that is of one word; an empty one when it is not there."""
        wanted = text.encode()
        number = bisect_left(self.terms, wanted)
        if number == len(self.terms) or self.terms[number] != wanted:
            return slice(0)
        return self._stretch(number, number + 1)

    def beginning(self, text: str) -> slice:
        """The stretch that is of all the words that begin so: they stand one after another."""
        wanted = text.encode()
        if not wanted:
            return slice(0, len(self.docs))
        first = bisect_left(self.terms, wanted)
        # No UTF-8 has this byte.
        return self._stretch(first, bisect_left(self.terms, wanted + b"\xff", lo=first))

    def phrase(self, words: Sequence[str]) -> Numbers:
        """The documents in which these words follow one another, one for each time they do."""
        stretches = [self.exactly(word) for word in words]
        assert self.places is not None
        found: Numbers | None = None
        # The rarest first: it leaves the least to look for.
        for step in sorted(range(len(words)), key=lambda each: _length(stretches[each])):
            stretch = stretches[step]
            # In one number the document and the place at which the phrase would begin.
            at = (self.docs[stretch].astype(np.int64) << _PLACE) + self.places[stretch] - step
            found = at if found is None else found[_are_in(found, at)]
        assert found is not None
        return found >> _PLACE

    def _stretch(self, first: int, after: int) -> slice:
        return slice(int(self.starts[first]), int(self.starts[after]))


class Segment:
    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.stems, self.words = Field(arrays, "stem"), Field(arrays, "word")

    def __len__(self) -> int:
        return len(self.arrays["at"])

    def __getitem__(self, column: str) -> Numbers:
        return self.arrays[column]

    @cached_property
    def places(self) -> tuple[Numbers, Numbers]:
        """The cases and conversations there are, and which of them each document stands in.

        A conversation is a number below nothing. Permission is asked of these few.
        """
        talk = self["conversation"]
        return np.unique(np.where(talk > 0, -talk, self["case"]), return_inverse=True)

    @cached_property
    def _by_key(self) -> tuple[Numbers, Numbers]:
        every = keys(self["thing"], self["id"])
        order = np.argsort(every, kind="stable")
        return every[order], order

    def numbers(self, wanted: Numbers) -> Numbers:
        """The documents that are of these things, given as `keys`."""
        every, order = self._by_key
        if not len(every):
            return order
        at = np.minimum(np.searchsorted(every, wanted), len(every) - 1)
        found: Numbers = order[at[every[at] == wanted]]
        return found


def keys(things: Numbers, ids: Numbers) -> Numbers:
    """One number for each thing and its own: there are few kinds of things."""
    return ids.astype(np.int64) * 8 + things


def packed(arrays: Arrays) -> bytes:
    """The bytes of a segment's file."""
    head = [[name, each.dtype.str, len(each)] for name, each in arrays.items()]
    pieces = [MAGIC + json.dumps(head).encode() + b"\n", *(a.tobytes() for a in arrays.values())]
    return b"".join(each.ljust(_aligned(len(each)), b"\0") for each in pieces)


def unpacked(data: bytes) -> Arrays:
    """The arrays of a segment's file; only of one whose signature held."""
    head, _, _ = data[len(MAGIC) :].partition(b"\n")
    start, arrays = _aligned(len(MAGIC) + len(head) + 1), {}
    for name, kind, count in json.loads(head):
        arrays[name] = np.frombuffer(data, np.dtype(kind), count, start)
        start += _aligned(arrays[name].nbytes)
    return arrays


def merged(parts: Iterable[tuple[Segment, Bools]]) -> Arrays:
    """The arrays of one segment in place of several, without the documents that are gone.

    A word that stood in those alone is gone as well.
    """
    sources = list(parts)
    arrays = {
        str(name): np.concatenate([segment[str(name)][live] for segment, live in sources])
        for name in COLUMNS.names or ()
    }
    for name, with_places in FIELDS.items():
        arrays |= _merged_field(name, sources, with_places=with_places)
    return arrays


def _merged_field(name: str, sources: list[tuple[Segment, Bools]], *, with_places: bool) -> Arrays:
    fields = [Field(segment.arrays, name) for segment, _ in sources]
    every = sorted(set().union(*(field.terms for field in fields)))
    number = {text: place for place, text in enumerate(every)}
    terms, docs, places, before = [], [], [], 0
    for field, (_, live) in zip(fields, sources, strict=True):
        own = np.fromiter((number[text] for text in field.terms), np.int64, len(field.terms))
        kept = live[field.docs]
        terms.append(np.repeat(own, field.counts)[kept])
        docs.append((before + np.cumsum(live) - 1)[field.docs[kept]])
        if with_places and field.places is not None:
            places.append(field.places[kept])
        before += int(np.count_nonzero(live))
    term = np.concatenate(terms)
    # Stable, so that under each word documents stay in order.
    order = np.argsort(term, kind="stable")
    counts = np.bincount(term, minlength=len(every))
    left = [text for text, count in zip(every, counts, strict=True) if count]
    arrays = field_arrays(name, left, counts[counts > 0], np.concatenate(docs)[order])
    if with_places:
        arrays[f"{name} places"] = np.concatenate(places)[order]
    return arrays


def field_arrays(name: str, terms: Sequence[bytes], counts: Any, docs: Any) -> Arrays:
    """What is kept of a field besides places: its words, in order, and where each stands."""
    lengths = np.fromiter(map(len, terms), np.int64, len(terms))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return {
        f"{name} texts": np.frombuffer(b"".join(terms), np.uint8),
        f"{name} ends": np.cumsum(lengths).astype("<u4"),
        f"{name} starts": starts.astype("<u4"),
        f"{name} docs": np.asarray(docs).astype("<u4"),
    }


def _aligned(size: int) -> int:
    """The next place at which a processor likes numbers to begin."""
    return -(-size // 8) * 8


def _length(stretch: slice) -> int:
    return int(stretch.stop - (stretch.start or 0))


def _are_in(few: Numbers, many: Numbers) -> Bools:
    """Which of the few are among the many; both are in order."""
    if not len(many):
        return np.zeros(len(few), bool)
    found: Bools = many[np.minimum(np.searchsorted(many, few), len(many) - 1)] == few
    return found
