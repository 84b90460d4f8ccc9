"""Administrators look after accounts by API as on the pages, and see no case."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.casework import people, sign_ins
from app.core import db
from app.models import AuditEntry, Person, Receipt
from tests.cast import PASSWORD, Cast

Program = Callable[..., Any]
ACCOUNTS = "/api/v1/accounts"


@pytest.fixture
def nia(cast: Cast) -> dict[str, Any]:
    return {
        "name": "Nia Grant",
        "email": "Nia@kith.example",
        "role": "School nurse",
        "agency_id": cast.ruth.agency_id,
    }


def test_only_an_administrator_looks_after_accounts(
    cast: Cast, app: Flask, program: Program
) -> None:
    clients = [program(each) for each in (cast.priya, cast.mo, cast.audrey)]
    asked = 0
    for rule in app.url_map.iter_rules():
        if getattr(app.view_functions[rule.endpoint], "policy", "") != "administrator":
            continue
        path = re.sub(r"<int:[a-z_]+>", "1", rule.rule)
        if path.startswith("/api/"):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                answers = {client.open(path, method=method, json={}) for client in clients}
                assert {answer.status_code for answer in answers} == {403}, (method, path)
                asked += 1
    assert asked == 13


def test_everybody_is_listed_with_closed_accounts_page_by_page(
    cast: Cast, program: Program, conforms: Callable[[Any, str], None]
) -> None:
    ada, listed, path = program(cast.ada, "read"), [], f"{ACCOUNTS}?size=4"
    while path:
        page = ada.get(path).json
        conforms(page, "Accounts")
        listed += page["accounts"]
        path = page["next"]
    assert [each["name"] for each in listed] == sorted(each.name for each in cast.people)
    assert [each["name"] for each in listed if not each["active"]] == ["Zed Cole"]
    conforms(ada.get(f"{ACCOUNTS}/{cast.zed.id}").json, "Account")


def test_a_new_person_signs_in_with_the_first_password(
    cast: Cast, program: Program, nia: dict[str, Any]
) -> None:
    ada, key = program(cast.ada), {"Idempotency-Key": "a"}
    made = [ada.post(ACCOUNTS, json=nia, headers=key) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].data == made[1].data, "one account, however often it was sent"

    path = f"{ACCOUNTS}/{made[0].json['id']}/password"
    assert ada.put(path, json={"password": PASSWORD}).status_code == 204
    with db.transaction():
        assert sign_ins.check("nia@kith.example", PASSWORD).id == made[0].json["id"]


def test_what_cannot_be_taken_is_named_field_by_field(
    cast: Cast, program: Program, nia: dict[str, Any]
) -> None:
    ada = program(cast.ada)
    wrong = nia | {"email": "dan@kith.example", "agency_id": 987_654}
    assert set(ada.post(ACCOUNTS, json=wrong).json["errors"]) == {"email", "agency_id"}
    assert set(ada.post(ACCOUNTS, json=nia | {"account": "root"}).json["errors"]) == {"account"}
    short = ada.put(f"{ACCOUNTS}/{cast.dan.id}/password", json={"password": "short"})
    assert (short.status_code, set(short.json["errors"])) == (422, {"password"})


def test_nothing_kept_for_a_key_gives_a_password_away(cast: Cast, program: Program) -> None:
    path, sent = f"{ACCOUNTS}/{cast.dan.id}/password", json.dumps({"password": PASSWORD})
    headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}
    assert program(cast.ada).put(path, data=sent, headers=headers).status_code == 204

    guess = hashlib.sha256(f"PUT {path}?\n{sent}".encode()).hexdigest()
    with db.transaction() as session:
        kept = session.scalars(select(Receipt)).one()
    assert kept.fingerprint != guess
    assert PASSWORD not in kept.answer + kept.fingerprint


def test_a_closed_account_has_no_token_any_more_and_may_come_back(
    cast: Cast, program: Program
) -> None:
    ada, dan, path = program(cast.ada), program(cast.dan), f"{ACCOUNTS}/{cast.dan.id}/closure"
    assert dan.get("/api/v1/me").status_code == 200
    assert ada.put(path).status_code == 204
    assert dan.get("/api/v1/me").status_code == 401
    assert ada.delete(path).status_code == 204
    assert dan.get("/api/v1/me").status_code == 401, "a token that ended stays ended"
    assert program(cast.dan).get("/api/v1/me").status_code == 200


def test_an_administrator_does_not_lock_herself_out(cast: Cast, program: Program) -> None:
    ada, own = program(cast.ada), f"{ACCOUNTS}/{cast.ada.id}"
    less = {
        "name": "Ada West",
        "role": "Administrator",
        "agency_id": cast.ada.agency_id,
        "phone": None,
        "account": "auditor",
    }
    assert ada.put(f"{own}/closure").status_code == 409
    assert ada.put(own, json=less).status_code == 409
    assert ada.put(f"{own}/password", json={"password": PASSWORD}).status_code == 422


def test_a_manager_sees_the_cases_of_whom_the_administrator_says(
    cast: Cast, program: Program
) -> None:
    ada, mo, path = program(cast.ada), program(cast.mo), f"{ACCOUNTS}/{cast.mo.id}/supervision"
    assert ada.get(path).json == {"people": [cast.priya.id]}

    assert ada.put(path, json={"people": [cast.olive.id]}).status_code == 204

    assert ada.get(path).json == {"people": [cast.olive.id]}
    cases = [f"/api/v1/cases/{each.id}" for each in (cast.noor, cast.amara)]
    assert [mo.get(each).status_code for each in cases] == [200, 404]


def test_an_agency_is_added_once_and_changed(cast: Cast, program: Program) -> None:
    ada, new = program(cast.ada), {"name": "Vale Police", "agency_type": "6", "phone": None}
    made = ada.post("/api/v1/agencies", json=new)
    assert [made.status_code, ada.post("/api/v1/agencies", json=new).status_code] == [201, 422]

    path = f"/api/v1/agencies/{made.json['id']}"
    assert ada.put(path, json=new | {"name": "Vale and Hill Police"}).status_code == 204
    with db.transaction():
        assert people.find_agency(made.json["id"]).name == "Vale and Hill Police"


def test_who_looked_after_whose_account_is_on_record(
    cast: Cast, program: Program, nia: dict[str, Any]
) -> None:
    ada = program(cast.ada)
    made = ada.post(ACCOUNTS, json=nia).json["id"]
    ada.put(f"{ACCOUNTS}/{cast.dan.id}/closure")
    ada.get(f"{ACCOUNTS}/{cast.dan.id}")

    with db.transaction() as session:
        query = select(AuditEntry).join(Person, Person.id == AuditEntry.person_id)
        lines = session.scalars(query.where(Person.id == cast.ada.id).order_by(AuditEntry.id))
        assert [(each.did, each.about, each.outcome) for each in lines] == [
            ("add account", f"person:{made}", "done"),
            ("close account", f"person:{cast.dan.id}", "done"),
            ("read account", f"person:{cast.dan.id}", "shown"),
        ]
