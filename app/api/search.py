"""Search: what was said, and cases and people by name."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.api import door, shapes
from app.api.answers import answer, page, things
from app.api.openapi import PREFIX, resources
from app.core.db import AnyRow
from app.models import Person
from search import asked, find
from search.look import Found, look
from search.suggest import suggest

CASE = tuple(shapes.FoundCase().fields)
PERSON = tuple(shapes.FoundPerson().fields)
SUGGESTION = tuple(shapes.Suggestion().fields)


@resources.route("/search", tags=["Search"])
@door.reads
@resources.arguments(shapes.SearchQuery, location="query")
@resources.response(200, shapes.SearchResults)
@resources.alt_response(503, "SERVICE_UNAVAILABLE")
def search(viewer: Person, query: dict[str, Any]) -> Response:
    """What was said that answers a search, as far as you may read it.

    503: words cannot be looked for at the moment. Everything else works.
    """
    found = look(
        viewer,
        query["q"],
        how="api",
        order=query["order"],
        before=query.get("before"),
        size=query["size"],
    )
    return page(
        {
            "results": [_found(each, found.search_id) for each in found.found],
            "count": found.count,
            "more": found.more,
            "by_case": [
                {"case_id": case_id, "child_name": name, "count": many}
                for case_id, name, many in found.by_case
            ],
            "unknown_filters": [{"name": name, "value": value} for name, value in found.unknown],
            "search": found.search_id,
        },
        {"before": found.older} if found.older else None,
    )


@resources.route("/search/names", tags=["Search"])
@door.reads
@resources.arguments(shapes.NamesQuery, location="query")
@resources.response(200, shapes.Names)
def search_names(viewer: Person, query: dict[str, Any]) -> Response:
    """Cases you see and colleagues, by a name however it is spelt, a date, an age or a number."""
    cases, people = find.cases(viewer, query["q"]), find.people(query["q"])
    number = asked.note(viewer, query["q"], [(row.id, 0, 0) for row in cases], how="api")
    return answer(
        {"cases": things(cases, CASE), "people": things(people, PERSON), "search": number}
    )


@resources.route("/search/suggestions", tags=["Search"])
@door.reads
@resources.arguments(shapes.SuggestionsQuery, location="query")
@resources.response(200, shapes.Suggestions)
def search_suggestions(viewer: Person, query: dict[str, Any]) -> Response:
    """What may be meant by a search that is still being typed: to open, or to write instead."""
    offered = suggest(viewer, query["q"], how="api")
    return answer({"suggestions": things(offered, SUGGESTION)})


def _found(found: Found, search_id: int | None) -> dict[str, Any]:
    row = found.row
    return {
        "thing": row.thing,
        "id": row.id,
        "at": row.at,
        "case_id": row.case_id,
        "child_name": row.child_name,
        "post_id": row.post_id,
        "conversation_id": row.conversation_id,
        "conversation_name": row.talk_name,
        "kind": row.kind or None,
        "worry": row.worry or None,
        "author_id": row.author_id or None,
        "author_name": row.author_name,
        "agency_name": row.agency_name,
        "snippet": found.snippet,
        "href": f"{PREFIX}/{_place(row)}?search={search_id}",
    }


def _place(row: AnyRow) -> str:
    return {
        "post": f"posts/{row.id}",
        "comment": f"posts/{row.post_id}/comments",
        "message": f"messages/{row.id}",
        "file": f"attachments/{row.id}",
    }[row.thing]
