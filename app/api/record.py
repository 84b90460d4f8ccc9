"""The whole record of one case, for the program that keeps the statutory one."""

from __future__ import annotations

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer
from app.api.openapi import resources
from app.casework import copies, records
from app.models import Person


@resources.route("/cases/<int:case_id>/record", tags=["Cases"])
@door.reads
@resources.response(200, shapes.CaseRecord)
def read_record(viewer: Person, case_id: int) -> Response:
    """All you may read of a case. That you take it stands where everybody who sees it reads it."""
    case = access.case(viewer, case_id)
    made = copies.take(viewer, case, "record", "json")
    tables = {table.name: table.objects for table in records.of(viewer, case)}
    audit.note(viewer, "took record", how="api", case_id=case_id)
    return answer(
        {
            "case_id": case_id,
            "as_at": made.made_at,
            "copy_id": made.id,
            "withheld": access.withheld(viewer, case_id),
            "tables": tables,
        }
    )
