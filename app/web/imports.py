"""Bringing in an Annex A workbook, for administrators: look first, then import."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app import audit
from app.casework import annex_a, imports, people
from app.casework.annex_a import Workbook
from app.core import clock, db
from app.core.errors import Invalid, NotFound
from app.models import CONTENT_ACCOUNTS, Person
from app.web import forms, pages
from app.web import session as door
from app.web.session import administrator

# One request works for about so long; then the page shows how far it came and goes on.
SECONDS = 15
CHILDREN = 50

# What nobody brought in or threw away within a day is not kept any longer.
KEPT_HOURS = 24

# A page names so many cells; the command line prints them all.
SHOWN = 200

# So many that nobody meets another's by guessing.
NUMBERS = 10**15

BECAME = ("new", "changed", "same", "refused")


@pages.get("/imports", endpoint="imports")
@administrator
def shown_imports(viewer: Person) -> str:
    audit.note(viewer, "read imports", how="page")
    return _page({})


@pages.post("/imports")
@administrator
def upload(viewer: Person) -> Any:
    """Keeps the file under a name that tells nothing; the next page looks into it."""
    sent = request.files.get("workbook")
    if sent is None or not sent.filename:
        return _page({"workbook": "Choose the workbook first."}), 422
    _throw_away_old()
    number = secrets.randbelow(NUMBERS)
    path = _folder() / f"{viewer.id}-{number}"
    path.touch(mode=0o600)
    sent.save(path)
    audit.note(viewer, "uploaded workbook", how="page", outcome="done")
    return redirect(url_for("web.try_import", number=number), 303)


@pages.get("/imports/<int:number>")
@administrator
def try_import(viewer: Person, number: int) -> Any:
    """A dry run: what the file would change, cell by cell, and nothing changed."""
    path = _uploaded(viewer, number)
    try:
        workbook = _read(path)
    except Invalid as refusal:
        path.unlink()
        return _page({"workbook": refusal.sentence}), 422
    audit.note(viewer, "tried import", how="page", about=imports.SOURCE)
    report = imports.annex_a(viewer, workbook, each=db.attempt, dry_run=True)
    return _report_page(number, workbook, report, {})


@pages.post("/imports/<int:number>")
@administrator
def run_import(viewer: Person, number: int) -> Any:
    """Brings in some children more; the page it answers goes on until all are done."""
    path = _uploaded(viewer, number)
    workbook = _read(path)
    try:
        lead = _lead(forms.text("lead"))
    except Invalid as refusal:
        report = imports.annex_a(viewer, workbook, each=db.attempt, dry_run=True)
        return _report_page(number, workbook, report, forms.sentences(refusal)), refusal.status
    allocated = forms.flag("allocated")
    done, counts = _bring_in(viewer, workbook, lead, allocated)
    if done < len(workbook.children):
        return render_template(
            "import_steps.html",
            number=number,
            done=done,
            total=len(workbook.children),
            counts=counts,
            lead=forms.text("lead"),
            allocated=allocated,
        )
    path.unlink()
    audit.note(viewer, "imported", how="page", about=imports.SOURCE, outcome="done")
    flash(f"Brought in: {_counted(counts)}.")
    return redirect(url_for("web.imports"), 303)


@pages.post("/imports/<int:number>/removal")
@administrator
def discard(viewer: Person, number: int) -> Any:
    _uploaded(viewer, number).unlink()
    audit.note(viewer, "discarded workbook", how="page", outcome="done")
    flash("The file is thrown away. Nothing was brought in.")
    return redirect(url_for("web.imports"), 303)


@pages.post("/imports/leads")
@administrator
def allocate(viewer: Person) -> Any:
    """Gives a case that nobody sees yet to the person who leads it from now on."""

    def act() -> str:
        lead = _lead(forms.text("lead_email"), field="lead_email")
        if lead is None:
            raise Invalid(lead_email="Write the work email of the person who is to lead.")
        number = forms.text("council_id")
        try:
            imports.allocate(viewer, number, lead, forms.text("reason"))
        except NotFound:
            raise Invalid(council_id="No case has this council number.") from None
        return url_for("web.imports")

    return forms.send(viewer, act, _page, done="The case has a lead now.")


def _bring_in(
    viewer: Person, workbook: Workbook, lead: Person | None, allocated: bool
) -> tuple[int, Counter[str]]:
    """As many children as fit into one request, from where the last one stopped."""
    done = forms.number("done", needed="Start again from the file.")
    counts = Counter({name: forms.number(name, needed="Start again.") for name in BECAME[:3]})
    began = time.monotonic()
    while done < len(workbook.children):
        some = dict(islice(workbook.children.items(), done, done + CHILDREN))
        report = imports.annex_a(
            viewer,
            replace(workbook, children=some),
            each=db.attempt,
            lead=lead,
            allocated=allocated,
            how="page",
        )
        counts.update({name: report.counts[name] for name in BECAME[:3]})
        done += len(some)
        if time.monotonic() - began > SECONDS:
            break
    # A refused row belongs to no child, so every part of the file counts it: once is enough.
    counts["refused"] = sum(row.refused for row in workbook.rows)
    return done, counts


def _lead(email: str, *, field: str = "lead") -> Person | None:
    if not email.strip():
        return None
    found = people.by_email(email)
    if found is None or not found.active or found.account not in CONTENT_ACCOUNTS:
        raise Invalid(**{field: "Nobody who works with children has this email address."})
    return found


def _page(errors: forms.Errors) -> str:
    return render_template(
        "imports.html",
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
        waiting=imports.without_network()[:SHOWN],
        waiting_count=len(imports.without_network()),
    )


def _report_page(
    number: int, workbook: Workbook, report: imports.Report, errors: forms.Errors
) -> str:
    return render_template(
        "import_report.html",
        errors=errors,
        values=forms.values(allocated="" if request.method == "POST" else "1"),
        number=number,
        as_at=workbook.as_at,
        children=len(workbook.children),
        adopters=workbook.adopters,
        counts=report.counts,
        counted=_counted(report.counts),
        by_list=[
            [f"List {number}", *(report.by_list[number][became] for became in BECAME)]
            for number in sorted(report.by_list)
        ],
        refusals=workbook.refusals[:SHOWN],
        refusal_count=len(workbook.refusals),
        warnings=workbook.warnings[:SHOWN],
        warning_count=len(workbook.warnings),
        differences=report.differences[:SHOWN],
        difference_count=len(report.differences),
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]:,} {name}" for name in BECAME)


def _folder() -> Path:
    folder = door.settings().data / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _uploaded(viewer: Person, number: int) -> Path:
    """The viewer's own upload; somebody else's is not there."""
    path = _folder() / f"{viewer.id}-{number}"
    if number >= NUMBERS or not path.is_file():
        raise NotFound("upload")
    return path


def _read(path: Path) -> Workbook:
    with path.open("rb") as file:
        return annex_a.read(file)


def _throw_away_old() -> None:
    oldest = clock.now().timestamp() - KEPT_HOURS * 3600
    for path in _folder().iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
