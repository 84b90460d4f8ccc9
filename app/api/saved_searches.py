"""The searches you have saved, and those you asked lately; nobody else ever sees them."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from app import audit
from app.api import door, shapes
from app.api.answers import answer, done, things
from app.api.openapi import resources
from app.models import Person
from search import saved

FIELDS = tuple(shapes.SavedSearch().fields)


@resources.route("/saved-searches", tags=["Search"])
@door.reads
@resources.response(200, shapes.SavedSearches)
def read_saved_searches(viewer: Person) -> Response:
    """Your saved searches, the newest first."""
    audit.note(viewer, "read saved searches", how="api")
    return answer({"saved_searches": things(saved.of(viewer), FIELDS)})


@resources.route("/saved-searches", methods=["POST"], tags=["Search"])
@door.writes
@resources.arguments(shapes.NewSavedSearch)
@resources.response(201, shapes.Place)
def save_search(actor: Person, new: dict[str, Any]) -> Response:
    """Keep a search. The same words are kept once: then the one there is gets the name."""
    number = saved.save(actor, new["words"], new["name"], alerts=new["alerts"])
    g.made = f"saved-search:{number}"
    return answer({"id": number}, 201)


@resources.route("/saved-searches/<int:saved_search_id>", methods=["PATCH"], tags=["Search"])
@door.writes
@resources.arguments(shapes.SavedSearchChange)
@resources.response(204)
def change_saved_search(actor: Person, change: dict[str, Any], saved_search_id: int) -> Response:
    """Call it otherwise, or turn its alerts on or off; what is left out stays."""
    saved.change(actor, saved_search_id, name=change.get("name"), alerts=change.get("alerts"))
    return done()


@resources.route("/saved-searches/<int:saved_search_id>", methods=["DELETE"], tags=["Search"])
@door.writes
@resources.response(204)
def delete_saved_search(actor: Person, saved_search_id: int) -> Response:
    """It goes, with the notices of what it found."""
    saved.forget(actor, saved_search_id)
    return done()


@resources.route("/recent-searches", tags=["Search"])
@door.reads
@resources.response(200, shapes.RecentSearches)
def read_recent_searches(viewer: Person) -> Response:
    """What you looked for lately, until you clear the list on its page."""
    audit.note(viewer, "read recent searches", how="api")
    return answer({"recent_searches": saved.recent(viewer)})
