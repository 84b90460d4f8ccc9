from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import cases, networks
from app.core import clock, db
from app.models import AuditEntry
from feeds import acknowledgements, follows, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]


def test_a_case_page_says_who_it_is_about_and_how_the_case_stands(
    browser: Browser, cast: Cast
) -> None:
    page = browser(cast.priya).get(f"/cases/{cast.amara.id}").text

    assert "Amara O" in page
    assert "Child protection plan" in page
    assert "Neglect · since 24 October 2026" in page
    assert f'href="/cases/{cast.tobi.id}"' in page, "her brother's case, which Priya sees"


def test_a_brother_is_not_shown_to_somebody_who_does_not_see_his_case(
    browser: Browser, cast: Cast
) -> None:
    assert "Tobi" in browser(cast.dan).get(f"/cases/{cast.amara.id}").text

    assert "Tobi" not in browser(cast.ruth).get(f"/cases/{cast.amara.id}").text


def test_a_stranger_is_told_what_somebody_asking_for_no_case_is_told(
    browser: Browser, cast: Cast
) -> None:
    stranger = browser(cast.olive)

    hidden = stranger.get(f"/cases/{cast.amara.id}")
    absent = stranger.get("/cases/987654321")

    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data
    assert dict(hidden.headers) == dict(absent.headers)


def test_the_facts_say_when_the_child_was_last_seen_and_by_whom(
    browser: Browser, cast: Cast
) -> None:
    with clock.held(MORNING - timedelta(days=4)):
        _post(cast.priya, cast, "She was well.", kind="visit", seen=True, seen_alone=True)

    page = browser(cast.dan).get(f"/cases/{cast.amara.id}").text

    assert "4 days ago" in page
    assert "alone, by Priya Shah" in page


def test_what_is_overdue_stands_at_the_top(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        cases.add_key_date(cast.priya, cast.amara, "Core group", MORNING - timedelta(days=1))

    page = browser(cast.dan).get(f"/cases/{cast.amara.id}").text

    assert "1 thing" in page
    assert "Core group" in page


def test_the_line_stands_where_reading_stopped(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast, "read before")
    dan = browser(cast.dan)
    dan.get(f"/cases/{cast.amara.id}")
    _post(cast.priya, cast, "since then")

    page = dan.get(f"/cases/{cast.amara.id}").text

    line = page.index("You have read everything below this line")
    assert page.index("since then") < line < page.index("read before")


def test_ones_own_post_is_no_news_and_draws_no_line(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast, "read before")
    dan = browser(cast.dan)
    dan.get(f"/cases/{cast.amara.id}")
    _post(cast.dan, cast, "my own words")

    page = dan.get(f"/cases/{cast.amara.id}").text

    assert "my own words" in page
    assert "You have read everything below this line" not in page


def test_looking_at_a_case_marks_it_as_read(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast, "news")

    browser(cast.dan).get(f"/cases/{cast.amara.id}")

    with db.transaction():
        assert follows.unread(cast.dan) == {}
        assert follows.unread(cast.ruth) == {cast.amara.id: 1}


def test_a_page_that_does_not_reach_down_to_the_line_marks_nothing(
    browser: Browser, cast: Cast
) -> None:
    for number in range(30):
        _post(cast.priya, cast, f"update {number}")

    page = browser(cast.dan).get(f"/cases/{cast.amara.id}").text

    assert "Mark all as read" in page
    with db.transaction():
        assert follows.unread(cast.dan) == {cast.amara.id: 30}


def test_a_filtered_page_marks_nothing(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast, "unseen")

    browser(cast.dan).get(f"/cases/{cast.amara.id}?view=worries")

    with db.transaction():
        assert follows.unread(cast.dan) == {cast.amara.id: 1}


def test_worries_are_found_by_their_filter(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast, "a calm day")
    _post(cast.priya, cast, "a bad day", worry="worried", meaning="She is afraid.")

    page = browser(cast.dan).get(f"/cases/{cast.amara.id}?view=worries").text

    assert "a bad day" in page
    assert "a calm day" not in page


def test_older_updates_stand_on_the_next_page(browser: Browser, cast: Cast) -> None:
    for number in range(30):
        _post(cast.priya, cast, f"number {number:02}.")
    dan = browser(cast.dan)

    first = dan.get(f"/cases/{cast.amara.id}").text
    second = dan.get(f"/cases/{cast.amara.id}?before=6").text

    assert "?before=6" in first
    assert "number 05." in first
    assert "number 05." not in second
    assert "number 04." in second


def test_one_row_of_audit_says_what_a_page_showed(browser: Browser, cast: Cast) -> None:
    _post(cast.priya, cast, "one")
    _post(cast.priya, cast, "two")

    browser(cast.dan).get(f"/cases/{cast.amara.id}")

    with db.transaction() as session:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.person_id == cast.dan.id, AuditEntry.how == "page")
        ).all()
        shown = [row for row in rows if row.did == "read case"]
        assert [row.ranges for row in shown] == [[[cast.amara.id, 1, 2]]]


def test_an_urgent_post_waits_for_a_named_person(browser: Browser, cast: Cast) -> None:
    post = _post(cast.ruth, cast, "gone", worry="urgent", phoned=True)
    address = f"/cases/{cast.amara.id}"

    assert "Nobody has acknowledged this yet" in browser(cast.priya).get(address).text
    with db.transaction():
        acknowledgements.add(cast.priya, post)

    assert "Priya Shah has this" in browser(cast.dan).get(address).text


def test_the_author_of_an_urgent_post_is_not_asked_to_acknowledge_it(
    browser: Browser, cast: Cast
) -> None:
    _post(cast.ruth, cast, "gone", worry="urgent", phoned=True)
    address = f"/cases/{cast.amara.id}"

    assert "I have seen this and I have it" in browser(cast.dan).get(address).text
    assert "I have seen this and I have it" not in browser(cast.ruth).get(address).text


def test_whoever_stops_following_still_sees_the_case(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)

    dan.post(f"/cases/{cast.amara.id}/follow", data={"_method": "DELETE"})

    assert "You do not follow this case" in dan.get(f"/cases/{cast.amara.id}").text
    dan.post(f"/cases/{cast.amara.id}/follow")
    assert "Stop following" in dan.get(f"/cases/{cast.amara.id}").text


def _post(author, cast: Cast, body: str, **more):
    with db.transaction():
        return posts.publish(author, cast.amara, Update(body, **more))


def test_who_reads_from_a_day_on_is_told_that_more_is_not_shared(
    browser: Browser, cast: Cast
) -> None:
    seen = Update("At home, well.", kind="visit", seen=True, seen_alone=True)
    with db.transaction():
        posts.publish(cast.priya, cast.amara, seen)
    with clock.held(MORNING + timedelta(hours=1)), db.transaction():
        networks.add(
            cast.priya, cast.amara, cast.lee, role="", reason="Helps", history_from=clock.now()
        )

    page = browser(cast.lee).get(f"/cases/{cast.amara.id}").text
    assert page.count("Not shared with you") == 0, "not a member yet at nine o'clock"

    with clock.held(MORNING + timedelta(hours=1)):
        page = browser(cast.lee).get(f"/cases/{cast.amara.id}").text
    assert "Not shared with you" in page
    assert "Earlier updates are not shared with you" in page
    assert "Not recorded" not in page
