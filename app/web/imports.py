"""Bringing in what a council already holds, for administrators: look first, then import."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app import audit
from app.casework import imports, people, returns
from app.casework.returns.facts import Return, TooLarge
from app.core import db
from app.core.errors import Invalid, NotFound
from app.models import CONTENT_ACCOUNTS, Person
from app.web import forms, pages, uploads
from app.web.session import administrator, administrator_in_steps
from app.web.uploads import SoFar, Upload

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

# A page names so many cells; the command line prints them all.
SHOWN = 200

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


@pages.get("/imports", endpoint="imports")
@administrator
def shown_imports(viewer: Person) -> str:
    audit.note(viewer, "read imports", how="page")
    return _page(viewer, {})


@pages.post("/imports")
@administrator
def upload(viewer: Person) -> Any:
    """Keeps the file; the next page looks into it."""
    sent = [file for file in request.files.getlist("workbook") if file.filename]
    if not sent:
        return _page(viewer, {"workbook": "Choose the file first."}), 422
    kept = uploads.keep(viewer, sent)
    audit.note(viewer, "uploaded workbook", how="page", outcome="done")
    return redirect(url_for("web.try_import", number=kept.number), 303)


@pages.get("/imports/<int:number>")
@administrator_in_steps
def try_import(viewer: Person, number: int) -> Any:
    """A dry run, and nothing changed; or, once it is being brought in, how far that is."""
    upload = uploads.of(viewer, number)
    if so_far := upload.so_far():
        with db.transaction():
            audit.note(viewer, "read imports", how="page")
            return _steps_page(number, so_far, {})
    try:
        returned = _read(upload.path)
    except Invalid as refusal:
        upload.throw_away()
        with db.transaction():
            return _page(viewer, {"workbook": refusal.sentence}), 422
    answer = _report_page(number, returned, {}, _compare(viewer, returned))
    with db.transaction():
        audit.note(viewer, "tried import", how="page", about=returned.source)
    return answer


@pages.post("/imports/<int:number>")
@administrator_in_steps
def run_import(viewer: Person, number: int) -> Any:
    """Brings in some children more; the page it leads to goes on until all are done."""
    upload = uploads.of(viewer, number)
    with upload.alone() as is_alone:
        if is_alone and (wrong := _step_of(viewer, upload)):
            return wrong
    if upload.path.exists():
        return redirect(url_for("web.try_import", number=number), 303)
    return redirect(url_for("web.imports"), 303)


@pages.post("/imports/<int:number>/removal")
@administrator
def discard(viewer: Person, number: int) -> Any:
    upload = uploads.of(viewer, number)
    so_far = upload.so_far()
    upload.throw_away()
    audit.note(viewer, "discarded workbook", how="page", outcome="done")
    stays = _are_in(so_far) if so_far else "Nothing was brought in"
    flash(f"The file is thrown away. {stays}.")
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

    return forms.send(viewer, act, partial(_page, viewer), done="The case has a lead now.")


def _step_of(viewer: Person, upload: Upload) -> Any:
    """Brings in what fits into one request; answers a page when what was typed is wrong."""
    begun = upload.so_far()
    asked = begun or SoFar(0, 0, allocated=forms.flag("allocated"))
    asked = replace(asked, lead=request.form.get("lead", asked.lead))
    returned = _read(upload.path)
    try:
        with db.transaction():
            lead = _lead(asked.lead)
    except Invalid as refusal:
        errors = forms.sentences(refusal)
        if begun:
            return _steps_page(upload.number, asked, errors), refusal.status
        compared = _compare(viewer, returned)
        return _report_page(upload.number, returned, errors, compared), refusal.status
    counts = _bring_in(viewer, upload, returned, lead, asked)
    if counts is not None:
        upload.throw_away()
        with db.transaction():
            audit.note(viewer, "imported", how="page", about=returned.source, outcome="done")
        flash(f"Brought in: {imports.counted(counts)}.")
    return None


def _bring_in(
    viewer: Person, upload: Upload, returned: Return, lead: Person | None, asked: SoFar
) -> Counter[str] | None:
    """As many children as fit into one request, from where the last one stopped.

    How far it is is noted after each group: whoever looks meanwhile sees it, and what breaks off
    goes on from there. Answers what became of all rows once all children are in.
    """

    def note(report: imports.Report) -> None:
        became = dict(counts(report))
        upload.keep(replace(asked, done=report.done, total=returned.total, counts=became))

    def counts(report: imports.Report) -> Counter[str]:
        so_far = Counter(asked.counts) + report.counts
        if asked.done:
            # Rows that belong to no child have been counted in the first step.
            so_far["refused"] -= sum(returned.refused.values())
        return so_far

    upload.keep(replace(asked, total=returned.total))
    report = imports.bring_in(
        viewer,
        returned,
        each=_step,
        lead=lead,
        allocated=asked.allocated,
        how="page",
        progress=note,
        group=GROUP,
        start=asked.done,
        seconds=SECONDS,
    )
    return counts(report) if report.done >= returned.total else None


def _compare(viewer: Person, returned: Return) -> imports.Report:
    """What would become of as many children as fit into one request."""
    return imports.bring_in(
        viewer, returned, each=_step, dry_run=True, group=GROUP, seconds=SECONDS
    )


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


def _page(viewer: Person, errors: forms.Errors) -> str:
    return render_template(
        "imports.html",
        begun=[(number, _are_in(so_far)) for number, so_far in uploads.begun(viewer)],
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
        waiting=imports.without_network()[:SHOWN],
        waiting_count=len(imports.without_network()),
    )


def _steps_page(number: int, so_far: SoFar, errors: forms.Errors) -> str:
    return render_template(
        "import_steps.html",
        errors=errors,
        number=number,
        so_far=so_far,
        are_in=_are_in(so_far),
        counted=imports.counted(so_far.counts),
    )


def _are_in(so_far: SoFar) -> str:
    return f"{so_far.done:,} of {so_far.total:,} children are in"


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
        title=f"{returned.title[0].upper()}{returned.title[1:]}",
        names_workers=returned.source == "annex-a",
        as_at=report.as_at,
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


def _read(path: Path) -> Return:
    try:
        return returns.read(path, largest=BYTES, most_rows=ROWS)
    except FileNotFoundError:
        raise NotFound("upload") from None
    except TooLarge:
        raise Invalid(TOO_LARGE) from None
