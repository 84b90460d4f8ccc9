"""How a case has stood, as much of it as somebody may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app import access
from app.casework import cases
from app.models import Case, CaseStatus, Person


@dataclass(frozen=True)
class Line:
    """One line of the dated history; `is_shared` says whether why and by whom is hers to read."""

    id: int
    status: str
    category: str | None
    since: date
    reason: str | None
    recorded_by_id: int | None
    recorded_at: datetime
    source: str | None
    is_shared: bool


def history(viewer: Person, case: Case) -> list[Line]:
    """How the case has stood, newest first.

    Everybody must know how it stands and since when. Why, and who said so, stands in the stream
    too, and is as much as the stream kept from whoever was given only what came later.
    """
    begins = access.reads_from(viewer, case.id)
    return [_line(row, viewer, begins) for row in cases.history(case)]


def _line(row: CaseStatus, viewer: Person, begins: datetime | None) -> Line:
    is_hers = row.recorded_by_id == viewer.id
    is_shared = is_hers or begins is None or row.recorded_at >= begins
    return Line(
        row.id,
        row.status,
        row.category,
        row.since,
        row.reason if is_shared else None,
        row.recorded_by_id if is_shared else None,
        row.recorded_at,
        row.source,
        is_shared,
    )
