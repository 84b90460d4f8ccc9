"""Setting up the second factor, signing in with it, and proving again who sits there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import second_factors, sign_ins, tokens
from app.core import clock, db, passwords
from app.models import AuditEntry, Person, SignIn, Token
from config import demo
from tests import phone
from tests.cast import MORNING, PASSWORD, Cast
from tests.conftest import signed_in
from tests.phone import Phone

Browser = Callable[..., FlaskClient]
RIGHT = {"email": "priya@kith.example", "password": PASSWORD}
NEW = {"password": "another long password", "repeated": "another long password"}
PROOF = {"proof_password": PASSWORD}
TOKEN = {"name": "Dashboard", "scope": "read", "days": "30"}
UPGRADE = {
    "Origin": "http://localhost:8000",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
LATER = MORNING + timedelta(minutes=11)

# What the databases do differently is in tests/casework/test_second_factors.py.


@pytest.fixture
def priya(cast: Cast) -> Person:
    with db.transaction() as session:
        found = session.get_one(Person, cast.priya.id)
        found.password_hash = passwords.hashed(PASSWORD)
        return found


@pytest.fixture
def priyas(app: Flask, priya: Person) -> Phone:
    """Her phone, set up elsewhere on a device that is signed out since."""
    with db.transaction():
        found = sign_ins.find(sign_ins.begin(priya, "desk", hours=12), idle_minutes=60)
        assert found is not None
    made = phone.given_to(priya, found[1])
    with db.transaction():
        sign_ins.end(found[1].id)
    return made


def set_up(client: FlaskClient) -> Phone:
    """Do on the pages what a person does, with the key typed from the screen."""
    page = client.post("/settings/second-factor", follow_redirects=True).text
    [key] = re.findall(r'kith-key">([A-Z2-7 ]+)<', page)
    own = Phone(key.replace(" ", ""), [])
    done = client.post("/settings/second-factor/confirmation", data={"code": own.code()})
    own.recovery = re.findall(r'kith-key">([a-z2-7 ]{19})<', done.text)
    return own


def did() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(AuditEntry.did).order_by(AuditEntry.id)))


def test_it_is_set_up_from_a_picture_or_a_key_and_gives_ten_codes_once(
    browser: Browser, priya: Person
) -> None:
    here, elsewhere = browser(priya), browser(priya)

    own = set_up(here)

    assert len(own.recovery) == 10
    assert "10 recovery codes left" in here.get("/settings").text
    assert own.recovery[0] not in here.get("/settings/second-factor").text
    assert elsewhere.get("/settings").location.startswith("/sign-in")
    assert "set up second factor" in did()


def test_the_picture_passes_the_strict_rules_for_content(browser: Browser, priya: Person) -> None:
    answer = browser(priya).post("/settings/second-factor", follow_redirects=True)

    [drawn] = re.findall(r"<svg role=.*?</svg>", answer.text, re.DOTALL)
    assert 'role="img"' in drawn
    assert "style" not in drawn
    assert "href" not in drawn
    assert "data:" not in answer.text


def test_a_wrong_first_code_keeps_the_key_on_the_page(browser: Browser, priya: Person) -> None:
    here = browser(priya)
    page = here.post("/settings/second-factor", follow_redirects=True).text

    again = here.post("/settings/second-factor/confirmation", data={"code": "000000"})

    key = r'kith-key">([A-Z2-7 ]+)<'
    assert again.status_code == 422
    assert re.findall(key, again.text) == re.findall(key, page)
    assert "Off: your password alone" in here.get("/settings").text


def test_signing_in_takes_a_password_and_then_a_code(
    browser: Browser, cast: Cast, priyas: Phone
) -> None:
    someone, wanted = browser(), f"/cases/{cast.amara.id}"

    first = someone.post("/sign-in", data=RIGHT | {"next": wanted})
    page = someone.get(first.location).text
    assert "Priya" not in page
    assert "priya" not in page
    assert someone.get("/").location.startswith("/sign-in"), "half a sign-in opens nothing"
    second = someone.post(first.location, data={"code": priyas.code()})

    assert second.location == wanted
    assert someone.get(wanted).status_code == 200
    assert [each for each in did() if each != "read case"][-2:] == ["gave password", "signed in"]


def test_a_wrong_password_looks_alike_with_a_second_factor_and_without(
    browser: Browser, priyas: Phone
) -> None:
    def page(email: str) -> str:
        sent = {"email": email, "password": "wrong"}
        words = browser().post("/sign-in", data=sent).text.replace(email, "")
        return re.sub(r'name="csrf_token" value="[^"]+"', "", words)

    assert page("priya@kith.example") == page("dan@kith.example") == page("who@kith.example")


def test_signing_in_again_ends_what_the_browser_had_before(browser: Browser, priya: Person) -> None:
    here = browser(priya)
    with db.transaction():
        [before] = sign_ins.of(priya)

    here.post("/sign-in", data=RIGHT)

    with db.transaction():
        [now] = sign_ins.of(priya)
        assert now.id != before.id


def test_a_wrong_code_says_so_and_five_begin_anew(browser: Browser, priyas: Phone) -> None:
    someone = browser()
    someone.post("/sign-in", data=RIGHT)

    answers = [someone.post("/sign-in/code", data={"code": "000000"}) for _ in range(5)]

    assert [each.status_code for each in answers] == [422] * 4 + [303]
    assert "That code is not right" in answers[0].text
    assert answers[4].location == "/sign-in"
    assert someone.post("/sign-in/code", data={"code": priyas.code()}).location == "/sign-in"
    assert someone.get("/").location.startswith("/sign-in")


def test_a_recovery_code_opens_without_the_phone(browser: Browser, priyas: Phone) -> None:
    someone = browser()
    someone.post("/sign-in", data=RIGHT)

    someone.post("/sign-in/code", data={"recovery": priyas.recovery[4]})

    assert "9 recovery codes left" in someone.get("/settings").text
    assert "used recovery code" in did()


def test_a_copied_cookie_of_half_a_sign_in_opens_nothing_by_itself(
    browser: Browser, priyas: Phone
) -> None:
    someone, thief = browser(), browser()
    someone.post("/sign-in", data=RIGHT)
    with someone.session_transaction() as cookie:
        kept = dict(cookie)
    someone.post("/sign-in/code", data={"code": priyas.code()})
    with thief.session_transaction() as cookie:
        cookie.update(kept)

    assert thief.get("/").location.startswith("/sign-in")
    assert thief.post("/sign-in/code", data={"code": priyas.code()}).location == "/sign-in"


def test_it_is_turned_off_by_who_proves_it_is_theirs(
    browser: Browser, priya: Person, app: Flask
) -> None:
    here = browser(priya)
    own = set_up(here)

    with clock.held(LATER):
        asked = here.post("/settings/second-factor/removal")
        assert (asked.status_code, "Is it you?" in asked.text) == (403, True)
        here.post("/settings/second-factor/removal", data=PROOF | {"proof_code": own.code()})

    assert "Off: your password alone" in here.get("/settings").text
    assert browser().post("/sign-in", data=RIGHT).location == "/"


def test_new_recovery_codes_are_shown_once(browser: Browser, priya: Person) -> None:
    here = browser(priya)
    old = set_up(here).recovery

    page = here.post("/settings/second-factor/recovery-codes").text

    new = re.findall(r'kith-key">([a-z2-7 ]{19})<', page)
    assert len(new) == 10
    assert not set(new) & set(old)


# Proving again who sits there


def test_what_was_typed_goes_on_after_the_proof(browser: Browser, priya: Person) -> None:
    here = browser(priya)
    with clock.held(LATER):
        asked = here.post("/settings/tokens", data=TOKEN | {"name": 'A "b" <c>'})
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
        assert fields.pop("csrf_token", "")
        assert fields == TOKEN | {"name": "A &#34;b&#34; &lt;c&gt;"}
        assert 'action="' not in re.findall(r'<form class="kith-card".*?>', asked.text)[0]

        wrong = here.post("/settings/tokens", data=TOKEN | {"proof_password": "wrong"})
        assert (wrong.status_code, 'value="Dashboard"' in wrong.text) == (422, True)
        assert "wrong" not in wrong.text
        done = here.post("/settings/tokens", data=TOKEN | PROOF)

    assert "kith_" in done.text
    with db.transaction() as session:
        assert [each.name for each in session.scalars(select(Token))] == ["Dashboard"]


def test_a_proof_lasts_ten_minutes(browser: Browser, priya: Person) -> None:
    here = browser(priya)
    with clock.held(LATER):
        here.post("/sign-in/again", data=PROOF)
        assert here.post("/settings/tokens", data=TOKEN).status_code == 200
    with clock.held(LATER + timedelta(minutes=10)):
        assert here.post("/settings/tokens", data=TOKEN).status_code == 403


def test_a_page_that_needs_a_proof_sends_there_and_back(browser: Browser, priya: Person) -> None:
    here = browser(priya)
    here.post("/settings/second-factor")
    with clock.held(LATER):
        sent = here.get("/settings/second-factor").location
        assert sent == "/sign-in/again?next=/settings/second-factor"
        assert "Is it you?" in here.get(sent).text

        back = here.post("/sign-in/again", data=PROOF | {"next": "/settings/second-factor"})

        assert back.location == "/settings/second-factor"
        assert "kith-picture" in here.get(back.location).text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil", "x"])
def test_a_proof_never_leads_to_another_place(
    browser: Browser, priya: Person, elsewhere: str
) -> None:
    here = browser(priya)
    with clock.held(LATER):
        page = here.get("/sign-in/again", query_string={"next": elsewhere}).text
        answer = here.post("/sign-in/again", data=PROOF | {"next": elsewhere})

    assert elsewhere not in re.findall(r'name="next" value="([^"]*)"', page)
    assert answer.location == "/"


def test_five_wrong_proofs_sign_the_device_out(browser: Browser, priya: Person) -> None:
    here = browser(priya)
    with clock.held(LATER):
        wrong = {"proof_password": "a guess"}
        codes = [here.post("/sign-in/again", data=wrong).status_code for _ in range(5)]

    assert codes == [422] * 4 + [302]
    assert here.get("/settings").location.startswith("/sign-in")
    assert did().count("failed to prove") == 5


def test_a_proof_takes_a_code_where_signing_in_did(browser: Browser, priyas: Phone) -> None:
    here = browser()
    here.post("/sign-in", data=RIGHT)
    here.post("/sign-in/code", data={"code": priyas.code()})
    with clock.held(LATER):
        without = here.post("/settings/tokens", data=TOKEN | PROOF)
        with_code = here.post(
            "/settings/tokens", data=TOKEN | PROOF | {"proof_code": priyas.code()}
        )

    assert (without.status_code, with_code.status_code) == (422, 200)
    assert "That code is not right" in without.text


def test_a_new_password_takes_a_code_where_signing_in_did(browser: Browser, priyas: Phone) -> None:
    here = browser()
    here.post("/sign-in", data=RIGHT)
    here.post("/sign-in/code", data={"code": priyas.code()})
    with clock.held(LATER):
        assert 'name="proof_code"' in here.get("/settings/password").text
        without = here.post("/settings/password", data=PROOF | NEW)
        right = PROOF | {"proof_code": priyas.code()}
        slip = here.post("/settings/password", data=right | NEW | {"password": "short"})
        done = here.post("/settings/password", data=right | NEW)

    assert (without.status_code, slip.status_code, done.status_code) == (422, 422, 303)
    assert "That code is not right" in without.text
    assert PASSWORD not in without.text
    assert NEW["password"] not in without.text
    with db.transaction() as session:
        now = session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).one()
        assert (now.by_code, now.proved_at, now.wrong) == (True, LATER, 0)


def test_a_new_password_proves_no_more_than_the_old_session(
    browser: Browser, priya: Person
) -> None:
    here = browser(priya)

    here.post("/settings/password", data=PROOF | NEW)

    with db.transaction() as session:
        now = session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).one()
        assert not now.by_code


def test_five_guesses_at_the_old_password_sign_the_device_out(
    browser: Browser, priya: Person
) -> None:
    here, guess = browser(priya), {"proof_password": "a guess"}

    codes = [here.post("/settings/password", data=guess | NEW).status_code for _ in range(5)]

    assert codes == [422] * 4 + [302]
    assert here.get("/settings").location.startswith("/sign-in")
    with db.transaction() as session:
        rows = select(AuditEntry.outcome).where(AuditEntry.did == "failed to prove")
        assert list(session.scalars(rows)) == ["refused"] * 5


def test_a_form_from_elsewhere_proves_nothing(guarded_app: Flask, priya: Person) -> None:
    client = signed_in(guarded_app, priya)
    with clock.held(LATER):
        assert client.post("/settings/tokens", data=TOKEN | PROOF).status_code == 400


def test_nothing_of_the_password_is_kept_with_the_receipt(
    browser: Browser, cast: Cast, priya: Person
) -> None:
    """The same form with a proof and without is the same form."""
    with db.transaction() as session:
        session.get_one(Person, cast.ada.id).password_hash = passwords.hashed(PASSWORD)
    ada, path = browser(cast.ada), f"/accounts/{priya.id}/second-factor/removal"
    with clock.held(LATER):
        first = ada.post(path, data={"key": "k1"} | PROOF)
        again = ada.post(path, data={"key": "k1"})

    assert (first.status_code, again.status_code) == (303, 303)


def test_the_demo_asks_for_the_password_it_shows(
    app_with: Callable[..., Flask], cast: Cast
) -> None:
    demo_app = app_with(demo=True)
    with db.transaction() as session:
        session.get_one(Person, cast.priya.id).password_hash = passwords.hashed(demo.DEMO_PASSWORD)
    here = signed_in(demo_app, cast.priya)
    with clock.held(LATER):
        assert demo.DEMO_PASSWORD in here.get("/sign-in/again").text
        answer = here.post("/sign-in/again", data={"proof_password": demo.DEMO_PASSWORD})

    assert answer.status_code == 303


# Where everybody needs one


@pytest.fixture
def strict(app_with: Callable[..., Flask]) -> Flask:
    return app_with(second_factor_required=True)


def test_who_has_none_is_led_to_it_and_answered_nothing_else(
    strict: Flask, cast: Cast, priya: Person
) -> None:
    someone = strict.test_client()
    assert someone.post("/sign-in", data=RIGHT).location == "/"
    for path in ("/", "/settings", f"/cases/{cast.amara.id}", "/sync", "/people", "/search"):
        assert someone.get(path).location == "/settings/second-factor", path
    assert someone.post("/settings", data={"phone": "01632 960123"}).status_code == 303
    page = someone.get("/settings/second-factor").text
    assert "Your organisation asks everybody" in page
    assert "Priya" not in page

    set_up(someone)

    assert someone.get("/").status_code == 200
    with db.transaction() as session:
        assert session.get_one(Person, priya.id).phone != "01632 960123"


def test_no_socket_is_opened_before_it_is_set_up(strict: Flask, priya: Person) -> None:
    someone, asked = strict.test_client(), "/socket.io/?transport=websocket&EIO=4"
    someone.post("/sign-in", data=RIGHT)

    assert someone.get(asked, headers=UPGRADE).status_code == 401
    set_up(someone)
    with pytest.raises(KeyError, match="socket"):  # it would be opened, were this a real server
        someone.get(asked, headers=UPGRADE)


def test_programs_work_on_where_everybody_needs_one(strict: Flask, priya: Person) -> None:
    with db.transaction():
        token = tokens.issue(priya, "Dashboard")

    headers = {"Authorization": f"Bearer {token}"}

    assert strict.test_client().get("/api/v1/me", headers=headers).status_code == 200


def test_nobody_turns_off_what_everybody_needs(strict: Flask, priya: Person) -> None:
    someone = strict.test_client()
    someone.post("/sign-in", data=RIGHT)
    set_up(someone)

    assert someone.post("/settings/second-factor/removal").status_code == 409
    assert "Turn it off" not in someone.get("/settings/second-factor").text
    with db.transaction():
        assert second_factors.is_on(priya)


def test_an_administrator_helps_after_a_lost_phone(
    browser: Browser, cast: Cast, priya: Person, priyas: Phone
) -> None:
    ada, path = browser(cast.ada), f"/accounts/{priya.id}/second-factor/removal"
    assert "Turn off the second factor" in ada.get(f"/accounts/{priya.id}").text
    by_password = ada.get("/accounts").text.count("Open, by password alone")
    lost = browser(priya)

    assert browser(cast.dan).post(path).status_code == 403
    with clock.held(LATER):
        assert ada.post(path).status_code == 403, "only after showing again who she is"
    ada.post(path)

    assert lost.get("/").location.startswith("/sign-in")
    assert browser().post("/sign-in", data=RIGHT).location == "/"
    assert ada.get("/accounts").text.count("Open, by password alone") == by_password + 1
    assert "reset second factor" in did()
    assert ada.post(f"/accounts/{cast.ada.id}/second-factor/removal").status_code == 409


def test_a_device_that_was_signed_in_before_is_by_password_alone(cast: Cast, priya: Person) -> None:
    with db.transaction() as session:
        sign_ins.begin(priya, "desk", hours=12)
        session.flush()
        kept = session.scalars(select(SignIn)).one()
        assert (kept.by_code, kept.proved_at) == (False, MORNING)
