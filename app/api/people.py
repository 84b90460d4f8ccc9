"""Colleagues and their agencies: known to one another, as children are not."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.api import door, shapes
from app.api.answers import answer, things
from app.api.me import person_as_sent
from app.api.openapi import resources
from app.casework import people
from app.core import db
from app.models import Agency, Person
from search import find

AGENCY = tuple(shapes.Agency().fields)


@resources.route("/people", tags=["People"])
@door.reads_people
@resources.arguments(shapes.PeopleQuery, location="query")
@resources.response(200, shapes.People)
def read_people(_viewer: Person, query: dict[str, Any]) -> Response:
    """Colleagues by name however it is spelt, role or agency, up to 500."""
    words = query["words"]
    found = people.directory(words, called=find.called(words) if words else ())
    return answer({"people": [person_as_sent(person, agency) for person, agency in found]})


@resources.route("/people/<int:person_id>", tags=["People"])
@door.reads_people
@resources.response(200, shapes.Person)
def person(_viewer: Person, person_id: int) -> Response:
    """One colleague."""
    found = people.find(person_id)
    return answer(person_as_sent(found, db.session().get_one(Agency, found.agency_id)))


@resources.route("/agencies", tags=["People"])
@door.reads_people
@resources.response(200, shapes.Agencies)
def agencies(_viewer: Person) -> Response:
    """The organisations people work for."""
    return answer({"agencies": things(people.agencies(), AGENCY)})
