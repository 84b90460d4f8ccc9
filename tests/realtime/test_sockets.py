"""Who hears that something changed, what they hear, and when they stop hearing it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from socketio.exceptions import ConnectionError as Refused
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from app.casework import networks, people, sign_ins
from app.core import clock, db
from app.models import Membership, Person, Post
from feeds import posts
from tests.alerts import point_out
from tests.cast import Cast
from tests.realtime import house
from tests.realtime.house import Page

Open = Callable[[Person], Page]
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def publish(author: Person, cast: Cast) -> int:
    with db.transaction():
        return posts.publish(author, cast.amara, posts.Update(body="He ran to the door.")).id


def test_a_post_is_heard_on_the_open_page_of_a_member(cast: Cast, page: Open) -> None:
    dan = page(cast.dan)
    post_id = publish(cast.priya, cast)

    heard = dan.hears()

    assert heard is not None
    assert (heard["did"], heard["case"], heard["post"]) == ("published", cast.amara.id, post_id)


def test_a_pointer_says_where_to_look_and_nothing_else(cast: Cast, page: Open) -> None:
    dan = page(cast.dan)
    publish(cast.priya, cast)

    heard = dan.hears()

    assert heard is not None
    assert set(heard) == {"at", "did", "case", "post", "position", "by", "notices"}
    assert "ran to the door" not in str(heard)
    assert "Amara" not in str(heard)


def test_who_is_not_in_the_network_hears_nothing(cast: Cast, page: Open) -> None:
    dan, olive, lee = page(cast.dan), page(cast.olive), page(cast.lee)
    publish(cast.priya, cast)

    assert dan.hears(), "somebody must hear it, or this proves nothing"
    assert olive.hears(0.3) is None
    assert lee.hears(0.3) is None


def test_the_manager_of_a_member_hears_it_too(cast: Cast, page: Open) -> None:
    mo = page(cast.mo)
    publish(cast.dan, cast)

    assert mo.hears()


def test_leaving_ends_the_pointers_at_once(cast: Cast, page: Open) -> None:
    dan, ruth = page(cast.dan), page(cast.ruth)
    with db.transaction():
        networks.leave(cast.dan, cast.amara, "Changed schools")
    assert dan.hears()["did"] == "left", "so that what is on the screen goes"  # type: ignore[index]

    publish(cast.priya, cast)

    assert ruth.hears(), "leaving is heard by who stays"
    assert ruth.hears(), "and so is the post"
    assert dan.hears(0.3) is None


def test_nothing_is_heard_about_posts_from_before_ones_history(cast: Cast, page: Open) -> None:
    post_id = publish(cast.priya, cast)
    with db.transaction() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == cast.dan.id, Membership.case_id == cast.amara.id)
            .values(history_from=clock.now() + timedelta(days=1))
        )
    dan, ruth = page(cast.dan), page(cast.ruth)
    with db.transaction() as session:
        posts.edit(cast.priya, session.get_one(Post, post_id), "He walked to the door.")

    assert ruth.hears(), "who may read it hears"
    assert dan.hears(0.3) is None


def test_who_reads_from_a_day_on_hears_nothing_of_what_was_unusual_before(
    cast: Cast, page: Open
) -> None:
    with db.transaction() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == cast.dan.id, Membership.case_id == cast.amara.id)
            .values(history_from=clock.now())
        )
    dan, ruth = page(cast.dan), page(cast.ruth)
    with db.transaction():
        point_out(cast.amara, "busy")

    assert ruth.hears()
    assert dan.hears(0.3) is None


def test_a_withdrawn_post_is_announced_so_that_screens_drop_it(cast: Cast, page: Open) -> None:
    post_id = publish(cast.priya, cast)
    dan = page(cast.dan)
    house.eventually(lambda: dan.hears(0.5) is None)
    with db.transaction() as session:
        posts.withdraw(cast.priya, session.get_one(Post, post_id), "Wrong child")

    heard = dan.hears()

    assert heard is not None
    assert (heard["did"], heard["post"]) == ("withdrawn", post_id)


@pytest.mark.parametrize("origin", [None, "null", "https://elsewhere.example"])
def test_a_page_from_anywhere_else_is_refused(
    cast: Cast, app: Flask, address: str, origin: str | None
) -> None:
    cookie, _ = house.cookie(app, cast.dan)
    Page(address, cookie).open().socket.disconnect()  # the same cookie from our own page does

    with pytest.raises(Refused):
        Page(address, cookie, origin=origin).open()


def test_nobody_opens_a_socket_without_signing_in(cast: Cast, address: str) -> None:
    with pytest.raises(Refused):
        Page(address).open()


def test_an_account_without_content_opens_no_socket(cast: Cast, app: Flask, address: str) -> None:
    for person in (cast.ada, cast.audrey):
        with pytest.raises(Refused):
            Page(address, house.cookie(app, person)[0]).open()


def test_signing_out_closes_the_open_page_within_two_seconds(
    cast: Cast, app: Flask, address: str
) -> None:
    cookie, session_id = house.cookie(app, cast.dan)
    dan = Page(address, cookie).open()
    with db.transaction():
        sign_ins.end(session_id)
    began = time.monotonic()

    assert dan.closed.wait(5)
    assert time.monotonic() - began <= 2
    with pytest.raises(Refused):
        Page(address, cookie).open()


def test_signing_out_on_one_device_leaves_the_other_open(
    cast: Cast, app: Flask, address: str, page: Open
) -> None:
    at_home = page(cast.dan)
    cookie, session_id = house.cookie(app, cast.dan)
    at_work = Page(address, cookie).open()
    with db.transaction():
        sign_ins.end(session_id)

    assert at_work.closed.wait(5)
    publish(cast.priya, cast)
    assert at_home.hears()


def test_deactivation_closes_every_page_within_two_seconds(cast: Cast, page: Open) -> None:
    pages = [page(cast.dan), page(cast.dan)]
    began = time.monotonic()
    with db.transaction() as session:
        people.deactivate(session.merge(cast.ada), session.merge(cast.dan))

    assert all(each.closed.wait(5) for each in pages)
    assert time.monotonic() - began <= 2


def test_what_a_page_says_is_answered_by_nobody(cast: Cast, page: Open) -> None:
    dan = page(cast.dan)
    answered: list[object] = []
    for event in ("join", "message", "read", "subscribe"):
        dan.socket.emit(event, {"case": cast.noor.id}, callback=lambda *said: answered.append(said))
    with db.transaction():
        posts.publish(cast.olive, cast.noor, posts.Update(body="Weighed today."))

    assert dan.hears(0.5) is None
    assert not answered


def test_long_polling_is_not_offered(cast: Cast, app: Flask, address: str) -> None:
    client = app.test_client()
    own = {"Origin": address, "Cookie": house.cookie(app, cast.dan)[0]}

    assert client.get("/socket.io/?EIO=4&transport=polling", headers=own).status_code == 400
    assert client.post("/socket.io/?EIO=4&transport=polling", headers=own).status_code == 400


def test_a_full_house_asks_newcomers_to_come_back(
    cast: Cast, app: Flask, address: str, page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.sockets.MOST_SOCKETS", 1)
    page(cast.dan)

    with pytest.raises(Refused):
        page(cast.ruth)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_database_who_knocks_is_asked_to_come_back(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"Origin": app.config["KITH"].url, "Cookie": house.cookie(app, cast.dan)[0]} | UPGRADE

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("what was asked"))

    monkeypatch.setattr("app.realtime.sockets.sign_ins.find", away)
    client = app.test_client(use_cookies=False)
    with capture_logs() as lines:
        answer = client.get("/socket.io/?EIO=4&transport=websocket", headers=own)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert [line["event"] for line in lines] == ["socket not opened"]
    assert "what was asked" not in str(lines)
