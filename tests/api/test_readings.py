"""Measures and readings by API: the same rules and the same sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from app.casework import measures
from app.core import db
from app.models import Post
from tests.cast import Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]
SAFETY = {"measure_id": 1, "value": 6, "rater": "mother"}


def add(client: Any, case_id: int, **more: Any) -> Any:
    return client.post(f"/api/v1/cases/{case_id}/readings", json=SAFETY | more)


def test_the_measures_say_how_to_understand_a_score(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    with db.transaction():
        measures.retire(cast.ada, measures.one(4))
    answer = program(cast.dan).get("/api/v1/measures").json
    conforms(answer, "Measures")
    conforms(answer["measures"][0], "Measure")
    assert [each["key"] for each in answer["measures"] if each["retired"]] == ["graded_care"]
    assert answer["measures"][0]["better"] == "up"


def test_a_score_is_kept_by_itself_and_read_by_the_network(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    made = add(program(cast.dan), cast.amara.id)
    assert made.status_code == 201
    answer = program(cast.ruth).get(f"/api/v1/cases/{cast.amara.id}/readings").json
    conforms(answer, "Readings")
    (reading,) = answer["readings"]
    conforms(reading, "Reading")
    assert (reading["id"], reading["value"], reading["rater"]) == (made.json["id"], 6, "mother")
    assert (reading["read_on"], reading["recorded_by"]) == ("2026-11-23", "Dan Hughes")
    since = f"/api/v1/cases/{cast.amara.id}/readings?since=2026-11-24"
    assert program(cast.ruth).get(since).json["readings"] == []


def test_days_that_are_counted_are_answered_beside(cast: Cast, program: Program) -> None:
    dan = program(cast.dan)
    dan.post(f"/api/v1/cases/{cast.amara.id}/posts", json={"body": "Not home.", "kind": "missing"})
    answer = dan.get(f"/api/v1/cases/{cast.amara.id}/readings").json
    assert answer["counted"] == [{"measure_id": 5, "days": ["2026-11-23"]}]


def test_a_wrong_score_is_refused_with_its_sentence(cast: Cast, program: Program) -> None:
    answer = add(program(cast.dan), cast.amara.id, value=11)
    assert answer.status_code == 422
    assert answer.json["errors"] == {"value": "Safety scale goes from 0 to 10."}
    assert add(program(cast.dan), cast.amara.id, rater="cat").status_code == 422
    assert add(program(cast.dan), cast.amara.id, measure_id=99).json["errors"] == {
        "value": "Choose what is measured."
    }


def test_scores_go_with_a_post_or_the_post_does_not_go(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    dan, path = program(cast.dan), f"/api/v1/cases/{cast.amara.id}/posts"
    happened = "2026-11-20T10:00:00Z"
    wrong = dan.post(path, json={"body": "x", "readings": [SAFETY, SAFETY | {"value": 6.5}]})
    assert wrong.json["errors"] == {"readings.1": "Write a whole number for Safety scale."}
    with db.transaction() as session:
        assert session.scalar(select(func.count(Post.id))) == 0

    sent = {"body": "Rang Mum.", "readings": [SAFETY], "occurred_at": happened}
    made = dan.post(path, json=sent).json

    read = program(cast.ruth).get(f"/api/v1/posts/{made['id']}").json
    conforms(read, "Post")
    (reading,) = read["readings"]
    assert (reading["value"], reading["post_id"]) == (6, made["id"])
    assert reading["read_on"] == "2026-11-20"


def test_the_same_key_keeps_a_score_once(cast: Cast, program: Program) -> None:
    path, key = f"/api/v1/cases/{cast.amara.id}/readings", {"Idempotency-Key": "k"}
    dan = program(cast.dan)
    answers = [dan.post(path, json=SAFETY, headers=key).json for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(dan.get(path).json["readings"]) == 1


def test_a_score_is_taken_back_by_those_who_may(cast: Cast, program: Program) -> None:
    number = add(program(cast.dan), cast.amara.id).json["id"]
    path, why = f"/api/v1/readings/{number}", {"reason": "Misheard"}
    assert program(cast.olive).delete(path, json=why).status_code == 404
    assert program(cast.ruth).delete(path, json=why).status_code == 403
    assert program(cast.priya).delete(path, json=why).status_code == 204
    assert program(cast.dan).delete(path, json=why).status_code == 404
