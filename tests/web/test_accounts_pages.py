from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import access
from app.casework import people, sign_ins
from app.core import clock, db, passwords
from app.models import Agency, AuditEntry, Person
from tests.cast import MORNING, PASSWORD, Cast

Browser = Callable[..., FlaskClient]

PAGES = ["/accounts", "/accounts/new", "/accounts/{0}", "/accounts/{0}/password"]
PAGES += ["/accounts/{0}/supervision", "/agencies", "/imports"]


LATER = MORNING + timedelta(minutes=11)


@pytest.fixture
def ada(cast: Cast, browser: Browser) -> FlaskClient:
    """She is signed in, and types a password of her own where she is asked for it."""
    with db.transaction() as session:
        session.get_one(Person, cast.ada.id).password_hash = passwords.hashed(PASSWORD)
    return browser(cast.ada)


@pytest.fixture
def new_account(cast: Cast) -> dict[str, str]:
    return {
        "name": "Nia Grant",
        "email": "Nia@kith.example",
        "role": "School nurse",
        "agency_id": str(cast.ruth.agency_id),
        "account": "practitioner",
    }


def test_accounts_are_for_administrators(browser: Browser, cast: Cast) -> None:
    browsers = {name: browser(getattr(cast, name)) for name in ("ada", "priya", "mo", "audrey")}

    for url in [page.format(cast.dan.id) for page in PAGES]:
        assert browsers["ada"].get(url).status_code == 200
        for name in ("priya", "mo", "audrey"):
            assert browsers[name].get(url).status_code == 403
        assert browser(None).get(url).status_code == 302


def test_no_page_of_an_administrator_names_a_child(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)

    for page in [*PAGES, "/people", "/people/{0}", "/settings"]:
        text = ada.get(page.format(cast.dan.id)).text
        assert not [name for name in ("Amara", "Tobi", "Noor") if name in text], page


def test_closed_accounts_are_listed_too(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ada).get("/accounts").text

    assert "Zed Cole" in page
    assert "Closed" in page


def test_a_new_person_signs_in_with_the_first_password(
    browser: Browser, cast: Cast, new_account: dict[str, str]
) -> None:
    ada = browser(cast.ada)

    to_password = ada.post("/accounts/new", data=new_account).location
    ada.post(to_password, data={"password": PASSWORD})

    with db.transaction():
        assert sign_ins.check("nia@kith.example", PASSWORD).role == "School nurse"


WRONG = [
    ("email", "dan@kith.example", "has this email address already"),
    ("email", "nobody", "Write an email address"),
    ("name", "", "Write the person"),
    ("agency_id", "", "Choose the agency"),
    ("agency_id", "987654321", "Choose the agency"),
    ("account", "root", "Choose what the account may do"),
]


def test_an_account_that_cannot_be_made_keeps_what_was_typed(
    browser: Browser, cast: Cast, new_account: dict[str, str]
) -> None:
    ada = browser(cast.ada)

    for field, wrong, sentence in WRONG:
        answer = ada.post("/accounts/new", data=new_account | {field: wrong})

        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'value="School nurse"' in answer.text


def test_an_account_is_changed(browser: Browser, cast: Cast) -> None:
    sent = {
        "name": "Dan Hughes-Lee",
        "role": "Deputy head",
        "agency_id": str(cast.dan.agency_id),
        "phone": "01632 960555",
        "account": "practitioner",
    }

    browser(cast.ada).post(f"/accounts/{cast.dan.id}", data=sent)

    with db.transaction():
        assert people.find(cast.dan.id).name == "Dan Hughes-Lee"
        assert people.find(cast.dan.id).phone == "01632 960555"


def test_a_closed_account_is_out_at_once_and_may_come_back(browser: Browser, cast: Cast) -> None:
    ada, dan, url = browser(cast.ada), browser(cast.dan), f"/accounts/{cast.dan.id}/closure"
    assert dan.get("/cases").status_code == 200

    ada.post(url)
    assert dan.get("/cases").status_code == 302
    ada.post(url, data={"again": "1"})

    with db.transaction():
        assert people.find(cast.dan.id).active


def test_an_administrator_does_not_lock_herself_out(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.ada).post(f"/accounts/{cast.ada.id}/closure")

    assert answer.status_code == 409
    assert "Ask another administrator" in answer.text


def test_a_manager_supervises_whom_the_administrator_says(browser: Browser, cast: Cast) -> None:
    assert not _sees(cast.mo, cast.noor.id)

    browser(cast.ada).post(
        f"/accounts/{cast.mo.id}/supervision", data={"people": [str(cast.olive.id)]}
    )

    assert _sees(cast.mo, cast.noor.id)
    assert not _sees(cast.mo, cast.amara.id), "Priya is no longer on the list"


def test_somebody_who_stops_managing_sees_their_cases_no_longer(
    browser: Browser, cast: Cast
) -> None:
    assert _sees(cast.mo, cast.amara.id)
    sent = {"name": "Mo Akram", "role": "Social worker", "agency_id": str(cast.mo.agency_id)}

    browser(cast.ada).post(f"/accounts/{cast.mo.id}", data=sent | {"account": "practitioner"})

    assert not _sees(cast.mo, cast.amara.id)


def test_an_agency_is_added_once(browser: Browser, cast: Cast) -> None:
    ada, sent = browser(cast.ada), {"name": "Vale Police", "agency_type": "6", "key": "k1"}

    ada.post("/agencies", data=sent)
    page = ada.post("/agencies", data=sent, follow_redirects=True).text

    assert "Vale Police" in page
    with db.transaction() as session:
        named = select(func.count()).where(Agency.name == "Vale Police")
        assert session.scalar(named) == 1


def test_an_agency_has_a_kind(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.ada).post("/agencies", data={"name": "Vale Police"})

    assert answer.status_code == 422
    assert 'value="Vale Police"' in answer.text


def test_what_an_administrator_does_is_on_record(
    browser: Browser, cast: Cast, new_account: dict[str, str]
) -> None:
    browser(cast.ada).post("/accounts/new", data=new_account)

    with db.transaction() as session:
        row = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert row is not None
        assert (row.did, row.person_id, row.outcome) == ("added account", cast.ada.id, "done")


def _sees(person: Person, case_id: int) -> bool:
    with db.transaction():
        return access.may(access.sees_case(person.id, case_id))


def test_a_new_account_names_all_that_is_wrong_at_once(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ada).post("/accounts/new", data={"agency_id": "x"}).text

    fields = ("name", "email", "role", "agency_id", "account")
    places = [page.find(f'<a href="#{field}">') for field in fields]
    assert -1 not in places
    assert places == sorted(places), "in the order of the form"


def test_an_administrator_changes_an_agency(browser: Browser, cast: Cast) -> None:
    ada, url = browser(cast.ada), f"/agencies/{cast.dan.agency_id}"
    sent = {"name": "Hillside Academy", "agency_type": "2A", "phone": "01632 960777"}
    assert "Hillside Primary" in ada.get(url).text

    page = ada.post(url, data=sent, follow_redirects=True).text

    assert "Hillside Academy" in page
    assert "01632 960777" in page
    assert browser(cast.mo).post(url, data=sent).status_code == 403
    assert ada.get("/agencies/987654321").status_code == 404


def test_an_agency_takes_no_other_agencys_name(browser: Browser, cast: Cast) -> None:
    ada, sent = browser(cast.ada), {"name": "south TEAM", "agency_type": "5A"}

    for url in ("/agencies", f"/agencies/{cast.dan.agency_id}"):
        answer = ada.post(url, data=sent)

        assert answer.status_code == 422
        assert "There is an agency with this name already." in answer.text


def test_whom_somebody_supervises_is_asked_of_managers_only(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)

    page = ada.get(f"/accounts/{cast.dan.id}/supervision").text

    assert "Only a manager’s account supervises people." in page
    assert 'name="people"' not in page
    assert 'name="people"' in ada.get(f"/accounts/{cast.mo.id}/supervision").text


def test_an_administrator_fills_in_where_somebody_lives(
    browser: Browser, cast: Cast, new_account: dict[str, str]
) -> None:
    ada, url = browser(cast.ada), f"/accounts/{cast.dan.id}"
    home = {"home_address": "12 Mill Lane", "home_postcode": "nowhere"}
    slip = ada.post(url, data=new_account | home)
    assert slip.status_code == 422
    assert 'href="#home_postcode"' in slip.text

    ada.post(url, data=new_account | home | {"home_postcode": "ls14ap"})
    assert 'value="LS1 4AP"' in ada.get(url).text


# What gives access is done by who has lately shown who they are


def test_what_gives_access_goes_on_after_the_proof(
    cast: Cast, ada: FlaskClient, new_account: dict[str, str]
) -> None:
    proof, chosen = {"proof_password": PASSWORD}, {"people": [str(cast.olive.id)]}
    dan, mo = f"/accounts/{cast.dan.id}", f"/accounts/{cast.mo.id}/supervision"
    with clock.held(LATER):
        for path, sent in ((dan, new_account), (mo, chosen), (f"{dan}/closure", {"again": "1"})):
            asked = ada.post(path, data=sent)
            assert (asked.status_code, "Is it you?" in asked.text) == (403, True), path
        assert f'name="people" value="{cast.olive.id}"' in ada.post(mo, data=chosen).text
        assert not _sees(cast.mo, cast.noor.id)

        assert ada.post(mo, data=chosen | proof).status_code == 303

    assert _sees(cast.mo, cast.noor.id)


def test_an_account_is_closed_without_delay(cast: Cast, ada: FlaskClient) -> None:
    with clock.held(LATER):
        assert ada.post(f"/accounts/{cast.dan.id}/closure").status_code == 303


def test_a_colleagues_password_is_set_with_ones_own_and_stands_in_no_page(
    cast: Cast, ada: FlaskClient
) -> None:
    path, new = f"/accounts/{cast.dan.id}/password", {"password": "three odd words"}
    assert 'name="proof_password"' not in ada.get(path).text
    with clock.held(LATER):
        assert 'name="proof_password"' in ada.get(path).text
        asked = ada.post(path, data=new)
        wrong = ada.post(path, data=new | {"proof_password": "a guess"})
        assert (asked.status_code, wrong.status_code) == (403, 422)
        assert "Type your own password here" in asked.text
        assert "not the password you sign in with" in wrong.text
        assert not any(new["password"] in each.text for each in (asked, wrong))
        assert ada.post(path, data=new | {"proof_password": PASSWORD}).status_code == 303

    with db.transaction():
        assert sign_ins.check("dan@kith.example", new["password"]).id == cast.dan.id


def test_what_is_no_number_is_nobody(cast: Cast, ada: FlaskClient) -> None:
    path = f"/accounts/{cast.mo.id}/supervision"

    sent = {"people": ["9" * 5000, "\u00b2", "x", str(cast.olive.id)]}

    assert ada.post(path, data=sent).status_code == 303
    with db.transaction():
        assert people.supervised(cast.mo) == [cast.olive.id]
    assert ada.post(f"/accounts/{cast.dan.id}/supervision", data=sent).status_code == 422
