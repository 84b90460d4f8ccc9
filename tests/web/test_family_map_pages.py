"""The family map as a page and by API, and saying how a tie is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.casework import cases, families
from app.core import db
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
PAGE = "/cases/1/family-map"
KEPT = families.Tie("weak", True, "none", "He must not know where.", "Family court")


@pytest.fixture
def father(cast: Cast) -> int:
    with db.transaction():
        families.link_adult(cast.priya, cast.amara, "Sam O", "father", False)
        db.session().flush()
        return int(cases.family(cast.priya, cast.amara)[-1].link_id)


@pytest.fixture
def kept_away(cast: Cast, father: int) -> int:
    with db.transaction():
        families.describe_tie(cast.priya, cast.amara, father, KEPT)
    return father


def test_it_says_first_whom_nobody_may_contact(
    browser: Browser, cast: Cast, kept_away: int
) -> None:
    page = browser(cast.dan).get(PAGE).text
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Amara O lives with 1 of 2 relatives. 1 weak tie and 1 stressful tie." in words
    assert "Sam O (father): must not be contacted . He must not know where." in words
    assert page.index("He must not know where.") < page.index("<svg viewBox")


def test_who_leads_is_hinted_at_what_a_brothers_family_says(
    browser: Browser, cast: Cast, father: int
) -> None:
    with db.transaction():
        families.link_adult(cast.priya, cast.tobi, "Sam O", "father", False)
        db.session().flush()
        his = cases.family(cast.priya, cast.tobi)[-1].link_id
        families.describe_tie(cast.priya, cast.tobi, int(his), KEPT)
    for page in (PAGE, "/cases/1/family"):
        hinted = browser(cast.priya).get(page).text
        assert 'href="/cases/2/family-map">family map of Tobi O</a>' in hinted
        assert f'href="/cases/1/family/{father}">Say it here' in hinted
    assert "Say it here" not in browser(cast.dan).get(PAGE).text, "he does not lead"


def test_whom_nobody_may_contact_is_said_to_have_died_too(
    browser: Browser, cast: Cast, father: int
) -> None:
    with db.transaction():
        families.describe_tie(cast.priya, cast.amara, father, replace(KEPT, has_died=True))
    words = " ".join(re.sub(r"<[^>]+>", " ", browser(cast.dan).get(PAGE).text).split())
    assert "Sam O (father, has died): must not be contacted" in words
    assert "has died, no contact" in words


def test_everybody_on_it_leads_somewhere(browser: Browser, cast: Cast, kept_away: int) -> None:
    page = browser(cast.dan).get(PAGE).text
    for address in (f"/cases/{cast.tobi.id}", f"#link-{kept_away}", f"/people/{cast.ruth.id}"):
        assert f'href="{address}" aria-label=' in page
    assert f'id="link-{kept_away}"' in page


def test_a_brother_stands_on_it_for_those_who_see_his_case(browser: Browser, cast: Cast) -> None:
    assert "Tobi" in browser(cast.dan).get(PAGE).text
    page = browser(cast.ruth).get(PAGE).text
    assert "Tobi" not in page
    assert "Agencies round the family" not in page


def test_the_agencies_round_the_family_stand_below(browser: Browser, cast: Cast) -> None:
    page = browser(cast.mo).get(PAGE).text
    assert "3 agencies round 2 children of this family." in page


def test_the_lead_says_how_a_tie_is(browser: Browser, cast: Cast, father: int) -> None:
    sent = {"strength": "strong", "is_stressful": "1", "contact": "ordinary"}
    answer = browser(cast.priya).post(f"/cases/1/family/{father}", data=sent)
    assert answer.location == "/cases/1/family"
    assert "<td>Strong, stressful</td>" in browser(cast.dan).get(PAGE).text


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: Browser, cast: Cast, father: int
) -> None:
    sent = {"contact": "none", "contact_reason": "", "said_by": "Family court", "has_died": ""}
    answer = browser(cast.priya).post(f"/cases/1/family/{father}", data=sent)
    assert answer.status_code == 422
    assert "Say why, in one line." in answer.text
    assert 'value="Family court"' in answer.text
    assert "No contact" not in browser(cast.dan).get(PAGE).text


def test_a_tie_is_for_the_lead_and_of_this_child(browser: Browser, cast: Cast, father: int) -> None:
    assert browser(cast.dan).get(f"/cases/1/family/{father}").status_code == 403
    for number in (987_654, father):
        assert browser(cast.priya).get(f"/cases/2/family/{number}").status_code == 404


def test_a_program_reads_the_map_and_says_how_a_tie_is(
    program: Browser, cast: Cast, father: int
) -> None:
    client = program(cast.priya)
    tie = {"strength": "weak", "contact": "supervised", "contact_reason": "W", "said_by": "S"}
    assert client.put(f"/api/v1/cases/1/family/{father}", json=tie).status_code == 204
    said = client.get(f"/api/v1{PAGE}").get_json()
    sam = next(each for each in said["people"] if each["name"] == "Sam O")
    assert (sam["contact"], sam["shape"], sam["leads_to"]) == ("supervised", "square", "link")
    assert [each["strength"] for each in said["ties"]] == ["weak", None]
    (_, row) = client.get("/api/v1/cases/1/family").get_json()["family"]
    assert (row["said_by"], row["is_stressful"]) == ("S", False)
    assert program(cast.olive).get(f"/api/v1{PAGE}").status_code == 404


def test_the_details_say_whom_nobody_may_contact_too(
    browser: Browser, cast: Cast, kept_away: int
) -> None:
    page = browser(cast.ruth).get("/cases/1/details").text
    assert "Must not be contacted</strong>: He must not know where." in page
