"""What has happened in your cases and conversations since you last asked."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import audit
from app.api import door, shapes
from app.api.answers import answer
from app.api.openapi import resources
from app.core.db import AnyRow
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
            "changes": [_pointer(row) for row in found],
            "at": at,
        }
    )


def _pointer(row: AnyRow) -> dict[str, Any]:
    """Of a conversation it names no case: where it is about one, the conversation says so."""
    in_conversation = row.conversation_id is not None
    return {
        "at": row.position,
        "did": row.did,
        "case": None if in_conversation else row.case_id,
        "post": None if in_conversation else row.post_id,
        "conversation": row.conversation_id,
        "message": row.message_id,
        "position": row.message_position if in_conversation else row.post_position,
        "by": row.actor_id,
    }
