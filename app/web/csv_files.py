"""Tables as files of a spreadsheet, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Response

# A cell that begins so is worked out by the programs that open the file, whoever wrote it.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Without it the most used of them reads names with accents wrongly.
BOM = "\ufeff"


def answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a file to keep, under a name that says nothing of a child."""
    made = Response(written(headings, rows), content_type="text/csv; charset=utf-8")
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return made


def together(
    name: str, tables: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]]
) -> Response:
    """Several tables, each under its name, as one file to keep."""
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as file:
        for table, headings, rows in tables:
            file.writestr(f"{table}.csv", written(headings, rows))
    made = Response(kept.getvalue(), content_type="application/zip")
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return made


def written(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    kept = StringIO()
    writer = csv.writer(kept)
    writer.writerow(headings)
    writer.writerows([cell(each) for each in row] for row in rows)
    return BOM + kept.getvalue()


def cell(value: object) -> str:
    written = "" if value is None else str(value)
    return f"'{written}" if written.startswith(FORMULAS) else written
