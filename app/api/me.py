"""Whose token this is."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from app.api import door, shapes
from app.api.answers import answer, done
from app.api.openapi import resources
from app.casework import people
from app.core import db
from app.models import Agency, Person


@resources.route("/me", tags=["People"])
@door.reads_people
@resources.response(200, shapes.Me)
def me(viewer: Person) -> Response:
    """Whose token this is, and what it may do."""
    agency = db.session().get_one(Agency, viewer.agency_id)
    return answer(person_as_sent(viewer, agency) | {"account": viewer.account, "scope": g.scope})


@resources.route("/me", methods=["PATCH"], tags=["People"])
@door.writes_own
@resources.arguments(shapes.MyChange)
@resources.response(204)
def change_me(actor: Person, change: dict[str, Any]) -> Response:
    """Say that you are away, or back."""
    people.set_out_of_office(actor, change["out_of_office"])
    return done()


def person_as_sent(person: Person, agency: Agency) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "agency_id": agency.id,
        "agency_name": agency.name,
        "agency_type": agency.agency_type,
        "email": person.email,
        "phone": person.phone,
        "out_of_office": person.out_of_office,
    }
