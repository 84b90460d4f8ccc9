"""Opening a case in an emergency: asking, being the second person, closing it again."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, render_template, url_for

from app import audit
from app.casework import children
from app.casework import emergencies as casework
from app.casework.children import Sought
from app.core import clock
from app.core.errors import NotFound, TooFast
from app.models import EMERGENCIES, BreakGlass, Person
from app.web import filters, forms, pages
from app.web.look_ups import say_seen
from app.web.session import content, require_fresh


@pages.get("/emergencies")
@content
def emergencies(viewer: Person) -> str:
    """What waits for this person as the second one, and what they have opened themselves."""
    audit.note(viewer, "read emergencies", how="page")
    return render_template(
        "emergencies.html",
        waiting=casework.waiting(viewer),
        mine=casework.mine(viewer),
        words=EMERGENCIES,
    )


@pages.get("/emergencies/new")
@content
def new_emergency(_viewer: Person) -> str:
    return _form({})


@pages.post("/emergencies/new")
@content
def break_glass(viewer: Person) -> Any:
    """Straight to the case: the words are checked first, so that a slip costs no second proof."""

    def act() -> str:
        sought = _sought()
        because = casework.why(forms.text("emergency"), forms.text("reason"))
        require_fresh()
        # Of what they see before it opens: the case that is opened is said by itself.
        seen = children.find(viewer, sought).seen
        return _went(viewer, sought, casework.break_glass(viewer, sought, because), seen)

    try:
        return forms.send(viewer, act, _form)
    except TooFast as refusal:
        audit.note(viewer, "asked in an emergency", how="page", outcome="refused")
        return make_response(_form({"": refusal.sentence}), refusal.status)


@pages.get("/emergencies/<int:emergency_id>")
@content
def emergency(viewer: Person, emergency_id: int) -> str:
    return _page(viewer, emergency_id, {})


@pages.post("/emergencies/<int:emergency_id>/approval")
@content
def approve_emergency(viewer: Person, emergency_id: int) -> Any:
    def act() -> str:
        if casework.find(viewer, emergency_id).person_id == viewer.id:
            raise NotFound(f"emergency:{emergency_id}")
        require_fresh()
        glass = casework.approve(viewer, emergency_id)
        _note(viewer, "approved emergency", glass)
        return url_for("web.emergencies")

    return forms.send(
        viewer,
        act,
        lambda errors: _page(viewer, emergency_id, errors),
        done="Approved. If there is a case, it is open to them for 60 minutes.",
    )


@pages.post("/emergencies/<int:emergency_id>/closure")
@content
def end_emergency(viewer: Person, emergency_id: int) -> Any:
    def act() -> str:
        casework.end(viewer, emergency_id)
        about = f"emergency:{emergency_id}"
        audit.note(viewer, "ended emergency", how="page", about=about, outcome="done")
        return url_for("web.emergencies")

    return forms.send(
        viewer,
        act,
        lambda errors: _page(viewer, emergency_id, errors),
        done="The case is closed to you again.",
    )


def _sought() -> Sought:
    if forms.text("case").strip():
        return children.of_case(forms.text("case"))
    return children.sought(
        forms.text("name"), forms.day("born_on"), forms.text("number_or_postcode")
    )


def _went(viewer: Person, sought: Sought, glass: BreakGlass, seen: tuple[int, ...]) -> str:
    """Where to go on: the case when it is open, else the page that says that nothing was."""
    _note(viewer, "asked in an emergency", glass)
    if sought.case_id in seen:
        flash("You see this case already, so nothing was opened in an emergency.")
        return url_for("web.case", case_id=sought.case_id)
    say_seen(seen)
    if glass.until_at is None or glass.case_id is None:
        return url_for("web.emergency", emergency_id=glass.id)
    until = filters.wall_clock(glass.until_at)
    flash(f"The case is open to you until {until}. Its network is told, with your reason.")
    return url_for("web.case", case_id=glass.case_id)


def _note(viewer: Person, did: str, glass: BreakGlass) -> None:
    # Of what was not opened, who reads the audit does not learn whether there is a case either.
    case_id = glass.case_id if glass.opened_at else None
    audit.note(
        viewer, did, how="page", case_id=case_id, about=f"emergency:{glass.id}", outcome="done"
    )


def _form(errors: forms.Errors) -> str:
    return render_template(
        "new_emergency.html",
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
        choices=list(EMERGENCIES.items()),
        numbers=[{"label": "Police and ambulance", "phone": "999"}],
    )


def _page(viewer: Person, emergency_id: int, errors: forms.Errors) -> str:
    row = casework.find(viewer, emergency_id)
    audit.note(viewer, "read emergency", how="page", about=f"emergency:{emergency_id}")
    return render_template(
        "emergency.html",
        row=row,
        is_own=row.person_id == viewer.id,
        # It is shut before its time by a restriction, or by a conflict of interest.
        is_open=row.case_id and row.until_at is not None and row.until_at > clock.now(),
        what=EMERGENCIES[row.emergency],
        lapses_at=row.asked_at + casework.WAITS_FOR,
        errors=errors,
        key=forms.new_key(),
    )
