"""Who belongs to whom: a child's relatives, which give nobody access."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows, things
from app.api.openapi import resources
from app.casework import cases, families, networks
from app.core import db
from app.insight import family_map
from app.models import Child, Person

FIELDS = tuple(shapes.Relative().fields)
PLACED = tuple(shapes.OnTheMap(exclude=("leads_to", "number")).fields)
TIE = tuple(shapes.MapTie().fields)


@resources.route("/cases/<int:case_id>/family", tags=["Cases"])
@door.reads
@resources.response(200, shapes.Family)
def read_family(viewer: Person, case_id: int) -> Response:
    """The child's relatives; another child only if you see that child's case too."""
    case = access.case(viewer, case_id)
    audit.note(viewer, "read family", how="api", case_id=case_id)
    return answer({"family": rows(cases.family(viewer, case), FIELDS)})


@resources.route("/cases/<int:case_id>/family-map", tags=["Cases"])
@door.reads
@resources.response(200, shapes.FamilyMap)
def read_family_map(viewer: Person, case_id: int) -> Response:
    """The picture of the family in numbers: who stands where, and the ties between them."""
    case = access.case(viewer, case_id)
    child = db.session().get_one(Child, case.child_id)
    network = [row for row in networks.of(case, viewer) if not row.conflicted]
    drawn = family_map.of(child, case_id, cases.family(viewer, case), network)
    audit.note(viewer, "read family map", how="api", case_id=case_id)
    return answer(
        {
            "sentence": drawn.sentence,
            "width": drawn.size[0],
            "height": drawn.size[1],
            "people": [_placed(node) for node in drawn.nodes],
            "ties": things(drawn.ties, TIE),
        }
    )


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


@resources.route("/cases/<int:case_id>/family/<int:link_id>", methods=["PUT"], tags=["Cases"])
@door.writes
@resources.arguments(shapes.NewTie)
@resources.response(204)
def describe_tie(actor: Person, new: dict[str, Any], case_id: int, link_id: int) -> Response:
    """Say how the tie is, on both cases when it joins two children."""
    families.describe_tie(actor, access.case(actor, case_id), link_id, families.Tie(**new))
    return done()


@resources.route("/cases/<int:case_id>/family/<int:link_id>", methods=["DELETE"], tags=["Cases"])
@door.writes
@resources.response(204)
def unlink(actor: Person, case_id: int, link_id: int) -> Response:
    """Take a link away, on both cases when it joins two children."""
    families.unlink(actor, access.case(actor, case_id), link_id)
    return done()


def _placed(node: family_map.Node) -> dict[str, Any]:
    (said,) = things([node], PLACED)
    return {**said, "leads_to": node.to[0], "number": node.to[1]}
