"""The home feed: the newest posts of every case you follow, and where there is news."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import audit
from app.api import door, shapes
from app.api.answers import page
from app.api.openapi import resources
from app.api.posts import shown
from app.core.db import AnyRow
from app.models import WORRIES, Person
from feeds import news, timeline

RANKS = tuple(WORRIES)


@resources.route("/feed", tags=["Following"])
@door.reads
@resources.arguments(shapes.FeedQuery, location="query")
@resources.response(200, shapes.Feed)
def feed(viewer: Person, query: dict[str, Any]) -> Response:
    """The newest posts of the cases you follow, and how many are new in each case."""
    found = timeline.home(viewer, before=query.get("before"), size=query["size"])
    fresh = [] if "before" in query else news.of(viewer)
    audit.note(viewer, "read feed", how="api", ranges=found.ranges)
    return page(
        {"cases": [_line(row) for row in fresh], "posts": shown(found.posts)},
        {"before": found.older} if found.older else None,
    )


def _line(row: AnyRow) -> dict[str, Any]:
    return {
        "case_id": row.id,
        "child_name": row.child_name,
        "status": row.status,
        "unread": row.unread,
        "worry": RANKS[row.worry_rank],
    }
