"""Keeping what somebody is writing, so that nothing is lost with the page."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from app import access
from app.core import clock
from app.models import Person
from app.web import composing, forms, pages
from app.web.filters import wall_clock
from app.web.session import unrecorded
from feeds import drafts


@pages.route("/cases/<int:case_id>/draft", methods=["PUT", "POST"])
@unrecorded
def save_draft(viewer: Person, case_id: int) -> Any:
    case = access.case(viewer, case_id)
    sent = request.get_json() if request.is_json else None
    fields = composing.kept_from(sent) if isinstance(sent, dict) else composing.typed()
    drafts.save(viewer, case, fields)
    if request.is_json or forms.by_script():
        return {"saved": f"Draft saved {wall_clock(clock.now())}"}
    return redirect(f"/cases/{case_id}#composer", 303)
