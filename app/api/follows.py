"""Following a case, and how far you have read it."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access
from app.api import door, shapes
from app.api.answers import done
from app.api.openapi import resources
from app.models import Person
from feeds import follows


@resources.route("/cases/<int:case_id>/follow", methods=["PUT"], tags=["Following"])
@door.writes
@resources.response(204)
def follow(person: Person, case_id: int) -> Response:
    """Hear of what is posted here: it comes into your feed."""
    follows.follow(person, access.case(person, case_id))
    return done()


@resources.route("/cases/<int:case_id>/follow", methods=["DELETE"], tags=["Following"])
@door.writes
@resources.response(204)
def unfollow(person: Person, case_id: int) -> Response:
    """Hear no more of this case; you may still read it."""
    follows.unfollow(person, access.case(person, case_id))
    return done()


@resources.route("/cases/<int:case_id>/read", methods=["PUT"], tags=["Following"])
@door.writes
@resources.arguments(shapes.Read)
@resources.response(204)
def mark_read(person: Person, read: dict[str, Any], case_id: int) -> Response:
    """You have read everything up to this position; it never moves back."""
    follows.mark_read(person, access.case(person, case_id), read["position"])
    return done()
