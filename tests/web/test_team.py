"""The team board as a page and as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import db
from app.models import Child, Look
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


def test_a_manager_comes_to_the_board_from_the_cases(cast: Cast, browser: Browser) -> None:
    assert 'href="/team"' in browser(cast.mo).get("/cases").text
    assert 'href="/team"' not in browser(cast.dan).get("/cases").text
    page = browser(cast.mo).get("/team").text
    assert "Child protection plan, 1" in page
    assert "All open, 2" in page
    assert 'aria-sort="ascending"><a href="/team?order=down"' in page


def test_a_choice_nobody_can_make_shows_the_whole_board(cast: Cast, browser: Browser) -> None:
    for query in ("status=mad", "worry=very", "sort=money", "page=0", "page=x"):
        answer = browser(cast.mo).get(f"/team?{query}")
        assert answer.status_code == 200
        assert "Amara O" in answer.text, query


def test_no_case_that_fits_and_no_case_at_all_are_said_differently(
    cast: Cast, browser: Browser
) -> None:
    assert "No case fits" in browser(cast.mo).get("/team?worry=urgent").text
    assert "No open cases" in browser(cast.lee).get("/team").text


def test_the_file_holds_what_the_table_does_and_no_formula(cast: Cast, browser: Browser) -> None:
    with db.transaction() as session:
        session.get_one(Child, cast.tobi.child_id).name = "=1+1"
    answer = browser(cast.mo).get("/team.csv")
    rows = list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["Child"] for row in rows] == ["Amara O", "'=1+1"]
    assert rows[0]["Status"] == "Child protection plan"
    assert "Amara" not in answer.headers["Content-Disposition"]


def test_each_look_is_on_record_for_each_case_on_it(cast: Cast, browser: Browser) -> None:
    browser(cast.mo).get("/team?status=child_in_need")
    browser(cast.mo).get("/team.csv")
    with db.transaction() as session:
        looks = select(Look.did, Look.case_id).where(Look.person_id == cast.mo.id)
        assert set(session.execute(looks)) == {
            ("read team board", cast.tobi.id),
            ("exported team board", cast.amara.id),
            ("exported team board", cast.tobi.id),
        }
