"""Saved searches and recent ones, for programs."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from app import relay
from app.core import db
from feeds import posts
from feeds.posts import Update
from search import asked, saved
from tests.cast import Cast

Program = Callable[..., FlaskClient]
API = "/api/v1"
PLACE = f"{API}/saved-searches"


def test_a_search_is_saved_read_changed_and_deleted(cast: Cast, program: Program) -> None:
    client = program(cast.priya)
    made = client.post(PLACE, json={"words": "bruise", "name": "Marks"})
    assert made.status_code == 201
    number = made.get_json()["id"]
    listed = client.get(PLACE).json
    assert listed == {
        "saved_searches": [
            {
                "id": number,
                "words": "bruise",
                "name": "Marks",
                "alerts": True,
                "saved_at": "2026-11-23T09:00:00Z",
            }
        ]
    }
    assert client.patch(f"{PLACE}/{number}", json={"alerts": False}).status_code == 204
    assert client.patch(f"{PLACE}/{number}", json={"name": ""}).status_code == 204
    (kept,) = client.get(PLACE).get_json()["saved_searches"]
    assert (kept["name"], kept["alerts"]) == (None, False)
    assert client.delete(f"{PLACE}/{number}").status_code == 204
    assert client.get(PLACE).json == {"saved_searches": []}


def test_the_same_key_saves_once_and_words_are_asked_for(cast: Cast, program: Program) -> None:
    client = program(cast.priya)
    key = {"Idempotency-Key": "one"}
    first = client.post(PLACE, json={"words": "bruise"}, headers=key)
    again = client.post(PLACE, json={"words": "bruise"}, headers=key)
    assert first.data == again.data
    refused = client.post(PLACE, json={"words": " "})
    assert (refused.status_code, refused.get_json()["errors"]) == (
        422,
        {"words": "Write what you look for."},
    )
    assert len(client.get(PLACE).get_json()["saved_searches"]) == 1


def test_somebody_elses_is_as_one_that_is_not_there(cast: Cast, program: Program) -> None:
    with db.transaction():
        number = saved.save(cast.priya, "bruise")
    client = program(cast.dan)
    for act in (client.delete, lambda place: client.patch(place, json={"name": "Mine"})):
        hidden, absent = act(f"{PLACE}/{number}"), act(f"{PLACE}/987654")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.data == absent.data
    assert client.get(PLACE).json == {"saved_searches": []}


def test_a_notice_names_the_search_that_found_something(cast: Cast, program: Program) -> None:
    with db.transaction():
        number = saved.save(cast.priya, "bruise")
        posts.publish(cast.dan, cast.amara, Update("A bruise"))
    while relay.deliver():
        pass
    (notice,) = program(cast.priya).get(f"{API}/notices").get_json()["notices"]
    assert (notice["reason"], notice["did"], notice["saved_search_id"]) == (
        "found",
        "found",
        number,
    )
    others = ("case_id", "child_name", "post_id", "comment_id", "message_id", "by_id", "by_name")
    assert [notice[name] for name in others] == [None] * len(others)


def test_recent_searches_are_ones_own(cast: Cast, program: Program) -> None:
    with db.transaction():
        asked.note(cast.priya, "bruise", [], how="api")
    place = f"{API}/recent-searches"
    assert program(cast.priya).get(place).json == {"recent_searches": ["bruise"]}
    assert program(cast.dan).get(place).json == {"recent_searches": []}
