"""A children in need census is read child by child, and every part of it is accounted for."""

from datetime import date
from io import BytesIO

import pytest

from app.casework.returns import cin_census, statuses
from app.casework.returns.facts import TooLarge
from app.core import clock
from app.core.errors import Invalid
from tests.cast import MORNING
from tests.returns import census, child, episode, part


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MORNING)


def read(*children, **options):
    return cin_census.read(census(*children, **options))


def told(*children):
    [batch] = read(*children).batches()
    return batch


def history(*children):
    batch = told(*children)
    return [(each.on, each.status) for each in statuses.statuses(batch.events, batch.as_at)]


def assessment(began="2026-01-08", authorised=None):
    fields = {"AssessmentActualStartDate": began, "AssessmentAuthorisationDate": authorised}
    return part("Assessments", fields)


def plan(began="2026-03-01", ended=None, **more):
    return part("ChildProtectionPlans", {"CPPstartDate": began, "CPPendDate": ended} | more)


@pytest.mark.parametrize("name", ["Sex", "GenderCurrent"])
@pytest.mark.parametrize(("said", "meant"), [("F", "female"), ("2", "female"), ("1", "male")])
def test_who_the_child_is_is_read_by_the_name_of_any_year(name, said, meant):
    facts = told(child(**{"Sex": None, name: said})).child

    assert (facts.council_id, facts.gender) == ("101", meant)
    assert facts.date_of_birth == date(2015, 5, 1)


def test_characteristics_are_read_where_the_census_has_them():
    batch = told(child(101, part("ChildCharacteristics", {"Ethnicity": "WIRT"})))

    assert batch.child.ethnicity == "WIRT"


def test_the_day_the_file_is_of_is_what_it_states():
    assert read(child()).as_at == date(2026, 7, 21)


def test_a_file_that_states_no_day_is_as_at_its_newest_one():
    assert read(child(101, episode("2026-02-03")), as_at="").as_at == date(2026, 2, 3)


def test_a_referral_says_from_whom_and_why():
    batch = told(child(101, episode(ReferralSource="6", PrimaryNeedCode="N1")))

    assert batch.events[0].detail == "Referral from the police. Primary need: abuse or neglect."


def test_a_child_referred_is_in_need_until_the_episode_closes():
    closed = episode(CINclosureDate="2026-05-01", ReasonForClosure="RC7")

    assert history(child(101, closed)) == [
        (date(2026, 1, 5), "child_in_need"),
        (date(2026, 5, 1), "closed"),
    ]


def test_a_referral_without_further_action_opens_nothing():
    batch = told(child(101, episode(ReferralNFA="true")))

    assert [event.what for event in batch.events] == ["referral_no_further_action"]
    assert statuses.statuses(batch.events, batch.as_at)[-1].status == "closed"


def test_no_further_action_is_not_believed_of_what_went_on():
    conference = episode(ReferralNFA="true", DateOfInitialCPC="2026-01-20")

    assert history(child(101, conference)) == [(date(2026, 1, 5), "child_in_need")]


def test_an_assessment_comes_before_being_in_need():
    assessed = episode("2026-01-05", assessment("2026-01-08", "2026-02-10"))

    assert history(child(101, assessed)) == [
        (date(2026, 1, 5), "contact"),
        (date(2026, 1, 8), "assessment"),
        (date(2026, 2, 10), "child_in_need"),
    ]


def test_an_assessment_nobody_authorised_ends_with_its_episode():
    left = episode("2026-01-05", assessment(), CINclosureDate="2026-03-01")

    assert history(child(101, left))[-1] == (date(2026, 3, 1), "closed")


def test_a_plan_carries_its_category_and_ends():
    planned = episode("2026-01-05", plan("2026-03-01", "2026-06-01", LatestCategoryOfAbuse="NEG"))
    batch = told(child(101, planned))
    changes = statuses.statuses(batch.events, batch.as_at)

    assert [(each.status, each.category) for each in changes] == [
        ("child_in_need", None),
        ("child_protection_plan", "NEG"),
        ("child_in_need", None),
    ]


def test_each_review_of_a_plan_is_an_event_of_its_own():
    reviews = part("Reviews", {}, "<CPPreviewDate>2026-04-01</CPPreviewDate>")
    more = part("Reviews", {"CPPreviewDate": "2026-06-15"})
    batch = told(child(101, episode("2026-01-05", part("ChildProtectionPlans", {}, reviews, more))))

    held = [event.occurred_on for event in batch.events if event.what == "review_conference"]
    assert held == [date(2026, 4, 1), date(2026, 6, 15)]


def test_every_part_is_accounted_for():
    within = [
        assessment(),
        part("CINPlanDates", {"CINPlanStartDate": "2026-02-01"}),
        part("Section47", {"S47ActualStartDate": "2026-02-20"}),
        plan(),
        part("ChildProtectionPlans", {"CPPendDate": "soon"}),
    ]
    batch = told(child(101, episode("2026-01-05", *within), episode(None)))

    refused = {row.sheet for row in batch.rows if row.refused}
    assert len(batch.rows) == 8
    assert refused == {"Episodes of need", "Child protection plans"}


def test_what_kith_has_no_place_for_is_counted():
    disabled = part(
        "Disabilities", {}, "<Disability>VIS</Disability>", "<Disability>MOB</Disability>"
    )
    found = read(child(101, part("ChildCharacteristics", {}, disabled), FormerUPN="A1"))

    assert found.remarks == ["Not kept: Disability (2)", "Not kept: FormerUPN (1)"]


def test_a_child_without_a_number_is_refused_with_all_that_is_said_of_them():
    found = read(child(None, episode("2026-01-05", assessment())), child(102))

    assert found.refused == {1: 1, 2: 1, 3: 1}
    assert "the child's identifier is missing" in str(found.refusals[0])
    assert [batch.child.council_id for batch in found.batches()] == ["102"]


def test_a_refusal_names_the_line_and_not_the_value():
    [batch] = read(child(101, episode("yesterday"))).batches()

    [refusal] = batch.refusals
    assert "line" in str(refusal)
    assert "CINreferralDate" in str(refusal)
    assert "yesterday" not in str(refusal)


def test_a_child_who_is_there_twice_is_one_child():
    [batch] = read(child(101, episode("2026-01-05")), child(101, episode("2026-03-01"))).batches()

    assert len(batch.rows) == 4
    assert len({event.natural_key for event in batch.events}) == len(batch.events)


def test_the_second_of_two_rows_that_say_the_same_is_a_repeat():
    [batch] = read(child(101, episode()), child(101, episode())).batches()

    assert [row.repeats for row in batch.rows if row.list_no == cin_census.EPISODES] == [
        False,
        True,
    ]


ENTITY = '<!DOCTYPE lol [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x SYSTEM "http://kith.example/evil.dtd">'


@pytest.mark.parametrize("doctype", [ENTITY, OUTSIDE, "<!DOCTYPE Message>"])
def test_a_document_type_is_refused_and_nothing_is_fetched(doctype):
    with pytest.raises(Invalid, match="document type"):
        read(child(), header=doctype)


def test_a_file_that_breaks_at_its_end_brings_nothing_in():
    whole = census(child(101), child(102)).getvalue()

    with pytest.raises(Invalid, match=r"breaks at line \d+"):
        cin_census.read(BytesIO(whole[:-20]))


@pytest.mark.parametrize("content", [b"", b"hello", b"<html></html>", b"\xff\xfe<", b"PK\x03\x04"])
def test_what_is_no_census_is_refused_in_a_sentence(content):
    with pytest.raises(Invalid):
        cin_census.read(BytesIO(content))


def test_elements_too_deep_are_refused():
    with pytest.raises(Invalid, match="too deep"):
        read("<Child>" + "<a>" * 100 + "</a>" * 100 + "</Child>")


def test_a_value_as_long_as_a_book_is_refused():
    with pytest.raises(Invalid, match="says too much"):
        read(child(UPN="x" * 5000))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(encoding):
    words = census(child(101, ReferralSource="Père")).getvalue().decode()
    plain = words.replace('<?xml version="1.0" encoding="utf-8"?>', "")

    found = cin_census.read(BytesIO(plain.encode(encoding)))

    assert found.total == 1


def test_names_with_a_namespace_are_read():
    plain = census(child(101)).getvalue().decode()
    spaced = plain.replace("<Message>", '<c:Message xmlns:c="urn:cin">')
    spaced = spaced.replace("</Message>", "</c:Message>")

    assert cin_census.read(BytesIO(spaced.encode())).total == 1


def test_more_rows_than_allowed_are_too_many():
    with pytest.raises(TooLarge):
        cin_census.read(census(child(101), child(102), child(103)), most_rows=2)


def test_more_bytes_than_allowed_are_too_many():
    with pytest.raises(TooLarge):
        cin_census.read(census(child(101)), largest=100)


def test_the_children_can_be_told_from_one_on():
    found = read(child(101), child(102), child(103))

    assert [batch.child.council_id for batch in found.batches(1)] == ["102", "103"]
    assert next(found.batches()).child.council_id == "101"
