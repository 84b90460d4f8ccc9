"""The board of hotspots: which of her cases need a look, why, and what somebody decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, g, render_template, request, url_for

from app import access, audit
from app.core import clock
from app.models import ALERTS, DISPOSITIONS, Alert, Person
from app.monitor import alerts, board, due, parameters, watch, words
from app.web import csv_files, forms, pages, sparks
from app.web.filters import age, status_word
from app.web.session import content, signed_in
from feeds import changes

PARTS = {"busy": "Busier than usual", "quiet": "Gone quiet", "overdue": "Overdue"}
NOTHING = {
    "busy": "Nothing unusual: no case is busier than it usually is.",
    "quiet": "Nothing unusual: no case has gone quieter than it usually is.",
    "overdue": "Nothing is overdue.",
}
HEADINGS = (
    "List",
    "Place",
    "Child",
    "Age",
    "Status",
    "Lead practitioner",
    "Why",
    "Agencies",
    "Last seen",
    "This week",
    "Usual week",
)
# As many alerts as an open page may ask about at once: an address has room for no more.
AT_ONCE = 300


@dataclass(frozen=True)
class Line:
    """One child in one part of the board, as a row of the table and of the file."""

    case_id: int
    part: str
    place: int
    child: str
    age: str
    status: str
    lead: str
    why: str
    agencies: str
    last_seen: date | None
    this_week: int | None
    usual: str

    @property
    def cells(self) -> tuple[object, ...]:
        return tuple(asdict(self).values())[1:]


@pages.get("/hotspots")
@content
def hotspots(viewer: Person) -> str:
    g.at = changes.newest()  # before anything is read: what comes after it is fetched again
    choice = _choice()
    shown = board.of(viewer, choice)
    if choice == board.Choice():
        g.hotspots = shown.children
    _note(viewer, "read hotspots", shown, "page")
    return render_template(
        "hotspots.html",
        lines=list(_lines(shown)) if request.args.get("as") == "table" else None,
        headings=HEADINGS,
        **_drawn(viewer, choice, shown),
    )


@pages.get("/hotspots/fragments")
@content
def hotspot_fragments(viewer: Person) -> str:
    """The board as it is now, for an open page; and of the alerts on it, which are over."""
    choice = _choice()
    shown = board.of(viewer, choice)
    asked = request.args.get("alerts", "").split(",")[:AT_ONCE]
    numbers = [number for each in asked if (number := forms.as_number(each)) is not None]
    _note(viewer, "read hotspots", shown, "live")
    return render_template(
        "hotspot_fragments.html",
        looked=alerts.newest_decisions(viewer, numbers),
        **_drawn(viewer, choice, shown),
    )


@pages.get("/hotspots.csv")
@content
def hotspots_file(viewer: Person) -> Response:
    """The table, to be kept: on record as something that was taken along."""
    shown = board.of(viewer, _choice())
    _note(viewer, "exported hotspots", shown, "page")
    rows = [line.cells for line in _lines(shown)]
    return csv_files.answer(f"hotspots-{clock.today()}", HEADINGS, rows)


@pages.get("/hotspots/how-it-works")
@signed_in
def how_hotspots_work(viewer: Person) -> str:
    audit.note(viewer, "read how hotspots work", how="page")
    return render_template(
        "how_hotspots_work.html",
        patience=due.patience(),
        hours=due.patience().acknowledge // timedelta(hours=1),
        parameters=parameters,
        knows_terms=watch.knows_terms(),
        kinds=ALERTS,
        longest_snooze=alerts.LONGEST_SNOOZE.days,
        ask_again=alerts.ASK_AGAIN.days,
    )


@pages.get("/hotspots/<int:alert_id>")
@content
def hotspot(viewer: Person, alert_id: int) -> str:
    alert = access.alert(viewer, alert_id)
    shown = board.posts(viewer, alert)
    ranges = [(row.case_id, row.position, row.position) for row in shown]
    _note_one(viewer, "read hotspot", alert, ranges=ranges)
    return render_template(
        "hotspot.html",
        posts=shown,
        usual=words.usual(alert) if alert.window else "",
        **_about(viewer, alert),
    )


@pages.get("/hotspots/<int:alert_id>/disposition")
@content
def new_disposition(viewer: Person, alert_id: int) -> str:
    return _form(viewer, access.alert(viewer, alert_id), {})


@pages.post("/hotspots/<int:alert_id>/disposition")
@content
def dispose(viewer: Person, alert_id: int) -> Any:
    alert = access.alert(viewer, alert_id)

    def act() -> str:
        alerts.answer(
            viewer,
            alert_id,
            forms.text("decided"),
            forms.text("reason"),
            forms.day("until_on"),
        )
        _note_one(viewer, "looked into hotspot", alert, outcome="done")
        return url_for("web.hotspots")

    # A page that stays says so itself.
    done = "" if forms.by_script() else "Kept, with your reason. The card is gone from every board."
    return forms.send(viewer, act, lambda errors: _form(viewer, alert, errors), done=done)


def _form(viewer: Person, alert: Alert, errors: forms.Errors) -> str:
    _note_one(viewer, "read hotspot", alert)
    return render_template(
        "hotspot_disposition.html",
        dispositions=list(DISPOSITIONS.items()),
        longest=clock.today() + alerts.LONGEST_SNOOZE,
        values=forms.values(),
        errors=errors,
        key=forms.new_key(),
        **_about(viewer, alert),
    )


def _about(viewer: Person, alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "child": board.one(viewer, alert),
        "decisions": alerts.decisions(viewer, alert),
        "waits": alerts.waits(alert),
        "heading": ALERTS[alert.kind],
        "words": DISPOSITIONS,
    }


def _drawn(viewer: Person, choice: board.Choice, shown: board.Board) -> dict[str, Any]:
    """What the board shows, and in an open page is shown again."""
    choices = board.choices(viewer)
    return {
        "board": shown,
        "choice": choice,
        "choices": choices,
        "chosen": _chosen(choice, choices),
        "asked": _asked(choice),
        "parts": PARTS,
        "nothing": NOTHING,
        "words": DISPOSITIONS,
        "kinds": ALERTS,
        "now": clock.now(),
    }


def _choice() -> board.Choice:
    return board.Choice(*(forms.asked_number(each) for each in ("team", "agency", "person")))


def _asked(choice: board.Choice) -> dict[str, int]:
    """What of the choice stands in an address."""
    return {name: number for name, number in asdict(choice).items() if number is not None}


def _chosen(choice: board.Choice, choices: board.Choices) -> str:
    """What was chosen, in words; of what is not hers to choose, nothing."""
    teams, agencies, people = (
        {row.id: row.name for row in rows}
        for rows in (choices.teams, choices.agencies, choices.people)
    )
    said = (
        (teams.get(choice.team or 0), "in {}’s team"),
        (agencies.get(choice.agency or 0), "with {} in the network"),
        (people.get(choice.person or 0), "led by {}"),
    )
    return ", ".join(phrase.format(name) for name, phrase in said if name)


def _lines(shown: board.Board) -> Iterator[Line]:
    for part, heading in PARTS.items():
        for place, card in enumerate(shown.part(part), 1):
            for child in card.children:
                yield _line(heading, place, child)


def _line(heading: str, place: int, child: board.Concerned) -> Line:
    spark = sparks.of(child.weeks)
    agencies = [each for reason in child.reasons for each in reason.agencies]
    return Line(
        case_id=child.case_id,
        part=heading,
        place=place,
        child=child.name,
        age=age(child),
        status=status_word(child.status),
        lead=child.lead or "Nobody",
        why=" ".join(reason.sentence for reason in child.reasons),
        agencies=", ".join(f"{each.name}{' (new)' if each.is_new else ''}" for each in agencies),
        last_seen=clock.local(child.last_seen_at).date() if child.last_seen_at else None,
        this_week=spark.newest if spark else None,
        usual=f"{spark.weeks.low} to {spark.weeks.high}" if spark else "",
    )


def _note(viewer: Person, did: str, shown: board.Board, how: str) -> None:
    cases = sorted({child.case_id for card in shown.cards for child in card.children})
    audit.note(viewer, did, how=how, ranges=[(case_id, 0, 0) for case_id in cases])


def _note_one(viewer: Person, did: str, alert: Alert, **more: Any) -> None:
    about = f"alert:{alert.id}"
    audit.note(viewer, did, how="page", case_id=alert.case_id, about=about, **more)
