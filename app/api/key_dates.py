"""The days a network must not miss: reviews, conferences, core groups."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, things
from app.api.openapi import resources
from app.casework import cases
from app.core import db
from app.models import Person

FIELDS = tuple(shapes.KeyDate().fields)


@resources.route("/cases/<int:case_id>/key-dates", tags=["Cases"])
@door.reads
@resources.response(200, shapes.KeyDates)
def read_key_dates(viewer: Person, case_id: int) -> Response:
    """What is due, soonest first, and then what was done."""
    case = access.case(viewer, case_id)
    audit.note(viewer, "read key dates", how="api", case_id=case_id)
    return answer({"key_dates": things(cases.key_dates(case), FIELDS)})


@resources.route("/cases/<int:case_id>/key-dates", methods=["POST"], tags=["Cases"])
@door.writes
@resources.arguments(shapes.NewKeyDate)
@resources.response(201, shapes.Place)
def add_key_date(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Say what is due and when."""
    due = cases.add_key_date(actor, access.case(actor, case_id), new["what"], new["due_at"])
    db.session().flush()
    return answer({"id": due.id}, 201)


@resources.route(
    "/cases/<int:case_id>/key-dates/<int:key_date_id>/done", methods=["PUT"], tags=["Cases"]
)
@door.writes
@resources.response(204)
def finish_key_date(actor: Person, case_id: int, key_date_id: int) -> Response:
    """It has been held, or is done."""
    cases.finish_key_date(actor, access.case(actor, case_id), key_date_id)
    return done()
