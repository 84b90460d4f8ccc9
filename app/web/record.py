"""The whole record of one case, to be taken to another system; who does so stands on the page."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template

from app import access, audit
from app.casework import copies, records
from app.core import clock, json
from app.core.errors import Invalid
from app.models import Case, Copy, Person
from app.web import case_head, csv_files, forms, pages
from app.web.chronology import copy_words
from app.web.session import content

# What each table is, for people.
WORDS = {
    "child": "The child: names, dates, school, address and numbers",
    "other_names": "Other names the child is or was known by",
    "statuses": "How the case has stood, and since when",
    "key_dates": "Reviews, conferences and other days",
    "family": "The family",
    "network": "Who is in the network, as what and why",
    "updates": "Every update you may read, with its codes",
    "comments": "What was answered to them",
    "readings": "What was measured",
}


@pages.get("/cases/<int:case_id>/record")
@content
def record(viewer: Person, case_id: int) -> str:
    case = access.case(viewer, case_id)
    audit.note(viewer, "read case", how="page", case_id=case.id)
    return render_template(
        "record.html",
        case=case,
        head=case_head.of(viewer, case, "details"),
        tables=[WORDS[name] for name in records.TABLES],
        copies=[(row, copy_words(row)) for row in copies.of(case, "record")],
        withheld=access.withheld(viewer, case.id),
        reads_from=access.reads_from(viewer, case.id),
    )


@pages.post("/cases/<int:case_id>/record")
@content
def take_record(viewer: Person, case_id: int) -> Response:
    """First it is put on record who takes it, and then it is handed out."""
    case = access.case(viewer, case_id)
    form = forms.text("form")
    if form not in _TAKEN:
        raise Invalid("Choose how you want to take it along.")
    made = copies.take(viewer, case, "record", form)
    tables = records.of(viewer, case)
    audit.note(viewer, "took record", how="page", case_id=case.id)
    answer: Response = _TAKEN[form](case, made, tables)
    return answer


def _as_tables(case: Case, _made: Copy, tables: list[records.Table]) -> Response:
    return csv_files.together(_name(case), [(t.name, t.headings, t.rows) for t in tables])


def _as_json(case: Case, made: Copy, tables: list[records.Table]) -> Response:
    said = {
        "case_id": case.id,
        "as_at": made.made_at,
        "tables": {table.name: table.objects for table in tables},
    }
    answer = Response(json.dumps(said), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_name(case)}.json"'
    return answer


_TAKEN: dict[str, Any] = {"csv": _as_tables, "json": _as_json}


def _name(case: Case) -> str:
    return f"record-{case.id}-{clock.today()}"
