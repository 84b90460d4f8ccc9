"""Bringing in what a council already holds, for administrators: look first, then import."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from app import audit
from app.casework import imports, people, returns
from app.casework.returns.facts import Return, TooLarge
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
    f"This return has more than {ROWS:,} rows, or as much in fewer, which is too many for a "
    "page. Bring it in on the command line: kith import annex-a, cin-census or ssda903"
)

# So many children are kept at once: whoever writes something meanwhile waits for so many.
GROUP = 10

# After that others get their turn: who waits for SQLite's write lock only looks now and then.
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

# What is counted from one step to the next, and shown of each list.
BECAME = imports.BECAME
FIELDS = {became: became.replace(" ", "_") for became in BECAME}


@pages.get("/imports", endpoint="imports")
@administrator
def shown_imports(viewer: Person) -> str:
    audit.note(viewer, "read imports", how="page")
    return _page({})


@pages.post("/imports")
@administrator
def upload(viewer: Person) -> Any:
    """Keeps the file under a name that tells nothing; the next page looks into it."""
    sent = [file for file in request.files.getlist("workbook") if file.filename]
    if not sent:
        return _page({"workbook": "Choose the file first."}), 422
    _throw_away_old()
    number = secrets.randbelow(NUMBERS)
    path = _folder() / f"{viewer.id}-{number}"
    path.touch(mode=0o600)
    if len(sent) == 1:
        sent[0].save(path)
    else:
        _save_together(sent, path)
    audit.note(viewer, "uploaded workbook", how="page", outcome="done")
    return redirect(url_for("web.try_import", number=number), 303)


@pages.get("/imports/<int:number>")
@administrator_in_steps
def try_import(viewer: Person, number: int) -> Any:
    """A dry run: what the file would change, cell by cell, and nothing changed."""
    path = _uploaded(viewer, number)
    try:
        returned = _read(path)
    except Invalid as refusal:
        path.unlink(missing_ok=True)
        with db.transaction():
            return _page({"workbook": refusal.sentence}), 422
    answer = _report_page(number, returned, {}, _compare(viewer, returned))
    with db.transaction():
        audit.note(viewer, "tried import", how="page", about=returned.source)
    return answer


@pages.post("/imports/<int:number>")
@administrator_in_steps
def run_import(viewer: Person, number: int) -> Any:
    """Brings in some children more; the page it answers goes on until all are done."""
    path = _uploaded(viewer, number)
    returned = _read(path)
    try:
        with db.transaction():
            lead = _lead(forms.text("lead"))
    except Invalid as refusal:
        errors = forms.sentences(refusal)
        return _report_page(number, returned, errors, _compare(viewer, returned)), refusal.status
    allocated = forms.flag("allocated")
    done, counts = _bring_in(viewer, returned, lead, allocated)
    if done < returned.total:
        return render_template(
            "import_steps.html",
            number=number,
            done=done,
            total=returned.total,
            counts={field: counts[became] for became, field in FIELDS.items()},
            lead=forms.text("lead"),
            allocated=allocated,
        )
    path.unlink(missing_ok=True)
    with db.transaction():
        audit.note(viewer, "imported", how="page", about=returned.source, outcome="done")
    flash(f"Brought in: {imports.counted(counts)}.")
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
    viewer: Person, returned: Return, lead: Person | None, allocated: bool
) -> tuple[int, Counter[str]]:
    """As many children as fit into one request, from where the last one stopped."""
    done = forms.number("done", needed="Start again from the file.")
    report = imports.bring_in(
        viewer,
        returned,
        each=_step,
        lead=lead,
        allocated=allocated,
        how="page",
        group=GROUP,
        start=done,
        seconds=SECONDS,
    )
    counts = report.counts
    if done:
        # Rows that belong to no child have been counted in the first step.
        counts["refused"] -= sum(returned.refused.values())
    for became, field in FIELDS.items():
        counts[became] += forms.number(field, needed="Start again.") if forms.text(field) else 0
    return report.done, counts


def _compare(viewer: Person, returned: Return) -> imports.Report:
    """What would become of as many children as fit into one request."""
    return imports.bring_in(
        viewer, returned, each=_step, dry_run=True, group=GROUP, seconds=SECONDS
    )


def _save_together(files: list[FileStorage], path: Path) -> None:
    """The files of one return as one, under names that tell nothing."""
    with ZipFile(path, "w") as archive:
        for place, file in enumerate(files):
            archive.writestr(f"{place}.csv", file.read())


@contextmanager
def _step() -> Iterator[None]:
    """A few children in a transaction, and then a while for everybody else."""
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
    number: int, returned: Return, errors: forms.Errors, report: imports.Report
) -> str:
    counts = report.counts
    shown = [became for became in BECAME if became != "not kept" or counts[became]]
    return render_template(
        "import_report.html",
        errors=errors,
        values=forms.values(allocated="" if request.method == "POST" else "1"),
        number=number,
        fields=FIELDS.values(),
        title=f"{returned.title[0].upper()}{returned.title[1:]}",
        names_workers=returned.source == "annex-a",
        as_at=returned.as_at,
        children=returned.total,
        compared=report.done,
        remarks=returned.remarks,
        not_kept=imports.counted_values(report.not_kept),
        counted=imports.counted(counts),
        headings=["Part", *(became.capitalize() for became in shown)],
        by_list=[
            [_part(returned, number), *(report.by_list[number][became] for became in shown)]
            for number in sorted(report.by_list)
        ],
        refusals=report.refusals[:SHOWN],
        refusal_count=len(report.refusals),
        warnings=report.warnings[:SHOWN],
        warning_count=len(report.warnings),
        differences=report.differences[:SHOWN],
        difference_count=len(report.differences),
    )


def _part(returned: Return, number: int) -> str:
    name = returned.list_name(number)
    return f"{name}: {LISTS[number]}" if returned.source == "annex-a" else name


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


def _read(path: Path) -> Return:
    try:
        return returns.read(path, largest=BYTES, most_rows=ROWS)
    except FileNotFoundError:
        raise NotFound("upload") from None
    except TooLarge:
        raise Invalid(TOO_LARGE) from None


def _throw_away_old() -> None:
    oldest = clock.now().timestamp() - KEPT_HOURS * 3600
    for path in _folder().iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
