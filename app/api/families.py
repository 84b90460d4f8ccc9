"""Who belongs to whom: a child's relatives, which give nobody access."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows
from app.api.openapi import resources
from app.casework import cases, families
from app.models import Person

FIELDS = tuple(shapes.Relative().fields)


@resources.route("/cases/<int:case_id>/family", tags=["Cases"])
@door.reads
@resources.response(200, shapes.Family)
def read_family(viewer: Person, case_id: int) -> Response:
    """The child's relatives; another child only if you see that child's case too."""
    case = access.case(viewer, case_id)
    audit.note(viewer, "read family", how="api", case_id=case_id)
    return answer({"family": rows(cases.family(viewer, case), FIELDS)})


@resources.route("/cases/<int:case_id>/family", methods=["POST"], tags=["Cases"])
@door.writes
@resources.arguments(shapes.NewRelative)
@resources.response(204)
def link(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Link another child by their case, or an adult by name."""
    case = access.case(actor, case_id)
    if new["case_id"] is None:
        families.link_adult(actor, case, new["name"] or "", new["relation"], new["same_household"])
    else:
        other = access.case(actor, new["case_id"])
        families.link_children(actor, case, other, new["relation"], new["same_household"])
    return done()


@resources.route("/cases/<int:case_id>/family/<int:link_id>", methods=["DELETE"], tags=["Cases"])
@door.writes
@resources.response(204)
def unlink(actor: Person, case_id: int, link_id: int) -> Response:
    """Take a link away, on both cases when it joins two children."""
    families.unlink(actor, access.case(actor, case_id), link_id)
    return done()
