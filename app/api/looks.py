"""Who can see a case and on what ground, and who has looked."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, page, rows
from app.api.openapi import resources
from app.casework import looks
from app.models import Person

LOOK = tuple(shapes.Look().fields)


@resources.route("/cases/<int:case_id>/viewers", tags=["Access"])
@door.reads
@resources.response(200, shapes.Viewers)
def read_viewers(viewer: Person, case_id: int) -> Response:
    """Everybody who sees the case now, and each ground on which they do."""
    case = access.case(viewer, case_id)
    found = looks.viewers(viewer, case)
    audit.note(viewer, "read access", how="api", case_id=case_id)
    return answer({"viewers": [_viewer(each) for each in found]})


@resources.route("/cases/<int:case_id>/looks", tags=["Access"])
@door.reads
@resources.arguments(shapes.LooksQuery, location="query")
@resources.response(200, shapes.Looks)
def read_looks(viewer: Person, query: dict[str, Any], case_id: int) -> Response:
    """Who has looked in the last 90 days, newest first; refused attempts are not among them."""
    case = access.case(viewer, case_id)
    found = looks.of(viewer, case, person_id=query["person_id"], before=query["before"])
    audit.note(viewer, "read access", how="api", case_id=case_id)
    older: dict[str, object] | None = None
    if found.older:
        older = {"before": found.older.isoformat()}
    said = [{**each, "was_member": bool(each["was_member"])} for each in rows(found.rows, LOOK)]
    return page({"looks": said}, older)


def _viewer(each: looks.Viewer) -> dict[str, Any]:
    member, opened = each.membership, each.opened
    return {
        "person_id": each.id,
        "name": each.name,
        "role": each.role,
        "agency_name": each.agency_name,
        "member_since": member and member.from_at,
        "member_until": member and member.until_at,
        "legal_basis": member and member.legal_basis,
        "decided_by": member and member.decided_by,
        "manages": each.manages,
        "emergency_until": opened and opened.until_at,
        "emergency_reference": opened and opened.reference,
    }
