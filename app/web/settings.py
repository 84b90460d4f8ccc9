"""My own settings: phone, absence, password, devices and tokens."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from app import audit, receipts
from app.casework import people, second_factors, sign_ins, tokens
from app.core import db, passwords
from app.core.errors import Invalid
from app.models import Person
from app.web import forms, pages
from app.web import session as door
from app.web.session import fresh, signed_in

SCOPES = [("read", "Read what I may read"), ("write", "Read, and write in my name")]

# The first word found in what a browser says of itself; most browsers claim to be others too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@pages.get("/settings")
@signed_in
def settings(viewer: Person) -> str:
    audit.note(viewer, "read settings", how="page")
    return _page(viewer, {})


@pages.post("/settings")
@signed_in
def change_settings(viewer: Person) -> Any:
    def act() -> str:
        people.set_phone(viewer, forms.text("phone"))
        people.set_out_of_office(viewer, forms.text("out_of_office"))
        return _done(viewer, "changed settings")

    return forms.send(viewer, act, lambda errors: _page(viewer, errors), done="Saved.")


@pages.post("/settings/keyboard")
@signed_in
def change_keyboard(viewer: Person) -> Any:
    people.set_shortcuts(viewer, on=forms.flag("shortcuts"))
    flash("Saved.")
    return redirect(_done(viewer, "changed settings"), 303)


@pages.get("/settings/password")
@signed_in
def password(_viewer: Person) -> str:
    return _password_form({})


@pages.post("/settings/password")
@signed_in
def change_password(viewer: Person) -> Any:
    """Every other device has to sign in again, and every token has ended.

    Always asks for all that opened this device: who only knows the old password would otherwise
    have a session here that counts as shown by a code.
    """
    here = door.device()
    assert here is not None

    def act() -> str:
        if forms.text("password") != forms.text("repeated"):
            raise Invalid(repeated="The two new passwords differ.")
        door.prove(_password_form)
        people.set_password(viewer, forms.text("password"))
        door.sign_in(viewer, by_code=here.sign_in.by_code)
        return _done(viewer, "changed password")

    return forms.send(
        viewer,
        act,
        _password_form,
        done="Your password has changed. Other devices have to sign in again, and your tokens "
        "for programs work no more.",
    )


@pages.post("/settings/devices/<int:sign_in_id>/end")
@signed_in
def end_device(viewer: Person, sign_in_id: int) -> Any:
    sign_ins.revoke(viewer, sign_in_id)
    flash("That device is signed out, and Kith does not know it any more.")
    return redirect(_done(viewer, "ended device"), 303)


@pages.post("/settings/known-devices/<int:known_device_id>/end")
@signed_in
def forget_device(viewer: Person, known_device_id: int) -> Any:
    sign_ins.forget(viewer, known_device_id)
    flash("That device is forgotten.")
    return redirect(_done(viewer, "forgot device"), 303)


@pages.post("/settings/devices/end")
@signed_in
def end_other_devices(viewer: Person) -> Any:
    here = door.device()
    sign_ins.end_all(viewer, but=here.sign_in if here else None)
    flash("All your other devices are signed out, and Kith knows none of them any more.")
    return redirect(_done(viewer, "ended devices"), 303)


@pages.post("/settings/tokens")
@signed_in
@fresh
def issue_token(viewer: Person) -> Any:
    """Answers the page itself, for the token stands on it once and is kept nowhere."""
    try:
        with db.attempt():
            token = _issued(viewer)
    except Invalid as refusal:
        return _page(viewer, forms.sentences(refusal)), refusal.status
    audit.note(viewer, "issued token", how="page", outcome="done")
    return _page(viewer, {}, token=token)


@pages.post("/settings/tokens/<int:token_id>/revocation")
@signed_in
def revoke_token(viewer: Person, token_id: int) -> Any:
    tokens.revoke(viewer, token_id)
    flash("The token works no more.")
    return redirect(_done(viewer, "revoked token"), 303)


def device_words(device: str) -> str:
    """Firefox on Windows, from what a browser says of itself."""
    browser = next((word for mark, word in BROWSERS if mark in device), "")
    system = next((word for mark, word in SYSTEMS if mark in device), "")
    return " on ".join(part for part in (browser, system) if part) or "Unknown device"


def _issued(viewer: Person) -> str:
    name = forms.text("name").strip()
    if not name:
        raise Invalid(name="Say what the token is for.")
    days = forms.number("days", needed="Write for how many days.")
    key = forms.text("key")
    if key and receipts.claim(viewer, key, f"token {name} {days}".encode()):
        raise Invalid("This token was made already and shown once. If you missed it, revoke it.")
    token = tokens.issue(viewer, name, scope=forms.text("scope"), days=days)
    if key:
        receipts.keep(viewer, key, receipts.Answer(200, ""))
    return token


def _page(viewer: Person, errors: forms.Errors, *, token: str = "") -> str:
    fresh = {"phone": viewer.phone, "out_of_office": viewer.out_of_office, "days": "90"}
    shown = fresh if token else forms.values(**fresh)
    return render_template(
        "settings.html",
        errors=errors,
        viewer=viewer,
        values={"scope": "read", **shown},
        key=forms.new_key(),
        devices=_devices(viewer),
        away=_away(viewer),
        factor=second_factors.since(viewer),
        codes_left=second_factors.codes_left(viewer),
        tokens=tokens.of(viewer),
        scopes=SCOPES,
        token=token,
    )


def _devices(viewer: Person) -> list[dict[str, Any]]:
    """Where the person is signed in."""
    here = door.device()
    return [
        {
            "id": row.id,
            "words": device_words(row.device),
            "created_at": row.created_at,
            "seen_at": row.seen_at,
            "this": here is not None and row.id == here.sign_in.id,
            "known": row.known_device_id,
        }
        for row in sign_ins.of(viewer)
    ]


def _away(viewer: Person) -> list[dict[str, Any]]:
    """The devices that are known and not signed in."""
    signed_in_on = {row.known_device_id for row in sign_ins.of(viewer)}
    return [
        {
            "id": known.id,
            "words": device_words(known.device),
            "created_at": known.created_at,
            "seen_at": known.seen_at,
        }
        for known in sign_ins.known_devices(viewer)
        if known.id not in signed_in_on
    ]


def _password_form(errors: forms.Errors) -> str:
    least = passwords.LEAST
    return render_template("password.html", errors=errors, least=least, **door.proof_asked())


def _done(viewer: Person, did: str) -> str:
    audit.note(viewer, did, how="page", outcome="done")
    return url_for("web.settings")
