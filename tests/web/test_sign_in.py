import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import people, sign_ins
from app.core import db
from app.factory import LIMITS
from app.models import AuditEntry
from config import demo
from tests.cast import PASSWORD, Cast

Browser = Callable[..., FlaskClient]
RIGHT = {"email": "priya@kith.example", "password": PASSWORD}


@pytest.fixture
def passwords(cast: Cast) -> None:
    with db.transaction() as session:
        for person in (cast.priya, cast.ada):
            people.set_password(session.merge(person), PASSWORD)


def test_the_right_password_opens_the_feed(browser: Browser, cast: Cast, passwords: None) -> None:
    someone = browser()

    answer = someone.post("/sign-in", data=RIGHT)

    assert answer.location == "/"
    assert "Feed" in someone.get("/").text


def test_a_wrong_password_and_an_unknown_person_get_the_same_page(
    browser: Browser, cast: Cast, passwords: None
) -> None:
    wrong = browser().post("/sign-in", data=RIGHT | {"password": "not this one"})
    unknown = browser().post("/sign-in", data={"email": "who@kith.example", "password": "x"})

    assert wrong.status_code == unknown.status_code == 422
    assert _without_token(wrong.text).replace("priya@", "who@") == _without_token(unknown.text)


def test_the_address_is_kept_and_the_password_is_not(browser: Browser, cast: Cast) -> None:
    page = browser().post("/sign-in", data=RIGHT).text

    assert 'value="priya@kith.example"' in page
    assert PASSWORD not in page


def test_asking_for_the_head_of_the_page_alone_is_no_attempt(browser: Browser, cast: Cast) -> None:
    answer = browser().head("/sign-in")

    with db.transaction() as session:
        refused = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "refused")).all()
    assert (answer.status_code, refused) == (200, [])


def test_signing_in_leads_back_to_the_page_that_was_wanted(
    browser: Browser, cast: Cast, passwords: None
) -> None:
    someone = browser()
    wanted = f"/cases/{cast.amara.id}"

    asked = someone.get(wanted)
    answer = someone.post(asked.location, data=RIGHT)

    assert answer.location == wanted


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nb", "cases"]
)
def test_signing_in_never_leads_to_another_place(
    browser: Browser, cast: Cast, passwords: None, elsewhere: str
) -> None:
    assert browser().post("/sign-in", data=RIGHT | {"next": elsewhere}).location == "/"


def test_signing_out_ends_the_session_for_an_old_cookie_too(browser: Browser, cast: Cast) -> None:
    someone = browser(cast.priya)
    with someone.session_transaction() as cookie:
        kept = dict(cookie)

    someone.post("/sign-out")
    with someone.session_transaction() as cookie:
        cookie.update(kept)

    assert someone.get("/").location.startswith("/sign-in")


def test_signing_in_out_and_failing_to_are_on_record(
    browser: Browser, cast: Cast, passwords: None
) -> None:
    someone = browser()
    someone.post("/sign-in", data=RIGHT | {"password": "wrong"})
    someone.post("/sign-in", data=RIGHT)
    someone.post("/sign-out")

    with db.transaction() as session:
        did = session.scalars(select(AuditEntry.did).order_by(AuditEntry.id)).all()
    assert list(did) == ["sign in refused", "signed in", "signed out"]


def test_an_administrator_starts_at_the_accounts(
    browser: Browser, cast: Cast, passwords: None
) -> None:
    someone = browser()

    answer = someone.post("/sign-in", data=RIGHT | {"email": "ada@kith.example"})

    assert answer.location == "/accounts"
    assert someone.get("/").location == "/accounts"


def test_demo_accounts_are_offered_in_demo_mode_only(
    browser: Browser, cast: Cast, app_with: Callable[..., Flask]
) -> None:
    demo_app = app_with(demo=True)

    assert demo.DEMO_PASSWORD in demo_app.test_client().get("/sign-in").text
    assert demo.DEMO_PASSWORD not in browser().get("/sign-in").text


def test_a_demo_account_opens_nothing_outside_demo_mode(browser: Browser, cast: Cast) -> None:
    with db.transaction() as session:
        session.merge(cast.priya).email = demo.SUGGESTED[0].email
        people.set_password(session.merge(cast.priya), demo.DEMO_PASSWORD)

    answer = browser().post("/sign-in", data={"demo": demo.SUGGESTED[0].email})

    assert answer.status_code == 422


def test_another_spelling_of_an_address_is_the_same_account(limited: Flask, cast: Cast) -> None:
    spellings = ["priya@kith.example", " Priya@kith.example", "PRIYA@KITH.EXAMPLE\u200b"]

    answers = [guess(limited, spellings[number % 3]) for number in range(6)]

    assert [each.status_code for each in answers] == [422] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "60"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_thousand_failures_elsewhere_keep_the_owner_out_nowhere(
    limited: Flask, cast: Cast, passwords: None
) -> None:
    known = limited.test_client()
    known.post("/sign-in", data=RIGHT)
    known.post("/sign-out")

    attack = [guess(limited, "priya@kith.example").status_code for _ in range(1000)]

    # Ten when a minute turns meanwhile; the owner's own first time counted where it came from.
    assert attack.count(422) < 10, "the attacker is stopped"
    assert attack.count(422) + attack.count(429) == 1000
    assert known.post("/sign-in", data=RIGHT).location == "/", "from the very same network"
    new = limited.test_client()
    new.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert new.post("/sign-in", data=RIGHT).location == "/", "on a new device elsewhere"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_known_device_is_counted_too_and_by_itself(
    limited: Flask, cast: Cast, passwords: None
) -> None:
    known, other = limited.test_client(), limited.test_client()
    for each in (known, other):
        each.post("/sign-in", data=RIGHT)
        each.post("/sign-out")

    wrong = RIGHT | {"password": "guess"}
    attempts = [known.post("/sign-in", data=wrong).status_code for _ in range(6)]

    assert attempts == [422] * 5 + [429]
    assert other.post("/sign-in", data=RIGHT).location == "/"
    ada = RIGHT | {"email": "ada@kith.example", "password": "guess"}
    strange = [known.post("/sign-in", data=ada).status_code for _ in range(6)]
    assert strange == [422] * 5 + [429], "to another account it is a stranger"


@pytest.mark.parametrize("how", ["forgotten", "forged", "after a new password"])
def test_a_device_that_is_not_known_any_more_is_a_stranger(
    limited: Flask, cast: Cast, passwords: None, how: str
) -> None:
    known = limited.test_client()
    known.post("/sign-in", data=RIGHT)
    with db.transaction() as session:
        priya = session.merge(cast.priya)
        [device] = sign_ins.known_devices(priya)
        if how == "forgotten":
            sign_ins.forget(priya, device.id)
        elif how == "after a new password":
            people.set_password(priya, PASSWORD)
    if how == "forged":
        known.set_cookie("kith-device", "made-up.by-somebody")
    for _ in range(5):
        guess(limited, "priya@kith.example")

    assert known.post("/sign-in", data=RIGHT).status_code == 429


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_cookie_of_a_known_device_opens_nothing_and_outlives_the_session(
    limited: Flask, cast: Cast, passwords: None
) -> None:
    someone = limited.test_client()
    given = someone.post("/sign-in", data=RIGHT).headers.getlist("Set-Cookie")
    [cookie] = [each for each in given if each.startswith("kith-device=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Max-Age={400 * 24 * 3600}" in cookie

    left = " ".join(someone.post("/sign-out").headers.getlist("Set-Cookie"))

    assert "kith-device" not in left
    assert someone.get("/").location.startswith("/sign-in")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_over_https_the_cookie_is_bound_to_the_host(
    app_with: Callable[..., Flask], cast: Cast, passwords: None
) -> None:
    public = app_with(url="https://localhost")

    given = public.test_client().post("/sign-in", data=RIGHT).headers.getlist("Set-Cookie")

    [cookie] = [each for each in given if each.startswith("__Host-kith-device=")]
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_two_people_at_one_desk_are_known_each_by_themselves(
    limited: Flask, cast: Cast, passwords: None
) -> None:
    desk = limited.test_client()
    for email in ("priya@kith.example", "ada@kith.example"):
        desk.post("/sign-in", data=RIGHT | {"email": email})
        desk.post("/sign-out")
    with db.transaction():
        [priyas], [adas] = sign_ins.known_devices(cast.priya), sign_ins.known_devices(cast.ada)
        assert priyas.token_hash == adas.token_hash
        sign_ins.forget(cast.ada, adas.id)
        assert [each.id for each in sign_ins.known_devices(cast.priya)] == [priyas.id]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_subscriber_of_version_6_is_one_place(limited: Flask, cast: Cast) -> None:
    places = [f"2001:db8:0:1::{number:x}" for number in range(6)]

    answers = [guess(limited, "priya@kith.example", place).status_code for place in places]

    assert answers == [422] * 5 + [429]
    assert guess(limited, "priya@kith.example", "2001:db8:0:2::1").status_code == 422


def test_one_password_is_not_tried_on_many_accounts_for_long() -> None:
    """Sixty in the first minute; what a patient one may do in an hour is bounded too."""
    limits = [each for each in LIMITS if each[0] == "web.sign_in" and each[2] == "stranger"]

    assert [each[1] for each in limits] == ["60 per minute; 600 per hour"]


def test_nobody_tries_many_accounts_from_one_place(limited: Flask, cast: Cast) -> None:
    answers = [guess(limited, f"p{number}@kith.example").status_code for number in range(61)]

    assert answers == [422] * 60 + [429]
    assert guess(limited, "p61@kith.example", place="10.1.2.3").status_code == 422


def test_behind_a_proxy_a_place_is_whom_the_proxy_speaks_for(
    app_with: Callable[..., Flask], cast: Cast
) -> None:
    public = app_with(limits=True, url="https://localhost")

    def at(number: int, said: str) -> int:
        sent = {"email": f"p{number}@kith.example", "password": "guess"}
        headers = {"X-Forwarded-For": said}
        return public.test_client().post("/sign-in", data=sent, headers=headers).status_code

    assert [at(number, f"forged{number}, 10.0.0.1") for number in range(61)][-1] == 429
    assert at(61, "10.0.0.1, 10.0.0.2") == 422


def test_visitors_of_the_demo_do_not_use_up_each_others_attempts(
    limited: Flask, cast: Cast
) -> None:
    def press(place: str) -> int:
        sent = {"demo": demo.SUGGESTED[0].email}
        at = {"REMOTE_ADDR": place}
        return limited.test_client().post("/sign-in", data=sent, environ_base=at).status_code

    assert [press("10.0.0.1") for _ in range(6)][-1] == 429
    assert press("10.0.0.2") == 422


@pytest.fixture
def limited(app_with: Callable[..., Flask]) -> Flask:
    return app_with(limits=True)


def guess(app: Flask, email: str, place: str = "127.0.0.1") -> Any:
    sent = {"email": email, "password": "guess"}
    return app.test_client().post("/sign-in", data=sent, environ_base={"REMOTE_ADDR": place})


def _without_token(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)
