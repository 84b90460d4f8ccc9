"""The posts of a case: its stream, telling the network, editing, withdrawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from app import access, attachments, audit
from app.api import door, readings, shapes
from app.api.answers import answer, done, page, rows, things
from app.api.openapi import resources
from app.casework import families, measures
from app.core import clock
from app.core.db import AnyRow
from app.models import Person
from feeds import audiences, follows, posts, questions, timeline

# What no row of a post holds.
MADE_HERE = ("whom", "not_for", "attachments", "readings", "question")
FIELDS = tuple(name for name in shapes.Post().fields if name not in MADE_HERE)
FILE = tuple(shapes.Attachment().fields)
LISTS = ("people", "agencies", "excluded", "attachments")


def shown(found: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """Posts as an answer gives them, with whom each is for, and what goes with it."""
    shared, files, asked = audiences.of(found), attachments.of(found), questions.of(found)
    scores = measures.told_with(found)
    answered = rows(found, FIELDS)
    for post in answered:
        is_named, whom = post["audience"] == "named", shared.get(post["id"])
        post["for"] = _whom(whom) if whom and is_named else None
        post["not_for"] = _named(whom.excluded) if whom else []
        post["attachments"] = rows(files.get(post["id"], []), FILE)
        post["readings"] = rows(scores.get(post["id"], []), readings.READING)
        post["question"] = _went(asked[post["id"]]) if post["id"] in asked else None
    return answered


@resources.route("/cases/<int:case_id>/posts", tags=["Posts"])
@door.reads
@resources.arguments(shapes.StreamQuery, location="query")
@resources.response(200, shapes.Stream)
def stream(viewer: Person, query: dict[str, Any], case_id: int) -> Response:
    """One case's posts, newest first, or from a position on.

    A program follows a case with `after`: the last position it has seen. No post
    can come in below it later, so none is missed; what is withdrawn or not open to you is left out.
    """
    case = access.case(viewer, case_id)
    found = timeline.stream(
        viewer,
        case,
        only=timeline.Filter(
            query.get("view"), query.get("kind"), query.get("agency"), query.get("person")
        ),
        before=query.get("before"),
        after=query.get("after"),
        size=query["size"],
    )
    audit.note(viewer, "read stream", how="api", case_id=case.id, ranges=found.ranges)
    way = "after" if "after" in query else "before"
    body = {"posts": shown(found.posts), "withheld": access.withheld(viewer, case.id)}
    return page(body, {way: found.older} if found.older else None)


@resources.route("/cases/<int:case_id>/posts", methods=["POST"], tags=["Posts"])
@door.writes
@resources.arguments(shapes.NewPost)
@resources.response(201, shapes.PostPlace)
def publish(author: Person, new: dict[str, Any], case_id: int) -> Response:
    """Tell the network of one child, or of several siblings at once, or a part of them."""
    case = access.case(author, case_id)
    siblings = families.relatives(author, case, new.pop("also"))
    at = new.get("occurred_at")
    scores = readings.scored(new.pop("readings"), clock.local(at).date() if at else None)
    readings.must_be_right(author, case, scores)
    update = posts.Update(**new | {name: tuple(new[name]) for name in LISTS})
    post = posts.publish(author, case, update, also=siblings)
    measures.record(author, case, scores, post)
    return answer({"id": post.id, "case_id": post.case_id, "position": post.position}, 201)


@resources.route("/posts/<int:post_id>", tags=["Posts"])
@door.reads
@resources.response(200, shapes.Post)
def post(viewer: Person, post_id: int) -> Response:
    """One post."""
    access.post(viewer, post_id)
    row = timeline.post(viewer, post_id)
    audit.note(
        viewer,
        "read post",
        how="api",
        case_id=row.case_id,
        ranges=[(row.case_id, row.position, row.position)],
    )
    return answer(shown([row])[0])


@resources.route("/posts/<int:post_id>", methods=["PATCH"], tags=["Posts"])
@door.writes
@resources.arguments(shapes.PostChange)
@resources.response(204)
def edit(author: Person, change: dict[str, Any], post_id: int) -> Response:
    """Say it better, in every sibling's stream you read it in: what it said before is kept."""
    found = access.post(author, post_id)
    meaning, version = change.get("meaning", found.meaning), change.get("version")
    posts.edit(author, found, change["body"], meaning, version=version)
    return done()


@resources.route("/posts/<int:post_id>", methods=["DELETE"], tags=["Posts"])
@door.writes
@resources.arguments(shapes.Reason)
@resources.response(204)
def withdraw(actor: Person, why: dict[str, Any], post_id: int) -> Response:
    """Take it back at once, everywhere you may do so, with a reason."""
    posts.withdraw(actor, access.post(actor, post_id), why["reason"])
    return done()


@resources.route("/posts/<int:post_id>/versions", tags=["Posts"])
@door.reads
@resources.response(200, shapes.Versions)
def versions(viewer: Person, post_id: int) -> Response:
    """What the post said before it was edited, newest first."""
    found = access.post(viewer, post_id)
    audit.note(viewer, "read versions", how="api", case_id=found.case_id, about=f"post:{post_id}")
    fields = tuple(shapes.Version().fields)
    return answer({"versions": things(posts.versions(found), fields)})


@resources.route("/posts/<int:post_id>/readers", tags=["Posts"])
@door.reads
@resources.response(200, shapes.Readers)
def readers(viewer: Person, post_id: int) -> Response:
    """Who has read it, and who has not yet."""
    found = access.post(viewer, post_id)
    audit.note(viewer, "read readers", how="api", case_id=found.case_id, about=f"post:{post_id}")
    fields = tuple(shapes.Reader().fields)
    return answer({"readers": rows(follows.readers_of(found), fields)})


def _went(asked: questions.Asked) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in shapes.HowItWent().fields}


def _whom(shared: audiences.Shared) -> dict[str, Any]:
    return {"people": _named(shared.people), "agencies": _named(shared.agencies)}


def _named(found: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    return [{"id": number, "name": name} for number, name in found]
