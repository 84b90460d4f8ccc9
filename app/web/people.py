"""The directory: colleagues, their phones, and the cases shared with them."""

from __future__ import annotations

from flask import render_template, request

from app import audit
from app.casework import networks
from app.casework import people as casework
from app.models import CONTENT_ACCOUNTS, Person
from app.notices import choices
from app.web import forms, pages
from app.web.session import signed_in
from search import find

AT_ONCE = 50


@pages.get("/people")
@signed_in
def people(viewer: Person) -> str:
    audit.note(viewer, "read people", how="page")
    words = request.args.get("words", "").strip()
    called = find.called(words) if words else {}
    many = casework.count(words, called=called)
    sheet = forms.sheet("web.people", many, AT_ONCE, words=words or None)
    found = casework.directory(words, called=called, skip=sheet.skip, size=AT_ONCE)
    return render_template("people.html", words=words, found=found, why=called, sheet=sheet)


@pages.get("/people/<int:person_id>")
@signed_in
def colleague(viewer: Person, person_id: int) -> str:
    shown = casework.find(person_id)
    audit.note(viewer, "read person", how="page", about=f"person:{person_id}")
    away = choices.absence(shown)
    cover = casework.find(away.cover_id) if away and away.cover_id else None
    return render_template(
        "colleague.html",
        colleague=shown,
        away=away,
        cover=cover,
        agency=casework.agency_of(shown),
        shared=networks.shared(viewer, shown) if viewer.id != shown.id else [],
        itself=viewer.id == shown.id,
        sees_cases=viewer.account in CONTENT_ACCOUNTS,
    )
