"""What is compared over time: the measures, a case's readings, adding one, taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows, things
from app.api.openapi import resources
from app.casework import measures
from app.casework.measures import Score
from app.core import clock
from app.core.errors import Invalid
from app.models import Case, Measure, Person

MEASURE = tuple(name for name in shapes.Measure().fields if name != "retired")
LONG_AGO = date(1900, 1, 1)
READING = tuple(shapes.Reading().fields)


@resources.route("/measures", tags=["Measures"])
@door.reads
@resources.response(200, shapes.Measures)
def read_measures(viewer: Person) -> Response:
    """Every measure, with its scale; a retired one takes no readings any more."""
    audit.note(viewer, "read measures", how="api")
    return answer({"measures": [_measure(each) for each in measures.every()]})


@resources.route("/cases/<int:case_id>/readings", tags=["Measures"])
@door.reads
@resources.arguments(shapes.ReadingsQuery, location="query")
@resources.response(200, shapes.Readings)
def read_readings(viewer: Person, query: dict[str, Any], case_id: int) -> Response:
    """The readings of a case that are yours to read: by measure, then oldest first.

    With the days on which something happened that is counted, since the same day.
    """
    case = access.case(viewer, case_id)
    found = measures.readings(viewer, case, query["since"])
    counted = measures.counted(viewer, case, query["since"] or LONG_AGO)
    audit.note(viewer, "read readings", how="api", case_id=case_id)
    days = [{"measure_id": number, "days": on} for number, on in sorted(counted.items())]
    return answer({"readings": rows(found, READING), "counted": days})


@resources.route("/cases/<int:case_id>/readings", methods=["POST"], tags=["Measures"])
@door.writes
@resources.arguments(shapes.NewReading)
@resources.response(201, shapes.Place)
def record_reading(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Keep one score by itself; as part of an update it goes with the post."""
    case = access.case(actor, case_id)
    scores = scored([new])
    wrong = measures.wrong(actor, case, scores)
    if wrong:
        raise Invalid(value=wrong["score_0"])
    (made,) = measures.record(actor, case, scores)
    return answer({"id": made.id}, 201)


@resources.route("/readings/<int:reading_id>", methods=["DELETE"], tags=["Measures"])
@door.writes
@resources.arguments(shapes.Reason)
@resources.response(204)
def withdraw_reading(actor: Person, why: dict[str, Any], reading_id: int) -> Response:
    """Take it back, with a reason; a right one is added anew."""
    measures.withdraw(actor, access.reading(actor, reading_id), why["reason"])
    return done()


def scored(sent: Sequence[dict[str, Any]], on: date | None = None) -> list[Score]:
    """What was sent as scores; of today, or of the day the post tells of, unless one says when."""
    day = min(on or clock.today(), clock.today())
    return [
        Score(each["measure_id"], each["value"], each["rater"], each["read_on"] or day)
        for each in sent
    ]


def must_be_right(actor: Person, case: Case, scores: Sequence[Score]) -> None:
    """Raises `Invalid` as the shape of a post names its readings: readings.0."""
    wrong = measures.wrong(actor, case, scores)
    if wrong:
        named = {
            name.replace("score_", "readings.").replace("scores", "readings"): sentence
            for name, sentence in wrong.items()
        }
        raise Invalid(**named)


def _measure(shown: Measure) -> dict[str, Any]:
    (said,) = things([shown], MEASURE)
    return {**said, "retired": shown.retired_at is not None}
