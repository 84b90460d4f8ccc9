"""Children who may be one: confirmed or refused by whoever works with both, or by number."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from app import audit
from app.casework import links
from app.core import db
from app.models import Person
from app.web import forms, pages
from app.web.session import administrator, administrator_in_steps, content

# Comparing is work for the processor: more children than this are compared on the command line.
CHILDREN = 20_000
TOO_MANY = (
    "There are too many children for a page. Compare them on the command line: kith import match"
)

DONE = {
    "linked": "They are linked. Nothing was moved, and nobody sees more cases than before.",
    "refused": "They are kept apart, and nobody is asked about them again.",
}


@pages.get("/matches", endpoint="matches")
@content
def shown_matches(viewer: Person) -> str:
    return _page(viewer, {})


@pages.post("/matches/<int:child_link_id>/decision")
@content
def decide_match(viewer: Person, child_link_id: int) -> Any:
    decision = forms.text("decision")

    def act() -> str:
        _note(viewer, "decided match", links.decide(viewer, child_link_id, decision))
        return url_for("web.matches")

    return forms.send(
        viewer, act, lambda errors: _page(viewer, errors), done=DONE.get(decision, "")
    )


@pages.post("/matches/<int:child_link_id>/removal")
@content
def undo_match(viewer: Person, child_link_id: int) -> Any:
    def act() -> str:
        _note(viewer, "undid match", links.undo(viewer, child_link_id))
        return url_for("web.matches")

    return forms.send(
        viewer,
        act,
        lambda errors: _page(viewer, errors),
        done="It is undone, and waits for somebody to say again.",
    )


@pages.get("/imports/matches", endpoint="matches_by_number")
@administrator
def shown_by_number(viewer: Person) -> str:
    return _numbers_page(viewer, {})


@pages.post("/imports/matches")
@administrator_in_steps
def look_for_matches(viewer: Person) -> Any:
    """Compares all children, while nobody waits for it."""
    with db.transaction():
        known = links.known(viewer)
    if len(known) > CHILDREN:
        with db.transaction():
            return _numbers_page(viewer, {"look": TOO_MANY}), 422
    pairs = links.compare(known)
    with db.transaction():
        found = links.keep(viewer, pairs)
        audit.note(viewer, "looked for matches", how="page", outcome="done")
    flash(f"{found.linked} linked, {found.asked} for somebody to confirm or refuse.")
    return redirect(url_for("web.matches_by_number"), 303)


@pages.post("/imports/matches/<int:child_link_id>/decision")
@administrator
def decide_by_number(viewer: Person, child_link_id: int) -> Any:
    decision = forms.text("decision")

    def act() -> str:
        links.decide_by_number(viewer, child_link_id, decision)
        audit.note(viewer, "decided match", how="page", outcome="done")
        return url_for("web.matches_by_number")

    return forms.send(
        viewer, act, lambda errors: _numbers_page(viewer, errors), done=DONE.get(decision, "")
    )


def _page(viewer: Person, errors: forms.Errors) -> str:
    waiting = links.waiting(viewer)
    shown = sorted({side.case_id for pair in waiting for side in (pair.one, pair.other)})
    audit.note(viewer, "read matches", how="page", ranges=[(each, 0, 0) for each in shown] or None)
    return render_template("matches.html", errors=errors, waiting=waiting, key=forms.new_key())


def _numbers_page(viewer: Person, errors: forms.Errors) -> str:
    audit.note(viewer, "read matches", how="page")
    return render_template(
        "matches_by_number.html",
        errors=errors,
        waiting=links.waiting_by_number(viewer),
        key=forms.new_key(),
    )


def _note(viewer: Person, did: str, both: tuple[int, int]) -> None:
    one, other = both
    audit.note(viewer, did, how="page", case_id=one, ranges=[(other, 0, 0)], outcome="done")
