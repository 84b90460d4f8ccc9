"""A named person says: I have seen this and I have it."""

from __future__ import annotations

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows
from app.api.openapi import resources
from app.models import Person
from feeds import acknowledgements

FIELDS = tuple(shapes.Acknowledgement().fields)


@resources.route("/posts/<int:post_id>/acknowledgement", tags=["Posts"])
@door.reads
@resources.response(200, shapes.Acknowledgements)
def read_acknowledgements(viewer: Person, post_id: int) -> Response:
    """Who has acknowledged the post, first to last."""
    post = access.post(viewer, post_id)
    audit.note(
        viewer, "read acknowledgements", how="api", case_id=post.case_id, about=f"post:{post_id}"
    )
    return answer({"acknowledgements": rows(acknowledgements.of(post), FIELDS)})


@resources.route("/posts/<int:post_id>/acknowledgement", methods=["PUT", "POST"], tags=["Posts"])
@door.writes
@resources.response(204)
def acknowledge(person: Person, post_id: int) -> Response:
    """Say that you have seen the post and have it; again changes nothing."""
    acknowledgements.add(person, access.post(person, post_id))
    return done()
