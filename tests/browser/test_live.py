"""What somebody else does, as it reaches a page that is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, WebSocketRoute, expect

from app.casework import children, conflicts, look_ups, networks, restrictions, sign_ins
from app.core import clock, db
from app.models import Comment, Message, Person, Post
from app.monitor import alerts
from feeds import comments, posts
from messaging import conversations, messages
from search import engines, indexing
from tests.alerts import point_out
from tests.cast import Cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

At = Callable[..., Page]
Seat = Callable[..., BrowserContext]


def publish(author: Person, cast: Cast, body: str = "He ate well today.") -> int:
    with db.transaction():
        return posts.publish(author, cast.amara, posts.Update(body=body)).id


def card(page: Page, post_id: int) -> Locator:
    return page.locator(f"[data-post='{post_id}']")


@pytest.fixture
def dan(cast: Cast, at: At) -> Page:
    publish(cast.priya, cast, "What stood there before.")
    return at(cast.dan, f"/cases/{cast.amara.id}")


def test_a_post_in_one_browser_offers_itself_in_another(cast: Cast, at: At, dan: Page) -> None:
    priya = at(cast.priya, f"/cases/{cast.amara.id}")
    priya.fill("#body", "She laughed and ran to the door.")
    priya.get_by_role("button", name="Post to").click()

    expect(dan.get_by_role("link", name="Show 1 new update")).to_be_visible()
    expect(dan.get_by_text("She laughed")).to_have_count(0)


def test_what_is_offered_is_shown_when_asked_for_and_has_the_focus(cast: Cast, dan: Page) -> None:
    first, second = publish(cast.priya, cast), publish(cast.ruth, cast)
    dan.get_by_role("link", name="Show 2 new updates").click()

    expect(card(dan, second)).to_be_focused()
    expect(card(dan, second)).to_contain_text("New")
    shown = [each.get_attribute("data-post") for each in dan.locator("#stream [data-post]").all()]
    assert shown[:2] == [str(second), str(first)]
    expect(dan.locator("#fresh")).to_be_hidden()


def test_only_what_was_shown_is_noted_as_read(cast: Cast, dan: Page) -> None:
    from sqlalchemy import select

    from app.models import AuditEntry

    def read_live() -> int:
        with db.transaction() as session:
            noted = session.scalars(select(AuditEntry).where(AuditEntry.how == "live"))
            return sum(entry.person_id == cast.dan.id for entry in noted)

    publish(cast.priya, cast)
    link = dan.get_by_role("link", name="Show 1 new update")
    expect(link).to_be_visible()
    assert read_live() == 0

    link.click()
    expect(dan.locator("#fresh")).to_be_hidden()
    assert read_live() == 1


def test_a_withdrawn_post_disappears_from_the_open_screen(cast: Cast, at: At) -> None:
    post_id = publish(cast.priya, cast)
    dan = at(cast.dan, f"/cases/{cast.amara.id}")
    expect(card(dan, post_id)).to_be_visible()

    with db.transaction() as session:
        posts.withdraw(cast.priya, session.get_one(Post, post_id), "Wrong child")

    expect(card(dan, post_id)).to_have_count(0)


def test_what_is_taken_back_disappears_from_the_open_results_of_a_search(
    cast: Cast, at: At
) -> None:
    taken, kept = publish(cast.priya, cast, "Porridge."), publish(cast.priya, cast, "Porridge!")
    with db.transaction() as session:
        talk = conversations.start(cast.priya, [cast.dan])
        said = messages.say(cast.priya, talk, "Porridge?")
        under = comments.add(cast.priya, session.get_one(Post, kept), "Porridge, too")
    index = engines.kept()
    assert index is not None
    indexing.rebuild(index)
    dan = at(cast.dan, "/search?q=porridge")
    expect(dan.locator("[data-found]")).to_have_count(4)

    with db.transaction() as session:
        posts.withdraw(cast.priya, session.get_one(Post, taken), "Wrong child")
        comments.withdraw(cast.priya, session.get_one(Comment, under.id), "Wrong child")
        messages.withdraw(cast.priya, session.get_one(Message, said.id))

    expect(dan.locator("[data-found]")).to_have_count(1)
    expect(dan.locator("[data-found]")).to_contain_text("Porridge!")


def test_an_edited_post_says_it_anew_at_once(cast: Cast, at: At) -> None:
    post_id = publish(cast.priya, cast, "He ran.")
    dan = at(cast.dan, f"/cases/{cast.amara.id}")
    with db.transaction() as session:
        posts.edit(cast.priya, session.get_one(Post, post_id), "He walked.")

    expect(card(dan, post_id)).to_contain_text("He walked.")
    expect(card(dan, post_id)).to_contain_text("edited")


def test_a_comment_comes_to_the_posts_own_page_without_touching_what_is_typed(
    cast: Cast, at: At
) -> None:
    post_id = publish(cast.priya, cast)
    dan = at(cast.dan, f"/posts/{post_id}")
    dan.fill("#body", "I was about to say")
    with db.transaction() as session:
        comments.add(cast.ruth, session.get_one(Post, post_id), "I saw him too.")

    expect(dan.locator("#comments")).to_contain_text("I saw him too.")
    expect(dan.locator("#body")).to_have_value("I was about to say")


class Line:
    """The wire between one browser and the house, which somebody may cut."""

    def __init__(self, context: BrowserContext) -> None:
        self.context, self.up, self.held = context, True, list[WebSocketRoute]()
        context.route_web_socket("**/socket.io/**", self._route)

    def _route(self, socket: WebSocketRoute) -> None:
        if self.up:
            socket.connect_to_server()
            self.held.append(socket)

    def cut(self) -> None:
        self.up = False
        self.context.set_offline(True)
        for socket in self.held:
            socket.close()

    def mend(self) -> None:
        self.up = True
        self.context.set_offline(False)


def test_a_page_that_lost_its_line_fetches_the_gap(cast: Cast, seat: Seat) -> None:
    publish(cast.priya, cast)
    context = seat(cast.dan)
    line = Line(context)
    dan = context.new_page()
    with dan.expect_response("**/sync*"):  # which it asks as soon as it is connected
        dan.goto(f"/cases/{cast.amara.id}")
    line.cut()
    expect(dan.locator("#offline")).to_be_visible()
    first, second = publish(cast.priya, cast), publish(cast.ruth, cast)
    line.mend()

    dan.get_by_role("link", name="Show 2 new updates").click()
    expect(card(dan, first)).to_be_visible()
    expect(card(dan, second)).to_be_visible()
    expect(dan.locator("#stream [data-post]")).to_have_count(3)


def test_leaving_clears_the_page_that_is_open(cast: Cast, dan: Page) -> None:
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.dan, "Changed schools")

    expect(dan.locator("main")).to_contain_text("You no longer see this case")
    expect(dan.get_by_text("What stood there before.")).to_have_count(0)
    expect(dan.get_by_text("Amara")).to_have_count(0)


def test_who_is_kept_apart_has_the_open_page_cleared_and_is_not_told_why(
    cast: Cast, dan: Page
) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.dan, "Lives with the mother")

    expect(dan.locator("main")).to_contain_text("You no longer see this case")
    expect(dan.get_by_text("Amara")).to_have_count(0)
    expect(dan.get_by_text("conflict")).to_have_count(0)


def restrict(cast: Cast) -> None:
    restrictions.restrict(cast.priya, cast.amara, "Threats by a relative")


def keep_apart(cast: Cast) -> None:
    conflicts.declare(cast.priya, cast.amara, cast.mo, "Lives with the mother")


def remove_all_of_the_line(cast: Cast) -> None:
    networks.hand_over(cast.priya, cast.amara, cast.dan, "Moves to another team")
    networks.remove(cast.dan, cast.amara, cast.priya, "Moved to another team")


@pytest.mark.parametrize("close", [restrict, keep_apart, remove_all_of_the_line])
def test_what_waits_for_an_answer_goes_with_the_case(
    cast: Cast, at: At, close: Callable[[Cast], None]
) -> None:
    publish(cast.priya, cast)
    with db.transaction():
        look_ups.ask(cast.olive, children.of_case(str(cast.amara.id)), "She came to our clinic")
    mo = at(cast.mo, "/")
    expect(mo.get_by_text("1 person asks about Amara O")).to_be_visible()

    with db.transaction():
        close(cast)

    expect(mo.get_by_text("Amara")).to_have_count(0)
    expect(mo.get_by_text("People wait for your answer")).to_have_count(0)


@pytest.mark.parametrize(
    "page", ["/cases", "/quick", "/quick/{amara}", "/memberships", "/people/{priya}", "/search?q=a"]
)
def test_no_open_page_names_a_case_that_closed(cast: Cast, at: At, page: str) -> None:
    with db.transaction():
        end = clock.today() + timedelta(days=7)
        networks.renew(cast.priya, cast.amara, cast.dan, until_on=end, reason="For now")
    mo = at(cast.mo, page.format(amara=cast.amara.id, priya=cast.priya.id))
    expect(mo.get_by_text("Amara").first).to_be_visible()

    with db.transaction():
        restrict(cast)

    expect(mo.get_by_text("Amara")).to_have_count(0)


@pytest.mark.parametrize("page", ["", "/details", "/family", "/access/own-conflict"])
def test_the_pages_of_one_case_drop_the_name_of_a_brother_whose_case_closed(
    cast: Cast, at: At, page: str
) -> None:
    mo = at(cast.mo, f"/cases/{cast.amara.id}{page}")
    expect(mo.locator("main").get_by_text("Tobi").first).to_be_visible()

    with db.transaction():
        restrictions.restrict(cast.priya, cast.tobi, "Threats by a relative")

    expect(mo.get_by_text("Tobi")).to_have_count(0)
    expect(mo.get_by_role("heading", name="Amara O")).to_be_visible()


def test_no_choice_names_a_case_that_closed(cast: Cast, at: At) -> None:
    with db.transaction():
        networks.add(cast.olive, cast.noor, cast.priya, role="", reason="Helps")
    priya = at(cast.priya, f"/cases/{cast.amara.id}/family")
    expect(priya.locator("option", has_text="Noor R")).to_have_count(1)

    with db.transaction():
        networks.remove(cast.olive, cast.noor, cast.priya, "Not needed any more")

    expect(priya.get_by_text("Noor")).to_have_count(0)


@pytest.mark.parametrize("page", ["edit", "versions"])
def test_the_words_of_a_closed_case_leave_the_pages_of_a_post(
    cast: Cast, at: At, page: str
) -> None:
    dan = at(cast.dan, f"/posts/{publish(cast.dan, cast, 'He ran.')}/{page}")
    expect(dan.get_by_text("He ran.").first).to_be_visible()

    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.dan, "Changed schools")

    expect(dan.locator("main")).to_contain_text("You no longer see this case")
    expect(dan.get_by_text("He ran.")).to_have_count(0)


def test_signing_out_elsewhere_clears_the_page_and_keeps_what_was_typed(
    cast: Cast, app: Flask, dan: Page
) -> None:
    dan.fill("#body", "He told me that")
    with db.transaction():
        sign_ins.end_all(cast.dan)

    expect(dan.locator("main")).to_contain_text("You have been signed out")
    expect(dan.get_by_text("What stood there before.")).to_have_count(0)
    expect(dan.get_by_label("What you had typed")).to_have_value("He told me that")


def test_the_feed_offers_news_and_counts_it(cast: Cast, at: At) -> None:
    publish(cast.priya, cast)
    dan = at(cast.dan, "/")
    count = dan.locator(f"[data-unread='{cast.amara.id}']")
    expect(count).to_have_text("1 new")
    publish(cast.ruth, cast)

    expect(count).to_have_text("2 new")
    dan.get_by_role("link", name="Show 1 new update").click()
    expect(dan.locator("#stream [data-post]")).to_have_count(2)


def test_without_a_socket_the_page_asks_by_itself(
    cast: Cast, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.sockets.MOST_SOCKETS", 0)
    dan = seat(cast.dan).new_page()
    dan.clock.install()
    with dan.expect_response("**/sync*"):  # which it asks as soon as it is refused
        dan.goto(f"/cases/{cast.amara.id}")
    dan.clock.fast_forward(4_000)
    expect(dan.get_by_text("Live updates are paused")).to_be_visible()
    publish(cast.priya, cast)

    dan.clock.fast_forward(10_000)
    expect(dan.get_by_role("link", name="Show 1 new update")).to_be_visible()


def test_that_a_case_needs_a_look_comes_to_its_open_page_and_to_the_feed_and_goes_again(
    cast: Cast, at: At, dan: Page
) -> None:
    feed = at(cast.dan, "/")
    with db.transaction():
        alert = point_out(cast.amara)

    expect(dan.get_by_role("heading", name="This case needs a look")).to_be_visible()
    expect(dan.get_by_text("9 updates in 7 days")).to_be_visible()
    expect(dan.locator("#announce")).to_have_text("This case needs a look")
    expect(feed.get_by_text("Busier than usual")).to_be_visible()

    with db.transaction():
        alerts.answer(cast.mo, alert.id, "expected", "A conference was prepared")

    expect(dan.get_by_text("9 updates in 7 days")).to_have_count(0)
    expect(feed.get_by_text("Busier than usual")).to_have_count(0)
