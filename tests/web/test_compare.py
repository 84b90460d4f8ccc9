"""The pages that say whether it is getting better."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import conflicts
from app.core import db
from app.models import AuditEntry, CaseStatus, Child
from tests import readings
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


@pytest.fixture
def year(cast: Cast) -> Cast:
    with db.transaction() as session:
        for row in session.scalars(select(CaseStatus)):
            session.delete(row)
        readings.a_year(cast)
    return cast


def born(cast: Cast) -> date:
    with db.transaction() as session:
        born_on = session.get_one(Child, cast.amara.child_id).born_on
    assert born_on
    return born_on


def words(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(answer.text.split())


def test_the_page_answers_in_a_sentence_with_a_picture_and_a_table(
    browser: Browser, year: Cast
) -> None:
    page = words(browser(year.dan), "/cases/1/compare")
    assert "Is it getting better?" in page
    assert "Since the child protection plan began on 1 March 2026, 1 measure is better" in page
    assert "<strong>But November has slipped:</strong> school attendance fell to 71%" in page
    assert page.count('<svg class="kith-chart" viewBox="0 0 360') == 4
    assert page.count("Show as a table") == 4
    assert "style=" not in page


def test_every_case_leads_there_and_who_does_not_see_it_finds_nothing(
    browser: Browser, year: Cast
) -> None:
    assert '<a href="/cases/1/compare">Compare</a>' in browser(year.dan).get("/cases/1").text
    hidden = browser(year.olive).get("/cases/1/compare")
    absent = browser(year.olive).get("/cases/987654/compare")
    assert hidden.status_code == absent.status_code == 404


def test_brothers_and_sisters_are_compared_whose_cases_she_sees(
    browser: Browser, year: Cast
) -> None:
    both = words(browser(year.dan), "/cases/1/compare?way=siblings")
    assert "Tobi O:" in both
    with db.transaction():
        conflicts.declare(year.priya, year.tobi, year.dan, "His uncle")
    alone = words(browser(year.dan), "/cases/1/compare?way=siblings")
    assert "Tobi" not in alone


def test_what_cannot_be_comes_back_with_a_sentence_and_what_was_typed(
    browser: Browser, year: Cast
) -> None:
    page = words(browser(year.dan), "/cases/1/compare?on=2031-05-06", 422)
    assert "There is a problem" in page
    assert "Choose a day that has been" in page
    assert 'value="2031-05-06"' in page
    assert "Since the child protection plan began" in page
    asked = "way=periods&from_1=2026-01-01&until_1=soon&from_2=2026-03-01&until_2=2026-04-01"
    page = words(browser(year.dan), f"/cases/1/compare?{asked}", 422)
    assert '<a href="#until_1">' in page
    assert 'id="until_1-error"' in page
    assert 'value="soon"' in page
    assert 'value="2026-01-01"' in page


def test_a_day_before_the_child_was_born_is_none_of_its_years(browser: Browser, year: Cast) -> None:
    born_on = born(year)
    dan = browser(year.dan)
    assert dan.get(f"/cases/1/compare?on={born_on}").status_code == 200
    before = born_on - timedelta(days=1)
    assert "within the child’s years" in words(dan, f"/cases/1/compare?on={before}", 422)


def test_no_file_answers_another_question_than_was_asked(browser: Browser, year: Cast) -> None:
    assert browser(year.dan).get("/cases/1/compare.csv?on=soon").status_code == 422


def test_what_one_rater_said_is_not_hidden_by_who_spoke_later(browser: Browser, year: Cast) -> None:
    with db.transaction():
        readings.read(year.amara, "safety_scale", date(2026, 11, 20), 1)
        readings.read(year.amara, "safety_scale", date(2026, 11, 22), 7, rater="mother")
    page = words(browser(year.dan), "/cases/1/compare")
    assert "safety scale fell to 1 (social care)" in page
    assert (
        '<span class="kith-whose">social care</span> 1 '
        '<span class="kith-went kith-went--worse">worse</span>' in page
    )
    answer = browser(year.dan).get("/cases/1/compare.csv").text
    assert "social care 1, worse" in answer


def test_a_case_without_readings_says_what_will_come(browser: Browser, cast: Cast) -> None:
    page = words(browser(cast.dan), "/cases/1/compare")
    assert "Nothing is kept here yet that could be compared." in page


def test_the_table_and_all_readings_are_kept_as_files(browser: Browser, year: Cast) -> None:
    dan = browser(year.dan)
    answer = dan.get("/cases/1/compare.csv?way=raters")
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["Whose"] for row in rows if row["Measure"] == "Safety scale"] == [
        "Mother",
        "Social care",
    ]
    assert [row["Change"] for row in rows if row["Whose"] == "Social care"] == ["Better"]
    assert "Amara" not in answer.headers["Content-Disposition"]
    kept = dan.get("/cases/1/compare.csv?of=readings&way=siblings").text.removeprefix("\ufeff")
    readings_of = list(csv.DictReader(StringIO(kept)))
    assert {row["Child"] for row in readings_of} == {"Amara O", "Tobi O"}
    assert [row["Score"] for row in readings_of if row["Day"] == "12 November 2026"] == [
        "71%",
        "80%",
    ]


def test_each_look_is_on_record_with_the_cases_that_were_shown(
    browser: Browser, year: Cast
) -> None:
    dan = browser(year.dan)
    for path in ("compare", "compare?way=siblings", "compare.csv"):
        dan.get(f"/cases/1/{path}")
    with db.transaction() as session:
        kept = session.execute(
            select(AuditEntry.did, AuditEntry.case_id, AuditEntry.ranges)
            .where(AuditEntry.did.in_(["compared", "exported comparison"]))
            .order_by(AuditEntry.id)
        ).all()
    assert [(row.did, row.case_id, row.ranges) for row in kept] == [
        ("compared", 1, None),
        ("compared", 1, [[2, 0, 0]]),
        ("exported comparison", 1, None),
    ]


def test_a_manager_compares_the_team_with_its_own_last_quarter(
    browser: Browser, year: Cast
) -> None:
    page = words(browser(year.mo), "/team/comparison")
    assert "Beside the same days of the last quarter" in page
    assert "2 cases in which the person you supervise works today" in page
    assert "Priya" not in page
    none = words(browser(year.dan), "/team/comparison")
    assert "You supervise nobody" in none
