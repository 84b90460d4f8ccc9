"""The chronology and who took it along, by API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from app.casework import copies
from app.core import db
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Program = Callable[..., FlaskClient]


def test_a_program_reads_it_page_by_page(program: Program, cast: Cast) -> None:
    with db.transaction():
        for days in range(5):
            at = MORNING - timedelta(days=days)
            posts.publish(cast.dan, cast.amara, Update(f"{days}", kind="incident", occurred_at=at))
    client, seen = program(cast.priya), []
    address = f"/api/v1/cases/{cast.amara.id}/chronology?size=2"
    while address:
        said = client.get(address).get_json()
        seen += said["lines"]
        address = said["next"]
    assert [each["happened"] for each in seen[1:]] == ["4", "3", "2", "1", "0"]
    assert (seen[0]["kind"], said["total"]) == ("status", 6)
    assert seen[1]["age"] == "9 years 6 months"
    assert said["reads_from"] is None


def test_a_marker_or_kind_of_no_meaning_is_refused(program: Program, cast: Cast) -> None:
    client = program(cast.priya)
    for asked in ("after=abc", "kind=gossip", "size=0", "from_on=never"):
        answer = client.get(f"/api/v1/cases/{cast.amara.id}/chronology?{asked}")
        assert answer.status_code == 422, asked


def test_a_program_reads_who_took_it_along(program: Program, cast: Cast) -> None:
    with db.transaction():
        copies.take(cast.priya, cast.amara, "chronology", "csv", copies.Part(everything=True))
    (taken,) = program(cast.dan).get("/api/v1/cases/1/copies").get_json()["copies"]
    assert (taken["by"], taken["form"], taken["everything"]) == ("Priya Shah", "csv", True)
    assert program(cast.olive).get("/api/v1/cases/1/copies").status_code == 404
