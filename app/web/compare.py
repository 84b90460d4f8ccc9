"""Is it getting better? One case compared with its own past, as a page and as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request

from app import access, audit
from app.core import clock, db
from app.insight import chart, compare, figures, periods, quarters
from app.insight.comparison import Comparison, Row
from app.insight.periods import Asked, Event
from app.models import Case, Child, Person
from app.web import case_head, csv_files, filters, forms, pages
from app.web.session import content

FIELDS = tuple(asdict(Asked()))
# A day is ten letters and the code of an event little more.
LONGEST = 40
HEADINGS = (
    "Measure",
    "Whose",
    "{0}",
    "{1}",
    "Change",
    "By",
    "Latest",
    "Said by",
    "Latest is",
    "To note",
)
READINGS = ("Measure", "Child", "Said by", "Day", "Score", "Time")


@pages.get("/cases/<int:case_id>/compare")
@content
def compare_case(viewer: Person, case_id: int) -> Any:
    case = access.case(viewer, case_id)
    head = case_head.of(viewer, case, "compare")
    asked, found = _compared(viewer, case, head.label, head.siblings)
    _note(viewer, "compared", case, found, "page")
    choice = found.comparison.choice
    page = render_template(
        "compare.html",
        case=case,
        head=head,
        shown=found.comparison,
        errors=forms.sentences(found.wrong) if found.wrong else {},
        values=_values(asked, choice),
        options=[(each.code, _option(each)) for each in found.events],
        ways=_ways(case, head, asked, choice),
        file=_file_address(case, asked),
        readings_file=_file_address(case, asked, of="readings"),
        shapes=chart.DRAWN,
        marked=[(each, _option(each)) for each in found.comparison.events],
    )
    return (page, 422) if found.wrong else page


@pages.get("/cases/<int:case_id>/compare.csv")
@content
def compare_file(viewer: Person, case_id: int) -> Response:
    """The table to be kept; with `readings`, all that stands behind it."""
    case = access.case(viewer, case_id)
    child = db.session().get_one(Child, case.child_id)
    _, found = _compared(viewer, case, child.label, case_head.siblings(viewer, case))
    if found.wrong:
        # Nobody takes along the answer to another question than was asked.
        raise found.wrong
    _note(viewer, "exported comparison", case, found, "page")
    shown = found.comparison
    if request.args.get("of") == "readings":
        return _file("readings", case, READINGS, _readings(shown))
    names = [span.name for span in shown.choice.spans]
    headings = [each.format(*names) for each in HEADINGS]
    return _file("comparison", case, headings, _rows(shown))


@pages.get("/team/comparison")
@content
def compare_team(viewer: Person) -> str:
    found = quarters.of(viewer)
    audit.note(viewer, "compared team", how="page", ranges=[(each, 0, 0) for each in found.cases])
    return render_template(
        "compare_team.html", team=found, shown=found.comparison, shapes=chart.DRAWN
    )


def asked_for() -> Asked:
    """What the address asks for; the API asks in the same words."""
    return Asked(**{name: request.args.get(name, "")[:LONGEST] for name in FIELDS})


def _compared(
    viewer: Person, case: Case, name: str, siblings: case_head.Links
) -> tuple[Asked, compare.Compared]:
    asked = asked_for()
    others = siblings if asked.way == "siblings" else []
    whom = [(access.case(viewer, each["case_id"]), each["label"]) for each in others]
    return asked, compare.of(viewer, (case, name), whom, asked)


def _values(asked: Asked, choice: periods.Choice) -> dict[str, str]:
    """What the form shows: what was typed, or else what is compared."""
    first, second = choice.spans
    kept = {
        "event": "" if asked.on.strip() else choice.code,
        "from_1": first.from_on.isoformat(),
        "until_1": first.until_on.isoformat(),
        "from_2": second.from_on.isoformat(),
        "until_2": second.until_on.isoformat(),
    }
    typed = {name: value for name, value in asdict(asked).items() if value}
    return {**kept, **typed, "way": choice.way if not asked.way else asked.way}


def _ways(
    case: Case, head: case_head.Head, asked: Asked, choice: periods.Choice
) -> list[dict[str, Any]]:
    names = figures.listed([head.label, *(each["label"] for each in head.siblings)])
    labels = {"since": "Before and since", "periods": "Two times"}
    if head.siblings:
        labels["siblings"] = names
    labels["raters"] = "Who says what"
    kept = {name: getattr(asked, name) for name in ("event", "on") if getattr(asked, name)}
    chosen = asked.way if asked.way in labels else choice.way
    return [
        {
            "label": label,
            "href": _there(case, {"way": way, **_kept(way, choice, kept)}),
            "current": way == chosen,
        }
        for way, label in labels.items()
    ]


def _kept(way: str, choice: periods.Choice, kept: dict[str, str]) -> dict[str, str]:
    """What goes along to another way of comparing: two times begin as those that are shown."""
    if way != "periods":
        return kept
    first, second = choice.spans
    return {
        "from_1": first.from_on.isoformat(),
        "until_1": first.until_on.isoformat(),
        "from_2": second.from_on.isoformat(),
        "until_2": second.until_on.isoformat(),
    }


def _there(case: Case, chosen: dict[str, str], ending: str = "") -> str:
    return f"/cases/{case.id}/compare{ending}?{urlencode(chosen)}"


def _file_address(case: Case, asked: Asked, **more: str) -> str:
    chosen = {name: value for name, value in asdict(asked).items() if value}
    return _there(case, {**chosen, **more}, ".csv")


def _option(event: Event) -> str:
    return f"{event.words}, {filters.full_date(event.on)}"


def _rows(shown: Comparison) -> Iterator[tuple[str, ...]]:
    for panel in shown.panels:
        for row in panel.rows:
            yield (
                panel.measure.name,
                row.whose,
                row.before,
                row.since,
                row.word,
                row.by.removeprefix("by "),
                row.latest,
                row.latest_by,
                "; ".join([row.moved_word, *_worse(row)] if row.worse else [row.moved_word]),
                " ".join(row.notes),
            )


def _worse(row: Row) -> list[str]:
    return [f"{each.by} {each.value}, worse" for each in row.worse]


def _readings(shown: Comparison) -> Iterator[tuple[str, ...]]:
    """Every line of every table; of a count, each child's months one under the other."""
    for panel in shown.panels:
        for cells in panel.readings:
            if panel.measure.counts_kind:
                pairs = zip(shown.names, cells[1:], strict=True)
                yield from ((panel.measure.name, name, "", cells[0], n, "") for name, n in pairs)
            else:
                child, rest = (cells[0], cells[1:]) if len(cells) > 4 else (shown.names[0], cells)
                yield (panel.measure.name, child, rest[1], rest[0], rest[2], rest[3])


def _file(
    what: str, case: Case, headings: list[str] | tuple[str, ...], rows: Iterator[tuple[str, ...]]
) -> Response:
    return csv_files.answer(f"{what}-{case.id}-{clock.today()}", headings, rows)


def _note(viewer: Person, did: str, case: Case, found: compare.Compared, how: str) -> None:
    """On record are the case, and the others of a comparison of brothers and sisters."""
    ranges = [(each, 0, 0) for each in found.cases[1:]]
    audit.note(viewer, did, how=how, case_id=case.id, ranges=ranges)
