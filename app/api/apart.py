"""Who is kept from a case: those who are not members, and those with a conflict of interest."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows
from app.api.openapi import resources
from app.casework import conflicts, people, restrictions
from app.models import Person

RESTRICTION = tuple(shapes.Restriction().fields)
CONFLICT = tuple(shapes.Conflict().fields)


@resources.route("/cases/<int:case_id>/restriction", tags=["Access"])
@door.reads
@resources.response(200, shapes.Restrictions)
def read_restriction(viewer: Person, case_id: int) -> Response:
    """Whether the case is for its members only, and when it was."""
    case = access.case(viewer, case_id)
    found = restrictions.history(case)
    audit.note(viewer, "read access", how="api", case_id=case_id)
    return answer(
        {
            "restricted": any(row.until_at is None for row in found),
            "history": rows(found, RESTRICTION),
        }
    )


@resources.route("/cases/<int:case_id>/restriction", methods=["PUT"], tags=["Access"])
@door.writes
@resources.arguments(shapes.Reason)
@resources.response(204)
def restrict_case(actor: Person, why: dict[str, Any], case_id: int) -> Response:
    """Keep the case for its members: those who supervise them do not see it."""
    restrictions.restrict(actor, access.led_case(actor, case_id), why["reason"])
    return done()


@resources.route("/cases/<int:case_id>/restriction", methods=["DELETE"], tags=["Access"])
@door.writes
@resources.arguments(shapes.Reason)
@resources.response(204)
def lift_restriction(actor: Person, why: dict[str, Any], case_id: int) -> Response:
    """Show the case to those who supervise its members again."""
    restrictions.lift(actor, access.led_case(actor, case_id), why["reason"])
    return done()


@resources.route("/cases/<int:case_id>/conflicts", tags=["Access"])
@door.reads
@resources.response(200, shapes.Conflicts)
def read_conflicts(viewer: Person, case_id: int) -> Response:
    """Who must see nothing of the case and why: for whoever leads it."""
    case = access.led_case(viewer, case_id)
    audit.note(viewer, "read access", how="api", case_id=case_id)
    return answer({"conflicts": rows(conflicts.of(viewer, case), CONFLICT)})


@resources.route("/cases/<int:case_id>/conflicts", methods=["POST"], tags=["Access"])
@door.writes
@resources.arguments(shapes.NewConflict)
@resources.response(201, shapes.Place)
def declare_conflict(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Keep somebody, or yourself, apart from the case: at once, whatever else would open it."""
    case = access.case(actor, case_id)
    declared = conflicts.declare(actor, case, people.find(new["person_id"]), new["reason"])
    return answer({"id": declared.id}, 201)


@resources.route(
    "/cases/<int:case_id>/conflicts/<int:conflict_id>", methods=["DELETE"], tags=["Access"]
)
@door.writes
@resources.arguments(shapes.Reason)
@resources.response(204)
def lift_conflict(actor: Person, why: dict[str, Any], case_id: int, conflict_id: int) -> Response:
    """They see again what they would see without it."""
    conflicts.lift(actor, access.led_case(actor, case_id), conflict_id, why["reason"])
    return done()
