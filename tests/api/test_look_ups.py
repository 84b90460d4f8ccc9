"""Asking about a child by API, and answering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.core import db
from app.models import AuditEntry
from tests.casework.known import (
    Change,
    keep_apart,
    leave_alone,
    move_away,
    open_duplicate,
    restrict,
    statements,
    town,
)
from tests.cast import Cast

__all__ = ["town"]


Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]

PATH = "/api/v1/look-ups"
NOOR = {
    "name": "noor r",
    "born_on": "2023-08-30",
    "number_or_postcode": "9434765919",
    "reason": "She came to our clinic",
}
NOBODY = NOOR | {"name": "Nora Absent"}


@pytest.mark.parametrize("change", [None, restrict, keep_apart])
def test_the_answer_is_the_same_whatever_there_is(
    town: Cast, program: Program, change: Change | None
) -> None:
    if change:
        change(town, town.dan)
    client = program(town.dan)
    client.get(PATH)
    with statements() as asked_of_nobody:
        of_nobody = client.post(PATH, json=NOBODY)
    with statements() as asked_of_noor:
        of_noor = client.post(PATH, json=NOOR)
    assert asked_of_noor == asked_of_nobody
    assert (of_noor.status_code, list(of_noor.headers)) == (201, list(of_nobody.headers))
    assert (of_nobody.json, of_noor.json) == ({"id": 1}, {"id": 2})
    first, second = client.get(PATH).json["look_ups"]
    assert first | {"id": 0} == second | {"id": 0}


def test_a_lead_reads_requests_and_answers_them(
    town: Cast, program: Program, conforms: Conforms
) -> None:
    program(town.dan).post(PATH, json=NOOR)
    olive, path = program(town.olive), f"/api/v1/cases/{town.noor.id}/look-ups"
    (asking,) = olive.get(path).json["look_ups"]
    conforms(asking, "Asking")
    assert (asking["name"], asking["phone"]) == ("Dan Hughes", "01632 960001")
    said = {"outcome": "phoned", "answer": "At three today."}
    assert program(town.ruth).post(f"{PATH}/1/answer", json=said).status_code == 404
    assert olive.post(f"{PATH}/1/answer", json={"outcome": "declined"}).status_code == 422
    assert olive.post(f"{PATH}/1/answer", json=said).status_code == 204
    assert olive.post(f"{PATH}/1/answer", json=said).status_code == 409
    assert olive.get(path).json["look_ups"] == []
    (asked,) = program(town.dan).get(PATH).json["look_ups"]
    conforms(asked, "LookUp")
    assert (asked["outcome"], asked["answer"]) == ("phoned", "At three today.")


def test_the_eleventh_of_a_day_is_too_many_and_each_field_has_its_sentence(
    town: Cast, program: Program
) -> None:
    client = program(town.dan)
    wrong = client.post(PATH, json=NOOR | {"number_or_postcode": "12"})
    assert (wrong.status_code, set(wrong.json["errors"])) == (422, {"number_or_postcode"})
    for _ in range(10):
        assert client.post(PATH, json=NOBODY).status_code == 201
    assert client.post(PATH, json=NOOR).status_code == 429
    with db.transaction():
        rows = db.session().execute(
            select(AuditEntry.did, AuditEntry.case_id, AuditEntry.about, AuditEntry.outcome)
            .where(AuditEntry.person_id == town.dan.id)
            .order_by(AuditEntry.id)
        )
        assert [tuple(row) for row in rows] == [
            *(("look up", None, f"look-up:{number}", "done") for number in range(1, 11)),
            ("refused", None, "look up", "refused"),
        ]


def test_a_duplicate_of_ones_own_tells_nothing_of_another_case(
    town: Cast, program: Program
) -> None:
    own, client = open_duplicate(town.dan), program(town.dan)
    for number, change in enumerate((leave_alone, restrict, keep_apart, move_away), 1):
        change(town, town.dan)
        answer = client.post(PATH, json=NOOR | {"number_or_postcode": "ls14ap"})
        assert (answer.status_code, answer.json) == (201, {"id": number})
    told = [row | {"id": 0} for row in client.get(PATH).json["look_ups"]]
    assert told == [told[0]] * 4
    assert client.get(f"/api/v1/cases/{own.id}/look-ups").json["look_ups"] == []


def test_a_childs_address_is_written_and_read(town: Cast, program: Program) -> None:
    known = {"name": "Amara O", "address": "4 Mill Lane", "postcode": "ls1 4ap"}
    path = f"/api/v1/cases/{town.amara.id}"
    assert program(town.priya).put(f"{path}/child", json=known).status_code == 204
    child = program(town.dan).get(path).json["child"]
    assert (child["address"], child["postcode"]) == ("4 Mill Lane", "LS1 4AP")
