"""What is known of one child and how the case stands; the lead changes it here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, url_for

from app import access, audit
from app.casework import cases as casework
from app.casework import links, people, standing, tellings
from app.core import clock, db
from app.models import CATEGORIES, Case, Child, Person
from app.web import case_head, forms, pages
from app.web.cases import child_details, open_statuses
from app.web.session import content


@pages.get("/cases/<int:case_id>/details")
@content
def details(viewer: Person, case_id: int) -> str:
    return _page(viewer, access.case(viewer, case_id), {})


@pages.get("/cases/<int:case_id>/child")
@content
def child(viewer: Person, case_id: int) -> str:
    return _child_form(viewer, access.led_case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/child")
@content
def describe_child(viewer: Person, case_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        casework.describe_child(viewer, case, child_details())
        return _done(viewer, "described child", case_id)

    return forms.send(viewer, act, lambda errors: _child_form(viewer, case, errors), done="Saved.")


@pages.get("/cases/<int:case_id>/status")
@content
def status(viewer: Person, case_id: int) -> str:
    return _status_form(viewer, access.led_case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/status")
@content
def change_status(viewer: Person, case_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        since = forms.day("since", needed="Write the day from which this is so.")
        assert since is not None
        casework.change_status(
            viewer,
            case,
            forms.text("status"),
            since=since,
            reason=forms.text("reason"),
            category=forms.text("category") or None,
        )
        return _done(viewer, "changed status", case_id)

    return forms.send(
        viewer,
        act,
        lambda errors: _status_form(viewer, case, errors),
        done="The status has changed, and the network can read it in the updates.",
    )


@pages.get("/cases/<int:case_id>/closure")
@content
def closure(viewer: Person, case_id: int) -> str:
    return _closure_form(viewer, access.led_case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/closure")
@content
def close_case(viewer: Person, case_id: int) -> Any:
    """Closes an open case, or opens a closed one again, as the form it came from said."""
    case = access.led_case(viewer, case_id)
    again = forms.flag("again")

    def act() -> str:
        on = forms.day("since", needed="Write the day.")
        assert on is not None
        if again:
            status = forms.text("status")
            casework.reopen(viewer, case, status, on=on, reason=forms.text("reason"))
        else:
            casework.close(viewer, case, on=on, reason=forms.text("reason"))
        return _done(viewer, "reopened case" if again else "closed case", case_id)

    return forms.send(
        viewer,
        act,
        lambda errors: _closure_form(viewer, case, errors),
        done="The case is open again." if again else "The case is closed.",
    )


@pages.get("/cases/<int:case_id>/before-visit")
@content
def before_visit(viewer: Person, case_id: int) -> str:
    return _before_visit_form(viewer, access.led_case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/before-visit")
@content
def set_before_visit(viewer: Person, case_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        casework.set_before_visit(viewer, case, forms.text("before_visit"))
        return _done(viewer, "set before visit", case_id)

    return forms.send(
        viewer, act, lambda errors: _before_visit_form(viewer, case, errors), done="Saved."
    )


@pages.get("/cases/<int:case_id>/key-dates/new")
@content
def key_date(viewer: Person, case_id: int) -> str:
    return _key_date_form(viewer, access.led_case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/key-dates/new")
@content
def add_key_date(viewer: Person, case_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        due_at = forms.moment("due_at", needed="Write the day and the time.")
        assert due_at is not None
        casework.add_key_date(viewer, case, forms.text("what"), due_at)
        return _done(viewer, "added key date", case_id)

    return forms.send(
        viewer, act, lambda errors: _key_date_form(viewer, case, errors), done="The date is added."
    )


@pages.post("/cases/<int:case_id>/key-dates/<int:key_date_id>/done")
@content
def finish_key_date(viewer: Person, case_id: int, key_date_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        casework.finish_key_date(viewer, case, key_date_id)
        return _done(viewer, "finished key date", case_id)

    return forms.send(
        viewer, act, lambda errors: _page(viewer, case, errors), done="Marked as done."
    )


def _page(viewer: Person, case: Case, errors: forms.Errors) -> str:
    child = db.session().get_one(Child, case.child_id)
    history = standing.history(viewer, case)
    same = links.same(viewer, case)
    return _form(
        "details.html",
        viewer,
        case,
        errors,
        child=child,
        names=casework.other_names(case),
        family=casework.family(viewer, case),
        history=history,
        recorded_by=people.names(row.recorded_by_id for row in history if row.recorded_by_id),
        key_dates=casework.key_dates(case),
        now=clock.now(),
        also=[each.id for each in same],
        beside=tellings.of(viewer, case, same),
        decided=links.decided(viewer, case),
        waiting=sum(pair.is_of(case.id) for pair in links.waiting(viewer)),
        leads=access.may(access.may_lead(viewer.id, case.id)),
    )


def _child_form(viewer: Person, case: Case, errors: forms.Errors) -> str:
    kept = db.session().get_one(Child, case.child_id)
    known = {
        field: getattr(kept, field)
        for field in (
            *("name", "born_on", "expected_on", "gender", "ethnicity", "school"),
            *("address", "postcode", "council_id", "nhs_number", "upn"),
        )
    }
    values = forms.values(**known, other_names="\n".join(casework.other_names(case)))
    return _form("child.html", viewer, case, errors, values=values)


def _status_form(viewer: Person, case: Case, errors: forms.Errors) -> str:
    return _form(
        "status.html",
        viewer,
        case,
        errors,
        values=forms.values(status=casework.status_of(case), since=clock.today().isoformat()),
        statuses=open_statuses(),
        categories=list(CATEGORIES.items()),
    )


def _closure_form(viewer: Person, case: Case, errors: forms.Errors) -> str:
    return _form(
        "closure.html",
        viewer,
        case,
        errors,
        values=forms.values(since=clock.today().isoformat()),
        statuses=open_statuses(),
        closed=casework.status_of(case) == "closed",
    )


def _before_visit_form(viewer: Person, case: Case, errors: forms.Errors) -> str:
    values = forms.values(before_visit=case.before_visit)
    return _form("before_visit.html", viewer, case, errors, values=values)


def _key_date_form(viewer: Person, case: Case, errors: forms.Errors) -> str:
    return _form("key_date.html", viewer, case, errors, values=forms.values())


def _form(
    template: str,
    viewer: Person,
    case: Case,
    errors: forms.Errors,
    also: Sequence[int] = (),
    **more: Any,
) -> str:
    """One page of the case; `also` are others of which it shows something."""
    others = [(each, 0, 0) for each in also]
    audit.note(viewer, "read case", how="page", case_id=case.id, ranges=others or None)
    return render_template(
        template,
        case=case,
        head=case_head.of(viewer, case, "details"),
        errors=errors,
        key=forms.new_key(),
        **more,
    )


def _done(viewer: Person, did: str, case_id: int) -> str:
    audit.note(viewer, did, how="page", case_id=case_id, outcome="done")
    return url_for("web.details", case_id=case_id)
