"""Files and photos: sent to a case, given to a post, saved by whoever reads it."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, attachments, audit
from app.api import door, shapes
from app.api.answers import answer, things
from app.api.openapi import resources
from app.models import Person

FIELDS = tuple(shapes.Attachment().fields)
BYTES = {"type": "string", "format": "binary"}


@resources.route("/cases/<int:case_id>/attachments", methods=["POST"], tags=["Files"])
@door.takes_a_file
@door.writes
@resources.arguments(shapes.NewFile, location="files")
@resources.arguments(shapes.NewFileWords, location="form")
@resources.response(201, shapes.Attachment)
def keep_file(
    author: Person, _file: dict[str, Any], words: dict[str, Any], case_id: int
) -> Response:
    """Send one file; name it in a post about this case within a day, or it is forgotten."""
    case = access.case(author, case_id)
    kept = attachments.keep(author, case, door.taken(), words["alt"])
    return answer(things([kept], FIELDS)[0], 201)


@resources.route(
    "/conversations/<int:conversation_id>/attachments", methods=["POST"], tags=["Files"]
)
@door.takes_a_file
@door.writes
@resources.arguments(shapes.NewFile, location="files")
@resources.arguments(shapes.NewFileWords, location="form")
@resources.response(201, shapes.Attachment)
def keep_file_to_send(
    author: Person, _file: dict[str, Any], words: dict[str, Any], conversation_id: int
) -> Response:
    """Send one file; name it in a message of this conversation within a day."""
    talk = access.conversation(author, conversation_id)
    case = access.case(author, talk.case_id) if talk.case_id is not None else None
    kept = attachments.keep(author, case, door.taken(), words["alt"])
    return answer(things([kept], FIELDS)[0], 201)


@resources.route("/attachments/<int:attachment_id>", tags=["Files"])
@door.reads
@resources.response(200, BYTES, content_type="application/octet-stream")
def attachment(viewer: Person, attachment_id: int) -> Response:
    """What is in the file, under its own type and name."""
    found = access.attachment(viewer, attachment_id)
    data = attachments.opened(found)
    audit.note(
        viewer, "saved file", how="api", case_id=found.case_id, about=f"attachment:{found.id}"
    )
    return Response(data, headers=attachments.headers(found))
