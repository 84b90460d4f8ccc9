from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock, db
from app.models import AuditEntry
from feeds import follows, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]


def test_a_feed_without_news_says_what_will_come_and_the_one_next_act(
    browser: Browser, cast: Cast
) -> None:
    page = browser(cast.olive).get("/").text

    assert "Nothing here yet" in page
    assert 'href="/cases/new"' in page


def test_cases_with_news_stand_first_the_most_worrying_on_top(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast.amara, "afraid", worry="worried", meaning="She is afraid.")
    _post(cast.priya, cast.tobi, "fine")
    _post(cast.priya, cast.tobi, "still fine")

    page = browser(cast.dan).get("/").text

    assert "3 updates you have not read, in 2 cases" in page
    news = page[page.index("Cases with news") : page.index('id="updates"')]
    assert news.index("Amara O") < news.index("Tobi O")
    assert "2 new" in news


def test_updates_of_all_followed_cases_stand_by_time(browser: Browser, cast: Cast) -> None:
    for minutes, case, body in (
        (30, cast.amara, "first"),
        (20, cast.tobi, "second"),
        (10, cast.amara, "third"),
    ):
        with clock.held(MORNING - timedelta(minutes=minutes)):
            _post(cast.priya, case, f"{body} update")

    page = browser(cast.dan).get("/").text

    assert page.index("third update") < page.index("second update") < page.index("first update")


def test_the_feed_shows_nothing_of_other_networks(browser: Browser, cast: Cast) -> None:
    _post(cast.olive, cast.noor, "canary")
    _post(cast.priya, cast.amara, "for Dan")

    assert "canary" in browser(cast.olive).get("/").text
    page = browser(cast.dan).get("/").text
    assert "for Dan" in page
    assert "canary" not in page


def test_an_unfollowed_case_is_not_in_the_feed(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast.amara, "for whoever follows")
    with db.transaction():
        follows.unfollow(cast.dan, cast.amara)

    assert "for whoever follows" in browser(cast.ruth).get("/").text
    assert "for whoever follows" not in browser(cast.dan).get("/").text


def test_the_line_stands_below_the_last_update_that_is_new(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast.amara, "old news")
    dan = browser(cast.dan)
    dan.get(f"/cases/{cast.amara.id}")
    with clock.held(MORNING + timedelta(minutes=1)):
        _post(cast.priya, cast.amara, "fresh news")

        page = dan.get("/").text

    line = page.index("You have read everything below this line")
    assert page.index("fresh news") < line < page.index("old news")


def test_what_the_feed_showed_can_be_marked_as_read(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast.amara, "news")
    dan = browser(cast.dan)
    assert "Mark these as read" in dan.get("/").text

    dan.post("/read", data={"read": f"{cast.amara.id}:1"})

    assert "Cases with news" not in dan.get("/").text


def test_a_case_of_which_the_page_left_something_out_stays_unread(
    browser: Browser, cast: Cast
) -> None:
    for number in range(30):
        _post(cast.priya, cast.amara, f"update {number}")

    page = browser(cast.dan).get("/").text

    assert "30 updates you have not read" in page
    assert f'value="{cast.amara.id}:' not in page


def test_marking_a_strangers_case_as_read_finds_nothing(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)

    for sent in (f"{cast.noor.id}:1", "9" * 5000 + ":1", f"{cast.amara.id}:" + "9" * 5000, "²:1"):
        assert dan.post("/read", data={"read": sent}).status_code == 404


def test_older_updates_follow_without_a_gap(browser: Browser, cast: Cast) -> None:
    for number in range(30):
        with clock.held(MORNING - timedelta(minutes=number)):
            _post(cast.priya, cast.amara if number % 2 else cast.tobi, f"number {number:02}.")
    dan = browser(cast.dan)

    first = dan.get("/").text
    older = first.split('href="/?before=', 1)[1].split('"', 1)[0]
    second = dan.get(f"/?before={older}").text

    shown = [number for number in range(30) if f"number {number:02}." in first + second]
    assert shown == list(range(30))
    assert "number 24." in first
    assert "number 24." not in second


def test_one_row_of_audit_says_what_the_feed_showed_of_each_case(
    browser: Browser, cast: Cast
) -> None:
    _post(cast.priya, cast.amara, "one")
    _post(cast.priya, cast.tobi, "two")

    browser(cast.dan).get("/")

    with db.transaction() as session:
        (row,) = session.scalars(select(AuditEntry).where(AuditEntry.did == "read feed"))
        assert sorted(row.ranges or []) == [[cast.amara.id, 1, 1], [cast.tobi.id, 1, 1]]


def _post(author, case, body: str, **more):
    with db.transaction():
        return posts.publish(author, case, Update(body, **more))
