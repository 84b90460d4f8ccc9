"""Asking about a child one has no case with, and the answers of those who may lead."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows
from app.api.openapi import resources
from app.casework import children, look_ups
from app.models import Person

ASKED = tuple(shapes.LookUp().fields)
WAITING = tuple(shapes.Asking().fields)


@resources.route("/look-ups", tags=["Look-ups"])
@door.reads
@resources.response(200, shapes.LookUps)
def read_look_ups(viewer: Person) -> Response:
    """What you have asked, newest first, with the answers there are."""
    audit.note(viewer, "read look ups", how="api")
    return answer({"look_ups": rows(look_ups.mine(viewer), ASKED)})


@resources.route("/look-ups", methods=["POST"], tags=["Look-ups"])
@door.writes
@resources.arguments(shapes.NewLookUp)
@resources.response(201, shapes.Place)
def look_up(actor: Person, new: dict[str, Any]) -> Response:
    """Ask about a child: the same answer whether there is a case or not. Ten a day."""
    sought = children.sought(new["name"], new["born_on"], new["number_or_postcode"])
    asked = look_ups.ask(actor, sought, new["reason"])
    g.made = f"look-up:{asked.id}"
    return answer({"id": asked.id}, 201)


@resources.route("/look-ups/<int:look_up_id>/answer", methods=["POST"], tags=["Look-ups"])
@door.writes
@resources.arguments(shapes.LookUpAnswer)
@resources.response(204)
def answer_look_up(actor: Person, said: dict[str, Any], look_up_id: int) -> Response:
    """Answer without adding them: adding them to the network is an answer by itself."""
    look_ups.answer(actor, look_up_id, said["outcome"], said["answer"])
    return done()


@resources.route("/cases/<int:case_id>/look-ups", tags=["Look-ups"])
@door.reads
@resources.response(200, shapes.Askings)
def read_waiting_look_ups(viewer: Person, case_id: int) -> Response:
    """Who asks about the child and waits for an answer: for those who may lead."""
    case = access.led_case(viewer, case_id)
    audit.note(viewer, "read network", how="api", case_id=case_id)
    return answer({"look_ups": rows(look_ups.waiting(viewer, case), WAITING)})
