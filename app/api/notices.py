"""What you are told of: your list of notices, how you want to be told, and when you are away."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Response

from app import audit
from app.api import door, shapes
from app.api.answers import answer, done, page, rows
from app.api.openapi import resources
from app.core.errors import NotFound
from app.models import Absence, Person
from app.notices import choices, inbox

FIELDS = tuple(shapes.Notice().fields)
RENAMED = {"by_name": "by", "by_id": "actor_id", "instead_of_name": "instead_of"}


@resources.route("/notices", tags=["Notices"])
@door.reads
@resources.arguments(shapes.NoticesQuery, location="query")
@resources.response(200, shapes.Notices)
def read_notices(viewer: Person, query: dict[str, Any]) -> Response:
    """Your notices, newest first: only those whose post or case you may still read."""
    found = inbox.of(viewer, before=query.get("before"), size=query["size"])
    audit.note(viewer, "read notices", how="api", ranges=found.ranges)
    kept = tuple(RENAMED.get(name, name) for name in FIELDS)
    listed = [
        dict(zip(FIELDS, each.values(), strict=True)) for each in rows(list(found.rows), kept)
    ]
    return page(
        {"notices": listed, "unread": inbox.unread(viewer)},
        {"before": found.older} if found.older else None,
    )


@resources.route("/notices/read", methods=["PUT"], tags=["Notices"])
@door.writes
@resources.arguments(shapes.NoticesRead)
@resources.response(204)
def mark_notices_read(viewer: Person, read: dict[str, Any]) -> Response:
    """You have read all up to this one."""
    inbox.read_all(viewer, read["up_to"])
    return done()


@resources.route("/notices/<int:notice_id>/read", methods=["PUT"], tags=["Notices"])
@door.writes
@resources.response(204)
def mark_notice_read(viewer: Person, notice_id: int) -> Response:
    """You have read this one."""
    inbox.read(viewer, inbox.one(viewer, notice_id).id)
    return done()


@resources.route("/me/notices", tags=["Notices"])
@door.reads
@resources.response(200, shapes.NoticeChoices)
def read_choices(viewer: Person) -> Response:
    """How you are told for each reason, and when no email comes."""
    hours = choices.quiet(viewer)
    quiet = None
    if hours is not None:
        quiet = {
            "from_time": _time(hours.from_time),
            "until_time": _time(hours.until_time),
            "days": hours.days,
            "urgent_passes": hours.urgent_passes,
        }
    return answer({"ways": choices.ways(viewer), "quiet": quiet})


@resources.route("/me/notices", methods=["PATCH"], tags=["Notices"])
@door.writes
@resources.arguments(shapes.NoticeChoicesChange)
@resources.response(204)
def change_choices(viewer: Person, change: dict[str, Any]) -> Response:
    """Choose a way for some reasons, or other quiet hours; what is left out stays."""
    choices.choose(viewer, change["ways"])
    if "quiet" in change:
        choices.set_quiet(viewer, **change["quiet"])
    return done()


@resources.route("/me/absence", tags=["Notices"])
@door.reads
@resources.response(200, shapes.Absence)
def read_absence(viewer: Person) -> Response:
    """When you are away, now or soon, and who is told instead."""
    kept: Absence | None = choices.absence(viewer)
    if kept is None:
        raise NotFound("absence")
    return answer({"from_on": kept.from_on, "until_on": kept.until_on, "cover_id": kept.cover_id})


@resources.route("/me/absence", methods=["PUT"], tags=["Notices"])
@door.writes
@resources.arguments(shapes.Absence)
@resources.response(204)
def set_absence(viewer: Person, away: dict[str, Any]) -> Response:
    """Say when you are away: a colleague is told instead, only of what they may read."""
    choices.set_absence(viewer, away["from_on"], away["until_on"], away["cover_id"])
    return done()


@resources.route("/me/absence", methods=["DELETE"], tags=["Notices"])
@door.writes
@resources.response(204)
def end_absence(viewer: Person) -> Response:
    """You are back."""
    choices.end_absence(viewer)
    return done()


def _time(at: time | None) -> str | None:
    return f"{at:%H:%M}" if at is not None else None
