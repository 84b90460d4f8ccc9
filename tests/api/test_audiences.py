"""A post for a part of the network by API: who it is for, and what the others are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]
WHY = "Mum has not been told yet"


def publish(client: Any, cast: Cast, **more: Any) -> Any:
    return client.post(
        f"/api/v1/cases/{cast.amara.id}/posts",
        json={"body": "Between us.", "sharing_reason": WHY, **more},
    )


def test_a_post_answers_for_whom_it_is_and_why(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    made = publish(
        program(cast.priya),
        cast,
        audience="named",
        people=[cast.dan.id],
        excluded=[cast.ruth.agency_id],
    ).json
    read = program(cast.dan).get(f"/api/v1/posts/{made['id']}").json
    conforms(read, "Post")
    assert (read["audience"], read["sharing_reason"]) == ("named", WHY)
    assert read["for"] == {"people": [{"id": cast.dan.id, "name": "Dan Hughes"}], "agencies": []}
    assert read["not_for"] == [{"id": cast.ruth.agency_id, "name": "Vale health visitors"}]


def test_a_post_for_everyone_names_nobody(cast: Cast, program: Program) -> None:
    made = publish(program(cast.priya), cast).json
    read = program(cast.dan).get(f"/api/v1/posts/{made['id']}").json
    assert (read["audience"], read["for"], read["not_for"]) == ("network", None, [])
    assert read["sharing_reason"] is None


def test_a_post_for_others_is_not_there_and_the_stream_says_how_many(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    made = publish(program(cast.priya), cast, audience="named", agencies=[cast.dan.agency_id]).json
    address = f"/api/v1/cases/{cast.amara.id}/posts"
    stream = program(cast.ruth).get(address).json
    conforms(stream, "Stream")
    assert (stream["posts"], stream["withheld"]) == ([], 1)
    assert program(cast.ruth).get(f"/api/v1/posts/{made['id']}").status_code == 404
    assert program(cast.mo).get(address).json["withheld"] == 0
    assert len(program(cast.dan).get(address).json["posts"]) == 1


@pytest.mark.parametrize("way", ["comments", "readers", "versions", "acknowledgement"])
def test_nothing_under_it_can_be_asked_for(cast: Cast, program: Program, way: str) -> None:
    made = publish(program(cast.priya), cast, excluded=[cast.ruth.agency_id]).json
    address = f"/api/v1/posts/{made['id']}/{way}"
    assert program(cast.dan).get(address).status_code == 200
    hidden, absent = (
        program(cast.ruth).get(address),
        program(cast.ruth).get("/api/v1/posts/99/" + way),
    )
    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data


@pytest.mark.parametrize("way", ["comments", "acknowledgement"])
def test_who_does_not_read_it_can_do_nothing_to_it(cast: Cast, program: Program, way: str) -> None:
    made = publish(program(cast.dan), cast, audience="named", people=[cast.ruth.id]).json
    priya, address = program(cast.priya), f"/api/v1/posts/{made['id']}"
    json = {"body": "Me too."} if way == "comments" else None
    assert priya.post(f"{address}/{way}", json=json).status_code == 404
    assert priya.delete(address, json={"reason": "Mine to lead"}).status_code == 404
    assert program(cast.ruth).get(address).status_code == 200


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"audience": "friends"}, "audience"),
        ({"audience": "named"}, "audience"),
        ({"audience": "named", "people": [2], "sharing_reason": None}, "sharing_reason"),
        ({"people": [2]}, "audience"),
        ({"excluded": ["3"]}, "excluded.0"),
        ({"excluded": [99]}, "excluded"),
        ({"audience": "named", "people": [99]}, "audience"),
    ],
)
def test_a_choice_that_does_not_hold_is_refused_by_field(
    cast: Cast, program: Program, sent: dict[str, Any], field: str
) -> None:
    answer = publish(program(cast.priya), cast, **sent)
    assert answer.status_code == 422
    assert field in answer.json["errors"]
