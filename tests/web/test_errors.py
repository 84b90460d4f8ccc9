import gzip
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import db, log
from app.web import errors
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast
from tests.conftest import signed_in

Browser = Callable[..., FlaskClient]


def test_a_page_that_is_not_there_looks_like_one_that_is_not_hers(
    browser: Browser, cast: Cast
) -> None:
    someone = browser(cast.olive)

    assert someone.get("/no-such-page").data == someone.get(f"/cases/{cast.amara.id}").data


@pytest.mark.parametrize("page", ["/", "/cases", "/quick", "/help", "/no-such-page", "/cases/1"])
def test_the_way_into_an_emergency_stands_where_somebody_finds_nothing(
    browser: Browser, cast: Cast, page: str
) -> None:
    text = browser(cast.olive).get(page).text

    assert 'href="/emergencies/new">A child may be in danger and I need to see the case' in text


@pytest.mark.parametrize("address", ["/cases/{}", "/posts/{}", "/people/{}", "/quick/{}"])
def test_a_number_larger_than_any_row_is_not_there(
    browser: Browser, cast: Cast, address: str
) -> None:
    assert browser(cast.dan).get(address.format(10**30)).status_code == 404


def test_a_form_without_its_token_says_so_and_keeps_what_was_typed(
    guarded_app: Flask, cast: Cast
) -> None:
    dan = signed_in(guarded_app, cast.dan)

    answer = dan.post(f"/cases/{cast.amara.id}/posts", data={"body": "A long <b> sentence"})

    assert answer.status_code == 400
    assert "This page was open too long" in answer.text
    assert "A long &lt;b&gt; sentence</textarea>" in answer.text


def test_too_many_at_once_is_said_in_words(guarded_app: Flask, cast: Cast) -> None:
    guarded_app.config["WTF_CSRF_ENABLED"] = False
    someone = guarded_app.test_client()
    wrong = {"email": "priya@kith.example", "password": "guess"}

    answers = [someone.post("/sign-in", data=wrong) for _ in range(6)]

    assert [each.status_code for each in answers] == [422] * 5 + [429]
    assert "Wait a minute" in answers[-1].text


def test_an_administrator_is_told_why_a_case_is_not_hers(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.ada).get(f"/cases/{cast.amara.id}")

    assert answer.status_code == 403
    assert "sees no child’s case" in answer.text


def test_a_fault_gives_a_code_and_nothing_else(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure()  # where this test looks
    app.testing = False

    def broken(viewer, case):
        raise ValueError("what somebody wrote")

    monkeypatch.setattr("app.casework.networks.of", broken)
    monkeypatch.setattr("app.web.composing.networks.of", broken)

    answer = signed_in(app, cast.dan).get(f"/cases/{cast.amara.id}")

    assert answer.status_code == 500
    assert "what somebody wrote" not in answer.text + capsys.readouterr().err


def test_an_address_used_the_wrong_way_is_said_in_words(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.dan).get(f"/cases/{cast.amara.id}/posts")

    assert answer.status_code == 405
    assert errors.SENTENCES[405] in answer.text


def test_a_page_is_sent_small_to_whoever_takes_it_so(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("Small."))
    dan = browser(cast.dan)
    address = f"/posts/{1}"

    packed = dan.get(address, headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Small." in gzip.decompress(packed.data).decode()
    assert "Content-Encoding" not in dan.get(address).headers


def test_the_length_of_a_page_tells_nothing(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    asked = {"Accept-Encoding": "gzip"}

    lengths = {len(dan.get("/no-such-page", headers=asked).data) for _ in range(20)}

    assert len(lengths) > 3


def test_who_may_not_do_it_is_told_whom_to_ask_and_the_way_back(
    browser: Browser, cast: Cast
) -> None:
    answer = browser(cast.dan).get(f"/cases/{cast.amara.id}/status")

    assert answer.status_code == 403
    assert "Priya Shah" in answer.text
    assert 'href="tel:01632960001"' in answer.text
    assert f'<a href="/cases/{cast.amara.id}">Back to the case</a>' in answer.text


def test_who_sees_no_case_is_told_of_no_lead(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)

    hidden, absent = ada.get(f"/cases/{cast.amara.id}/status"), ada.get("/cases/987654/status")

    assert hidden.data == absent.data
    assert "Back to the case" not in hidden.text


@pytest.mark.parametrize(("host", "back"), [("localhost", True), ("elsewhere.example", False)])
def test_a_page_open_too_long_leads_back_to_its_own_form(
    guarded_app: Flask, cast: Cast, host: str, back: bool
) -> None:
    dan, page = signed_in(guarded_app, cast.dan), f"/cases/{cast.amara.id}"

    answer = dan.post(f"{page}/posts", headers={"Referer": f"http://{host}{page}"})

    assert ">Sign in again</a>" in answer.text
    assert (f'<a href="{page}">Back to the page you came from</a>' in answer.text) == back
