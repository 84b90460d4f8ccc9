"""The team board: the cases a manager answers for, as a table, on paper and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import Response, render_template, request, url_for

from app import audit
from app.core import clock
from app.insight import team
from app.models import STATUSES, WORRIES, Person
from app.web import csv_files, forms, pages
from app.web.filters import age, status_word, worry_word
from app.web.session import content

COLUMNS = {
    "child": "Child",
    "status": "Status",
    "lead": "Lead practitioner",
    "last_seen": "Last seen",
    "review": "Date due",
    "worry": "Worry, last 28 days",
    "questions": "Open questions",
}
HEADINGS = (
    "Child",
    "Age",
    "Status",
    "Since",
    "Lead practitioner",
    "Last seen",
    "Date due",
    "What is due",
    "Worry, last 28 days",
    "Open questions",
    "Of these late",
)
AT_ONCE = 200
# The most that is asked of the network first.
STANDS = dict(reversed(STATUSES.items())) | {team.UNKNOWN: "No status recorded"}


@dataclass(frozen=True)
class Column:
    """A heading that sorts: where it leads, and which way it is sorted now."""

    label: str
    href: str
    sorted: str


@pages.get("/team")
@content
def team_board(viewer: Person) -> str:
    choice = _choice()
    board = team.of(viewer, choice)
    page = max(request.args.get("page", 1, int), 1)
    lines = board.lines[(page - 1) * AT_ONCE : page * AT_ONCE]
    _note(viewer, "read team board", lines)
    more = len(board.lines) > page * AT_ONCE
    return render_template(
        "team.html",
        board=board,
        lines=lines,
        choice=choice,
        columns=_columns(choice),
        statuses=_statuses(board, choice),
        loads=_loads(board),
        worries=[(word, said) for word, said in WORRIES.items() if word != team.NONE],
        leads=[(load.person_id, load.name) for load in board.loads],
        is_narrowed=choice != replace(team.Choice(), sort=choice.sort, down=choice.down),
        more=_here(choice, page=page + 1) if more else "",
        file=url_for("web.team_file", **_asked(choice)),
    )


@pages.get("/team.csv")
@content
def team_file(viewer: Person) -> Response:
    """The table, to be kept: on record as something that was taken along."""
    board = team.of(viewer, _choice())
    _note(viewer, "exported team board", board.lines)
    return csv_files.answer(
        f"team-{clock.today()}", HEADINGS, [_cells(line) for line in board.lines]
    )


def _choice() -> team.Choice:
    status, worry, sort = (request.args.get(each, "") for each in ("status", "worry", "sort"))
    return team.Choice(
        status=status if status in STANDS else None,
        team=forms.asked_number("team"),
        lead=forms.asked_number("lead"),
        worry=worry if worry in WORRIES and worry != team.NONE else None,
        sort=sort if sort in team.SORTS else "status",
        down=request.args.get("order") == "down",
    )


def _asked(choice: team.Choice) -> dict[str, Any]:
    """What of the choice stands in an address."""
    said = asdict(choice) | {"down": None, "order": "down" if choice.down else None}
    if choice.sort == "status":
        said["sort"] = None
    return {name: value for name, value in said.items() if value is not None}


def _here(choice: team.Choice, **more: Any) -> str:
    return url_for("web.team_board", **_asked(choice), **more)


def _columns(choice: team.Choice) -> list[Column]:
    found = []
    for name, label in COLUMNS.items():
        is_here = choice.sort == name
        there = replace(choice, sort=name, down=is_here and not choice.down)
        way = ("descending" if choice.down else "ascending") if is_here else ""
        found.append(Column(label, _here(there), way))
    return found


def _statuses(board: team.TeamBoard, choice: team.Choice) -> list[dict[str, Any]]:
    """Every status somebody stands at, as a filter with how many."""
    every: list[tuple[str | None, str]] = [(None, f"All open, {len(board.open)}")]
    every += [
        (status, f"{words}, {board.statuses[status]}")
        for status, words in STANDS.items()
        if board.statuses[status]
    ]
    return [
        {
            "label": label,
            "href": _here(replace(choice, status=status)),
            "current": choice.status == status,
        }
        for status, label in [*every, ("closed", "Closed")]
    ]


def _loads(board: team.TeamBoard) -> list[dict[str, Any]]:
    return [
        {
            "name": load.name,
            "href": url_for("web.team_board", lead=load.person_id),
            "cases": load.cases,
            "statuses": ", ".join(
                f"{load.statuses[status]} {words.lower()}"
                for status, words in STANDS.items()
                if load.statuses[status]
            ),
        }
        for load in board.loads
    ]


def _cells(line: team.Line) -> tuple[object, ...]:
    return (
        line.name,
        age(line),
        status_word(line.status),
        line.since,
        line.lead or "Nobody",
        line.last_seen_at and clock.local(line.last_seen_at).date(),
        line.review_at and clock.local(line.review_at).date(),
        line.review,
        "" if line.worry == team.NONE else worry_word(line.worry),
        line.questions,
        line.late,
    )


def _note(viewer: Person, did: str, lines: Sequence[team.Line]) -> None:
    audit.note(
        viewer, did, how="page", ranges=[(each, 0, 0) for each in sorted(x.case_id for x in lines)]
    )
