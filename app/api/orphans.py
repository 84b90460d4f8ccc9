"""Cases that nobody leads, by number alone: for administrators."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import audit
from app.api import door, shapes
from app.api.answers import done, page, rows
from app.api.openapi import resources
from app.casework import networks, people
from app.models import Person

FIELDS = tuple(shapes.Orphan().fields)


@resources.route("/cases-without-a-lead", tags=["Accounts"])
@door.reads_accounts
@resources.arguments(shapes.OrphansQuery, location="query")
@resources.response(200, shapes.Orphans)
def read_orphans(viewer: Person, query: dict[str, Any]) -> Response:
    """The cases that nobody who sees them leads, by number."""
    skip, size = query["skip"], query["size"]
    found = networks.orphans(viewer, closed=query["closed"], skip=skip, size=size + 1)
    audit.note(viewer, "read cases without a lead", how="api")
    more = {"skip": skip + size} if len(found) > size else None
    return page({"cases": rows(found[:size], FIELDS)}, more)


@resources.route("/cases-without-a-lead/<int:case_id>/lead", methods=["PUT"], tags=["Accounts"])
@door.writes_accounts
@resources.arguments(shapes.NewLead)
@resources.response(204)
def appoint_lead(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Make a colleague of the last lead the lead of a case that has none."""
    networks.appoint_lead(actor, case_id, people.find(new["person_id"]), new["reason"])
    return done()
