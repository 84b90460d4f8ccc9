"""One child's posts by API: the same rules, the same words, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.casework import networks
from app.core import db
from tests.cast import Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]


def publish(client: Any, case_id: int, body: str = "Seen at school.", **more: Any) -> Any:
    answer = client.post(f"/api/v1/cases/{case_id}/posts", json={"body": body, **more})
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_post_is_told_to_the_network(cast: Cast, program: Program, conforms: Conforms) -> None:
    made = publish(program(cast.priya), cast.amara.id, "Visited.", kind="visit", seen=False)
    read = program(cast.dan).get(f"/api/v1/posts/{made['id']}").json
    conforms(read, "Post")
    assert (read["body"], read["kind"], read["seen"]) == ("Visited.", "visit", False)
    assert read["author_name"] == "Priya Shah"
    assert read["posted_at"] == "2026-11-23T09:00:00Z"


def test_a_write_answers_where_it_stands_and_none_of_its_words(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    made = publish(program(cast.priya), cast.amara.id)
    conforms(made, "PostPlace")


def test_what_a_kind_needs_is_asked_for_by_field(cast: Cast, program: Program) -> None:
    answer = program(cast.priya).post(
        f"/api/v1/cases/{cast.amara.id}/posts", json={"body": "Visited.", "kind": "visit"}
    )
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["errors"] == {"seen": "Say whether the child was seen."}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "body"),
        ({"body": "x", "colour": "red"}, "colour"),
        ({"body": "x", "kind": "gossip"}, "kind"),
        ({"body": "x", "occurred_at": "2026-11-23T09:00:00"}, "occurred_at"),
        ({"body": "x", "also": ["one"]}, "also.0"),
    ],
)
def test_what_does_not_fit_the_shape_is_named(
    cast: Cast, program: Program, sent: dict[str, Any], field: str
) -> None:
    answer = program(cast.priya).post(f"/api/v1/cases/{cast.amara.id}/posts", json=sent)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_what_is_not_json_is_refused_with_a_sentence(cast: Cast, program: Program) -> None:
    path = f"/api/v1/cases/{cast.amara.id}/posts"
    broken = program(cast.priya).post(path, data="{", content_type="application/json")
    other = program(cast.priya).post(path, data="body=x", content_type="text/plain")
    assert (broken.status_code, other.status_code) == (400, 415)
    assert broken.json["detail"] == "The body is not JSON."


def test_one_post_for_two_siblings_stands_in_both_streams(cast: Cast, program: Program) -> None:
    publish(program(cast.priya), cast.amara.id, "Both seen.", also=[cast.tobi.id])
    for case in (cast.amara, cast.tobi):
        stream = program(cast.dan).get(f"/api/v1/cases/{case.id}/posts").json
        assert [post["body"] for post in stream["posts"]] == ["Both seen."]


def test_a_case_that_is_not_hers_cannot_be_named_as_a_sibling(cast: Cast, program: Program) -> None:
    answer = program(cast.priya).post(
        f"/api/v1/cases/{cast.amara.id}/posts", json={"body": "x", "also": [cast.noor.id]}
    )
    assert answer.status_code == 404
    assert program(cast.priya).get(f"/api/v1/cases/{cast.amara.id}/posts").json["posts"] == []


def test_a_case_of_no_relative_is_refused_at_its_field(cast: Cast, program: Program) -> None:
    with db.transaction():
        networks.add(cast.olive, cast.noor, cast.priya, role="Social worker", reason="Helps")
    path = f"/api/v1/cases/{cast.amara.id}/posts"
    answer = program(cast.priya).post(path, json={"body": "x", "also": [cast.noor.id]})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["also"]
    assert program(cast.priya).get(path).json["posts"] == []


def test_a_stream_is_read_downwards_page_by_page(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    client = program(cast.priya)
    for number in range(5):
        publish(client, cast.amara.id, f"Number {number}.")
    path, read = f"/api/v1/cases/{cast.amara.id}/posts?size=2", []
    while path:
        answer = client.get(path)
        conforms(answer.json, "Stream")
        read += [post["position"] for post in answer.json["posts"]]
        path = answer.json["next"]
        assert answer.headers.get("Link") == (f'<{path}>; rel="next"' if path else None)
    assert read == [5, 4, 3, 2, 1]


def test_a_program_follows_a_case_upwards_from_a_position(cast: Cast, program: Program) -> None:
    client = program(cast.priya)
    for number in range(4):
        publish(client, cast.amara.id, f"Number {number}.")
    first = client.get(f"/api/v1/cases/{cast.amara.id}/posts?after=1&size=2").json
    assert [post["position"] for post in first["posts"]] == [2, 3]
    rest = client.get(first["next"]).json
    assert [post["position"] for post in rest["posts"]] == [4]
    assert rest["next"] is None


def test_a_filter_stays_in_the_address_of_the_next_page(cast: Cast, program: Program) -> None:
    client = program(cast.priya)
    for kind in ("working_well", "update", "working_well"):
        publish(client, cast.amara.id, kind=kind)
    page = client.get(f"/api/v1/cases/{cast.amara.id}/posts?view=working-well&size=1").json
    older = client.get(page["next"]).json
    assert [post["position"] for post in page["posts"] + older["posts"]] == [3, 1]


def test_only_its_author_edits_a_post_and_every_version_is_kept(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    path = f"/api/v1/posts/{publish(program(cast.priya), cast.amara.id, 'First.')['id']}"
    assert program(cast.dan).patch(path, json={"body": "Mine."}).status_code == 403
    assert program(cast.priya).patch(path, json={"body": "Better."}).status_code == 204
    versions = program(cast.dan).get(f"{path}/versions").json["versions"]
    assert program(cast.dan).get(path).json["body"] == "Better."
    assert [version["body"] for version in versions] == ["First."]


def test_an_edit_of_an_older_version_is_refused(cast: Cast, program: Program) -> None:
    priya = program(cast.priya)
    path = f"/api/v1/posts/{publish(priya, cast.amara.id, 'First.')['id']}"
    assert priya.patch(path, json={"body": "Better.", "version": 1}).status_code == 204
    assert priya.patch(path, json={"body": "Other.", "version": 1}).status_code == 409
    assert priya.get(path).json["body"] == "Better."


def test_a_withdrawn_post_is_gone_for_everybody(cast: Cast, program: Program) -> None:
    path = f"/api/v1/posts/{publish(program(cast.priya), cast.amara.id)['id']}"
    assert program(cast.priya).delete(path, json={}).status_code == 422
    assert program(cast.priya).delete(path, json={"reason": "Wrong child."}).status_code == 204
    assert program(cast.priya).get(path).status_code == 404


def test_readers_are_named_and_an_acknowledgement_too(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    made = publish(program(cast.priya), cast.amara.id)
    path = f"/api/v1/posts/{made['id']}"
    read = {"position": made["position"]}
    assert (
        program(cast.dan).put(f"/api/v1/cases/{cast.amara.id}/read", json=read).status_code == 204
    )
    readers = program(cast.priya).get(f"{path}/readers").json["readers"]
    assert {each["name"]: each["has_read"] for each in readers} == {
        "Dan Hughes": True,
        "Ruth Bell": False,
    }
    conforms(readers[0], "Reader")
    for method in ("PUT", "POST"):
        assert program(cast.dan).open(f"{path}/acknowledgement", method=method).status_code == 204
    (taken,) = program(cast.ruth).get(f"{path}/acknowledgement").json["acknowledgements"]
    conforms(taken, "Acknowledgement")
    assert taken["name"] == "Dan Hughes"


def test_a_question_is_answered_by_a_comment_that_is_accepted(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    question = {"kind": "question", "due_at": "2026-11-24T16:00:00Z"}
    made = publish(program(cast.dan), cast.amara.id, "Has anyone seen her?", **question)
    path = f"/api/v1/posts/{made['id']}"
    reply = program(cast.ruth).post(f"{path}/comments", json={"body": "I have."}).json
    choice = {"comment_id": reply["id"]}
    assert program(cast.ruth).post(f"{path}/answer", json=choice).status_code == 403
    assert program(cast.dan).post(f"{path}/answer", json=choice).status_code == 204
    (comment,) = program(cast.priya).get(f"{path}/comments").json["comments"]
    conforms(comment, "Comment")
    assert comment["accepted_at"]
    gone = program(cast.ruth).delete(f"/api/v1/comments/{reply['id']}", json={"reason": "Wrong."})
    assert gone.status_code == 204
    assert program(cast.priya).get(f"{path}/comments").json["comments"] == []


@pytest.mark.parametrize(
    "instant",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1899-12-31T00:00:00Z",
    ],
)
def test_an_instant_without_a_local_day_is_refused_and_breaks_no_page(
    cast: Cast, program: Program, instant: str
) -> None:
    client = program(cast.priya)
    for path, body in (
        ("posts", {"body": "x", "occurred_at": instant}),
        ("posts", {"body": "x", "kind": "question", "due_at": instant}),
        ("key-dates", {"what": "Review", "due_at": instant}),
    ):
        assert client.post(f"/api/v1/cases/{cast.amara.id}/{path}", json=body).status_code == 422
    assert client.get("/api/v1/feed").status_code == 200


def test_a_slip_of_the_year_is_refused(cast: Cast, program: Program) -> None:
    answer = program(cast.priya).post(
        f"/api/v1/cases/{cast.amara.id}/posts",
        json={"body": "x", "occurred_at": "1926-11-23T09:00:00Z"},
    )
    assert answer.status_code == 422
    assert "occurred_at" in answer.json["errors"]
