"""How a case stands: its dated history, changing it, closing and opening again."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, things
from app.api.openapi import resources
from app.casework import cases, standing
from app.models import Person

FIELDS = tuple(shapes.Status().fields)


@resources.route("/cases/<int:case_id>/status", tags=["Cases"])
@door.reads
@resources.response(200, shapes.Statuses)
def read_statuses(viewer: Person, case_id: int) -> Response:
    """How the case has stood, newest first.

    Why and by whom is null for what was recorded before you were given its history.
    """
    case = access.case(viewer, case_id)
    audit.note(viewer, "read statuses", how="api", case_id=case_id)
    return answer({"statuses": things(standing.history(viewer, case), FIELDS)})


@resources.route("/cases/<int:case_id>/status", methods=["POST"], tags=["Cases"])
@door.writes
@resources.arguments(shapes.NewStatus)
@resources.response(204)
def change_status(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Say how the case stands from a day on; `closed` closes it, another opens it again."""
    case = access.case(actor, case_id)
    cases.change_status(
        actor,
        case,
        new["status"],
        since=new["since"],
        reason=new["reason"],
        category=new["category"],
    )
    return done()
