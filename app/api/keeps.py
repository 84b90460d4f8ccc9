"""Keeping messages as an update, once their authors have been told."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access
from app.api import door, shapes
from app.api.answers import answer, done
from app.api.openapi import resources
from app.models import Person
from messaging import keeps


@resources.route("/conversations/<int:conversation_id>/keeps", methods=["POST"], tags=["Messages"])
@door.writes
@resources.arguments(shapes.NewKeep)
@resources.response(201, shapes.Place)
def ask_to_keep(actor: Person, new: dict[str, Any], conversation_id: int) -> Response:
    """Tell the authors; it becomes an update when they agree, or have had 15 minutes to say no.

    Of your own messages it becomes one in a moment.
    """
    talk = access.conversation(actor, conversation_id)
    return answer({"id": keeps.ask(actor, talk, new["messages"]).id}, 201)


@resources.route("/keeps/<int:keep_id>/agreement", methods=["PUT"], tags=["Messages"])
@door.writes
@resources.response(204)
def agree_to_keep(author: Person, keep_id: int) -> Response:
    """Your words may be kept now."""
    keeps.agree(author, keeps.find(author, keep_id))
    return done()


@resources.route("/keeps/<int:keep_id>", methods=["DELETE"], tags=["Messages"])
@door.writes
@resources.response(204)
def refuse_to_keep(author: Person, keep_id: int) -> Response:
    """Your words shall not be kept, and then none of it is; whoever asked may stop it too."""
    keeps.decline(author, keeps.find(author, keep_id))
    return done()
