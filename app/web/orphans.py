"""Cases that nobody leads, by number alone: an administrator gives each to somebody."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from app import audit
from app.casework import networks, people
from app.models import Person
from app.web import forms, pages
from app.web.session import administrator, fresh

AT_ONCE = 50


@pages.get("/accounts/cases-without-a-lead")
@administrator
def orphans(viewer: Person) -> str:
    audit.note(viewer, "read cases without a lead", how="page")
    closed = forms.asked_number("closed") == 1
    total = networks.count_orphans(viewer, closed=closed)
    sheet = forms.sheet("web.orphans", total, AT_ONCE, closed=1 if closed else None)
    return render_template(
        "orphans.html",
        found=networks.orphans(viewer, closed=closed, skip=sheet.skip, size=AT_ONCE),
        sheet=sheet,
        closed=closed,
    )


@pages.get("/accounts/cases-without-a-lead/<int:case_id>")
@administrator
def orphan(viewer: Person, case_id: int) -> str:
    return _form(viewer, case_id, {})


@pages.post("/accounts/cases-without-a-lead/<int:case_id>")
@administrator
@fresh
def appoint_lead(viewer: Person, case_id: int) -> Any:
    networks.orphan(viewer, case_id)

    def act() -> str:
        person_id = forms.number("person_id", needed="Choose who is to lead.")
        person = people.find(person_id)
        networks.appoint_lead(viewer, case_id, person, forms.text("reason"))
        audit.note(viewer, "appointed lead", how="page", case_id=case_id, outcome="done")
        return url_for("web.orphans")

    return forms.send(
        viewer,
        act,
        lambda errors: _form(viewer, case_id, errors),
        done=f"Case {case_id} has a lead again. Tell them: they see it from now on.",
    )


def _form(viewer: Person, case_id: int, errors: forms.Errors) -> str:
    found = networks.orphan(viewer, case_id)
    audit.note(viewer, "read case without a lead", how="page", about=f"case:{case_id}")
    return render_template(
        "orphan.html",
        row=found,
        people=[(each.id, f"{each.name}, {each.role}") for each in networks.may_take_on(found)],
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
    )
