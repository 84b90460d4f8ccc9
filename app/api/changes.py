"""What has happened in your cases since you last asked: for programs that follow many."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import audit
from app.api import door, shapes
from app.api.answers import answer
from app.api.openapi import resources
from app.models import Person
from feeds import changes


@resources.route("/changes", tags=["Following"])
@door.reads
@resources.arguments(shapes.ChangesQuery, location="query")
@resources.response(200, shapes.Changes)
def read_changes(viewer: Person, query: dict[str, Any]) -> Response:
    """Pointers after a position, oldest first, at most 200; without one, only where to begin."""
    newest = changes.newest()
    found = changes.since(viewer, query["after"]) if "after" in query else []
    audit.note(viewer, "read changes", how="api")
    at = found[-1].position if len(found) == changes.AT_ONCE else newest
    return answer(
        {
            "changes": [
                {
                    "at": row.position,
                    "did": row.did,
                    "case": row.case_id,
                    "post": row.post_id,
                    "position": row.post_position,
                    "by": row.actor_id,
                }
                for row in found
            ],
            "at": at,
        }
    )
