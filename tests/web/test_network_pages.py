from collections.abc import Callable

from flask.testing import FlaskClient

from app import access
from app.casework import networks
from app.core import db
from app.models import Case, Person
from feeds import posts
from tests.cast import Cast

Browser = Callable[..., FlaskClient]

WELCOME = {
    "role": "Housing officer",
    "reason": "The tenancy is at risk",
    "legal_basis": "public_task",
    "until_on": "2027-05-24",
    "history": "whole",
}


def test_the_network_says_who_where_and_how_to_ring_them(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ruth).get(f"/cases/{cast.amara.id}/network").text

    assert "Dan Hughes" in page
    assert "Hillside Primary" in page
    assert 'href="tel:01632960001"' in page
    assert "Lead practitioner" in page
    assert "Lee Park" not in page, "he has left"


def test_a_colleague_is_found_in_the_directory_without_script(browser: Browser, cast: Cast) -> None:
    page = browser(cast.priya).get(f"/cases/{cast.amara.id}/network/new?words=olive").text

    assert f"/cases/{cast.amara.id}/network/new/{cast.olive.id}" in page


def test_nobody_without_content_is_offered(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/network/new?words="
    priya = browser(cast.priya)
    assert "Olive Reed" in priya.get(url + "olive").text

    assert "Nobody with these words" in priya.get(url + "ada").text
    assert "Nobody with these words" in priya.get(url + "zed").text


def test_somebody_added_sees_the_case_from_then_on(browser: Browser, cast: Cast) -> None:
    olive, url = browser(cast.olive), f"/cases/{cast.amara.id}"
    assert olive.get(url).status_code == 404

    browser(cast.priya).post(f"{url}/network/new/{cast.olive.id}", data=WELCOME)

    assert olive.get(url).status_code == 200


def test_a_new_member_may_be_given_only_what_comes(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        old = posts.publish(cast.priya, cast.amara, posts.Update(body="Long ago")).id

    sent = WELCOME | {"history": "today"}
    browser(cast.priya).post(f"/cases/{cast.amara.id}/network/new/{cast.olive.id}", data=sent)

    with db.transaction():
        row = networks.member(cast.amara, cast.olive.id)
        assert row.history_from is not None
        assert row.decided_by_id == cast.priya.id
        assert access.may(access.reads_post(cast.ruth.id, old))


def test_sharing_without_a_reason_is_not_sharing(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/network/new/{cast.olive.id}"

    answer = browser(cast.priya).post(url, data=WELCOME | {"reason": " "})

    assert answer.status_code == 422
    assert "Say why you are sharing with this person." in answer.text
    assert 'value="Housing officer"' in answer.text, "what was typed stays"
    assert not _is_member(cast.olive, cast.amara)


def test_somebody_in_the_network_is_not_added_again(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.priya).post(
        f"/cases/{cast.amara.id}/network/new/{cast.dan.id}", data=WELCOME
    )

    assert answer.status_code == 409
    assert "in this network already" in answer.text


def test_an_administrator_is_not_added(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.priya).post(
        f"/cases/{cast.amara.id}/network/new/{cast.ada.id}", data=WELCOME
    )

    assert answer.status_code == 422
    assert not _is_member(cast.ada, cast.amara)


def test_the_lead_is_handed_over(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/network/{cast.dan.id}/lead"

    browser(cast.priya).post(url, data={"lead_reason": "Priya moves to another team"})

    with db.transaction():
        assert networks.member(cast.amara, cast.dan.id).is_lead
        assert not networks.member(cast.amara, cast.priya.id).is_lead


def test_handing_over_twice_with_one_key_gives_the_same_answer(
    browser: Browser, cast: Cast
) -> None:
    priya, url = browser(cast.priya), f"/cases/{cast.amara.id}/network/{cast.dan.id}/lead"
    sent = {"lead_reason": "Priya moves to another team", "key": "k1"}

    first, second = priya.post(url, data=sent), priya.post(url, data=sent)

    assert first.status_code == second.status_code == 303
    assert first.location == second.location


def test_a_reason_that_is_missing_is_asked_for_at_its_own_field(
    browser: Browser, cast: Cast
) -> None:
    url = f"/cases/{cast.amara.id}/network/{cast.dan.id}/removal"

    answer = browser(cast.priya).post(url, data={"removal_reason": ""})

    assert answer.status_code == 422
    assert 'href="#removal_reason"' in answer.text
    assert _is_member(cast.dan, cast.amara)


def test_whoever_is_taken_out_sees_nothing_any_more(browser: Browser, cast: Cast) -> None:
    dan, url = browser(cast.dan), f"/cases/{cast.amara.id}"
    assert dan.get(url).status_code == 200

    browser(cast.priya).post(
        f"{url}/network/{cast.dan.id}/removal", data={"removal_reason": "Moved school"}
    )

    assert dan.get(url).status_code == 404


def test_a_member_leaves_with_a_reason(browser: Browser, cast: Cast) -> None:
    ruth, url = browser(cast.ruth), f"/cases/{cast.amara.id}/network/leaving"

    answer = ruth.post(url, data={"reason": "A colleague takes over"})

    assert answer.location == "/cases"
    assert ruth.get(f"/cases/{cast.amara.id}").status_code == 404


def test_a_lead_hands_over_before_leaving(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/network/leaving"

    answer = browser(cast.priya).post(url, data={"reason": "Away"})

    assert answer.status_code == 409
    assert "hand over the lead before you leave" in answer.text
    assert _is_member(cast.priya, cast.amara)


def test_only_who_leads_changes_the_network(browser: Browser, cast: Cast) -> None:
    lead, member, stranger = browser(cast.priya), browser(cast.ruth), browser(cast.olive)

    for page in ("new", f"new/{cast.olive.id}", str(cast.dan.id)):
        url = f"/cases/{cast.amara.id}/network/{page}"
        answers = [each.get(url).status_code for each in (lead, member, stranger)]
        assert answers == [200, 403, 404], page


def test_a_member_cannot_be_removed_by_a_colleague(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/network/{cast.dan.id}/removal"

    assert browser(cast.ruth).post(url, data={"removal_reason": "x"}).status_code == 403
    assert _is_member(cast.dan, cast.amara)


def test_the_page_of_somebody_who_is_no_member_is_not_there(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/network/{cast.olive.id}"

    assert browser(cast.priya).get(url).status_code == 404
    assert browser(cast.priya).post(f"{url}/lead").status_code == 404


def _is_member(person: Person, case: Case) -> bool:
    with db.transaction():
        return access.may(access.is_member(person.id, case.id))
