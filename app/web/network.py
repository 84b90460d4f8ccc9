"""The network of one case: who is in it until when, and how people join, lead and leave."""

from __future__ import annotations

from datetime import datetime, time
from itertools import groupby
from typing import Any

from flask import render_template, request, url_for

from app import access, audit
from app.casework import conflicts, look_ups, networks, people
from app.core import clock
from app.core.db import AnyRow
from app.models import CONTENT_ACCOUNTS, LEGAL_BASES, Case, Person
from app.web import case_head, filters, forms, pages
from app.web.session import content
from search import find

# How much of what was written before a new member may read.
HISTORY = [
    ("whole", "Everything, from the start"),
    ("day", "From a day you choose"),
    ("today", "Only what is written from now on"),
]


@pages.get("/memberships")
@content
def memberships(viewer: Person) -> str:
    """Whose time ends soon, over all cases: hers to renew, and her own."""
    audit.note(viewer, "read memberships", how="page")
    rows = sorted(networks.ending(viewer), key=lambda row: (row.child_name, row.case_id))
    return render_template(
        "memberships.html",
        cases=[
            (case_id, child_name, [_ending(row) for row in group])
            for (case_id, child_name), group in groupby(
                rows, lambda row: (row.case_id, row.child_name)
            )
        ],
    )


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
    apart = conflicts.kept_apart(case)
    found = [
        {"person": person, "member": person.id in members, "apart": person.id in apart}
        for person in find.people(words, accounts=CONTENT_ACCOUNTS)
    ]
    return _form("find_member.html", viewer, case, {}, words=words, found=found)


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
            legal_basis=forms.text("legal_basis"),
            until_on=forms.day("until_on", needed="Choose the last day in the network."),
            history_from=_history_from(),
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


@pages.post("/cases/<int:case_id>/network/<int:person_id>/renewal")
@content
def renew_membership(viewer: Person, case_id: int, person_id: int) -> Any:
    def act() -> str:
        case, colleague = _both(viewer, case_id, person_id)
        until_on = forms.day("until_on", needed="Choose the new last day in the network.")
        assert until_on is not None
        reason = forms.text("renewal_reason")
        networks.renew(viewer, case, colleague, until_on=until_on, reason=reason)
        return _done(viewer, "renewed membership", case_id)

    def again(errors: forms.Errors) -> str:
        return _change_form(viewer, case_id, person_id, _renamed(errors, "renewal_reason"))

    return forms.send(viewer, act, again, done="Renewed.")


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
    rows = networks.of(case, viewer)
    mine = next((row for row in rows if row.id == viewer.id), None)
    return _form(
        "network.html",
        viewer,
        case,
        errors,
        members=[_member(row, case, leads) for row in rows],
        reasons=[_why(row) for row in rows],
        requests=look_ups.waiting(viewer, case) if leads else [],
        lapsed=[_lapsed(row) for row in networks.lapsed(case)] if leads else [],
        leads=leads,
        may_leave=mine is not None and not mine.is_lead,
    )


def _member(row: AnyRow, case: Case, leads: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "agency_name": row.agency_name,
        "agency_type": row.agency_type,
        "phone": row.phone,
        "lead": row.is_lead,
        "joined_at": row.from_at,
        "until": _last_day(row),
        "ends_soon": row.until_at <= clock.now() + networks.NEAR,
        "apart": row.conflicted,
        "last_read_at": row.last_read_at,
        "away": f"Away: {row.out_of_office}" if row.out_of_office else _closed(row),
        "href": url_for("web.member", case_id=case.id, person_id=row.id) if leads else "",
    }


def _why(row: AnyRow) -> dict[str, str]:
    """Why somebody is in the network, as a member reads it."""
    on = row.renewed_at and filters.full_date(row.renewed_at)
    why = f": {row.renewed_reason}" if row.renewed_reason else "."
    from_on = row.history_from and f"Reads from {filters.full_date(row.history_from)} on."
    return {
        "name": row.name,
        "since": filters.full_date(row.from_at),
        "until": _last_day(row),
        "reason": row.reason,
        "legal_basis": LEGAL_BASES[row.legal_basis],
        "decided_by": row.decided_by,
        "renewed": f"Renewed on {on} by {row.renewed_by}{why}" if on else "",
        "history": from_on or "",
    }


def _lapsed(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "agency_name": row.agency_name,
        "until": _last_day(row),
    }


def _ending(row: AnyRow) -> dict[str, Any]:
    words = "" if row.leads else "This is your own place: ask the lead practitioner."
    return {
        "id": row.id,
        "name": row.name,
        "agency_name": row.agency_name,
        "leads": row.leads,
        "until": _last_day(row),
        "words": words,
    }


def _last_day(row: AnyRow) -> str:
    return filters.full_date(networks.last_day(row.until_at))


def _history_from() -> datetime | None:
    """From when a newcomer reads, as the form says it."""
    chosen = forms.text("history")
    if chosen == "today":
        return clock.now()
    if chosen != "day":
        return None
    first = forms.day("history_from", needed="Choose the first day they may read.")
    assert first is not None
    return clock.instant(first, time())


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
            legal_basis="public_task",
            until_on=clock.today() + networks.USUAL,
            history="whole",
        ),
        legal_bases=LEGAL_BASES.items(),
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
        known=_known(row),
        values=forms.values(until_on=clock.today() + networks.USUAL),
        itself=colleague.id == viewer.id,
    )


def _known(row: AnyRow) -> list[dict[str, str]]:
    why = _why(row)
    pairs = [
        ("In the network", f"{why['since']} to {why['until']}"),
        ("Why", why["reason"]),
        ("Legal basis", why["legal_basis"]),
        ("Decided by", why["decided_by"]),
        ("Renewed", why["renewed"]),
        ("History", why["history"]),
    ]
    return [{"label": label, "value": value} for label, value in pairs if value]


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
