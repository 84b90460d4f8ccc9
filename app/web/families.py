"""A child's family in one case: who is linked, and how the lead links or unlinks them."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from app import access, audit
from app.casework import cases as casework
from app.casework import families
from app.core.errors import Invalid
from app.models import Case, Person
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
    audit.note(viewer, "read case", how="page", case_id=case.id)
    linked = casework.family(viewer, case)
    known = {case.id, *(row.case_id for row in linked)}
    return render_template(
        "family.html",
        case=case,
        head=case_head.of(viewer, case, "details"),
        errors=errors,
        values=forms.values(),
        family=linked,
        children=[(row.id, row.child_name) for row in casework.mine(viewer) if row.id not in known],
        relations=[(word, word.capitalize()) for word in families.BETWEEN_CHILDREN],
        key=forms.new_key(),
    )


def _done(viewer: Person, case_id: int) -> str:
    audit.note(viewer, "changed family", how="page", case_id=case_id, outcome="done")
    return url_for("web.family", case_id=case_id)
