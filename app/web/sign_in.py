"""Signing in, in one step or two; proving it again; signing out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie

from app import audit
from app.casework import second_factors, sign_ins
from app.core.errors import Invalid
from app.models import CONTENT_ACCOUNTS, Person
from app.web import forms, known_device, pages
from app.web import session as door
from app.web.session import everyone, signed_in
from config import demo

# Where the browser keeps the secret of a sign-in that waits for its code.
HALF = "half"


@pages.route("/sign-in", methods=["GET", "POST"])
@everyone
def sign_in() -> Any:
    if request.method != "POST":
        return _form({})
    try:
        person = _who()
    except Invalid as refusal:
        audit.note(None, "sign in refused", how="page", outcome="refused")
        return _form({"email": refusal.sentence}), refusal.status
    if second_factors.is_on(person) and not _by_button():
        return _wait_for_code(person)
    return _enter(person, by_code=False)


@pages.route("/sign-in/code", methods=["GET", "POST"])
@everyone
def sign_in_code() -> Any:
    """The second step; it says nothing of whose it is."""
    found = second_factors.waiting(cookie.get(HALF, ""))
    if found is None:
        return _from_the_start(second_factors.TOO_LATE)
    if request.method != "POST":
        return _code_form({})
    person, half = found
    try:
        second_factors.finish(person, half, forms.text("code"), forms.text("recovery"))
    except Invalid as refusal:
        audit.note(person, "code refused", how="page", outcome="refused")
        if not refusal.fields:
            return _from_the_start(refusal.sentence)
        if half.wrong >= second_factors.TRIES:
            return _from_the_start("Five codes were wrong. Sign in again.")
        return _code_form(forms.sentences(refusal)), refusal.status
    return _enter(person, by_code=True)


@pages.route("/sign-in/again", methods=["GET", "POST"])
@signed_in
def sign_in_again(_viewer: Person) -> Any:
    """Shows who sits there once more, and goes on to where that is needed."""
    wanted = forms.local_path(request.values.get("next")) or "/"
    if request.method != "POST":
        return door.ask_again([("next", wanted)])
    door.require_fresh()
    return redirect(wanted, 303)


@pages.post("/sign-out")
@signed_in
def sign_out(viewer: Person) -> Any:
    audit.note(viewer, "signed out", how="page", outcome="done")
    door.sign_out()
    flash("You have signed out.", "note")
    return redirect("/sign-in", 303)


def _who() -> Person:
    if _by_button():
        return sign_ins.check(forms.text("demo"), demo.DEMO_PASSWORD)
    return sign_ins.check(forms.text("email"), forms.text("password"))


def _by_button() -> bool:
    """Whether this is a press on one of the accounts the demo offers."""
    chosen = forms.text("demo")
    offered = any(chosen == each.email for each in demo.SUGGESTED)
    return door.settings().demo and offered


def _wait_for_code(person: Person) -> Any:
    carried = known_device.sent()
    known = sign_ins.known_device(person.email, carried) if carried else None
    cookie[HALF] = second_factors.wait_for_code(person, known)
    return redirect(url_for("web.sign_in_code", next=_wanted()), 303)


def _enter(person: Person, *, by_code: bool) -> Any:
    door.sign_in(person, by_code=by_code)
    return redirect(_wanted() or _first_page(person), 303)


def _from_the_start(sentence: str) -> Any:
    cookie.pop(HALF, None)
    flash(sentence, "note")
    return redirect(url_for("web.sign_in", next=_wanted()), 303)


def _wanted() -> str | None:
    return forms.local_path(request.values.get("next"))


def _form(errors: forms.Errors) -> str:
    is_demo = door.settings().demo
    return render_template(
        "sign_in.html",
        errors=errors,
        email=request.form.get("email", ""),
        next=_wanted() or "",
        accounts=demo.SUGGESTED if is_demo else (),
        demo_password=demo.DEMO_PASSWORD if is_demo else "",
    )


def _code_form(errors: forms.Errors) -> str:
    return render_template("sign_in_code.html", errors=errors, next=_wanted() or "")


def _first_page(person: Person) -> str:
    if person.account in CONTENT_ACCOUNTS:
        return "/"
    return "/accounts" if person.account == "administrator" else "/settings"
