"""Tables as files of a spreadsheet, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask import Response

# A cell that begins so is worked out by the programs that open the file, whoever wrote it.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Without it the most used of them reads names with accents wrongly.
BOM = "\ufeff"


def answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a file to keep, under a name that says nothing of a child."""
    kept = StringIO()
    writer = csv.writer(kept)
    writer.writerow(headings)
    writer.writerows([cell(each) for each in row] for row in rows)
    made = Response(BOM + kept.getvalue(), content_type="text/csv; charset=utf-8")
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return made


def cell(value: object) -> str:
    written = "" if value is None else str(value)
    return f"'{written}" if written.startswith(FORMULAS) else written
