"""Cases: those you see, one of them, opening one, and what is known of the child."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from sqlalchemy import select

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, rows
from app.api.openapi import resources
from app.casework import cases
from app.casework.cases import ChildDetails
from app.core import db
from app.models import ALERTS, Case, Child, ChildName, Person
from app.monitor import board
from feeds import facts, follows

LINE = tuple(shapes.CaseLine().fields)


@resources.route("/cases", tags=["Cases"])
@door.reads
@resources.response(200, shapes.Cases)
def read_cases(viewer: Person) -> Response:
    """Every case you see, newest activity first."""
    found = cases.mine(viewer)
    audit.note(viewer, "read cases", how="api")
    return answer({"cases": rows(found, LINE)})


@resources.route("/cases", methods=["POST"], tags=["Cases"])
@door.writes
@resources.arguments(shapes.NewCase)
@resources.response(201, shapes.Place)
def open_case(actor: Person, new: dict[str, Any]) -> Response:
    """Open the work round a child: you lead it until you hand it over."""
    case = cases.open_case(
        actor,
        _details(new["child"]),
        status=new["status"],
        since=new["since"],
        reason=new["reason"],
    )
    return answer({"id": case.id}, 201)


@resources.route("/cases/<int:case_id>", tags=["Cases"])
@door.reads
@resources.response(200, shapes.Case)
def case(viewer: Person, case_id: int) -> Response:
    """What stands at the top of a case."""
    found = access.case(viewer, case_id)
    known = facts.of(viewer, found)
    audit.note(viewer, "read case", how="api", case_id=case_id)
    return answer(
        {
            "id": found.id,
            "child": _child(found),
            "before_visit": found.before_visit,
            "following": follows.is_following(viewer, found),
            "last_read": follows.last_read(viewer, found),
            "may_lead": access.may(access.may_lead(viewer.id, found.id)),
            "needs_a_look": [_reason(each) for each in board.of_case(viewer, found)],
        }
        | _facts(known)
    )


@resources.route("/cases/<int:case_id>/child", methods=["PUT"], tags=["Cases"])
@door.writes
@resources.arguments(shapes.NewChild)
@resources.response(204)
def describe_child(actor: Person, details: dict[str, Any], case_id: int) -> Response:
    """Correct what is known of the child: the whole of it, for the lead to do."""
    cases.describe_child(actor, access.case(actor, case_id), _details(details))
    return done()


@resources.route("/cases/<int:case_id>/before-visit", methods=["PUT"], tags=["Cases"])
@door.writes
@resources.arguments(shapes.BeforeVisit)
@resources.response(204)
def set_before_visit(actor: Person, note: dict[str, Any], case_id: int) -> Response:
    """What a colleague must know before they knock."""
    cases.set_before_visit(actor, access.case(actor, case_id), note["words"])
    return done()


def _details(sent: dict[str, Any]) -> ChildDetails:
    return ChildDetails(**{**sent, "other_names": tuple(sent["other_names"])})


def _child(case: Case) -> dict[str, Any]:
    child = db.session().get_one(Child, case.child_id)
    other = db.session().scalars(
        select(ChildName.name).where(ChildName.child_id == child.id).order_by(ChildName.id)
    )
    plain = [name for name in shapes.Child().fields if name != "other_names"]
    return {name: getattr(child, name) for name in plain} | {"other_names": list(other)}


def _reason(reason: board.Reason) -> dict[str, Any]:
    alert = reason.alert
    return {
        "alert_id": alert.id,
        "kind": alert.kind,
        "heading": ALERTS[alert.kind],
        "sentence": reason.sentence,
        "since": alert.since,
        "agencies": [asdict(agency) for agency in reason.agencies],
    }


def _facts(known: facts.Facts) -> dict[str, Any]:
    lead, seen = known.lead, known.last_seen
    return {
        "status": known.status,
        "category": known.category,
        "since": known.since,
        "lead": lead and {"id": lead.id, "name": lead.name, "role": lead.role, "phone": lead.phone},
        "last_seen": seen
        and {
            "post_id": seen.id,
            "at": seen.occurred_at,
            "alone": seen.seen_alone,
            "by": seen.name,
        },
        "coming": known.next_at
        and {"what": known.next_what, "at": known.next_at, "post_id": known.next_post_id},
        "questions": [
            {"post_id": each.id, "body": each.body, "due_at": each.due_at}
            for each in known.questions
        ],
        "overdue": known.overdue,
        "unacknowledged": known.unacknowledged,
    }
