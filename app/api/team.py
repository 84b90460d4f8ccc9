"""The team board for programs: the cases one answers for, and who leads how many."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import audit
from app.api import door, shapes
from app.api.answers import answer, things
from app.api.openapi import resources
from app.insight import team
from app.models import Person

LINE = tuple(shapes.TeamLine().fields)


@resources.route("/team", tags=["Team board"])
@door.reads
@resources.arguments(shapes.TeamQuery, location="query")
@resources.response(200, shapes.TeamBoard)
def read_team(viewer: Person, query: dict[str, Any]) -> Response:
    """The cases you see, as you choose them; the workload is of all open ones."""
    board = team.of(viewer, team.Choice(**query))
    cases = sorted(line.case_id for line in board.lines)
    audit.note(viewer, "read team board", how="api", ranges=[(each, 0, 0) for each in cases])
    return answer(
        {
            "sentence": board.sentence,
            "cases": things(board.lines, LINE),
            "workload": [
                {
                    "person_id": load.person_id,
                    "name": load.name,
                    "cases": load.cases,
                    "statuses": dict(load.statuses),
                }
                for load in board.loads
            ],
        }
    )
