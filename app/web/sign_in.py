"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request

from app import audit
from app.casework import sign_ins
from app.core.errors import Invalid
from app.models import CONTENT_ACCOUNTS, Person
from app.web import forms, pages
from app.web import session as door
from app.web.session import everyone, signed_in
from config import demo


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
    door.sign_in(person)
    return redirect(forms.local_path(request.values.get("next")) or _first_page(person), 303)


@pages.post("/sign-out")
@signed_in
def sign_out(viewer: Person) -> Any:
    audit.note(viewer, "signed out", how="page", outcome="done")
    door.sign_out()
    flash("You have signed out.", "note")
    return redirect("/sign-in", 303)


def _who() -> Person:
    email = request.form.get("email", "")
    chosen = request.form.get("demo", "")
    if chosen and door.settings().demo and any(chosen == each.email for each in demo.SUGGESTED):
        return sign_ins.check(chosen, demo.DEMO_PASSWORD)
    return sign_ins.check(email, request.form.get("password", ""))


def _form(errors: forms.Errors) -> str:
    is_demo = door.settings().demo
    return render_template(
        "sign_in.html",
        errors=errors,
        email=request.form.get("email", ""),
        next=forms.local_path(request.values.get("next")) or "",
        accounts=demo.SUGGESTED if is_demo else (),
        demo_password=demo.DEMO_PASSWORD if is_demo else "",
    )


def _first_page(person: Person) -> str:
    if person.account in CONTENT_ACCOUNTS:
        return "/"
    return "/accounts" if person.account == "administrator" else "/settings"
