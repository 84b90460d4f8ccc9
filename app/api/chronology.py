"""What mattered in a child's life, by when it happened, and who took it along."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, page, rows, things
from app.api.openapi import resources
from app.casework import copies, standing
from app.insight import chronology
from app.models import Person

LINE = tuple(shapes.ChronologyLine().fields)
COPY = tuple(shapes.CopyTaken().fields)


@resources.route("/cases/<int:case_id>/chronology", tags=["Cases"])
@door.reads
@resources.arguments(shapes.ChronologyQuery, location="query")
@resources.response(200, shapes.Chronology)
def read_chronology(viewer: Person, query: dict[str, Any], case_id: int) -> Response:
    """Significant events of all agencies, oldest first: what was told, imported and measured."""
    case = access.case(viewer, case_id)
    after, size = query.pop("after"), query.pop("size")
    only = chronology.Only(**query)
    found = chronology.of(viewer, case, only, standing.history(viewer, case))
    marks = found.after(after) if after else found.marks
    shown = marks[:size]
    lines = chronology.read(viewer, case, found, shown)
    audit.note(viewer, "read chronology", how="api", case_id=case_id)
    body = {
        "sentence": found.sentence,
        "total": len(found.marks),
        "withheld": found.withheld,
        "reads_from": found.reads_from,
        "lines": things(lines, LINE),
    }
    return page(body, {"after": shown[-1].cursor} if len(marks) > size else None)


@resources.route("/cases/<int:case_id>/copies", tags=["Access"])
@door.reads
@resources.response(200, shapes.Copies)
def read_copies(viewer: Person, case_id: int) -> Response:
    """Who printed or kept what of the case, newest first."""
    case = access.case(viewer, case_id)
    found = copies.of(case, size=copies.AT_ONCE)
    audit.note(viewer, "read copies", how="api", case_id=case_id)
    taken = [
        {**each, "everything": bool(each["everything"]), "by_words": bool(each["by_words"])}
        for each in rows(found, COPY)
    ]
    return answer({"copies": taken})
