"""The chronology of one case: as a page, printed, and as files; who took it along is on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, render_template, request

from app import access, audit
from app.casework import copies, standing
from app.core import clock, db
from app.core.db import AnyRow
from app.core.errors import Invalid
from app.insight import chronology as insight
from app.insight.chronology import Chronology, Line, Only
from app.models import FORMS, Case, Child, Copy, Person
from app.web import case_head, csv_files, filters, forms, pages, word_files
from app.web.session import content

# As many as a page of 45 KB has room for, compressed, when each says a good deal.
PAGE = 50
# How wide the columns of the document are, one beside the other.
SHARES = (9, 9, 16, 10, 34, 16, 8)
TOO_EARLY = "The last day is before the first."
NO_AGENCY = "Choose an agency that stands in this chronology, or all."
NO_KIND = "Choose a kind from the list, or all."


@pages.get("/cases/<int:case_id>/chronology")
@content
def chronology(viewer: Person, case_id: int) -> Any:
    case = access.case(viewer, case_id)
    found, errors = _found(viewer, case, request.args)
    only = found.only
    asked = _asked(only)
    sheet = forms.sheet("web.chronology", len(found.marks), PAGE, case_id=case.id, **asked)
    shown = insight.read(viewer, case, found, found.marks[sheet.skip : sheet.last])
    _note(viewer, "read chronology", case)
    page = render_template(
        "chronology.html",
        case=case,
        head=case_head.of(viewer, case, "chronology"),
        found=found,
        lines=shown,
        headings=insight.HEADINGS,
        sheet=sheet,
        typed=request.args,
        asked=asked,
        errors=errors,
        copies=[(row, copy_words(row)) for row in copies.of(case, "chronology")],
    )
    return (page, 422) if errors else page


@pages.post("/cases/<int:case_id>/chronology/copies")
@content
def take_chronology(viewer: Person, case_id: int) -> Any:
    """The whole of it, to print or to keep: first it is put on record who takes it."""
    case = access.case(viewer, case_id)
    found, errors = _found(viewer, case, request.form)
    form = forms.text("form")
    if errors or form not in ("print", "csv", "docx"):
        raise Invalid(next(iter(errors.values()), "Choose how you want to take it along."))
    made = copies.take(viewer, case, "chronology", form, part_of(found.only))
    lines = insight.read(viewer, case, found, found.marks)
    _note(viewer, "took chronology", case)
    return _TAKEN[form](viewer, case, found, lines, made)


def part_of(only: Only) -> copies.Part:
    """What of a choice is kept with a copy."""
    return copies.Part(
        only.from_on,
        only.until_on,
        only.agency_id,
        only.kind,
        only.everything,
        bool(only.words),
    )


def copy_words(row: AnyRow) -> str:
    """printed, from 1 March 2026, of Hillside Primary."""
    return ", ".join([FORMS[row.form], *_part_words(row, row.agency_name)])


def _printed(
    viewer: Person, case: Case, found: Chronology, lines: Sequence[Line], made: Copy
) -> str:
    return render_template(
        "chronology_print.html",
        case=case,
        child=_child(case),
        found=found,
        lines=lines,
        headings=insight.HEADINGS,
        part=_part(found, made),
        made=made,
        kept_back=found.kept_back(viewer.name),
    )


def _as_csv(
    viewer: Person, case: Case, found: Chronology, lines: Sequence[Line], _made: Copy
) -> Response:
    # A file has no place but its rows to say what is not in it; the first of them is read.
    notes = [("", "", "", "Note", words, "", "") for words in found.kept_back(viewer.name)]
    rows = [*notes, *(each.cells for each in lines)]
    return csv_files.answer(_name(case), insight.HEADINGS, rows)


def _as_document(
    viewer: Person, case: Case, found: Chronology, lines: Sequence[Line], made: Copy
) -> Response:
    child = _child(case)
    born = f", born {filters.full_date(child.born_on)}" if child.born_on else ""
    title = f"Chronology: {child.label}{born}"
    by = f"Taken by {viewer.name} on {_moment(made)}"
    remarks = [f"{by}: {_part(found, made)}", found.sentence, *found.kept_back(viewer.name)]
    rows = [[filters.full_date(each.on), *map(str, each.cells[1:])] for each in lines]
    return word_files.answer(_name(case), title, remarks, insight.HEADINGS, rows, SHARES)


_TAKEN: dict[str, Any] = {"print": _printed, "csv": _as_csv, "docx": _as_document}


def _found(viewer: Person, case: Case, sent: Mapping[str, str]) -> tuple[Chronology, forms.Errors]:
    """What is asked for; of an agency that tells nothing here it is said, and all is shown."""
    only, errors = _only(sent)
    stood = standing.history(viewer, case)
    found = insight.of(viewer, case, only, stood)
    if only.agency_id is not None and only.agency_id not in dict(found.agencies):
        errors["agency"] = NO_AGENCY
        found = insight.of(viewer, case, replace(only, agency_id=None), stood)
    return found, errors


def _only(sent: Mapping[str, str]) -> tuple[Only, forms.Errors]:
    """What is asked for, and a sentence for each field that says what cannot be."""
    errors: forms.Errors = {}
    days = {}
    for name in ("from", "until"):
        try:
            days[name] = forms.as_day(sent.get(name, ""))
        except Invalid as refusal:
            errors[name] = refusal.sentence
    first, last = days.get("from"), days.get("until")
    if first and last and last < first:
        errors["until"], last = TOO_EARLY, None
    kind, agency = sent.get("kind", ""), forms.as_number(sent.get("agency", ""))
    if kind and kind not in insight.LINES:
        errors["kind"], kind = NO_KIND, ""
    if sent.get("agency") and agency is None:
        errors["agency"] = NO_AGENCY
    return Only(
        first,
        last,
        agency,
        kind or None,
        sent.get("words", "").strip()[:200],
        bool(sent.get("all")),
        sent.get("order") == "newest",
    ), errors


def _asked(only: Only) -> dict[str, Any]:
    """What of it stands in an address, or in the hidden fields of a form."""
    said = {
        "from": only.from_on and only.from_on.isoformat(),
        "until": only.until_on and only.until_on.isoformat(),
        "agency": only.agency_id,
        "kind": only.kind,
        "words": only.words,
        "all": "1" if only.everything else None,
        "order": "newest" if only.newest_first else None,
    }
    return {name: value for name, value in said.items() if value}


def _part(found: Chronology, made: Copy) -> str:
    """Which part of the chronology this is, in words."""
    words = _part_words(made, dict(found.agencies).get(made.agency_id or 0))
    return ", ".join(words) or "significant events, from the first to the last"


def _part_words(row: Any, agency: str | None) -> list[str]:
    said = (
        ("all updates", row.everything),
        (f"from {filters.full_date(row.from_on)}" if row.from_on else "", row.from_on),
        (f"until {filters.full_date(row.until_on)}" if row.until_on else "", row.until_on),
        (f"of {agency}", agency),
        (f"only “{insight.LINES.get(row.kind, row.kind)}”", row.kind),
        ("only what holds certain words", row.by_words),
    )
    return [words for words, is_so in said if is_so]


def _child(case: Case) -> Child:
    return db.session().get_one(Child, case.child_id)


def _moment(made: Copy) -> str:
    return f"{filters.full_date(made.made_at)} at {filters.wall_clock(made.made_at)}"


def _name(case: Case) -> str:
    return f"chronology-{case.id}-{clock.today()}"


def _note(viewer: Person, did: str, case: Case) -> None:
    audit.note(viewer, did, how="page", case_id=case.id)
