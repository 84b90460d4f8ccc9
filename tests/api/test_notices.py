"""Notices, choices and absence, for programs."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from app import relay
from app.core import db
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast

Program = Callable[..., FlaskClient]
API = "/api/v1"


def urgent(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update("Ring me.", worry="urgent", phoned=True))
    while relay.deliver():
        pass


def test_a_list_counts_what_is_unread_and_marks_it_read(cast: Cast, program: Program) -> None:
    urgent(cast)
    urgent(cast)
    client = program(cast.priya)
    first = client.get(f"{API}/notices?size=1").json
    assert first
    assert first["unread"] == 2
    (notice,) = first["notices"]
    assert (notice["reason"], notice["by_name"], notice["child_name"]) == (
        "urgent",
        "Dan Hughes",
        "Amara O",
    )
    rest = client.get(first["next"]).json
    assert rest
    assert rest["next"] is None
    assert client.put(f"{API}/notices/{notice['id']}/read").status_code == 204
    assert _unread(client) == 1
    sent = {"up_to": notice["id"]}
    assert client.put(f"{API}/notices/read", json=sent).status_code == 204
    assert _unread(client) == 0


def test_somebody_elses_notice_is_as_one_that_is_not_there(cast: Cast, program: Program) -> None:
    urgent(cast)
    ours = program(cast.priya).get(f"{API}/notices").json["notices"][0]["id"]  # type: ignore[index]
    client = program(cast.olive)
    hidden = client.put(f"{API}/notices/{ours}/read")
    absent = client.put(f"{API}/notices/987654/read")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data


def test_choices_are_changed_in_part(cast: Cast, program: Program) -> None:
    client, place = program(cast.priya), f"{API}/me/notices"
    kept = client.get(place).json
    assert kept
    assert kept["ways"]["urgent"] == "at_once"
    assert kept["quiet"] is None
    quiet = {"from_time": "18:00", "until_time": "08:00", "days": [5, 6], "urgent_passes": True}
    sent = {"ways": {"followed": "off"}, "quiet": quiet}
    assert client.patch(place, json=sent).status_code == 204
    now = client.get(place).json
    assert now == {"ways": {**kept["ways"], "followed": "off"}, "quiet": quiet}
    refused = client.patch(place, json={"ways": {"urgent": "off"}})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["urgent"])  # type: ignore[index]


def test_an_absence_is_set_and_ended(cast: Cast, program: Program) -> None:
    client, place = program(cast.priya), f"{API}/me/absence"
    assert client.get(place).status_code == 404
    away = {"from_on": "2026-11-24", "until_on": "2026-11-27", "cover_id": cast.dan.id}
    assert client.put(place, json=away).status_code == 204
    assert client.get(place).json == away
    for wrong in ({"until_on": "2026-11-20"}, {"cover_id": cast.ada.id}, {"cover_id": 987654}):
        assert client.put(place, json={**away, **wrong}).status_code == 422
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


def _unread(client: FlaskClient) -> int:
    told = client.get(f"{API}/notices").json
    assert told
    return int(told["unread"])
