"""Search by API: what was said, and names; as on the page, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import tokens
from app.core import db
from app.models import AuditEntry, Case, Person, Post
from feeds import comments, posts
from feeds.posts import Update
from messaging import conversations, messages
from search import engines, index, indexing
from tests.cast import Cast

Program = Callable[..., FlaskClient]
Conforms = Callable[[Any, str], None]


@pytest.fixture
def seat(app: Flask, program: Program) -> Program:
    """A program, where words can be looked for."""
    kept = engines.kept()
    if kept is not None:
        indexing.rebuild(kept)
    return program


def say(author: Person, case: Case, body: str, **more: Any) -> int:
    with db.transaction():
        return posts.publish(author, case, Update(body, **more)).id


def test_what_was_said_is_answered_with_where_to_read_it(
    seat: Program, cast: Cast, conforms: Conforms
) -> None:
    priya, post_id = seat(cast.priya), say(cast.dan, cast.amara, "Porridge & tea", kind="concern")
    with db.transaction() as session:
        comments.add(cast.ruth, session.get_one(Post, post_id), "Porridge again")
        talk = conversations.start(cast.dan, [cast.priya], name="Breakfast")
        said = messages.say(cast.dan, talk, "More porridge?")

    found = priya.get("/api/v1/search?q=porridge").get_json()

    conforms(found, "SearchResults")
    for each in found["results"]:
        conforms(each, "Found")
        assert priya.get(each["href"]).status_code == 200
    by_thing = {each["thing"]: each for each in found["results"]}
    assert by_thing["post"]["snippet"] == "<mark>Porridge</mark> &amp; tea"
    assert by_thing["post"]["href"] == f"/api/v1/posts/{post_id}?search={found['search']}"
    assert by_thing["comment"]["post_id"] == post_id
    assert by_thing["message"]["id"] == said.id
    assert by_thing["message"]["conversation_name"] == "Breakfast"
    assert (found["count"], found["more"], found["next"]) == (3, False, None)
    assert found["by_case"] == [
        {"case_id": cast.amara.id, "child_name": "Amara O", "count": 2},
    ]


def test_what_is_opened_says_on_record_from_which_search(seat: Program, cast: Cast) -> None:
    dan = seat(cast.dan)
    say(cast.priya, cast.amara, "Porridge")
    (found,) = dan.get("/api/v1/search?q=porridge").get_json()["results"]

    dan.get(found["href"])
    seat(cast.ruth).get(found["href"])

    number = found["href"].partition("=")[2]
    with db.transaction() as session:
        looks = select(AuditEntry).where(AuditEntry.how == "api").order_by(AuditEntry.id)
        searched, opened, by_ruth = session.scalars(looks)
    assert (searched.about, opened.about, by_ruth.about) == (*[f"search:{number}"] * 2, None)
    assert opened.ranges == searched.ranges == [[cast.amara.id, 1, 1]]


@pytest.mark.parametrize("order", ["newest", "best"])
def test_pages_follow_one_another_to_the_end(seat: Program, cast: Cast, order: str) -> None:
    for number in range(5):
        say(cast.dan, cast.amara, f"porridge {number}")
    dan, found, counts = seat(cast.dan), [], []
    address = f"/api/v1/search?q=porridge&order={order}&size=2"
    while address:
        answer = dan.get(address).get_json()
        found += [each["id"] for each in answer["results"]]
        counts.append(answer["count"])
        address = answer["next"]
    assert len(found) == len(set(found)) == 5
    assert counts == [5, None, None]


def test_a_filter_that_names_nothing_is_said(seat: Program, cast: Cast) -> None:
    say(cast.dan, cast.amara, "porridge")
    found = seat(cast.dan).get("/api/v1/search?q=porridge kind:viist").get_json()
    assert found["results"] == []
    assert found["unknown_filters"] == [{"name": "kind", "value": "viist"}]


def test_names_are_found_with_and_without_search(
    seat: Program, cast: Cast, conforms: Conforms
) -> None:
    dan = seat(cast.dan)
    index.use(None)

    found = dan.get("/api/v1/search/names?q=o").get_json()

    conforms(found, "Names")
    conforms(found["cases"][0], "FoundCase")
    conforms(found["people"][0], "FoundPerson")
    assert cast.amara.id in [each["id"] for each in found["cases"]]
    assert "Olive Reed" in [each["name"] for each in found["people"]]
    with db.transaction() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.how == "api")).one()
    assert row.about == f"search:{found['search']}"
    assert [cast.amara.id, 0, 0] in (row.ranges or [])


def test_without_search_the_answer_is_a_problem(seat: Program, cast: Cast) -> None:
    dan = seat(cast.dan)
    index.use(None)

    refused = dan.get("/api/v1/search?q=porridge")

    assert refused.status_code == 503
    assert refused.content_type == "application/problem+json"
    assert (
        refused.get_json()["detail"]
        == "Search is not available at the moment. Everything else works."
    )


def test_a_marker_of_nobody_and_an_unknown_order_are_refused(seat: Program, cast: Cast) -> None:
    for wrong in ("q=a&before=x", "q=a&order=worst", "q=a&size=0", ""):
        assert seat(cast.dan).get(f"/api/v1/search?{wrong}").status_code == 422


def test_what_is_hidden_changes_no_byte(seat: Program, cast: Cast) -> None:
    say(cast.priya, cast.amara, "porridge zz")
    dan = seat(cast.dan)
    words = ("porridge", "zz", "case:noor", f"porridge case:{cast.noor.id}")
    addresses = [
        f"/api/v1/search{where}?q={word}{order}"
        for word in words
        for where, order in (("", ""), ("", "&order=best"), ("/names", ""), ("/suggestions", ""))
    ]

    def answered() -> list[object]:
        # Only the number of the search goes on.
        found = [dan.get(each).get_json() | {"search": 0} for each in addresses]
        for each in found:
            for result in each.get("results", ()):
                result["href"] = result["href"].partition("?")[0]
        return found

    answered()  # what she asked lately is offered: her own, and the same from here on
    before = answered()
    say(cast.olive, cast.noor, "porridge zz porridge")
    named = {"audience": "named", "sharing_reason": "For health", "people": (cast.ruth.id,)}
    say(cast.priya, cast.amara, "porridge for Ruth zz", **named)

    assert answered() == before


def test_what_may_be_meant_is_offered_while_one_types(
    seat: Program, cast: Cast, conforms: Conforms
) -> None:
    dan = seat(cast.dan)

    found = dan.get("/api/v1/search/suggestions?q=from:ruth").get_json()
    named = dan.get("/api/v1/search/suggestions?q=amara").get_json()

    conforms(found, "Suggestions")
    for each in (*found["suggestions"], *named["suggestions"]):
        conforms(each, "Suggestion")
    assert found["suggestions"][0]["written"] == f"from:{cast.ruth.id} "
    assert (named["suggestions"][0]["thing"], named["suggestions"][0]["id"]) == (
        "case",
        cast.amara.id,
    )
    assert dan.get("/api/v1/search/suggestions").status_code == 422
    assert seat(cast.olive).get("/api/v1/search/suggestions?q=amara").get_json() == {
        "suggestions": []
    }


def test_each_call_for_what_is_offered_is_one_row_of_the_record(seat: Program, cast: Cast) -> None:
    dan = seat(cast.dan)
    for _ in range(2):
        dan.get("/api/v1/search/suggestions?q=amara")
    with db.transaction() as session:
        looks = select(AuditEntry).where(AuditEntry.how == "api").order_by(AuditEntry.id)
        first, second = session.scalars(looks)
    assert (first.did, first.ranges) == ("was offered cases", [[cast.amara.id, 0, 0]])
    assert (second.did, second.ranges) == ("search suggestions", None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_programs_search_no_faster_than_a_person_types(guarded_app: Flask, cast: Cast) -> None:
    with db.transaction():
        token = tokens.issue(cast.dan, "test", scope="read")
    client = guarded_app.test_client()
    answers = [
        client.get("/api/v1/search/names?q=o", headers={"Authorization": f"Bearer {token}"})
        for _ in range(61)
    ]
    assert [each.status_code for each in answers] == [200] * 60 + [429]
    assert answers[-1].headers["Retry-After"]
