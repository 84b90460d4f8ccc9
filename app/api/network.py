"""The professionals round one child: who is there until when, who joins, leads and leaves."""

from __future__ import annotations

from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows
from app.api.openapi import resources
from app.casework import networks, people
from app.models import Person

FIELDS = tuple(shapes.Member().fields)


@resources.route("/cases/<int:case_id>/network", tags=["Network"])
@door.reads
@resources.response(200, shapes.Network)
def read_network(viewer: Person, case_id: int) -> Response:
    """Who is who round this child, the lead first, with how far each has read."""
    case = access.case(viewer, case_id)
    audit.note(viewer, "read network", how="api", case_id=case_id)
    return answer({"network": rows(networks.of(case, viewer), FIELDS)})


@resources.route("/cases/<int:case_id>/network", methods=["POST"], tags=["Network"])
@door.writes
@resources.arguments(shapes.NewMember)
@resources.response(201, shapes.Place)
def add_member(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Bring somebody into the network, for a reason that stays on record."""
    case = access.case(actor, case_id)
    member = networks.add(
        actor,
        case,
        people.find(new["person_id"]),
        role=new["role"],
        reason=new["reason"],
        legal_basis=new["legal_basis"],
        until_on=new["until_on"],
        history_from=new["history_from"],
    )
    return answer({"id": member.person_id}, 201)


@resources.route(
    "/cases/<int:case_id>/network/<int:person_id>", methods=["DELETE"], tags=["Network"]
)
@door.writes
@resources.arguments(shapes.Reason)
@resources.response(204)
def end_membership(actor: Person, why: dict[str, Any], case_id: int, person_id: int) -> Response:
    """Take somebody out of the network, or step out yourself."""
    case = access.case(actor, case_id)
    if person_id == actor.id:
        networks.leave(actor, case, why["reason"])
    else:
        networks.remove(actor, case, people.find(person_id), why["reason"])
    return done()


@resources.route(
    "/cases/<int:case_id>/network/<int:person_id>/renewal", methods=["PUT"], tags=["Network"]
)
@door.writes
@resources.arguments(shapes.Renewal)
@resources.response(204)
def renew_membership(actor: Person, new: dict[str, Any], case_id: int, person_id: int) -> Response:
    """Decide that somebody stays in the network, for a year at most."""
    case = access.led_case(actor, case_id)
    networks.renew(actor, case, people.find(person_id), **new)
    return done()


@resources.route("/cases/<int:case_id>/lead", methods=["PUT"], tags=["Network"])
@door.writes
@resources.arguments(shapes.NewLead)
@resources.response(204)
def hand_over(actor: Person, new: dict[str, Any], case_id: int) -> Response:
    """Make another member the lead practitioner."""
    case = access.case(actor, case_id)
    networks.hand_over(actor, case, people.find(new["person_id"]), new["reason"])
    return done()
