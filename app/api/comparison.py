"""Is it getting better? The same comparison as the page, for a program."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, things
from app.api.openapi import resources
from app.casework import cases
from app.core import db
from app.insight import compare
from app.insight.comparison import Panel, Row
from app.insight.periods import Asked
from app.models import Case, Child, Person

SPAN = tuple(shapes.ComparedSpan().fields)
EVENT = tuple(shapes.ComparedEvent().fields)
WORSE = tuple(shapes.WorseLatest().fields)


@resources.route("/cases/<int:case_id>/comparison", tags=["Cases"])
@door.reads
@resources.arguments(shapes.ComparisonQuery, location="query")
@resources.response(200, shapes.Comparison)
def read_comparison(viewer: Person, query: dict[str, Any], case_id: int) -> Response:
    """What became of each measure before and since a day or an event, or between two times."""
    case = access.case(viewer, case_id)
    child = db.session().get_one(Child, case.child_id)
    siblings = _siblings(viewer, case) if query["way"] == "siblings" else []
    found = compare.of(viewer, (case, child.label), siblings, Asked(**query))
    if found.wrong:
        raise found.wrong
    ranges = [(each, 0, 0) for each in found.cases[1:]]
    audit.note(viewer, "compared", how="api", case_id=case_id, ranges=ranges)
    shown = found.comparison
    return answer(
        {
            "sentence": shown.sentence,
            "way": shown.choice.way,
            "spans": things(shown.choice.spans, SPAN),
            "measures": [_measure(panel) for panel in shown.panels],
            "events": things(found.events, EVENT),
        }
    )


def _siblings(viewer: Person, case: Case) -> list[compare.Named]:
    rows = [row for row in cases.family(viewer, case) if row.case_id]
    return [(access.case(viewer, row.case_id), row.name) for row in rows]


def _measure(panel: Panel) -> dict[str, Any]:
    measure = panel.measure
    return {
        "measure_id": measure.id,
        "name": measure.name,
        "unit": measure.unit,
        "better": measure.better,
        "threshold": measure.threshold,
        "rows": [_row(row, said) for row, said in zip(panel.rows, panel.sentences, strict=True)],
        "headings": list(panel.headings),
        "readings": [list(cells) for cells in panel.readings],
    }


def _row(row: Row, sentence: str) -> dict[str, Any]:
    return {
        "whose": row.whose,
        "before": row.change.before,
        "since": row.change.since,
        "went": row.change.went,
        "word": row.word,
        "latest": row.latest,
        "latest_by": row.latest_by,
        "latest_went": row.moved,
        "worse": things(row.worse, WORSE),
        "sentence": sentence,
    }
