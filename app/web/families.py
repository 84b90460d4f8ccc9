"""A child's family in one case: who is linked, and how the lead links or unlinks them."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from app import access, audit
from app.casework import cases as casework
from app.casework import families
from app.core.errors import Invalid
from app.models import CONTACTS, STRENGTHS, Case, FamilyLink, Person
from app.web import case_head, forms, pages
from app.web.session import content


@pages.get("/cases/<int:case_id>/family")
@content
def family(viewer: Person, case_id: int) -> str:
    return _page(viewer, access.led_case(viewer, case_id), {})


@pages.post("/cases/<int:case_id>/family/children")
@content
def link_children(viewer: Person, case_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        other_id = forms.number("other_case", needed="Choose the other child.")
        other = access.case(viewer, other_id)
        household = forms.flag("same_household")
        families.link_children(viewer, case, other, forms.text("relation"), household)
        return _done(viewer, case_id)

    return forms.send(
        viewer, act, lambda errors: _page(viewer, case, errors), done="The children are linked."
    )


@pages.post("/cases/<int:case_id>/family/adults")
@content
def link_adult(viewer: Person, case_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        try:
            families.link_adult(
                viewer,
                case,
                forms.text("adult_name"),
                forms.text("adult_relation"),
                forms.flag("adult_household"),
            )
        except Invalid as refusal:
            # Both forms of the page speak of a relation, so this one's fields have a longer name.
            raise Invalid(
                **{f"adult_{name}": text for name, text in refusal.fields.items()}
            ) from None
        return _done(viewer, case_id)

    return forms.send(
        viewer, act, lambda errors: _page(viewer, case, errors), done="The adult is recorded."
    )


@pages.get("/cases/<int:case_id>/family/<int:link_id>")
@content
def tie(viewer: Person, case_id: int, link_id: int) -> str:
    case = access.led_case(viewer, case_id)
    return _tie_form(viewer, case, families.link(viewer, case, link_id), {})


@pages.post("/cases/<int:case_id>/family/<int:link_id>")
@content
def describe_tie(viewer: Person, case_id: int, link_id: int) -> Any:
    case = access.led_case(viewer, case_id)
    link = families.link(viewer, case, link_id)

    def act() -> str:
        said = families.Tie(
            forms.text("strength") or None,
            forms.flag("is_stressful"),
            forms.text("contact"),
            forms.text("contact_reason"),
            forms.text("said_by"),
            forms.flag("has_died"),
        )
        families.describe_tie(viewer, case, link_id, said)
        return _done(viewer, case_id)

    return forms.send(
        viewer, act, lambda errors: _tie_form(viewer, case, link, errors), done="Saved."
    )


@pages.post("/cases/<int:case_id>/family/<int:link_id>/removal")
@content
def unlink(viewer: Person, case_id: int, link_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        families.unlink(viewer, case, link_id)
        return _done(viewer, case_id)

    return forms.send(
        viewer, act, lambda errors: _page(viewer, case, errors), done="The link is taken away."
    )


def _page(viewer: Person, case: Case, errors: forms.Errors) -> str:
    linked = casework.family(viewer, case)
    elsewhere = families.said_elsewhere(viewer, case, linked)
    also = [(number, 0, 0) for number in sorted({each.case_id for each in elsewhere})] or None
    audit.note(viewer, "read case", how="page", case_id=case.id, ranges=also)
    known = {case.id, *(row.case_id for row in linked)}
    return render_template(
        "family.html",
        case=case,
        head=case_head.of(viewer, case, "details"),
        errors=errors,
        values=forms.values(),
        family=linked,
        elsewhere=elsewhere,
        children=[(row.id, row.child_name) for row in casework.mine(viewer) if row.id not in known],
        relations=[(word, word.capitalize()) for word in families.BETWEEN_CHILDREN],
        key=forms.new_key(),
    )


def _tie_form(viewer: Person, case: Case, link: FamilyLink, errors: forms.Errors) -> str:
    audit.note(viewer, "read case", how="page", case_id=case.id)
    kept = {name: getattr(link, name) for name in ("strength", "contact", "contact_reason")}
    ticks = {name: "1" if getattr(link, name) else "" for name in ("is_stressful", "has_died")}
    sent = forms.values(**kept, said_by=link.said_by, **ticks)
    if errors:  # a box that was unticked is not among what was sent
        sent |= {name: forms.text(name) for name in ticks}
    return render_template(
        "tie.html",
        case=case,
        head=case_head.of(viewer, case, "details"),
        relative=next(row for row in casework.family(viewer, case) if row.link_id == link.id),
        errors=errors,
        values=sent,
        strengths=list(STRENGTHS.items()),
        contacts=list(CONTACTS.items()),
        key=forms.new_key(),
    )


def _done(viewer: Person, case_id: int) -> str:
    audit.note(viewer, "changed family", how="page", case_id=case_id, outcome="done")
    return url_for("web.family", case_id=case_id)
