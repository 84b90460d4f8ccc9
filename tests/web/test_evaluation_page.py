"""How the monitor does: who may know, what is counted, and that no small number is shown."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import access
from app.core import clock, db
from app.models import AuditEntry, Case, CaseStatus, Child, Disposition, Membership, Person, Post
from app.monitor import evaluation
from app.monitor.evaluation import FEW, NONE, Share, Table
from tests.alerts import point_out
from tests.cast import MORNING, Cast, kept

Browser = Callable[..., FlaskClient]
PAGE, FILE = "/hotspots/evaluation", "/hotspots/evaluation/table"
DAY = timedelta(days=1)


def cases(many: int, **child: Any) -> list[Case]:
    """So many open cases of children who are alike in this."""
    opened = clock.now() - 60 * DAY
    children = kept(*(Child(name="A child", **child) for _ in range(many)))
    made = kept(*(Case(child_id=each.id, opened_at=opened) for each in children))
    kept(
        *(
            CaseStatus(
                case_id=case.id, status="assessment", since=opened.date(), recorded_at=opened
            )
            for case in made
        )
    )
    return list(made)


def table(name: str, kinds: tuple[str, ...] = ("busy", "quiet")) -> Table:
    with db.transaction():
        (found,) = [each for each in evaluation.tables(kinds) if each.name == name]
    return found


def row(name: str, label: str) -> list[str]:
    (found,) = [each for each in table(name).rows if each[0] == label]
    return list(found)


def test_managers_and_auditors_judge_the_monitor_and_for_others_it_is_not_there(
    browser: Browser, cast: Cast
) -> None:
    for person in (cast.mo, cast.otto, cast.audrey):
        for path in (PAGE, FILE):
            assert browser(person).get(path).status_code == 200, (person.name, path)
    for person in (cast.priya, cast.ada):
        nowhere = browser(person).get("/hotspots/nowhere")
        for path in (PAGE, FILE):
            refused = browser(person).get(path)
            assert (refused.status_code, refused.data) == (404, nowhere.data), person.name
    assert browser(None).get(PAGE).status_code == 302


def test_who_may_judge_it_is_asked_of_one_rule(cast: Cast) -> None:
    with db.transaction() as session:
        session.get_one(Person, cast.zed.id).account = "manager"  # and his account is closed
    with db.transaction() as session:
        may = session.scalars(select(Person.name).where(access.evaluates(Person))).all()
    assert sorted(may) == ["Audrey Finch", "Mo Akram", "Otto Lind"]


def test_every_look_at_it_is_on_record(browser: Browser, cast: Cast) -> None:
    browser(cast.mo).get(PAGE)
    browser(cast.audrey).get(FILE)
    with db.transaction() as session:
        noted = select(AuditEntry.person_id).where(AuditEntry.did == "read evaluation")
        assert set(session.scalars(noted)) == {cast.mo.id, cast.audrey.id}


def test_alerts_are_counted_by_month_and_kind(cast: Cast) -> None:
    with db.transaction():
        for case in cases(6):
            point_out(case, opened_at=MORNING - 31 * DAY)
        for case in cases(4):
            point_out(case, "no_lead", opened_at=MORNING - 31 * DAY)
        for case in cases(5):
            point_out(case, "quiet", opened_at=MORNING - 400 * DAY)
    found = table("Alerts a month")
    assert [each[0] for each in found.rows][::11] == ["Nov 2026", "Dec 2025"]
    october = dict(zip(found.columns, found.rows[1], strict=True))
    assert (october["Month"], october["Busier than usual"]) == ("Oct 2026", "6")
    assert october["Nobody leads"] == FEW, "four"
    assert {each[2] for each in found.rows} == {FEW}, "what is over a year old is not counted"


def test_what_became_of_alerts_and_how_soon_somebody_looked(cast: Cast) -> None:
    decided = ["contacted_lead"] * 5 + ["strategy_discussion"] * 5 + ["expected"] * 10
    with db.transaction():
        for place, (case, said) in enumerate(zip(cases(20), decided, strict=True)):
            alert = point_out(case, answered_at=MORNING)
            kept(_decision(alert.id, cast, "snoozed", place), _decision(alert.id, cast, said, 99))
        for case in cases(5):
            point_out(case)
        for case in cases(5):
            point_out(case, ended_at=MORNING)
    found = table("What became of them")
    busy = dict(zip(found.columns, found.rows[0], strict=True))
    assert busy["Pointed out"] == "30"
    assert (busy["This was expected"], busy["I have contacted the lead practitioner"]) == (
        "10",
        "5",
    )
    assert busy["Look again later"] == FEW, "the last word counts"
    assert (busy["Waiting"], busy["Over before anybody looked"]) == ("5", "5")
    assert busy["Half were looked at within"] == "9.5 hours"
    assert busy["Useful, per 100 decided"] == "50.0"
    assert busy["95 % interval"] == "29.9 to 70.1"


def _decision(alert_id: int, cast: Cast, said: str, hours: int) -> Disposition:
    at = MORNING + timedelta(hours=hours)
    return Disposition(
        alert_id=alert_id, person_id=cast.mo.id, decided=said, reason="Because", at=at
    )


def test_a_group_that_is_clearly_apart_from_all_others_is_named(cast: Cast) -> None:
    with db.transaction():
        for case in cases(60, ethnicity="BAFR", gender="female")[:30]:
            point_out(case)
        for case in cases(120, ethnicity="WBRI", gender="Male")[:12]:
            point_out(case)
    assert row("Ethnicity", "African") == ["African", "60", "30", "50.0", "37.7 to 62.3"]
    assert row("Gender", "Female")[:3] == ["Female", "60", "30"]
    (white, african) = table("Ethnicity").remarks
    than = "than in all other cases, 50.0 against 9.8 of 100."
    assert african == f"African: alerts are clearly more frequent {than}"
    assert white.startswith("White British: alerts are clearly less frequent")
    assert table("Status").remarks == []


def test_a_case_with_two_alerts_is_one_and_what_is_overdue_is_asked_for_apart(cast: Cast) -> None:
    with db.transaction():
        for case in cases(10, ethnicity="CHNE"):
            point_out(case, ended_at=MORNING)
            point_out(case)
            point_out(case, "no_lead")
    assert row("Ethnicity, in groups", "Asian")[:4] == ["Asian", "10", "10", "100.0"]
    overdue = table("Ethnicity", ("no_lead",))
    assert [list(each)[:3] for each in overdue.rows if each[0] == "Chinese"] == [
        ["Chinese", "10", "10"]
    ]
    assert row("Ethnicity, in groups", "Not recorded")[1] == FEW, "the cast's own"


def test_a_small_group_is_not_told_from_its_number(cast: Cast) -> None:
    with db.transaction():
        for case in cases(4, ethnicity="WIRT"):
            point_out(case)
        for case in cases(50, ethnicity="AIND")[:4]:
            point_out(case)
    assert row("Ethnicity", "Traveller of Irish heritage")[1:] == [FEW, FEW, NONE, NONE]
    assert row("Ethnicity", "Indian")[1:] == ["50", FEW, NONE, NONE]
    assert table("Ethnicity").remarks == []


def test_cases_are_compared_by_who_takes_part_and_by_how_much_is_written(cast: Cast) -> None:
    with db.transaction():
        quiet, busy = cases(5), cases(6)
        for case in busy:
            point_out(case)
            kept(
                Membership(
                    case_id=case.id,
                    person_id=cast.dan.id,
                    agency_id=cast.dan.agency_id,
                    role="",
                    from_at=MORNING - DAY,
                    until_at=MORNING + DAY,
                    reason="",
                    decided_by_id=cast.dan.id,
                )
            )
            kept(*(_post(case, cast, place) for place in range(15)))
    assert row("Agencies in the network", "School")[1:3] == ["8", "6"], "and two of the cast"
    assert row("Size of the case", "Up to 10 updates a month")[1:3] == ["6", "6"]
    assert row("Size of the case", "Up to 1 update a month")[1:3] == [str(len(quiet) + 3), FEW]


def _post(case: Case, cast: Cast, place: int) -> Post:
    return Post(
        case_id=case.id,
        position=place,
        author_id=cast.dan.id,
        agency_id=cast.dan.agency_id,
        author_role="",
        kind="update",
        worry="none",
        body="",
        body_html="",
        cleaner=1,
        occurred_at=MORNING - DAY,
        posted_at=MORNING - DAY,
    )


def test_a_closed_case_is_not_among_those_compared(cast: Cast) -> None:
    with db.transaction():
        for case in cases(10, gender="Neither")[:5]:
            point_out(case)
            kept(
                CaseStatus(
                    case_id=case.id, status="closed", since=MORNING.date(), recorded_at=MORNING
                )
            )
    assert row("Gender", "Neither")[1:3] == ["5", FEW]


@pytest.mark.parametrize(
    ("some", "of", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1)]
)
def test_an_interval_is_right_for_few_cases_too(
    some: int, of: int, low: float, high: float
) -> None:
    assert list(Share(some, of).interval) == pytest.approx([low, high], abs=5e-4)


def test_page_and_file_say_the_same_and_name_no_child(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        for case in cases(9, gender="Female"):
            point_out(case)
    page, file = browser(cast.mo).get(PAGE).text, browser(cast.mo).get(FILE)
    rows = list(csv.reader(StringIO(file.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[0] == ["Table", "Row", "Column", "Value"]
    assert ["Gender", "Female", "With an alert", "9"] in rows
    for _, label, column, value in rows[1:]:
        assert label in page or column == "What stands out"
        assert value.replace("&", "&amp;") in page
    for name in ("Amara", "Tobi", "Noor", "A child"):
        assert name not in page + file.text
    overdue = browser(cast.mo).get(f"{PAGE}?about=overdue").text
    assert 'aria-current="true">Overdue' in overdue
