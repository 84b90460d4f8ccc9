"""Which cases need a look, why, and what somebody decided."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, rows, things
from app.api.openapi import resources
from app.models import Person
from app.monitor import alerts, board

CHILD = tuple(shapes.HotspotChild(exclude=("weeks", "alerts")).fields)
LINE = tuple(shapes.AlertLine(exclude=("sentence", "agencies")).fields)
AGENCY = tuple(shapes.AlertAgency().fields)
WEEKS = tuple(shapes.Weeks().fields)
DISPOSITION = tuple(shapes.Disposition().fields)


@resources.route("/hotspots", tags=["Hotspots"])
@door.reads
@resources.arguments(shapes.HotspotsQuery, location="query")
@resources.response(200, shapes.Hotspots)
def read_hotspots(viewer: Person, query: dict[str, Any]) -> Response:
    """What needs a look among the cases you see. This is unusual activity, not risk."""
    shown = board.of(viewer, board.Choice(**query))
    cases = sorted({child.case_id for card in shown.cards for child in card.children})
    audit.note(viewer, "read hotspots", how="api", ranges=[(each, 0, 0) for each in cases])
    cards = [
        {"part": card.part, "children": [_child(each) for each in card.children]}
        for card in shown.cards
    ]
    return answer({"children": shown.children, "of": shown.of, "cards": cards})


@resources.route("/alerts/<int:alert_id>", tags=["Hotspots"])
@door.reads
@resources.response(200, shapes.Alert)
def read_alert(viewer: Person, alert_id: int) -> Response:
    """One of them, also when it is over, with what was decided."""
    alert = access.alert(viewer, alert_id)
    posts = board.posts(viewer, alert)
    audit.note(
        viewer,
        "read hotspot",
        how="api",
        case_id=alert.case_id,
        about=f"alert:{alert_id}",
        ranges=[(row.case_id, row.position, row.position) for row in posts],
    )
    return answer(
        {
            "child": _child(board.one(viewer, alert)),
            "needs_a_look": alerts.waits(alert),
            "ended_at": alert.ended_at,
            "again_at": alert.again_at,
            "post_ids": [row.id for row in posts],
            "dispositions": rows(alerts.decisions(viewer, alert), DISPOSITION),
        }
    )


@resources.route("/alerts/<int:alert_id>/disposition", methods=["POST"], tags=["Hotspots"])
@door.writes
@resources.arguments(shapes.NewDisposition)
@resources.response(201, shapes.Place)
def dispose(actor: Person, new: dict[str, Any], alert_id: int) -> Response:
    """Say what is done about it and why; the card goes from everybody's board."""
    made = alerts.answer(actor, alert_id, new["decided"], new["reason"], new["until_on"])
    return answer({"id": made.id}, 201)


def _child(child: board.Concerned) -> dict[str, Any]:
    (said,) = things([child], CHILD)
    weeks = things([child.weeks], WEEKS)[0] if child.weeks else None
    return {**said, "weeks": weeks, "alerts": [_line(each) for each in child.reasons]}


def _line(reason: board.Reason) -> dict[str, Any]:
    (said,) = things([reason.alert], LINE)
    agencies = things(reason.agencies, AGENCY)
    return {**said, "sentence": reason.sentence, "agencies": agencies}
