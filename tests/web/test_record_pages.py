"""Taking the whole record along: as tables, as JSON, and by API."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from app.core import db
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
PAGE = "/cases/1/record"


@pytest.fixture(autouse=True)
def told(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update("=1+1", kind="incident"))
        kept = Update("For Ruth.", audience="named", people=(cast.ruth.id,), sharing_reason="H")
        posts.publish(cast.priya, cast.amara, kept)


def test_the_page_says_what_is_in_it_and_that_taking_it_is_recorded(
    browser: Browser, cast: Cast
) -> None:
    page = browser(cast.dan).get(PAGE).text
    assert "How the case has stood" in page
    assert "1 item is not shared with your role" in page
    assert "Nobody yet." in page


def test_the_tables_come_as_one_file_without_a_name_or_a_formula(
    browser: Browser, cast: Cast
) -> None:
    answer = browser(cast.dan).post(PAGE, data={"form": "csv"})
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="record-1-2026-11-23.zip"'
    )
    with ZipFile(BytesIO(answer.get_data())) as file:
        assert "child.csv" in file.namelist()
        told = StringIO(file.read("updates.csv").decode("utf-8-sig"))
    (update,) = csv.DictReader(told)
    assert (update["body"], update["kind"]) == ("'=1+1", "incident")


def test_the_same_as_json_and_by_a_program_and_all_see_who_took_it(
    browser: Browser, program: Browser, cast: Cast
) -> None:
    as_file = browser(cast.dan).post(PAGE, data={"form": "json"}).get_json()
    by_program = program(cast.dan, "read").get(f"/api/v1{PAGE}").get_json()
    assert as_file["tables"] == by_program["tables"]
    assert [each["body"] for each in by_program["tables"]["updates"]] == ["=1+1"]
    assert by_program["withheld"] == 1
    page = browser(cast.ruth).get(PAGE).text
    assert page.count("<strong>Dan Hughes</strong>") == 2


def test_what_cannot_be_is_not_recorded_and_a_stranger_finds_nothing(
    browser: Browser, program: Browser, cast: Cast
) -> None:
    assert browser(cast.dan).post(PAGE, data={"form": "docx"}).status_code == 422
    for number in (cast.amara.id, 987_654):
        path = f"/cases/{number}/record"
        assert browser(cast.olive).post(path, data={"form": "csv"}).status_code == 404
        assert program(cast.olive).get(f"/api/v1{path}").status_code == 404
    assert "Nobody yet." in browser(cast.dan).get(PAGE).text
