"""Setting up the second factor: a picture for the phone, a first code, codes for a lost phone."""

from __future__ import annotations

from typing import Any

import segno
from flask import flash, redirect, render_template, url_for
from markupsafe import Markup

from app import audit
from app.casework import second_factors
from app.core import db
from app.core.errors import Conflict, Invalid
from app.models import Person
from app.web import forms, pages
from app.web import session as door
from app.web.session import fresh, signed_in


@pages.get("/settings/second-factor")
@signed_in
def second_factor(viewer: Person) -> str:
    secret = second_factors.pending(viewer)
    if secret:
        door.require_fresh()  # whoever sees the picture can count the codes
    return _page(viewer, {}, secret)


@pages.post("/settings/second-factor")
@signed_in
@fresh
def begin_second_factor(viewer: Person) -> Any:
    second_factors.begin(viewer)
    audit.note(viewer, "began second factor", how="page", outcome="done")
    return redirect(url_for("web.second_factor"), 303)


@pages.post("/settings/second-factor/confirmation")
@signed_in
@fresh
def confirm_second_factor(viewer: Person) -> Any:
    """Answers the page itself, for the recovery codes stand on it once and are kept nowhere."""
    here = door.device()
    assert here is not None
    try:
        with db.attempt():
            codes = second_factors.confirm(viewer, forms.text("code"), here.sign_in)
    except (Invalid, Conflict) as refusal:
        secret = second_factors.pending(viewer)
        return _page(viewer, forms.sentences(refusal), secret), refusal.status
    audit.note(viewer, "set up second factor", how="page", outcome="done")
    return _codes(codes, "Your second factor is on. Every other device has to sign in again.")


@pages.post("/settings/second-factor/recovery-codes")
@signed_in
@fresh
def make_recovery_codes(viewer: Person) -> Any:
    if not second_factors.is_on(viewer):
        raise Conflict("Set up a second factor first.")
    codes = second_factors.new_codes(viewer)
    audit.note(viewer, "made recovery codes", how="page", outcome="done")
    return _codes(codes, "The recovery codes you had before work no more.")


@pages.post("/settings/second-factor/removal")
@signed_in
@fresh
def turn_off_second_factor(viewer: Person) -> Any:
    if door.settings().second_factor_required:
        raise Conflict("Your organisation asks everybody for a second factor.")
    second_factors.turn_off(viewer)
    audit.note(viewer, "turned off second factor", how="page", outcome="done")
    flash("Your second factor is off. Your password alone opens your account.")
    return redirect(url_for("web.settings"), 303)


def _page(viewer: Person, errors: forms.Errors, secret: str | None) -> str:
    here, is_required = door.device(), door.settings().second_factor_required
    is_all = is_required and here is not None and not here.sign_in.by_code
    # Until it is done nothing else is answered, so nothing else is offered either.
    shown = {"person": None, "tabs": ()} if is_all else {}
    address = second_factors.address(viewer, secret) if secret else ""
    return render_template(
        "second_factor.html",
        errors=errors,
        is_all=is_all,
        is_required=is_required,
        factor=second_factors.since(viewer),
        codes_left=second_factors.codes_left(viewer),
        address=address,
        picture=_picture(address) if address else "",
        secret=second_factors.in_groups(secret) if secret else "",
        **shown,
    )


def _codes(codes: list[str], done: str) -> str:
    return render_template("recovery_codes.html", codes=codes, done=done)


def _picture(address: str) -> Markup:
    """Drawn into the page: the secret stands at no address and in no file."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True,
        border=4,
        dark="#000",
        light="#fff",
        lineclass=None,
        svgclass="kith-picture",
        title="The key as a picture, for the phone to read",
    )
    named = drawn.replace("<svg", '<svg role="img"', 1)
    return Markup(named)  # noqa: S704 - of our own making: the address is squares by now
