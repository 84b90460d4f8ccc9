import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import people, sign_ins, tokens
from app.core import db, passwords
from app.models import Person, Token
from tests.cast import PASSWORD, Cast

Browser = Callable[..., FlaskClient]

NEW = "another long password"


@pytest.fixture
def dan(cast: Cast) -> Person:
    with db.transaction() as session:
        found = session.get_one(Person, cast.dan.id)
        found.password_hash = passwords.hashed(PASSWORD)
        return found


def test_everybody_keeps_their_own_phone_and_absence(browser: Browser, cast: Cast) -> None:
    sent = {"phone": "01632 960123", "out_of_office": "until Monday"}

    page = browser(cast.ada).post("/settings", data=sent, follow_redirects=True).text

    assert "01632 960123" in page
    assert "until Monday" in page


def test_a_single_key_does_something_only_for_who_switches_it_on(
    browser: Browser, cast: Cast
) -> None:
    dan = browser(cast.dan)
    assert "data-shortcuts" not in dan.get("/settings").text

    page = dan.post("/settings/keyboard", data={"shortcuts": "on"}, follow_redirects=True).text
    assert "Saved." in page
    assert "data-shortcuts" in page
    assert "data-shortcuts" not in browser(cast.ruth).get("/").text

    page = dan.post("/settings/keyboard", data={}, follow_redirects=True).text
    assert "data-shortcuts" not in page


def test_a_phone_number_has_digits(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.dan).post("/settings", data={"phone": "ask reception"})

    assert answer.status_code == 422
    assert 'value="ask reception"' in answer.text


def test_a_new_password_signs_every_other_device_out(
    browser: Browser, cast: Cast, dan: Person
) -> None:
    here, there = browser(dan), browser(dan)
    sent = {"proof_password": PASSWORD, "password": NEW, "repeated": NEW}

    here.post("/settings/password", data=sent)

    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 302
    with db.transaction():
        assert sign_ins.check("dan@kith.example", NEW).id == dan.id


WRONG = [
    ("proof_password", "not this one", "not the password you sign in with"),
    ("repeated", "something else", "differ"),
    ("password", "short", "differ"),
]


def test_a_wrong_password_changes_nothing_and_is_not_shown_again(
    browser: Browser, dan: Person
) -> None:
    here = browser(dan)
    right = {"proof_password": PASSWORD, "password": NEW, "repeated": NEW}

    for field, wrong, sentence in WRONG:
        answer = here.post("/settings/password", data=right | {field: wrong})

        assert answer.status_code == 422
        assert sentence in answer.text
        assert wrong not in answer.text
        assert NEW not in answer.text
    with db.transaction():
        assert sign_ins.check("dan@kith.example", PASSWORD).id == dan.id


def test_a_lost_phone_is_signed_out_from_here(browser: Browser, cast: Cast) -> None:
    here, lost = browser(cast.dan), browser(cast.dan)
    with db.transaction():
        _, first = [row.id for row in sign_ins.of(cast.dan)]
    assert lost.get("/settings").status_code == 200

    here.post("/settings/devices/end")

    assert here.get("/settings").status_code == 200
    assert lost.get("/settings").status_code == 302
    assert here.post(f"/settings/devices/{first}/end").status_code in (303, 404)


def test_a_device_signed_out_from_here_is_known_no_more(
    browser: Browser, dan: Person, app: Flask
) -> None:
    desk, phone = browser(), browser()
    for each in (desk, phone):
        each.post("/sign-in", data={"email": dan.email, "password": PASSWORD})
    with db.transaction():
        newest, _ = sign_ins.of(dan)
        assert len(sign_ins.known_devices(dan)) == 2

    desk.post(f"/settings/devices/{newest.id}/end")

    assert phone.get("/settings").status_code == 302
    with db.transaction():
        assert len(sign_ins.known_devices(dan)) == 1
    assert desk.get("/settings").text.count("Known device</span>") == 1


def test_a_device_that_is_signed_out_stays_known_until_it_is_forgotten(
    browser: Browser, cast: Cast, dan: Person
) -> None:
    desk, away = browser(dan), browser()
    away.post("/sign-in", data={"email": dan.email, "password": PASSWORD})
    away.post("/sign-out")
    with db.transaction():
        [known] = sign_ins.known_devices(dan)
    forget = f"/settings/known-devices/{known.id}/end"
    assert "Signed out · known since" in desk.get("/settings").text

    assert browser(cast.ruth).post(forget).status_code == 404
    assert "That device is forgotten." in desk.post(forget, follow_redirects=True).text
    assert desk.post(forget).status_code == 404
    with db.transaction():
        assert sign_ins.known_devices(dan) == []


def test_this_device_is_signed_out_and_forgotten_by_itself(browser: Browser, dan: Person) -> None:
    here = browser()
    here.post("/sign-in", data={"email": dan.email, "password": PASSWORD})
    page = here.get("/settings").text

    [path] = re.findall(r"/settings/known-devices/\d+/end", page)
    here.post(path)

    assert here.get("/settings").location.startswith("/sign-in")


def test_a_new_password_ends_tokens_and_what_was_known_and_keeps_this_device(
    browser: Browser, dan: Person
) -> None:
    here, other = browser(), browser()
    for each in (here, other):
        each.post("/sign-in", data={"email": dan.email, "password": PASSWORD})
    with db.transaction():
        token = tokens.issue(dan, "Dashboard")
    sent = {"proof_password": PASSWORD, "password": NEW, "repeated": NEW}
    page = here.get("/settings/password").text
    assert "your tokens for programs work no more" in page

    here.post("/settings/password", data=sent)

    assert here.get("/settings").text.count("Known device</span>") == 1
    with db.transaction():
        assert tokens.find(token) is None
        assert len(sign_ins.known_devices(dan)) == 1


def test_nobody_signs_out_somebody_elses_device(browser: Browser, cast: Cast) -> None:
    ruth = browser(cast.ruth)
    with db.transaction():
        [device] = sign_ins.of(cast.ruth)

    answer = browser(cast.dan).post(f"/settings/devices/{device.id}/end")

    assert answer.status_code == 404
    assert ruth.get("/settings").status_code == 200


def test_a_token_is_shown_once_and_works(browser: Browser, cast: Cast, app: Flask) -> None:
    dan = browser(cast.dan)
    sent = {"name": "Dashboard", "scope": "read", "days": "30"}

    page = dan.post("/settings/tokens", data=sent).text

    [token] = re.findall(r"kith_[\w-]{20,}", page)
    with db.transaction():
        found = tokens.find(token)
        assert found is not None
        assert found[0].id == cast.dan.id
    assert token not in dan.get("/settings").text


def test_a_token_asked_for_twice_with_one_key_is_made_once(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    sent = {"name": "Dashboard", "scope": "read", "days": "30", "key": "k1"}

    dan.post("/settings/tokens", data=sent)
    again = dan.post("/settings/tokens", data=sent)

    assert again.status_code == 422
    with db.transaction() as session:
        assert len(session.scalars(select(Token)).all()) == 1


def test_a_token_needs_a_name_a_scope_and_an_end(browser: Browser, cast: Cast) -> None:
    dan, sent = browser(cast.dan), {"name": "Dashboard", "scope": "read", "days": "30"}

    for wrong in ({"name": ""}, {"days": "0"}, {"days": "400"}, {"days": "x"}, {"scope": "all"}):
        assert dan.post("/settings/tokens", data=sent | wrong).status_code == 422, wrong
    with db.transaction():
        assert tokens.of(cast.dan) == []


def test_a_revoked_token_works_no_more(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        token = tokens.issue(cast.dan, "Dashboard")
        [kept] = tokens.of(cast.dan)

    assert browser(cast.ruth).post(f"/settings/tokens/{kept.id}/revocation").status_code == 404
    with db.transaction():
        assert tokens.find(token)
    browser(cast.dan).post(f"/settings/tokens/{kept.id}/revocation")

    with db.transaction():
        assert tokens.find(token) is None


def test_a_number_no_database_holds_is_not_there(browser: Browser, cast: Cast) -> None:
    priya, huge, amara = browser(cast.priya), 10**30, f"/cases/{cast.amara.id}"

    for path in (
        f"/settings/tokens/{huge}/revocation",
        f"/settings/devices/{huge}/end",
        f"{amara}/key-dates/{huge}/done",
        f"{amara}/family/{huge}/removal",
        f"{amara}/network/{huge}/lead",
        f"{amara}/network/new/{huge}",
    ):
        assert priya.post(path).status_code == 404, path
    assert browser(cast.ada).post(f"/imports/{huge}").status_code == 404
    assert browser(cast.ada).post(f"/accounts/{huge}").status_code == 404


def test_a_closed_account_changes_nothing(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    with db.transaction() as session:
        people.deactivate(cast.ada, session.get_one(Person, cast.dan.id))

    assert dan.post("/settings", data={"phone": "1"}).location.startswith("/sign-in")
