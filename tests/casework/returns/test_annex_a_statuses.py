"""The dated status of a child's case follows from what the lists say happened."""

from datetime import UTC, date, datetime

import pytest

from app.casework.returns import annex_a
from app.core import clock
from tests.workbooks import book, contact, plan, rows

AS_AT = date(2026, 2, 1)
CHILD = {"Child Unique ID": 101}


@pytest.fixture(autouse=True)
def _today():
    with clock.held(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        yield


def history(sheets):
    workbook = annex_a.read(
        book({f"List {number}": rows(number, *facts) for number, facts in sheets.items()})
    )
    return [(str(each.on), each.status) for each in annex_a.statuses(workbook.events, AS_AT)]


def test_a_childs_way_up_the_ladder_and_out_is_dated():
    assessed = {
        "Continuous Assessment Start Date": "10/01/2025",
        "Continuous Assessment Date of Authorisation": "20/02/2025",
    }
    in_need = {"CIN Start Date": "20/02/2025", "CIN Closure Date": "30/09/2025"}
    protected = plan(**{"Child Protection Plan End Date": "01/06/2025"})

    found = history(
        {1: [contact(on="08/01/2025")], 4: [CHILD | assessed], 6: [CHILD | in_need], 7: [protected]}
    )

    assert found == [
        ("2025-01-08", "contact"),
        ("2025-01-10", "assessment"),
        ("2025-02-20", "child_in_need"),
        ("2025-03-03", "child_protection_plan"),
        ("2025-06-01", "child_in_need"),
        ("2025-09-30", "closed"),
    ]


def test_a_plan_carries_its_latest_category():
    row = plan(
        **{"Initial Category of Abuse": "Neglect", "Latest Category of Abuse": "d) Emotional"}
    )
    workbook = annex_a.read(book({"List 7": rows(7, row)}))

    assert annex_a.statuses(workbook.events)[0].category == "EMO"


def test_a_contact_during_work_changes_nothing():
    assert history({1: [contact(on="01/04/2025")], 7: [plan()]}) == [
        ("2025-03-03", "child_protection_plan")
    ]


def test_a_referral_without_further_action_closes_what_was_only_a_contact():
    referred = CHILD | {"Date of Referral": "10/01/2025", "Referral NFA?": "a) Yes"}

    assert history({1: [contact(on="08/01/2025")], 3: [referred]}) == [
        ("2025-01-08", "contact"),
        ("2025-01-10", "closed"),
    ]


def test_looked_after_stands_above_a_plan_and_the_plan_comes_back():
    cared_for = {
        "Date Started to be Looked After": "01/04/2025",
        "Date Ceased to be Looked After": "01/05/2025",
    }

    assert history({7: [plan()], 8: [CHILD | cared_for]}) == [
        ("2025-03-03", "child_protection_plan"),
        ("2025-04-01", "looked_after"),
        ("2025-05-01", "child_protection_plan"),
    ]


def test_the_list_of_looked_after_children_knows_better_than_the_list_of_adoptions():
    cared_for = {
        "Date Started to be Looked After": "01/04/2024",
        "Date Ceased to be Looked After": "01/05/2025",
    }
    adoption = {"Date the Child Entered Care": "01/04/2024"}

    assert history({8: [CHILD | cared_for], 10: [CHILD | adoption]}) == [
        ("2024-04-01", "looked_after"),
        ("2025-05-01", "closed"),
    ]


def test_a_conference_yet_to_come_changes_nothing_yet():
    enquiry = {
        "Strategy discussion initiating Section 47 Enquiry Start Date": "30/01/2026",
        "Date of Initial Child Protection Conference": "10/03/2026",
        "Did the Initial Child Protection Conference Result in a Child Protection Plan": "Yes",
    }

    assert history({5: [CHILD | enquiry]}) == [("2026-01-30", "assessment")]


def test_an_episode_called_closed_without_a_date_is_closed_as_at_the_file():
    row = CHILD | {"CIN Start Date": "01/02/2025", "Case Status": "e) Closed episode"}

    assert history({6: [row]}) == [("2025-02-01", "child_in_need"), ("2026-02-01", "closed")]


def test_an_open_assessment_is_not_yet_a_child_in_need_plan():
    row = CHILD | {"CIN Start Date": "01/02/2025", "Case Status": "d) Open assessment"}

    assert history({6: [row]}) == [("2025-02-01", "assessment")]


def test_two_periods_of_care_are_two_periods():
    first = {
        "Date Started to be Looked After": "01/04/2024",
        "Date Ceased to be Looked After": "01/05/2024",
    }
    second = {"Date Started to be Looked After": "01/06/2025"}

    assert history({8: [CHILD | first, CHILD | second]}) == [
        ("2024-04-01", "looked_after"),
        ("2024-05-01", "closed"),
        ("2025-06-01", "looked_after"),
    ]


def test_a_care_leaver_alone_says_nothing_of_the_status():
    row = CHILD | {"Eligibility Category": "b) Former relevant child"}

    assert history({9: [row]}) == []
