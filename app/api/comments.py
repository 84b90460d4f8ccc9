"""Comments under a post, and the answer to a question."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows
from app.api.openapi import resources
from app.core import db
from app.models import Person
from feeds import comments

FIELDS = tuple(shapes.Comment().fields)


@resources.route("/posts/<int:post_id>/comments", tags=["Comments"])
@door.reads
@resources.response(200, shapes.Comments)
def read_comments(viewer: Person, post_id: int) -> Response:
    """The comments under a post, oldest first."""
    post = access.post(viewer, post_id)
    audit.note(viewer, "read comments", how="api", case_id=post.case_id, about=f"post:{post_id}")
    return answer({"comments": rows(comments.under([post.id]), FIELDS)})


@resources.route("/posts/<int:post_id>/comments", methods=["POST"], tags=["Comments"])
@door.writes
@resources.arguments(shapes.NewComment)
@resources.response(201, shapes.Place)
def comment(author: Person, new: dict[str, Any], post_id: int) -> Response:
    """Reply to a post."""
    made = comments.add(author, access.post(author, post_id), new["body"])
    db.session().flush()
    return answer({"id": made.id}, 201)


@resources.route("/comments/<int:comment_id>", methods=["DELETE"], tags=["Comments"])
@door.writes
@resources.arguments(shapes.Reason)
@resources.response(204)
def withdraw_comment(actor: Person, why: dict[str, Any], comment_id: int) -> Response:
    """Take a comment back, with a reason."""
    comments.withdraw(actor, access.comment(actor, comment_id), why["reason"])
    return done()


@resources.route("/posts/<int:post_id>/answer", methods=["POST"], tags=["Comments"])
@door.writes
@resources.arguments(shapes.Answer)
@resources.response(204)
def accept(asker: Person, choice: dict[str, Any], post_id: int) -> Response:
    """Take a comment as the answer to the question."""
    post = access.post(asker, post_id)
    comments.accept(asker, post, access.comment(asker, choice["comment_id"]))
    return done()
