"""Files and photos of posts: saved by whoever reads the post, each look on record."""

from __future__ import annotations

from flask import Response

from app import access, attachments, audit
from app.core.errors import NotFound
from app.models import Attachment, Person
from app.web import pages
from app.web.session import content


@pages.get("/attachments/<int:attachment_id>")
@content
def attachment(viewer: Person, attachment_id: int) -> Response:
    found = access.attachment(viewer, attachment_id)
    data = attachments.opened(found)
    _note(viewer, "saved file", found)
    return Response(data, headers=attachments.headers(found))


@pages.get("/attachments/<int:attachment_id>/preview")
@content
def attachment_preview(viewer: Person, attachment_id: int) -> Response:
    """The small one of a photo, for the page; there is none of other files."""
    found = access.attachment(viewer, attachment_id)
    data = attachments.preview(found)
    if data is None:
        raise NotFound(f"attachment:{attachment_id}")
    _note(viewer, "saw photo", found)
    shown = {"Content-Type": "image/jpeg", "Content-Security-Policy": attachments.POLICY}
    return Response(data, headers=shown)


def _note(viewer: Person, did: str, found: Attachment) -> None:
    audit.note(viewer, did, how="page", case_id=found.case_id, about=f"attachment:{found.id}")
