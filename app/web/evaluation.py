"""How the monitor does here: for those who judge it, in numbers and never a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request, url_for

from app import access, audit
from app.models import ALERTS, UNUSUAL, Person
from app.monitor import evaluation as monitor
from app.web import csv_files, pages
from app.web.session import signed_in

# Of what the rates are: what the monitor works out, or days that have passed.
ABOUT = {
    "unusual": ("Busier than usual, or gone quiet", UNUSUAL),
    "overdue": ("Overdue", tuple(kind for kind in ALERTS if kind not in UNUSUAL)),
}


@pages.get("/hotspots/evaluation")
@signed_in
def evaluation(viewer: Person) -> str:
    about = _about()
    return render_template(
        "evaluation.html",
        tables=_tables(viewer, about),
        about=about,
        filters=[_link(name, words, about) for name, (words, _) in ABOUT.items()],
    )


@pages.get("/hotspots/evaluation/table")
@signed_in
def evaluation_table(viewer: Person) -> Response:
    cells = [cell for table in _tables(viewer, _about()) for cell in _cells(table)]
    return csv_files.answer("monitor-evaluation", ("Table", "Row", "Column", "Value"), cells)


def _cells(table: monitor.Table) -> Iterator[tuple[str, str, str, str]]:
    """One a line, so that tables of different columns stand in one file."""
    for first, *values in table.rows:
        for column, value in zip(table.columns[1:], values, strict=True):
            yield table.name, first, column, value
    for remark in table.remarks:
        yield table.name, "", "What stands out", remark


def _tables(viewer: Person, about: str) -> list[monitor.Table]:
    access.evaluation(viewer)
    audit.note(viewer, "read evaluation", how="page")
    return monitor.tables(ABOUT[about][1])


def _link(name: str, words: str, chosen: str) -> dict[str, Any]:
    href = url_for("web.evaluation", about=name, _anchor="rates")
    return {"label": words, "href": href, "current": name == chosen}


def _about() -> str:
    asked = request.args.get("about", "")
    return asked if asked in ABOUT else next(iter(ABOUT))
