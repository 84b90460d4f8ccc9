"""The pages on which somebody keeps searches, and finds what they asked lately."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import relay
from app.core import db
from app.models import AuditEntry, Case, Find, Person, Post
from app.notices import inbox
from feeds import posts
from feeds.posts import Update
from search import asked, saved
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


def save(person: Person, words: str, name: str = "") -> int:
    with db.transaction():
        return saved.save(person, words, name)


def bruise(cast: Cast) -> Post:
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, Update("A bruise on the arm"))
    while relay.deliver():
        pass
    return post


def test_without_any_the_page_says_what_they_are_for(cast: Cast, browser: Browser) -> None:
    page = browser(cast.priya).get("/searches").text
    assert "None yet. Save a search" in page
    assert "What you search for stands here" in page


def test_a_search_is_saved_from_its_results(cast: Cast, browser: Browser) -> None:
    priya = browser(cast.priya)
    page = priya.get("/search?q=bruise+arm").text
    assert '<input type="hidden" name="words" value="bruise arm">' in page
    assert 'href="/searches"' in page
    sent = {"words": "bruise arm", "name": "Marks", "alerts": "yes"}
    assert priya.post("/searches", data=sent).location == "/searches"
    page = priya.get("/searches").text
    assert "Marks" in page
    assert "bruise arm" in page
    assert "Marks" not in browser(cast.dan).get("/searches").text


def test_before_anything_is_searched_there_is_nothing_to_save(cast: Cast, browser: Browser) -> None:
    page = browser(cast.priya).get("/search").text
    assert "Save this search" not in page
    assert 'href="/searches"' in page


def test_what_cannot_be_saved_is_said_and_nothing_typed_is_lost(
    cast: Cast, browser: Browser
) -> None:
    answer = browser(cast.priya).post("/searches", data={"words": "bruise", "name": "x" * 81})
    assert answer.status_code == 422
    assert "Write at most 80 characters." in answer.text
    assert 'value="bruise"' in answer.text
    assert "x" * 81 in answer.text
    assert 'value="yes" checked' not in answer.text, "nor that she wants no alerts"


def test_a_full_list_says_what_to_do(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        for number in range(saved.MOST):
            saved.save(cast.priya, f"word{number}")
    answer = browser(cast.priya).post("/searches", data={"words": "one more"})
    assert answer.status_code == 422
    assert "Delete one first." in answer.text
    assert 'value="one more"' in answer.text


def test_opening_one_asks_it_again_and_reads_its_notice(cast: Cast, browser: Browser) -> None:
    number = save(cast.priya, '"the arm" -leg')
    bruise(cast)
    priya = browser(cast.priya)
    page = priya.get("/notices").text
    assert "A saved search found something new" in page
    assert not any(word in page for word in ("the arm", "Amara", "Dan Hughes"))
    with db.transaction():
        (notice,) = inbox.of(cast.priya).rows
    assert priya.get(f"/notices/{notice.id}").location == f"/searches/{number}"
    answer = priya.get(f"/searches/{number}")
    assert (answer.status_code, answer.location) == (303, "/search?q=%22the+arm%22+-leg")
    assert priya.get("/sync").get_json()["notices"] == 0
    with db.transaction() as session:
        did = session.scalars(
            select(AuditEntry.did).where(AuditEntry.about == f"saved-search:{number}")
        )
        assert did.all() == ["opened saved search"]


def test_what_is_hidden_from_her_changes_no_byte_of_what_she_is_answered(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        for word in ("bruise", "arm*", "kind:update", "NOT school"):
            saved.save(cast.ruth, word)
    bruise(cast)
    ruth = browser(cast.ruth)
    before = [_bare(ruth.get(path)) for path in TELLING]
    named = {"audience": "named", "people": (cast.dan.id,), "sharing_reason": "His alone"}
    shut = {"excluded": (cast.ruth.agency_id,), "sharing_reason": "Not theirs"}
    for case, more in ((cast.amara, named | {"is_known": False}), (cast.amara, shut)):
        _publish(cast.priya, case, more)
    _publish(cast.olive, cast.noor, {})
    assert [_bare(ruth.get(path)) for path in TELLING] == before
    _publish(cast.priya, cast.amara, {})
    with db.transaction() as session:
        assert session.scalar(select(func.count(Find.id))) == 2, "and hers is found"


TELLING = ("/notices", "/searches", "/settings/notices", "/search")


def _publish(author: Person, case: Case, more: dict[str, Any]) -> None:
    with db.transaction():
        posts.publish(author, case, Update("Another bruise on the arm", **more))
    while relay.deliver():
        pass


def _bare(answer: TestResponse) -> str:
    """Without what differs each time, and without up to where the page knows what was done."""
    return re.sub(r'(name="(key|csrf_token)" value=|data-at=)"[^"]*"', "", answer.text)


def test_alerts_are_turned_off_and_on_with_one_press(cast: Cast, browser: Browser) -> None:
    number, priya = save(cast.priya, "bruise"), browser(cast.priya)
    assert "Turn alerts off" in priya.get("/searches").text
    priya.post(f"/searches/{number}/alerts", data={})
    assert "Turn alerts on" in priya.get("/searches").text
    priya.post(f"/searches/{number}/alerts", data={"alerts": "yes"})
    assert "Turn alerts off" in priya.get("/searches").text


def test_one_is_renamed(cast: Cast, browser: Browser) -> None:
    number, priya = save(cast.priya, "bruise", "Marks"), browser(cast.priya)
    assert 'value="Marks"' in priya.get(f"/searches/{number}/details").text
    wrong = priya.post(f"/searches/{number}/details", data={"name": "y" * 81, "alerts": "yes"})
    assert wrong.status_code == 422
    assert "y" * 81 in wrong.text
    priya.post(f"/searches/{number}/details", data={"name": "Mark’s arm"})
    page = unescape(priya.get("/searches").text)
    assert "Mark’s arm" in page
    assert "Turn alerts on" in page


def test_deleting_one_asks_first_and_takes_its_notices_along(cast: Cast, browser: Browser) -> None:
    number, priya = save(cast.priya, "bruise"), browser(cast.priya)
    bruise(cast)
    assert "Delete this saved search?" in priya.get(f"/searches/{number}/deletion").text
    assert "bruise" in priya.get("/searches").text
    priya.post(f"/searches/{number}/deletion")
    assert "None yet" in priya.get("/searches").text
    assert "found something new" not in priya.get("/notices").text


@pytest.mark.parametrize("page", ["", "/details", "/deletion"])
def test_somebody_elses_is_as_one_that_is_not_there(
    cast: Cast, browser: Browser, page: str
) -> None:
    number, dan = save(cast.priya, "bruise"), browser(cast.dan)
    hidden, absent = dan.get(f"/searches/{number}{page}"), dan.get(f"/searches/987654{page}")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data


def test_recent_searches_are_opened_again_and_cleared(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        asked.note(cast.priya, "bruise & arm", [], how="page")
    priya = browser(cast.priya)
    assert 'href="/search?q=bruise+%26+arm"' in unescape(priya.get("/searches").text)
    assert "bruise" not in browser(cast.dan).get("/searches").text
    priya.post("/searches/recent/end")
    assert "bruise" not in priya.get("/searches").text


def test_somebody_chooses_how_searches_tell_them(cast: Cast, browser: Browser) -> None:
    page = browser(cast.priya).get("/settings/notices").text
    assert "A search I saved finds something new" in page
