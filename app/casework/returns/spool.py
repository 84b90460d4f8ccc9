"""Rows of a file, kept on the disk until all of one child's are together.

A return of many files says a little of a child in each. Holding all of it would take as much
memory as there are children; this takes the same for ten and for a hundred thousand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from app.core import json

# So many rows are written at once.
TOGETHER = 1_000

# A child stands where the file first names them.
_CHILDREN = "CREATE TABLE children (place INTEGER PRIMARY KEY, council_id TEXT UNIQUE)"
_LINES = """
CREATE TABLE lines (
    place INTEGER NOT NULL, number INTEGER NOT NULL, list_no INTEGER NOT NULL,
    row_no INTEGER NOT NULL, cells BLOB NOT NULL, PRIMARY KEY (place, number)
) WITHOUT ROWID
"""

Line = tuple[int, int, Any]


class Spool:
    """In a file without a name, which is gone with the process whatever happens."""

    def __init__(self) -> None:
        # Opened by one thread and read by another only when nobody else has it.
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute(_CHILDREN)
        self._file.execute(_LINES)
        self._waiting: list[tuple[int, int, int, int, bytes]] = []
        self._places: dict[str, int] = {}
        self._rows = 0

    def add(self, council_id: str, list_no: int, row_no: int, values: Any) -> None:
        self._rows += 1
        self._waiting.append(
            (self._place(council_id), self._rows, list_no, row_no, json.dumps(values))
        )
        if len(self._waiting) >= TOGETHER:
            self._write()

    def _place(self, council_id: str) -> int:
        found = self._places.get(council_id)
        if found is None:
            if len(self._places) >= TOGETHER:
                self._places.clear()
            self._file.execute(
                "INSERT INTO children (council_id) VALUES (?) ON CONFLICT DO NOTHING", (council_id,)
            )
            found = self._file.execute(
                "SELECT place FROM children WHERE council_id = ?", (council_id,)
            ).fetchone()[0]
            self._places[council_id] = found
        return int(found)

    def _write(self) -> None:
        self._file.execute("BEGIN")
        self._file.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", self._waiting)
        self._file.execute("COMMIT")
        self._waiting.clear()

    @property
    def total(self) -> int:
        """How many children there are."""
        return int(self._file.execute("SELECT COUNT(*) FROM children").fetchone()[0])

    @property
    def rows(self) -> int:
        return self._rows

    def children(self, start: int = 0) -> Iterator[tuple[str, list[Line]]]:
        """Each child with their rows (list, row, cells) in the order of the file, from one on."""
        self._write()
        found = self._file.execute(
            "SELECT council_id, list_no, row_no, cells FROM children JOIN lines USING (place)"
            " WHERE place > ? ORDER BY place, number",
            (start,),
        )
        for council_id, lines in groupby(found, itemgetter(0)):
            yield council_id, [(number, row, json.loads(cells)) for _, number, row, cells in lines]
