"""The network of one case: who is in it, and how people join, lead and leave."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from app import access, audit
from app.casework import look_ups, networks, people
from app.core import clock
from app.core.db import AnyRow
from app.models import CONTENT_ACCOUNTS, Case, Person
from app.web import case_head, filters, forms, pages
from app.web.session import content

# How much of what was written before a new member may read.
HISTORY = [("whole", "Everything, from the start"), ("today", "Only what is written from now on")]


@pages.get("/cases/<int:case_id>/network")
@content
def network(viewer: Person, case_id: int) -> str:
    return _page(viewer, access.case(viewer, case_id), {})


@pages.get("/cases/<int:case_id>/network/new")
@content
def find_member(viewer: Person, case_id: int) -> str:
    """Choose somebody from the directory; the next page asks why."""
    case = access.led_case(viewer, case_id)
    words = request.args.get("words", "").strip()
    members = {row.id for row in networks.of(case)}
    found = [
        {"person": person, "agency": agency, "member": person.id in members}
        for person, agency in (people.directory(words) if words else [])
        if person.account in CONTENT_ACCOUNTS
    ]
    return _form("find_member.html", viewer, case, {}, words=words, found=found[:20])


@pages.get("/cases/<int:case_id>/network/new/<int:person_id>")
@content
def new_member(viewer: Person, case_id: int, person_id: int) -> str:
    case = access.led_case(viewer, case_id)
    return _member_form(viewer, case, people.find(person_id), {})


@pages.post("/cases/<int:case_id>/network/new/<int:person_id>")
@content
def add_member(viewer: Person, case_id: int, person_id: int) -> Any:
    case = access.led_case(viewer, case_id)
    colleague = people.find(person_id)

    def act() -> str:
        networks.add(
            viewer,
            case,
            colleague,
            role=forms.text("role"),
            reason=forms.text("reason"),
            history_from=clock.now() if forms.text("history") == "today" else None,
        )
        return _done(viewer, "added member", case_id)

    return forms.send(
        viewer,
        act,
        lambda errors: _member_form(viewer, case, colleague, errors),
        done="They are in the network and can read the case from now on.",
    )


@pages.get("/cases/<int:case_id>/network/<int:person_id>")
@content
def member(viewer: Person, case_id: int, person_id: int) -> str:
    return _change_form(viewer, case_id, person_id, {})


@pages.post("/cases/<int:case_id>/network/<int:person_id>/lead")
@content
def hand_over(viewer: Person, case_id: int, person_id: int) -> Any:
    def act() -> str:
        case, colleague = _both(viewer, case_id, person_id)
        networks.hand_over(viewer, case, colleague, forms.text("lead_reason"))
        return _done(viewer, "handed over lead", case_id)

    return forms.send(
        viewer,
        act,
        lambda errors: _change_form(viewer, case_id, person_id, _renamed(errors, "lead_reason")),
        done="The lead is handed over.",
    )


@pages.post("/cases/<int:case_id>/network/<int:person_id>/removal")
@content
def remove_member(viewer: Person, case_id: int, person_id: int) -> Any:
    def act() -> str:
        case, colleague = _both(viewer, case_id, person_id)
        networks.remove(viewer, case, colleague, forms.text("removal_reason"))
        return _done(viewer, "removed member", case_id)

    return forms.send(
        viewer,
        act,
        lambda errors: _change_form(viewer, case_id, person_id, _renamed(errors, "removal_reason")),
        done="They are out of the network and see nothing of the case any more.",
    )


@pages.get("/cases/<int:case_id>/network/leaving")
@content
def leaving(viewer: Person, case_id: int) -> str:
    return _leaving_form(viewer, case_id, {})


@pages.post("/cases/<int:case_id>/network/leaving")
@content
def leave(viewer: Person, case_id: int) -> Any:
    def act() -> str:
        networks.leave(viewer, access.case(viewer, case_id), forms.text("reason"))
        _done(viewer, "left network", case_id)
        return url_for("web.cases")

    return forms.send(
        viewer,
        act,
        lambda errors: _leaving_form(viewer, case_id, errors),
        done="You have left the network.",
    )


def _page(viewer: Person, case: Case, errors: forms.Errors) -> str:
    leads = access.may(access.may_lead(viewer.id, case.id))
    rows = networks.of(case)
    mine = next((row for row in rows if row.id == viewer.id), None)
    return _form(
        "network.html",
        viewer,
        case,
        errors,
        members=[_member(row, case, viewer, leads) for row in rows],
        reasons=rows,
        requests=look_ups.waiting(viewer, case) if leads else [],
        leads=leads,
        may_leave=mine is not None and not mine.is_lead,
    )


def _member(row: AnyRow, case: Case, viewer: Person, leads: bool) -> dict[str, Any]:
    changes = leads and row.id != viewer.id
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "agency_name": row.agency_name,
        "agency_type": row.agency_type,
        "phone": row.phone,
        "lead": row.is_lead,
        "joined_at": row.from_at,
        "last_read_at": row.last_read_at,
        "away": f"Away: {row.out_of_office}" if row.out_of_office else _closed(row),
        "href": url_for("web.member", case_id=case.id, person_id=row.id) if changes else "",
    }


def _closed(row: AnyRow) -> str:
    return "" if row.active else "This account is closed"


def _member_form(viewer: Person, case: Case, colleague: Person, errors: forms.Errors) -> str:
    return _form(
        "new_member.html",
        viewer,
        case,
        errors,
        colleague=colleague,
        agency=people.agency_of(colleague),
        values=forms.values(
            role=colleague.role,
            reason=look_ups.reason_of(viewer, forms.asked_number("look_up") or 0),
            history="whole",
        ),
        history=HISTORY,
    )


def _change_form(viewer: Person, case_id: int, person_id: int, errors: forms.Errors) -> str:
    case, colleague = _both(viewer, case_id, person_id)
    row = next(row for row in networks.of(case) if row.id == colleague.id)
    return _form(
        "member.html",
        viewer,
        case,
        errors,
        row=row,
        joined=filters.full_date(row.from_at),
        values=forms.values(),
        itself=colleague.id == viewer.id,
    )


def _leaving_form(viewer: Person, case_id: int, errors: forms.Errors) -> str:
    case = access.case(viewer, case_id)
    networks.member(case, viewer.id)
    return _form("leaving.html", viewer, case, errors, values=forms.values())


def _both(viewer: Person, case_id: int, person_id: int) -> tuple[Case, Person]:
    """A case she may lead, and somebody who is in its network."""
    case = access.led_case(viewer, case_id)
    networks.member(case, person_id)
    return case, people.find(person_id)


def _form(template: str, viewer: Person, case: Case, errors: forms.Errors, **more: Any) -> str:
    audit.note(viewer, "read network", how="page", case_id=case.id)
    return render_template(
        template,
        case=case,
        head=case_head.of(viewer, case, "network"),
        errors=errors,
        key=forms.new_key(),
        **more,
    )


def _renamed(errors: forms.Errors, field: str) -> forms.Errors:
    # Two forms of one page ask for a reason, so each field has a name of its own.
    return {field if name == "reason" else name: text for name, text in errors.items()}


def _done(viewer: Person, did: str, case_id: int) -> str:
    audit.note(viewer, did, how="page", case_id=case_id, outcome="done")
    return url_for("web.network", case_id=case_id)
