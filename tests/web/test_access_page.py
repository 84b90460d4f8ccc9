"""The page "Access": who can see a case and who has looked."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.cast import Cast

Browser = Callable[..., FlaskClient]


def test_a_member_reads_who_can_see_the_case_and_why(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ruth).get(f"/cases/{cast.amara.id}/access").text

    assert "Who can see this: 4 people" in page
    assert "Manages Priya Shah." in page
    assert "Member since 24 October 2026, until 24 October 2027." in page
    assert "Lee Park" not in page


def test_a_member_reads_who_has_looked(browser: Browser, cast: Cast) -> None:
    mo, case = browser(cast.mo), f"/cases/{cast.amara.id}"
    mo.get(f"{case}/network")
    mo.get(f"{case}/network")
    browser(cast.olive).get(case)

    page = browser(cast.ruth).get(f"{case}/access").text

    assert "read the network (2 times)" in page
    assert "Outside the network" in page
    assert "as the manager of a member" in page
    assert "Olive Reed" not in page, "refused: for auditors"
    # Reading the page is a look of its own.
    assert "read who has access" in browser(cast.dan).get(f"{case}/access").text


def test_one_person_is_picked_out(browser: Browser, cast: Cast) -> None:
    case = f"/cases/{cast.amara.id}"
    browser(cast.mo).get(f"{case}/network")
    browser(cast.dan).get(f"{case}/details")

    looked = browser(cast.ruth).get(f"{case}/access?person={cast.mo.id}").text
    assert "read the network" in looked
    assert "read the case" not in looked
    assert browser(cast.ruth).get(f"{case}/access?person=987654").status_code == 200
    assert browser(cast.ruth).get(f"{case}/access?before=999999999999999").status_code == 200


def test_only_a_lead_is_led_to_conflicts(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/access"
    assert f"{url}/conflicts" in browser(cast.priya).get(url).text
    assert f"{url}/conflicts" not in browser(cast.ruth).get(url).text


def test_others_find_nothing_there(browser: Browser, cast: Cast) -> None:
    olive = browser(cast.olive)
    hidden, absent = (olive.get(f"/cases/{n}/access") for n in (cast.amara.id, 987_654))
    assert (hidden.status_code, hidden.data) == (404, absent.data)
