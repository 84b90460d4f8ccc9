"""Bringing in an Annex A workbook, for administrators: look first, then import."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app import audit
from app.casework import imports, people
from app.casework.returns import annex_a
from app.casework.returns.annex_a import Workbook
from app.core import clock, db
from app.core.errors import Invalid, NotFound
from app.models import CONTENT_ACCOUNTS, Person
from app.web import forms, pages
from app.web import session as door
from app.web.session import administrator, administrator_in_steps

# One request works for about so long; then the page shows how far it came and goes on.
SECONDS = 15

# Reading is work for the processor that everybody in this process waits for, so a page takes no
# more than it reads in about as long. Bytes are counted unpacked.
ROWS = 50_000
BYTES = 60_000_000
TOO_LARGE = (
    f"This workbook has more than {ROWS:,} rows, or as much in fewer, which is too many for a "
    "page. Bring it in on the command line: kith import annex-a"
)

# After each child others get their turn: who waits for SQLite's write lock only looks now and then.
PAUSE = 0.5

# What nobody brought in or threw away within a day is not kept any longer.
KEPT_HOURS = 24

# A page names so many cells; the command line prints them all.
SHOWN = 200

# So many that nobody meets another's by guessing.
NUMBERS = 10**15

# What each list of the return is about.
LISTS = {
    1: "contacts",
    2: "early help",
    3: "referrals",
    4: "assessments",
    5: "section 47 and conferences",
    6: "children in need",
    7: "child protection",
    8: "looked after",
    9: "care leavers",
    10: "adoption",
}

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
@administrator_in_steps
def try_import(viewer: Person, number: int) -> Any:
    """A dry run: what the file would change, cell by cell, and nothing changed."""
    path = _uploaded(viewer, number)
    try:
        workbook = _read(path)
    except Invalid as refusal:
        path.unlink(missing_ok=True)
        with db.transaction():
            return _page({"workbook": refusal.sentence}), 422
    answer = _report_page(number, workbook, {}, *_compare(viewer, workbook))
    with db.transaction():
        audit.note(viewer, "tried import", how="page", about=imports.SOURCE)
    return answer


@pages.post("/imports/<int:number>")
@administrator_in_steps
def run_import(viewer: Person, number: int) -> Any:
    """Brings in some children more; the page it answers goes on until all are done."""
    path = _uploaded(viewer, number)
    workbook = _read(path)
    try:
        with db.transaction():
            lead = _lead(forms.text("lead"))
    except Invalid as refusal:
        errors = forms.sentences(refusal)
        return _report_page(number, workbook, errors, *_compare(viewer, workbook)), refusal.status
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
    path.unlink(missing_ok=True)
    with db.transaction():
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
    """As many children as fit into one request, from where the last one stopped.

    Each is kept by itself: whoever writes something meanwhile waits for one child, not for all.
    """
    done = forms.number("done", needed="Start again from the file.")
    counts = Counter({name: forms.number(name, needed="Start again.") for name in BECAME[:3]})
    for part in _in_time(workbook, done):
        report = imports.annex_a(
            viewer, part, each=_step, lead=lead, allocated=allocated, how="page"
        )
        counts.update({name: report.counts[name] for name in BECAME[:3]})
        done += 1
    # A refused row belongs to no child, and so to no part of the file.
    counts["refused"] = sum(row.refused for row in workbook.rows)
    return done, counts


def _compare(viewer: Person, workbook: Workbook) -> tuple[imports.Report, int]:
    """What would become of as many children as fit into one request, and of how many."""
    whole = imports.Report(workbook, dry_run=True)
    compared = 0
    for part in _in_time(workbook):
        report = imports.annex_a(viewer, part, each=_step, dry_run=True)
        for number, counts in report.by_list.items():
            whole.by_list[number].update(counts)
        whole.differences.extend(report.differences)
        compared += 1
    return whole, compared


def _in_time(workbook: Workbook, done: int = 0) -> Iterator[Workbook]:
    """The workbook child by child, until the time of one request is over."""
    began = time.monotonic()
    for batch in imports.by_child(workbook)[done:]:
        children = {batch.child.council_id: batch.child}
        yield replace(workbook, children=children, events=batch.events, rows=batch.rows)
        if time.monotonic() - began > SECONDS:
            return


@contextmanager
def _step() -> Iterator[None]:
    """One child in a transaction of its own, and then a while for everybody else."""
    began = time.monotonic()
    with db.transaction():
        yield
    time.sleep(PAUSE * (time.monotonic() - began))


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
    number: int, workbook: Workbook, errors: forms.Errors, report: imports.Report, compared: int
) -> str:
    return render_template(
        "import_report.html",
        errors=errors,
        values=forms.values(allocated="" if request.method == "POST" else "1"),
        number=number,
        as_at=workbook.as_at,
        children=len(workbook.children),
        compared=compared,
        adopters=workbook.adopters,
        counts=report.counts,
        counted=_counted(report.counts),
        by_list=[
            [
                f"List {number}: {LISTS[number]}",
                *(report.by_list[number][became] for became in BECAME),
            ]
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
    try:
        with path.open("rb") as file:
            return annex_a.read(file, largest=BYTES, most_rows=ROWS)
    except FileNotFoundError:
        raise NotFound("upload") from None
    except annex_a.TooLarge:
        raise Invalid(TOO_LARGE) from None


def _throw_away_old() -> None:
    oldest = clock.now().timestamp() - KEPT_HOURS * 3600
    for path in _folder().iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
