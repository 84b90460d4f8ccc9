"""Asking about a child one has no case with, and the page on which a lead answers."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, render_template, url_for
from markupsafe import Markup

from app import access, audit
from app.casework import children
from app.casework import look_ups as casework
from app.core.errors import NotFound, TooFast
from app.models import Person
from app.web import case_head, forms, pages
from app.web.session import content


@pages.get("/look-ups")
@content
def look_ups(viewer: Person) -> str:
    return _page(viewer, {})


@pages.post("/look-ups")
@content
def look_up(viewer: Person) -> Any:
    def act() -> str:
        sought = children.sought(
            forms.text("name"), forms.day("born_on"), forms.text("number_or_postcode")
        )
        asked = casework.ask(viewer, sought, forms.text("reason"))
        say_seen(children.find(viewer, sought).seen)
        audit.note(viewer, "look up", how="page", about=f"look-up:{asked.id}", outcome="done")
        return url_for("web.look_ups")

    try:
        return forms.send(viewer, act, lambda errors: _page(viewer, errors), done=casework.REPLY)
    except TooFast as refusal:
        audit.note(viewer, "look up", how="page", outcome="refused")
        return make_response(_form(viewer, {"": refusal.sentence}), refusal.status)


@pages.get("/cases/<int:case_id>/look-ups/<int:look_up_id>")
@content
def look_up_answer(viewer: Person, case_id: int, look_up_id: int) -> str:
    """Who asks and why, and what they may be told."""
    return _answer_form(viewer, case_id, look_up_id, {})


@pages.post("/cases/<int:case_id>/look-ups/<int:look_up_id>")
@content
def answer_look_up(viewer: Person, case_id: int, look_up_id: int) -> Any:
    case = access.led_case(viewer, case_id)

    def act() -> str:
        asked = casework.answer(viewer, look_up_id, forms.text("outcome"), forms.text("answer"))
        if asked.case_id != case.id:
            raise NotFound(f"look-up:{look_up_id}")
        audit.note(
            viewer,
            "answered look up",
            how="page",
            case_id=case.id,
            about=f"look-up:{look_up_id}",
            outcome="done",
        )
        return url_for("web.network", case_id=case.id)

    return forms.send(
        viewer,
        act,
        lambda errors: _answer_form(viewer, case_id, look_up_id, errors),
        done="They can read your answer.",
    )


def say_seen(case_ids: tuple[int, ...]) -> None:
    """Lead somebody to their own cases of a child, whatever other cases there are."""
    if case_ids:
        links = [
            Markup('<a href="{}">case {}</a>').format(url_for("web.case", case_id=each), each)
            for each in case_ids
        ]
        said = Markup("You see a case of this child already: {}.")
        flash(said.format(Markup(", ").join(links)))


def _page(viewer: Person, errors: forms.Errors) -> str:
    audit.note(viewer, "read look ups", how="page")
    return _form(viewer, errors)


def _form(viewer: Person, errors: forms.Errors) -> str:
    return render_template(
        "look_ups.html",
        asked=casework.mine(viewer),
        most=casework.A_DAY,
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
    )


def _answer_form(viewer: Person, case_id: int, look_up_id: int, errors: forms.Errors) -> str:
    case = access.led_case(viewer, case_id)
    row = next((row for row in casework.waiting(viewer, case) if row.id == look_up_id), None)
    if row is None:
        raise NotFound(f"look-up:{look_up_id}")
    audit.note(viewer, "read look up", how="page", case_id=case.id, about=f"look-up:{look_up_id}")
    return render_template(
        "look_up_answer.html",
        case=case,
        head=case_head.of(viewer, case, "network"),
        row=row,
        answers=list(casework.ANSWERS.items()),
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
    )
