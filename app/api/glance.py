"""A case at a glance: its weeks, what changed since a day, and what happened while away."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, rows, things
from app.api.openapi import resources
from app.casework import networks
from app.core import clock
from app.core.errors import Invalid
from app.insight import catch_up, strip
from app.models import Person
from feeds import follows

EVENT, QUESTION = tuple(shapes.EventLine().fields), tuple(shapes.QuestionLine().fields)
STANDING, DATE = tuple(shapes.NewStanding().fields), tuple(shapes.DateLine().fields)
MOVED, UPDATES = tuple(shapes.Moved().fields), tuple(shapes.GroupUpdates().fields)
GAP = tuple(shapes.Gap().fields)
PLAIN = (
    "case_id",
    "child_name",
    "since",
    "sentence",
    "status",
    "category",
    "status_since",
    "newest",
    "withheld",
    "earlier",
)


@resources.route("/cases/<int:case_id>/weeks", tags=["Cases"])
@door.reads
@resources.response(200, shapes.CaseWeeks)
def read_weeks(viewer: Person, case_id: int) -> Response:
    """Twelve months in weeks: who posted how much, where somebody worried, the longest gap."""
    case = access.case(viewer, case_id)
    seen = [each for each in networks.of(case, viewer) if each.active and not each.conflicted]
    network = [(each.agency_type, each.from_at) for each in seen]
    weeks = strip.read(viewer, case, network, access.reads_from(viewer, case_id))
    audit.note(viewer, "read weeks", how="api", case_id=case_id)
    return answer(
        {
            "until": weeks.until,
            "sentence": weeks.sentence,
            "groups": [{"group": row.group, "counts": row.counts} for row in weeks.rows],
            "worried": weeks.worried,
            "gap": things([weeks.gap], GAP)[0] if weeks.gap else None,
        }
    )


@resources.route("/cases/<int:case_id>/changes", tags=["Cases"])
@door.reads
@resources.arguments(shapes.SinceQuery, location="query")
@resources.response(200, shapes.Meanwhile)
def read_case_changes(viewer: Person, query: dict[str, Any], case_id: int) -> Response:
    """What changed in a case since a day; reading it marks nothing as read."""
    case = access.case(viewer, case_id)
    _, read_at, _ = follows.reading(viewer, case)
    since = _start(query) or read_at or clock.now() - catch_up.LONGEST
    shown = catch_up.of(viewer, case, since)
    audit.note(viewer, "read what changed", how="api", case_id=case_id, ranges=shown.ranges)
    return answer(_meanwhile(shown))


@resources.route("/away", tags=["Following"])
@door.reads
@resources.arguments(shapes.SinceQuery, location="query")
@resources.response(200, shapes.Away)
def read_away(viewer: Person, query: dict[str, Any]) -> Response:
    """The same over all the cases you follow, at most 40; reading it marks nothing as read."""
    shown = catch_up.away(viewer, _start(query))
    ranges = [each for one in shown for each in one.ranges or [(one.case_id, 0, 0)]]
    audit.note(viewer, "read what happened while away", how="api", ranges=ranges)
    return answer({"cases": [_meanwhile(each) for each in shown]})


def _start(query: dict[str, Any]) -> datetime | None:
    on: date | None = query.get("since")
    if on and on > clock.today():
        raise Invalid(since="That day has not come yet. Choose today or an earlier one.")
    return clock.instant(on, time()) if on else None


def _meanwhile(shown: catch_up.CatchUp) -> dict[str, Any]:
    return {
        **things([shown], PLAIN)[0],
        "statuses": rows(shown.statuses, STANDING),
        "events": rows(shown.events, EVENT),
        "people": rows(shown.people, EVENT),
        "dates": rows(shown.dates, DATE),
        "questions": rows(shown.questions, QUESTION),
        "urgent": rows(shown.urgent, EVENT),
        "moved": things(shown.moved, MOVED),
        "updates": things(shown.updates, UPDATES),
    }
