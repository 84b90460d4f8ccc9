"""What you have typed and not yet posted or sent; nobody else ever sees it."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done
from app.api.openapi import resources
from app.core import json
from app.core.errors import Invalid, NotFound
from app.models import Person
from feeds import drafts
from messaging import drafts as message_drafts
from messaging import reading

# A post of the greatest length in any writing, and the rest of its form.
LARGEST = 128 * 1024


@resources.route("/cases/<int:case_id>/draft", tags=["Drafts"])
@door.reads
@resources.response(200, shapes.Draft)
def draft(viewer: Person, case_id: int) -> Response:
    """Your own draft for this case."""
    found = drafts.find(viewer, access.case(viewer, case_id))
    if found is None:
        raise NotFound(f"draft:{case_id}")
    audit.note(viewer, "read draft", how="api", case_id=case_id)
    return answer({"fields": found.fields, "saved_at": found.saved_at})


@resources.route("/cases/<int:case_id>/draft", methods=["PUT"], tags=["Drafts"])
@door.writes
@resources.arguments(shapes.NewDraft)
@resources.response(204)
def save_draft(author: Person, new: dict[str, Any], case_id: int) -> Response:
    """Keep what you have typed so far, for three days."""
    if len(json.dumps(new["form"])) > LARGEST:
        raise Invalid(fields="This is too long for a draft.")
    drafts.save(author, access.case(author, case_id), new["form"])
    return done()


@resources.route("/cases/<int:case_id>/draft", methods=["DELETE"], tags=["Drafts"])
@door.writes
@resources.response(204)
def drop_draft(author: Person, case_id: int) -> Response:
    """Throw the draft away."""
    drafts.drop(author, access.case(author, case_id))
    return done()


@resources.route("/conversations/<int:conversation_id>/draft", tags=["Drafts"])
@door.reads
@resources.response(200, shapes.MessageDraft)
def message_draft(viewer: Person, conversation_id: int) -> Response:
    """Your own draft in this conversation."""
    talk = access.conversation(viewer, conversation_id)
    found = message_drafts.find(viewer, talk)
    if found is None:
        raise NotFound(f"draft:conversation:{conversation_id}")
    about = f"conversation:{conversation_id}"
    audit.note(viewer, "read draft", how="api", case_id=talk.case_id, about=about)
    kept = reading.these(viewer, talk, [found.reply_to_id]) if found.reply_to_id else ()
    reply_to = kept[0].id if kept else None
    return answer({"body": found.body, "reply_to": reply_to, "saved_at": found.saved_at})


@resources.route("/conversations/<int:conversation_id>/draft", methods=["PUT"], tags=["Drafts"])
@door.writes
@resources.arguments(shapes.NewMessageDraft)
@resources.response(204)
def save_message_draft(author: Person, new: dict[str, Any], conversation_id: int) -> Response:
    """Keep what you have typed so far, for three days; nothing but spaces keeps nothing.

    What you answer is kept with it, and alone too.
    """
    talk = access.conversation(author, conversation_id)
    message_drafts.save(author, talk, new["body"], reply_to_id=new["reply_to"])
    return done()


@resources.route("/conversations/<int:conversation_id>/draft", methods=["DELETE"], tags=["Drafts"])
@door.writes
@resources.response(204)
def drop_message_draft(author: Person, conversation_id: int) -> Response:
    """Throw the draft away."""
    message_drafts.drop(author, access.conversation(author, conversation_id))
    return done()
