"""Ends, restriction, conflicts of interest and cases without a lead by API."""

from collections.abc import Callable
from typing import Any

import pytest

from app.casework import networks
from app.core import db
from tests.cast import MORNING, Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]
WHY = {"reason": "The father knows staff"}


@pytest.fixture
def path(cast: Cast) -> str:
    return f"/api/v1/cases/{cast.amara.id}"


def test_joining_needs_a_last_day_and_a_legal_basis(
    cast: Cast, program: Program, path: str
) -> None:
    new = {"person_id": cast.olive.id, "reason": "Helps", "legal_basis": "consent"}
    for wrong, field in (
        ({}, "until_on"),
        ({"until_on": "2030-01-01"}, "until_on"),
        ({"until_on": "2027-01-01", "legal_basis": "curiosity"}, "legal_basis"),
    ):
        answer = program(cast.priya).post(f"{path}/network", json=new | wrong)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert program(cast.olive).get(path).status_code == 404


def test_a_place_is_renewed_and_the_list_says_so(
    cast: Cast, program: Program, path: str, conforms: Conforms
) -> None:
    to = f"{path}/network/{cast.dan.id}/renewal"
    sent = {"until_on": "2027-03-01", "reason": "Still his school"}
    assert program(cast.dan).put(to, json=sent).status_code == 403
    assert program(cast.olive).put(to, json=sent).status_code == 404
    late = program(cast.priya).put(to, json=sent | {"until_on": "2028-03-01"})
    assert list(late.json["errors"]) == ["until_on"]
    assert program(cast.priya).put(to, json=sent).status_code == 204
    rows = program(cast.ruth).get(f"{path}/network").json["network"]
    dan = next(row for row in rows if row["id"] == cast.dan.id)
    conforms(dan, "Member")
    assert dan["until_at"] == "2027-03-02T00:00:00Z"
    assert (dan["renewed_by"], dan["renewed_reason"]) == ("Priya Shah", "Still his school")


def test_a_case_is_kept_for_its_members_and_shown_again(
    cast: Cast, program: Program, path: str, conforms: Conforms
) -> None:
    priya, dan, mo, to = program(cast.priya), program(cast.dan), program(cast.mo), "/restriction"
    assert dan.put(path + to, json=WHY).status_code == 403
    assert priya.put(path + to, json=WHY).status_code == 204
    assert priya.put(path + to, json=WHY).status_code == 409
    assert mo.get(path + to).status_code == 404
    told = dan.get(path + to).json
    conforms(told, "Restrictions")
    conforms(told["history"][0], "Restriction")
    assert told["restricted"]
    assert priya.delete(path + to, json={"reason": "He moved"}).status_code == 204
    assert not mo.get(path + to).json["restricted"]


def test_who_has_a_conflict_of_interest_gets_what_is_not_there(
    cast: Cast, program: Program, path: str, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    new = {"person_id": cast.dan.id, "reason": "Lives with the mother"}
    made = priya.post(f"{path}/conflicts", json=new)
    assert made.status_code == 201
    absent = dan.get("/api/v1/cases/987654")
    for address in (path, f"{path}/network", f"{path}/conflicts", f"{path}/restriction"):
        answer = dan.get(address)
        assert (answer.status_code, answer.data) == (404, absent.data)
    assert program(cast.ruth).get(f"{path}/conflicts").status_code == 403
    row = priya.get(f"{path}/conflicts").json["conflicts"][0]
    conforms(row, "Conflict")
    assert row["reason"] == "Lives with the mother"
    lifted = priya.delete(f"{path}/conflicts/{made.json['id']}", json={"reason": "He moved"})
    assert lifted.status_code == 204
    assert dan.get(path).status_code == 200


def test_somebody_closes_a_case_to_themself(cast: Cast, program: Program, path: str) -> None:
    ruth, mine = program(cast.ruth), {"person_id": cast.ruth.id, "reason": "My neighbours"}
    other = {"person_id": cast.dan.id, "reason": "He told me"}
    assert ruth.post(f"{path}/conflicts", json=other).status_code == 403
    assert ruth.post(f"{path}/conflicts", json=mine).status_code == 201
    assert ruth.get(path).status_code == 404


def test_an_administrators_program_gives_a_case_a_lead(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    with db.transaction():
        networks.member(cast.amara, cast.priya.id).until_at = MORNING
    ada, address = program(cast.ada), "/api/v1/cases-without-a-lead"
    found = ada.get(address).json["cases"]
    conforms(found[0], "Orphan")
    assert [row["id"] for row in found] == [cast.amara.id]
    assert ada.get(f"{address}?closed=true").json["cases"] == []
    new = {"person_id": cast.mo.id, "reason": "The lead has left"}
    for case_id, status in ((cast.tobi.id, 404), (cast.amara.id, 204), (cast.amara.id, 404)):
        assert ada.put(f"{address}/{case_id}/lead", json=new).status_code == status
    assert program(cast.priya).get(address).status_code == 403
