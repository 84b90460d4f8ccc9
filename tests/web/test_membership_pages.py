"""How long somebody is in a network, on the pages; and cases that nobody leads."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import networks
from app.core import db
from app.models import AuditEntry, Membership, Person
from tests.cast import MORNING, Cast
from tests.web.test_network_pages import WELCOME

Browser = Callable[..., FlaskClient]


@pytest.fixture
def network(cast: Cast) -> str:
    return f"/cases/{cast.amara.id}/network"


def ends_in(cast: Cast, person: Person, days: int) -> None:
    with db.transaction():
        member = networks.member(cast.amara, person.id)
        member.until_at = MORNING + timedelta(days=days)


def membership(cast: Cast, person: Person) -> Membership:
    with db.transaction() as session:
        return session.scalars(
            select(Membership).where(
                Membership.person_id == person.id, Membership.case_id == cast.amara.id
            )
        ).one()


def test_the_form_offers_six_months_and_asks_for_the_legal_basis(
    browser: Browser, cast: Cast, network: str
) -> None:
    page = browser(cast.priya).get(f"{network}/new/{cast.olive.id}").text

    assert 'type="date" value="2027-05-24"' in page
    assert "Public task: to safeguard the child" in page
    assert "Only what is written from now on" in page


def test_a_slip_in_the_form_is_told_at_its_field_and_nothing_typed_is_lost(
    browser: Browser, cast: Cast, network: str
) -> None:
    url = f"{network}/new/{cast.olive.id}"
    for wrong, field, sentence in (
        ({"until_on": ""}, "until_on", "Choose the last day in the network."),
        ({"until_on": "2026-11-22"}, "until_on", "That day is past."),
        ({"until_on": "2028-01-01"}, "until_on", "choose 23 November 2027 or an earlier day"),
        ({"legal_basis": ""}, "legal_basis", "Choose the legal basis on which you share."),
        ({"history": "day"}, "history_from", "Choose the first day they may read."),
        (
            {"history": "day", "history_from": "2026-11-24"},
            "history_from",
            "That day has not come yet.",
        ),
    ):
        answer = browser(cast.priya).post(url, data=WELCOME | wrong)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert sentence in answer.text
        assert "The tenancy is at risk" in answer.text
    assert browser(cast.olive).get(f"/cases/{cast.amara.id}").status_code == 404


def test_the_lead_chooses_the_day_from_which_a_newcomer_reads(
    browser: Browser, cast: Cast, network: str
) -> None:
    sent = WELCOME | {"history": "day", "history_from": "2026-11-01"}
    browser(cast.priya).post(f"{network}/new/{cast.olive.id}", data=sent)

    made = membership(cast, cast.olive)
    assert made.history_from is not None
    assert made.history_from.isoformat() == "2026-11-01T00:00:00+00:00"
    assert "Reads from 1 November 2026 on." in browser(cast.dan).get(network).text


def test_every_member_reads_until_when_on_which_ground_and_who_decided(
    browser: Browser, cast: Cast, network: str
) -> None:
    browser(cast.priya).post(f"{network}/new/{cast.olive.id}", data=WELCOME)
    page = browser(cast.dan).get(network).text

    assert "Until 24 May 2027" in page
    assert "The tenancy is at risk" in page
    assert "Public task: to safeguard the child and promote their welfare. Decided by Priya" in page


def test_the_lead_renews_a_place_and_the_network_reads_why(
    browser: Browser, cast: Cast, network: str
) -> None:
    url = f"{network}/{cast.dan.id}/renewal"
    sent = {"until_on": "2027-03-01", "renewal_reason": "Still his school"}
    assert browser(cast.priya).post(url, data=sent).location == network

    page = browser(cast.ruth).get(network).text
    assert "Until 1 March 2027" in page
    assert "Renewed on 23 November 2026 by Priya Shah: Still his school" in page


def test_renewing_without_a_reason_is_asked_for_at_its_own_field(
    browser: Browser, cast: Cast, network: str
) -> None:
    answer = browser(cast.priya).post(
        f"{network}/{cast.dan.id}/renewal", data={"until_on": "2027-03-01"}
    )
    assert answer.status_code == 422
    assert 'href="#renewal_reason"' in answer.text
    assert 'value="2027-03-01"' in answer.text


def test_a_member_does_not_renew_their_own_place(
    browser: Browser, cast: Cast, network: str
) -> None:
    sent = {"until_on": "2027-03-01", "renewal_reason": "I would like to"}
    assert browser(cast.dan).post(f"{network}/{cast.dan.id}/renewal", data=sent).status_code == 403


def test_a_lead_is_reminded_on_the_case_and_the_feed_and_renews_her_own_too(
    browser: Browser, cast: Cast, network: str
) -> None:
    priya, case = browser(cast.priya), f"/cases/{cast.amara.id}"
    assert "ends soon" not in priya.get(case).text
    ends_in(cast, cast.dan, 10)
    assert "1 membership ends soon." in priya.get(case).text
    ends_in(cast, cast.priya, 20)

    for reader in (priya, browser(cast.mo)):
        assert "2 memberships end soon" in reader.get("/").text
        assert "2 memberships end soon" in reader.get(case).text
        listed = reader.get("/memberships").text
        assert f"{network}/{cast.dan.id}" in listed
        assert "until 3 December 2026" in listed
    assert "ends soon" not in browser(cast.ruth).get(case).text
    assert "Renew your own place" in priya.get(f"{network}/{cast.priya.id}").text


def test_a_member_is_told_of_their_own_end_and_whom_to_ask(
    browser: Browser, cast: Cast, network: str
) -> None:
    ends_in(cast, cast.dan, 10)
    dan = browser(cast.dan)

    said = "Your place in this network ends on 3 December 2026. Ask Priya Shah"
    assert said in dan.get(f"/cases/{cast.amara.id}").text
    assert said in dan.get(network).text
    assert "Your place in 1 network ends soon" in dan.get("/").text
    assert "ask the lead practitioner" in dan.get("/memberships").text
    assert "Nothing ends soon" in browser(cast.ruth).get("/memberships").text


def test_what_ended_without_renewal_is_listed_for_the_lead_to_add_again(
    browser: Browser, cast: Cast, network: str
) -> None:
    ends_in(cast, cast.dan, -3)
    page = browser(cast.priya).get(network).text
    assert "ended on 20 November 2026" in page
    assert f"{network}/new/{cast.dan.id}" in page
    assert "ended on" not in browser(cast.ruth).get(network).text


def test_an_administrator_reads_numbers_of_cases_without_a_lead_and_no_name(
    browser: Browser, cast: Cast
) -> None:
    ada, url = browser(cast.ada), "/accounts/cases-without-a-lead"
    assert "Every case has a lead" in ada.get(url).text
    ends_in(cast, cast.priya, -2)

    page = ada.get(url).text
    assert f"Case {cast.amara.id}</a>" in page
    assert "North team" in page
    assert "Amara" not in page
    form = ada.get(f"{url}/{cast.amara.id}").text
    assert "Mo Akram, Team manager" in form
    assert "Olive Reed" not in form
    assert "Amara" not in form
    assert ada.get(f"{url}/{cast.tobi.id}").status_code == 404
    assert browser(cast.priya).get(url).status_code == 403


def test_an_administrator_appoints_a_lead_with_a_reason(browser: Browser, cast: Cast) -> None:
    ends_in(cast, cast.priya, -2)
    ada, url = browser(cast.ada), f"/accounts/cases-without-a-lead/{cast.amara.id}"
    for wrong, field in (
        ({"reason": "The lead has left"}, "person_id"),
        ({"person_id": str(cast.mo.id)}, "reason"),
        ({"person_id": str(cast.olive.id), "reason": "She asked"}, "person_id"),
    ):
        answer = ada.post(url, data=wrong)
        assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)

    ada.post(url, data={"person_id": str(cast.mo.id), "reason": "The lead has left"})

    assert "Lead practitioner" in browser(cast.mo).get(f"/cases/{cast.amara.id}/network").text
    assert ada.get(url).status_code == 404, "it has a lead now"
    with db.transaction() as session:
        did = session.scalars(select(AuditEntry.did).where(AuditEntry.person_id == cast.ada.id))
        assert "appointed lead" in list(did)
