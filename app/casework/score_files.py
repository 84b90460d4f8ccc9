"""A file of scores from another system: each row once, however often the file comes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, TextIO

from sqlalchemy import select

from app import activity, audit
from app.casework import measures, people
from app.core import clock, db
from app.core.errors import Invalid
from app.models import Case, Child, Person

COLUMNS = ("council_id", "measure", "value", "read_on", "rater")
SOURCE = "scores"
BECAME = ("new", "changed", "same", "refused")
SHOWN = 200
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, as it is written; `key` names a score that is not the day's only."""

    number: int
    council_id: str
    measure: str
    value: str
    read_on: str
    rater: str
    key: str = ""


@dataclass(slots=True)
class Report:
    """What became of each row; a row that is refused is named by its line, and none of it."""

    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def refuse(self, row: Row, sentence: str) -> None:
        self.counts["refused"] += 1
        if len(self.refusals) < SHOWN:
            self.refusals.append(f"line {row.number}: {sentence}")

    def lines(self) -> Iterator[str]:
        yield from (f"Refused: {refusal}" for refusal in self.refusals)
        if self.counts["refused"] > len(self.refusals):
            yield f"And {self.counts['refused'] - len(self.refusals):,} more that were refused."
        if self.dry_run:
            yield "This was a dry run: nothing was kept."
        yield ", ".join(f"{self.counts[each]} {each}" for each in BECAME)


def read(file: TextIO) -> Iterator[Row]:
    """The rows, one by one, so that a large file takes no more room than a small one."""
    lines = csv.DictReader(file)
    missing = set(COLUMNS) - {(name or "").strip().lower() for name in lines.fieldnames or ()}
    if missing:
        raise Invalid(f"The first line must name these columns: {', '.join(COLUMNS)}.")
    for line in lines:
        cells = {
            name.strip().lower(): (cell or "").strip()
            for name, cell in line.items()
            if isinstance(name, str) and not isinstance(cell, list)
        }
        if any(cells.values()):
            kept = {name: cells.get(name, "") for name in (*COLUMNS, "key")}
            yield Row(number=lines.line_num, **kept)


def bring_in(
    actor: Person | None,
    rows: Iterable[Row],
    *,
    each: Callable[[], AbstractContextManager[Any]],
    dry_run: bool = False,
    how: str = "command",
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Keep what is new and what changed; told to nobody.

    `each` wraps the rows of a child that stand together: the door's transaction. Without an
    actor it is the command line of the machine itself.
    """
    if actor is not None:
        people.must_administer(actor)
    report = Report(dry_run)
    for council_id, of_child in groupby(rows, key=lambda row: row.council_id):
        with each():
            _of_child(actor, council_id, of_child, report, how)
        if progress:
            progress(report.counts.total())
    return report


def _of_child(
    actor: Person | None, council_id: str, rows: Iterable[Row], report: Report, how: str
) -> None:
    case_id, is_changed = _case_of(council_id), False
    for row in rows:
        try:
            became = _keep(case_id, row, dry_run=report.dry_run)
        except Invalid as refusal:
            report.refuse(row, refusal.sentence)
        else:
            report.counts[became] += 1
            is_changed = is_changed or became != measures.SAME
    if is_changed and not report.dry_run and case_id is not None:
        activity.record(actor, "imported", case_id=case_id, quiet=True)
        audit.note(actor, "imported", how=how, case_id=case_id, about=SOURCE)


def _keep(case_id: int | None, row: Row, *, dry_run: bool) -> str:
    if case_id is None:
        raise Invalid("No case, or more than one, has this council number.")
    if not _NUMBER.fullmatch(row.value):
        raise Invalid("The value is not a number.")
    on = _day(row.read_on)
    measure, rater = " ".join(row.measure.casefold().split()), row.rater.lower()
    key = row.key or f"{measure}:{on.isoformat()}:{rater}"
    return measures.import_reading(
        case_id,
        measure,
        float(row.value),
        on,
        rater,
        SOURCE,
        f"{SOURCE}:{key}",
        clock.today(),
        dry_run=dry_run,
    )


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid("The day is not written like 2026-03-31.") from None


def _case_of(council_id: str) -> int | None:
    """The one case of the child with this number at the council."""
    if not council_id:
        return None
    query = select(Case.id).join(Child, Child.id == Case.child_id)
    found = db.session().scalars(query.where(Child.council_id == council_id).limit(2)).all()
    return found[0] if len(found) == 1 else None
