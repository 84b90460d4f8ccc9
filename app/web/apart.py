"""Who is kept from a case: those who are not members, and those with a conflict of interest."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from app import access, audit
from app.casework import conflicts as casework
from app.casework import people, restrictions
from app.core.db import AnyRow
from app.models import Case, Person
from app.web import case_head, filters, forms, pages
from app.web.session import content
from search import find


@pages.get("/cases/<int:case_id>/access/restriction")
@content
def restriction(viewer: Person, case_id: int) -> str:
    return _restriction_page(viewer, access.case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/access/restriction")
@content
def restrict(viewer: Person, case_id: int) -> Any:
    def act() -> str:
        case = access.led_case(viewer, case_id)
        restrictions.restrict(viewer, case, forms.text("reason"))
        return _done(viewer, "restricted case", case)

    return forms.send(
        viewer,
        act,
        lambda errors: _restriction_page(viewer, access.led_case(viewer, case_id), errors),
        done="The case is for members only from now on.",
    )


@pages.post("/cases/<int:case_id>/access/restriction/lifting")
@content
def lift_restriction(viewer: Person, case_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        restrictions.lift(viewer, case, forms.text("reason"))
        return _done(viewer, "lifted restriction", case)

    return forms.send(
        viewer,
        act,
        lambda errors: _restriction_page(viewer, case, errors),
        done="Those who supervise members see the case again.",
    )


@pages.get("/cases/<int:case_id>/access/conflicts")
@content
def conflicts(viewer: Person, case_id: int) -> str:
    """Those that stand and those that were lifted; and whom else to keep apart."""
    case = access.led_case(viewer, case_id)
    words = request.args.get("words", "").strip()
    apart = casework.kept_apart(case)
    found = [{"person": person, "apart": person.id in apart} for person in find.people(words)]
    rows = casework.of(viewer, case)
    standing = [row for row in rows if row.until_at is None]
    return _show(
        "conflicts.html",
        viewer,
        case,
        {},
        standing=standing,
        elsewhere={row.id: _also_there(viewer, case, row.person_id) for row in standing},
        lifted=[row for row in rows if row.until_at is not None],
        words=words,
        found=found,
    )


@pages.get("/cases/<int:case_id>/access/conflicts/new/<int:person_id>")
@content
def new_conflict(viewer: Person, case_id: int, person_id: int) -> str:
    case = access.led_case(viewer, case_id)
    return _declaration(viewer, case, people.find(person_id), {})


@pages.post("/cases/<int:case_id>/access/conflicts/new/<int:person_id>")
@content
def declare_conflict(viewer: Person, case_id: int, person_id: int) -> Any:
    case = access.led_case(viewer, case_id)
    colleague = people.find(person_id)

    def act() -> str:
        casework.declare(viewer, case, colleague, forms.text("reason"))
        return _done(viewer, "declared conflict", case, "web.conflicts")

    return forms.send(
        viewer,
        act,
        lambda errors: _declaration(viewer, case, colleague, errors),
        done=f"{colleague.name} sees nothing of this case from now on.",
    )


@pages.get("/cases/<int:case_id>/access/conflicts/<int:conflict_id>")
@content
def conflict(viewer: Person, case_id: int, conflict_id: int) -> str:
    return _lifting(viewer, access.led_case(viewer, case_id), conflict_id, {})


@pages.post("/cases/<int:case_id>/access/conflicts/<int:conflict_id>/lifting")
@content
def lift_conflict(viewer: Person, case_id: int, conflict_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        casework.lift(viewer, case, conflict_id, forms.text("reason"))
        return _done(viewer, "lifted conflict", case, "web.conflicts")

    return forms.send(
        viewer,
        act,
        lambda errors: _lifting(viewer, case, conflict_id, errors),
        done="It is lifted: they see again what they saw before.",
    )


@pages.get("/cases/<int:case_id>/access/own-conflict")
@content
def own_conflict(viewer: Person, case_id: int) -> str:
    """“I know this family”, said by whoever sees the case."""
    return _own(viewer, access.case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/access/own-conflict")
@content
def declare_own_conflict(viewer: Person, case_id: int) -> Any:
    def act() -> str:
        case = access.case(viewer, case_id)
        casework.declare(viewer, case, viewer, forms.text("reason"))
        return _done(viewer, "declared own conflict", case)

    return forms.send(
        viewer,
        act,
        lambda errors: _own(viewer, access.case(viewer, case_id), errors),
        done="Thank you for saying so. You see nothing of that case any more. Do not speak about "
        "it with the family; if you hear something that worries you, ring the duty team.",
    )


def _restriction_page(viewer: Person, case: Case, errors: forms.Errors) -> str:
    rows = restrictions.history(case)
    return _show(
        "restriction.html",
        viewer,
        case,
        errors,
        current=next((row for row in rows if row.until_at is None), None),
        before=[row for row in rows if row.until_at is not None],
        leads=access.leads(viewer, case.id),
        is_member=access.may(access.is_member(viewer.id, case.id)),
        elsewhere=[
            each
            for each in case_head.siblings(viewer, case)
            if access.leads(viewer, each["case_id"])
            and not access.may(access.is_restricted(each["case_id"]))
        ],
        values=forms.values(),
    )


def _declaration(viewer: Person, case: Case, colleague: Person, errors: forms.Errors) -> str:
    return _show(
        "new_conflict.html",
        viewer,
        case,
        errors,
        colleague=colleague,
        agency=people.agency_of(colleague),
        is_member=access.may(access.is_member(colleague.id, case.id)),
        sees=access.may(access.sees_case(colleague.id, case.id)),
        elsewhere=_also_there(viewer, case, colleague.id),
        values=forms.values(),
    )


def _also_there(viewer: Person, case: Case, person_id: int) -> list[dict[str, Any]]:
    """Brothers and sisters whose networks the person is in too, among those she may lead."""
    return [
        each
        for each in case_head.siblings(viewer, case)
        if access.leads(viewer, each["case_id"])
        and access.may(access.is_member(person_id, each["case_id"]))
        and not access.may(access.is_conflicted(person_id, each["case_id"]))
    ]


def _lifting(viewer: Person, case: Case, conflict_id: int, errors: forms.Errors) -> str:
    casework.find(case, conflict_id)
    row: AnyRow = next(row for row in casework.of(viewer, case) if row.id == conflict_id)
    return _show("conflict.html", viewer, case, errors, row=row, values=forms.values())


def _own(viewer: Person, case: Case, errors: forms.Errors) -> str:
    leads = access.may(access.is_lead(viewer.id, case.id))
    return _show("own_conflict.html", viewer, case, errors, is_lead=leads, values=forms.values())


def _show(template: str, viewer: Person, case: Case, errors: forms.Errors, **more: Any) -> str:
    audit.note(viewer, "read access", how="page", case_id=case.id)
    return render_template(
        template,
        case=case,
        head=case_head.of(viewer, case, "access"),
        errors=errors,
        key=forms.new_key(),
        full_date=filters.full_date,
        **more,
    )


def _done(viewer: Person, did: str, case: Case, back: str = "web.restriction") -> str:
    """Back to the page, unless what was done closed the case to who did it."""
    audit.note(viewer, did, how="page", case_id=case.id, outcome="done")
    if not access.may(access.sees_case(viewer.id, case.id)):
        return url_for("web.cases")
    return url_for(back, case_id=case.id)
