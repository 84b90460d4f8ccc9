"""Taking back one score that was wrong."""

from __future__ import annotations

from typing import Any

from flask import render_template

from app import access, audit
from app.casework import measures
from app.core.errors import NotAllowed
from app.models import Person, Reading
from app.web import forms, pages
from app.web.session import content


@pages.get("/readings/<int:reading_id>/withdrawal")
@content
def reading_withdrawal(viewer: Person, reading_id: int) -> str:
    found = access.reading(viewer, reading_id)
    if not measures.may_withdraw(viewer, found):
        raise NotAllowed(measures.WHO_WITHDRAWS)
    return _form(viewer, found, {})


@pages.post("/readings/<int:reading_id>/withdrawal")
@content
def withdraw_reading(viewer: Person, reading_id: int) -> Any:
    found = access.reading(viewer, reading_id)

    def act() -> str:
        measures.withdraw(viewer, found, forms.text("reason"))
        return _back(found)

    def again(errors: forms.Errors) -> str:
        return _form(viewer, found, errors)

    return forms.send(viewer, act, again, done="The score is withdrawn.")


def _form(viewer: Person, found: Reading, errors: forms.Errors) -> str:
    audit.note(
        viewer, "read reading", how="page", case_id=found.case_id, about=f"reading:{found.id}"
    )
    return render_template(
        "withdraw_reading.html",
        reading=measures.shown(found),
        back=_back(found),
        values=forms.values(reason=""),
        errors=errors,
        key=forms.new_key(),
    )


def _back(found: Reading) -> str:
    return f"/posts/{found.post_id}" if found.post_id else f"/cases/{found.case_id}"
