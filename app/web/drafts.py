"""Keeping what somebody is writing, so that nothing is lost with the page."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from app import access, attachments
from app.core import clock
from app.models import Conversation, Person
from app.web import composing, forms, pages
from app.web.filters import wall_clock
from app.web.session import unrecorded
from feeds import drafts
from messaging import conversations
from messaging import drafts as message_drafts


@pages.route("/cases/<int:case_id>/draft", methods=["PUT", "POST"])
@unrecorded
def save_draft(viewer: Person, case_id: int) -> Any:
    case = access.case(viewer, case_id)
    sent = request.get_json() if request.is_json else None
    fields = composing.kept_from(sent) if isinstance(sent, dict) else composing.typed()
    drafts.save(viewer, case, fields)
    if request.is_json or forms.by_script():
        return _saved()
    return redirect(f"/cases/{case_id}#composer", 303)


@pages.put("/conversations/<int:conversation_id>/draft")
@unrecorded
def save_message_draft(viewer: Person, conversation_id: int) -> dict[str, str]:
    _keep(viewer, access.conversation(viewer, conversation_id))
    return _saved()


@pages.put("/cases/<int:case_id>/conversation/draft")
@unrecorded
def save_first_message_draft(viewer: Person, case_id: int) -> dict[str, str]:
    """The network's conversation begins with what somebody is about to say in it."""
    case = access.case(viewer, case_id)
    _keep(viewer, conversations.of_case(viewer, case))
    return _saved()


def _keep(author: Person, talk: Conversation) -> None:
    sent = request.get_json()
    typed = sent if isinstance(sent, dict) else {}
    message_drafts.save(
        author,
        talk,
        str(typed.get("body", "")),
        reply_to_id=forms.as_number(str(typed.get("reply_to", ""))),
        files=min(forms.as_number(str(typed.get("chosen", ""))) or 0, attachments.MOST),
    )


def _saved() -> dict[str, str]:
    return {"saved": f"Draft saved {wall_clock(clock.now())}"}
