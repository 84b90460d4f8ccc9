"""Whoosh's writer, with a codec that leaves arrays instead of files.

Whoosh's own formats are pickles inside pickles, which run whatever somebody wrote into them, and
its table of contents is another. Here it sorts words and documents in memory, as it always does,
and what it would write stays in this process until it is signed.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.columns import FixedBytesColumn
from whoosh.fields import COLUMN, FieldType, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.formats import Format
from whoosh.writing import NO_MERGE, SegmentWriter

from search.whoosh_index.reading import Facts
from search.whoosh_index.segments import COLUMNS, FIELDS, Arrays, field_arrays

# No text is longer; a place is kept in two bytes.
MOST_WORDS = 65_535

# Its facts, the stems of its words in order, and its words that are not their own stems.
Row = tuple[Facts, Sequence[str], Sequence[str]]


def written(rows: Iterable[Row]) -> Arrays:
    """The arrays of one segment that has these documents."""
    writer = _Writer(_Memory().create_index(SCHEMA), codec=_Codec(), _lk=False, compound=False)
    for facts, stems, words in rows:
        writer.add_document(
            facts=np.array(facts, COLUMNS).tobytes(),
            stem=stems[:MOST_WORDS],
            word=words[:MOST_WORDS],
        )
    writer.commit(mergetype=NO_MERGE)
    arrays: Arrays = writer.newsegment.arrays
    return arrays


class _Places(Format):
    """Each word with the places at which it stands."""

    def word_values(
        self, value: Sequence[str], _analyzer: None, **_: Any
    ) -> Iterator[tuple[str, int, float, bytes]]:
        stands = defaultdict(list)
        for place, word in enumerate(value):
            stands[word].append(place)
        for word, places in stands.items():
            count = len(places)
            yield word, count, float(count), struct.pack(f"<{count}H", *places)


SCHEMA = Schema(
    facts=COLUMN(FixedBytesColumn(COLUMNS.itemsize)),
    stem=FieldType(_Places(), None),
    word=FieldType(_Places(), None),
)


class _Memory(RamStorage):
    """Keeps what Whoosh writes on its way out of every folder."""

    def temp_storage(self, name: str | None = None) -> _Memory:  # noqa: ARG002 - Whoosh names it
        return _Memory()


class _Writer(SegmentWriter):
    def _commit_toc(self, segments: list[_Segment]) -> None:
        """Whoosh keeps no table of contents: the folder has one of its own."""


class _Segment(base.Segment):
    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self.arrays: Arrays = {}
        self._count = 0

    def set_doc_count(self, doccount: int) -> None:
        self._count = doccount

    def doc_count_all(self) -> int:
        return self._count

    def deleted_count(self) -> int:
        return 0

    def should_assemble(self) -> bool:
        return False


class _Codec(base.Codec):
    length_stats = False

    def new_segment(self, _storage: RamStorage, indexname: str) -> _Segment:
        return _Segment(indexname)

    def per_document_writer(self, _storage: RamStorage, segment: _Segment) -> _Documents:
        return _Documents(segment)

    def field_writer(self, _storage: RamStorage, segment: _Segment) -> _Fields:
        return _Fields(segment)


class _Documents(base.PerDocumentWriter):
    def __init__(self, segment: _Segment) -> None:
        self._segment, self._rows = segment, bytearray()
        self.is_closed = False

    def start_doc(self, _number: int) -> None:
        pass

    def add_field(self, *_: Any) -> None:
        pass

    def add_column_value(self, _name: str, _column: FixedBytesColumn, value: bytes) -> None:
        self._rows += value

    def close(self) -> None:
        rows = np.frombuffer(bytes(self._rows), COLUMNS)
        self._segment.arrays |= {
            name: np.ascontiguousarray(rows[name]) for name in COLUMNS.names or ()
        }
        self.is_closed = True


class _Fields(base.FieldWriter):
    """Is given every word in order, and under each its documents in order."""

    def __init__(self, segment: _Segment) -> None:
        self._segment = segment
        self._terms: dict[str, list[bytes]] = {name: [] for name in FIELDS}
        self._counts: dict[str, list[int]] = {name: [] for name in FIELDS}
        self._docs: dict[str, list[int]] = {name: [] for name in FIELDS}
        self._places: dict[str, bytearray] = {name: bytearray() for name in FIELDS}
        self._name = ""
        self.is_closed = False

    def start_field(self, name: str, _field: FieldType) -> None:
        self._name = name

    def start_term(self, text: bytes) -> None:
        self._terms[self._name].append(text)
        self._counts[self._name].append(0)

    def add(self, number: int, weight: float, places: bytes, _length: int) -> None:
        count = int(weight)
        self._counts[self._name][-1] += count
        self._docs[self._name] += [number] * count
        self._places[self._name] += places

    def finish_term(self) -> None:
        pass

    def finish_field(self) -> None:
        pass

    def close(self) -> None:
        for name, with_places in FIELDS.items():
            counts = np.array(self._counts[name], np.int64)
            docs = np.array(self._docs[name], np.int64)
            arrays = field_arrays(name, self._terms[name], counts, docs)
            if with_places:
                arrays[f"{name} places"] = np.frombuffer(bytes(self._places[name]), "<u2")
            self._segment.arrays |= arrays
        self.is_closed = True
