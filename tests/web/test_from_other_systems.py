"""The case's Details show what other systems told, and returns of each kind come in by the page."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import imports
from app.casework.returns import cin_census
from app.core import clock, db
from app.models import Case, Child
from app.web import filters
from app.web import imports as page
from tests.cast import Cast
from tests.returns import archive, census, child, episode, stay, table

Browser = Callable[..., FlaskClient]
RUN = {"lead": ""}


def _upload(client: FlaskClient, *files: tuple[BytesIO, str]):
    return client.post("/imports", data={"workbook": list(files)}, follow_redirects=True)


def test_details_show_what_each_system_says(browser: Browser, cast: Cast) -> None:
    returned = cin_census.read(census(child(101, episode())))
    imports.bring_in(None, returned, each=db.transaction, lead=cast.priya)
    with db.transaction() as session:
        case_id = session.scalar(select(Case.id).join(Child).where(Child.council_id == "101"))

    shown = browser(cast.priya).get(f"/cases/{case_id}/details")

    assert "From other systems" in shown.text
    assert "1 other system tells of this child." in shown.text
    assert "as at 21 July 2026" in shown.text


def test_details_of_a_case_no_system_tells_of_say_nothing(browser: Browser, cast: Cast) -> None:
    shown = browser(cast.priya).get(f"/cases/{cast.amara.id}/details")

    assert "From other systems" not in shown.text


def test_a_census_comes_in_by_the_page(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)

    answer = _upload(ada, (census(child(101, episode())), "cin.xml"))

    assert "The CIN census as at 21 July 2026: 1 child. 2 new, 0 changed" in answer.text
    assert "The worker the file names leads" not in answer.text
    done = ada.post(answer.request.path, data=RUN, follow_redirects=True)
    assert "Brought in: 2 new, 0 changed, 0 same, 0 refused." in done.text


@pytest.mark.parametrize("packed", [True, False])
def test_a_return_of_many_files_comes_in_by_the_page(
    browser: Browser, cast: Cast, packed: bool
) -> None:
    tables = [
        table("episodes", stay()),
        table("oc2", {"CHILD": 101, "SDQ_REASON": "SDQ2", "CONVICTED": 0}),
    ]
    files = [(BytesIO(each.encode()), f"{number}.csv") for number, each in enumerate(tables)]

    answer = _upload(browser(cast.ada), *([(archive(tables), "903.zip")] if packed else files))

    assert "1 new, 0 changed, 0 same, 0 refused, 1 not kept rows" in answer.text
    assert "Kith has no place for it: CONVICTED (1)" in answer.text


@pytest.mark.parametrize(
    "content", [b"<a>", b"<!DOCTYPE x><Message/>", b"CHILD,COLOUR\r\n1,2\r\n", b"PK\x03\x04.csv"]
)
def test_what_is_no_return_is_refused_and_not_kept(
    browser: Browser, cast: Cast, content: bytes
) -> None:
    ada = browser(cast.ada)

    answer = _upload(ada, (BytesIO(content), "x.xml"))

    assert answer.status_code == 422
    assert 'href="#workbook"' in answer.text


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\r\n \r\n", b"\xff\xfe"])
def test_an_empty_file_is_called_empty(browser: Browser, cast: Cast, content: bytes) -> None:
    answer = _upload(browser(cast.ada), (BytesIO(content), "episodes.csv"))

    assert (answer.status_code, "This file is empty" in answer.text) == (422, True)
    assert "Excel workbook (.xlsx)" not in answer.text


def test_a_table_of_something_else_is_told_what_a_return_looks_like(
    browser: Browser, cast: Cast
) -> None:
    answer = _upload(browser(cast.ada), (BytesIO(b"Name,Colour\r\nA,blue\r\n"), "x.csv"))

    assert (answer.status_code, "no file of SSDA903" in answer.text) == (422, True)


def test_a_return_without_a_day_stands_as_at_the_day_the_look_said(
    browser: Browser, cast: Cast
) -> None:
    ada, today = browser(cast.ada), filters.full_date(clock.today())
    scores = table("oc2", {"CHILD": 101, "SDQ_SCORE": 17})

    look = _upload(ada, (BytesIO(scores.encode()), "oc2.csv"))
    ada.post(look.request.path, data={"lead": "priya@kith.example"})
    with db.transaction() as session:
        case_id = session.scalar(select(Case.id).join(Child).where(Child.council_id == "101"))
    details = browser(cast.priya).get(f"/cases/{case_id}/details")

    assert f"as at {today}, the day it comes in, because the file does not say" in look.text
    assert f"as at {today}, the day it came in" in details.text


def test_a_return_too_large_for_a_page_is_sent_to_the_command_line(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "ROWS", 1)

    answer = _upload(browser(cast.ada), (census(child(101), child(102)), "cin.xml"))

    assert (answer.status_code, "command line" in answer.text) == (422, True)
