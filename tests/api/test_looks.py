"""Who can see a case and who has looked, by API."""

from collections.abc import Callable

from flask.testing import FlaskClient

from app import audit
from app.core import db
from tests.cast import Cast

Program = Callable[..., FlaskClient]


def test_a_member_asks_who_sees_a_case(program: Program, cast: Cast) -> None:
    said = program(cast.ruth).get(f"/api/v1/cases/{cast.amara.id}/viewers").get_json()
    found = {each["name"]: each for each in said["viewers"]}
    assert set(found) == {"Priya Shah", "Dan Hughes", "Ruth Bell", "Mo Akram"}
    assert found["Mo Akram"]["manages"] == ["Priya Shah"]
    assert found["Dan Hughes"]["legal_basis"] == "public_task"


def test_a_member_asks_who_has_looked(program: Program, cast: Cast) -> None:
    url = f"/api/v1/cases/{cast.amara.id}"
    program(cast.mo).get(f"{url}/network")
    with db.transaction():
        audit.note(cast.dan, "read feed", how="page", ranges=[(cast.amara.id, 1, 2)])
    said = program(cast.ruth).get(f"{url}/looks").get_json()
    assert {(each["name"], each["did"], each["was_member"]) for each in said["looks"]} == {
        ("Mo Akram", "read network", False),
        ("Dan Hughes", "read feed", True),
    }
    one = program(cast.ruth).get(f"{url}/looks?person_id={cast.dan.id}").get_json()
    assert [each["name"] for each in one["looks"]] == ["Dan Hughes"]
    assert one["next"] is None


def test_others_find_nothing_there(program: Program, cast: Cast) -> None:
    olive = program(cast.olive)
    for name in ("viewers", "looks"):
        hidden, absent = (
            olive.get(f"/api/v1/cases/{number}/{name}") for number in (cast.amara.id, 987_654)
        )
        assert (hidden.status_code, hidden.data) == (404, absent.data)
