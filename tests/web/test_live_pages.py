from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import networks
from app.core import clock, db
from app.models import AuditEntry, Post
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]


def test_a_fragment_holds_what_came_after_a_position_and_no_more(
    browser: Browser, cast: Cast
) -> None:
    for body in ("one", "two", "three"):
        _publish(cast, f"number {body}")

    html = browser(cast.dan).get(f"/cases/{cast.amara.id}/fragments?after=1").text

    assert "number one" not in html
    assert html.index("number three") < html.index("number two"), "newest first"
    assert "<html" not in html


def test_a_fragment_of_named_posts_leaves_out_what_is_not_hers(
    browser: Browser, cast: Cast
) -> None:
    mine = _publish(cast, "for the network")
    with db.transaction():
        other = posts.publish(cast.olive, cast.noor, Update("elsewhere"))

    address = f"/cases/{cast.amara.id}/fragments?ids={mine.id},{other.id},999"
    html = browser(cast.dan).get(address).text

    assert "for the network" in html
    assert "elsewhere" not in html


def test_a_withdrawn_post_is_missing_from_its_fragment(browser: Browser, cast: Cast) -> None:
    post = _publish(cast, "taken back")
    with db.transaction() as session:
        posts.withdraw(cast.priya, session.get_one(Post, post.id), "Wrong child")

    answer = browser(cast.dan).get(f"/cases/{cast.amara.id}/fragments?ids={post.id}")

    assert answer.status_code == 200
    assert "data-post" not in answer.text


def test_a_fragment_is_on_record_as_a_live_read(browser: Browser, cast: Cast) -> None:
    _publish(cast, "one")

    browser(cast.dan).get(f"/cases/{cast.amara.id}/fragments?after=0")

    with db.transaction() as session:
        (row,) = session.scalars(select(AuditEntry).where(AuditEntry.how == "live"))
        assert (row.person_id, row.ranges) == (cast.dan.id, [[cast.amara.id, 1, 1]])


def test_a_stranger_gets_no_fragment(browser: Browser, cast: Cast) -> None:
    _publish(cast, "one")

    answer = browser(cast.olive).get(f"/cases/{cast.amara.id}/fragments?after=0")

    assert answer.status_code == 404


def test_a_page_that_was_away_is_told_where_to_look(browser: Browser, cast: Cast) -> None:
    post = _publish(cast, "one")

    answer = browser(cast.dan).get("/sync?after=0").get_json()

    assert answer["changed"] == [
        {
            "at": 1,
            "did": "published",
            "case": cast.amara.id,
            "post": post.id,
            "position": 1,
            "by": cast.priya.id,
        }
    ]
    assert (answer["at"], answer["more"], answer["gone"]) == (1, False, [])


def test_what_happens_in_other_networks_is_nothing_to_her(browser: Browser, cast: Cast) -> None:
    _publish(cast, "one")

    assert len(browser(cast.dan).get("/sync?after=0").get_json()["changed"]) == 1
    assert browser(cast.olive).get("/sync?after=0").get_json()["changed"] == []


def test_a_withdrawal_is_told_to_whoever_may_have_it_on_the_screen(
    browser: Browser, cast: Cast
) -> None:
    post = _publish(cast, "taken back")
    with db.transaction() as session:
        posts.withdraw(cast.priya, session.get_one(Post, post.id), "Wrong child")

    changed = browser(cast.dan).get("/sync?after=0").get_json()["changed"]

    assert [pointer["did"] for pointer in changed] == ["withdrawn"]


def test_a_page_of_a_case_that_is_no_longer_hers_is_told_so(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    address = f"/sync?after=0&case={cast.amara.id}"
    assert dan.get(address).get_json()["gone"] == []

    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.dan, "Moved to another school")

    assert dan.get(address).get_json()["gone"] == [cast.amara.id]


def test_what_ends_by_time_goes_from_an_open_feed_at_the_next_question(
    browser: Browser, cast: Cast
) -> None:
    with db.transaction():
        networks.renew(
            cast.priya, cast.amara, cast.dan, until_on=MORNING.date(), reason="Ends today"
        )
    dan = browser(cast.dan)
    address = f"/sync?after=0&case={cast.amara.id}&case={cast.tobi.id}&case=none"
    assert dan.get(address).get_json()["gone"] == []

    with clock.held(MORNING + timedelta(hours=15)):
        after = browser(cast.dan).get(address).get_json()

    assert after["gone"] == [cast.amara.id]


def _publish(cast: Cast, body: str) -> Post:
    with db.transaction():
        return posts.publish(cast.priya, cast.amara, Update(body))


def test_a_page_left_open_does_not_keep_its_session_alive(cast: Cast, browser: Browser) -> None:
    client = browser(cast.priya)
    for minutes in range(0, 61, 20):
        with clock.held(MORNING + timedelta(minutes=minutes)):
            answer = client.get("/sync?after=0")
    assert answer.status_code == 302
