"""Accounts and agencies, for administrators: who may sign in and as what, and never a case."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from app import audit
from app.api import door, shapes
from app.api.answers import answer, done, page
from app.api.me import person_as_sent
from app.api.openapi import resources
from app.casework import people
from app.core.errors import Invalid
from app.models import Agency, Person


@resources.route("/accounts", tags=["Accounts"])
@door.reads_accounts
@resources.arguments(shapes.AccountsQuery, location="query")
@resources.response(200, shapes.Accounts)
def read_accounts(viewer: Person, query: dict[str, Any]) -> Response:
    """Everybody by name, closed accounts too."""
    audit.note(viewer, "read accounts", how="api")
    words, skip, size = query["words"], query["skip"], query["size"]
    found = people.directory(words, everybody=True, skip=skip, size=size + 1)
    shown = [_as_sent(person, agency) for person, agency in found[:size]]
    return page({"accounts": shown}, {"skip": skip + size} if len(found) > size else None)


@resources.route("/accounts", methods=["POST"], tags=["Accounts"])
@door.writes_accounts
@resources.arguments(shapes.NewAccount)
@resources.response(201, shapes.Place)
def add_account(actor: Person, new: dict[str, Any]) -> Response:
    """Give somebody an account."""
    made = people.add(actor, **new)
    g.made = f"person:{made.id}"
    return answer({"id": made.id}, 201)


@resources.route("/accounts/<int:person_id>", tags=["Accounts"])
@door.reads_accounts
@resources.response(200, shapes.Account)
def read_account(viewer: Person, person_id: int) -> Response:
    """One account, open or closed."""
    person = people.find(person_id)
    audit.note(viewer, "read account", how="api", about=f"person:{person.id}")
    return answer(_as_sent(person, people.agency_of(person)))


@resources.route("/accounts/<int:person_id>", methods=["PUT"], tags=["Accounts"])
@door.writes_accounts
@resources.arguments(shapes.AccountChange)
@resources.response(204)
def change_account(actor: Person, change: dict[str, Any], person_id: int) -> Response:
    """Say anew who somebody is and what their account may do."""
    people.change(actor, people.find(person_id), **change)
    return done()


@resources.route("/accounts/<int:person_id>/closure", methods=["PUT"], tags=["Accounts"])
@door.writes_accounts
@resources.response(204)
def close_account(actor: Person, person_id: int) -> Response:
    """Close an account: it ends at once, on every device, and its tokens with it."""
    people.deactivate(actor, people.find(person_id))
    return done()


@resources.route("/accounts/<int:person_id>/closure", methods=["DELETE"], tags=["Accounts"])
@door.writes_accounts
@resources.response(204)
def reopen_account(actor: Person, person_id: int) -> Response:
    """Open a closed account again."""
    people.reactivate(actor, people.find(person_id))
    return done()


@resources.route("/accounts/<int:person_id>/password", methods=["PUT"], tags=["Accounts"])
@door.writes_accounts
@resources.arguments(shapes.FirstPassword)
@resources.response(204)
def set_first_password(actor: Person, first: dict[str, Any], person_id: int) -> Response:
    """Give somebody a first password, for them to change; every device signs in again."""
    person = people.find(person_id)
    if person.id == actor.id:
        sentence = "Change your own password in your settings."
        raise Invalid(password=sentence)
    people.set_password(person, first["password"])
    return done()


@resources.route("/accounts/<int:person_id>/supervision", tags=["Accounts"])
@door.reads_accounts
@resources.response(200, shapes.Supervision)
def read_supervision(viewer: Person, person_id: int) -> Response:
    """Whom a manager supervises; nobody, for every other account."""
    manager = people.find(person_id)
    audit.note(viewer, "read supervision", how="api", about=f"person:{manager.id}")
    return answer({"people": sorted(people.supervised(manager))})


@resources.route("/accounts/<int:person_id>/supervision", methods=["PUT"], tags=["Accounts"])
@door.writes_accounts
@resources.arguments(shapes.Supervision)
@resources.response(204)
def change_supervision(actor: Person, line: dict[str, Any], person_id: int) -> Response:
    """Say whom a manager supervises from now on: these and nobody else."""
    people.supervise(actor, people.find(person_id), line["people"])
    return done()


@resources.route("/agencies", methods=["POST"], tags=["Accounts"])
@door.writes_accounts
@resources.arguments(shapes.NewAgency)
@resources.response(201, shapes.Place)
def add_agency(actor: Person, new: dict[str, Any]) -> Response:
    """Add an organisation people work for."""
    made = people.add_agency(actor, **new)
    g.made = f"agency:{made.id}"
    return answer({"id": made.id}, 201)


@resources.route("/agencies/<int:agency_id>", methods=["PUT"], tags=["Accounts"])
@door.writes_accounts
@resources.arguments(shapes.NewAgency)
@resources.response(204)
def change_agency(actor: Person, change: dict[str, Any], agency_id: int) -> Response:
    """Say anew what an organisation is called and what kind it is."""
    people.change_agency(actor, people.find_agency(agency_id), **change)
    return done()


def _as_sent(person: Person, agency: Agency) -> dict[str, Any]:
    return person_as_sent(person, agency) | {
        "account": person.account,
        "active": person.active,
        "created_at": person.created_at,
    }
