"""Two people talk, each before an open page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from app import presence
from app.casework import conflicts
from app.core import db
from app.models import Conversation, Message
from messaging import conversations, messages, reading
from tests.cast import Cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

At = Callable[..., Page]


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    presence.use(presence.Memory())
    with db.transaction():
        made = conversations.start(cast.priya, [cast.dan], case=cast.amara)
        messages.say(cast.priya, made, "What stood there before.")
        return made


def test_what_one_says_the_other_reads_without_asking_for_it(
    cast: Cast, talk: Conversation, at: At
) -> None:
    place = f"/conversations/{talk.id}"
    priya, dan = at(cast.priya, place), at(cast.dan, place)
    expect(priya.locator("[data-presence]")).to_contain_text("Dan Hughes here now")
    dan.get_by_label("Write a message").press_sequentially("I ring", delay=5)
    expect(priya.get_by_text("Dan Hughes is writing…")).to_be_visible()
    dan.get_by_label("Write a message").press("Control+Enter")
    expect(priya.locator("[data-message]").last).to_contain_text("I ring")
    expect(priya.get_by_text("Dan Hughes is writing…")).to_be_hidden()
    expect(dan.get_by_label("Write a message")).to_have_value("")
    expect(dan.locator("[data-mine]")).to_contain_text("Read by 1 of 1")
    priya.locator("[data-message]").last.get_by_role("button", name="Thank you").click()
    expect(dan.locator("[data-mine]")).to_contain_text("Thank you 1")
    priya.locator("[data-reply]").last.click()
    priya.keyboard.type("At three")
    priya.get_by_role("button", name="Send to").click()
    expect(dan.locator("[data-message]").last).to_contain_text("Dan Hughes: I ring")
    assert dan.locator("#body").evaluate("each => document.activeElement === each")


def test_news_is_counted_on_every_page_and_gone_when_read_elsewhere(
    cast: Cast, talk: Conversation, at: At
) -> None:
    feed = at(cast.dan, "/people")
    badge = feed.locator('.kith-nav [data-count="messages"]')
    expect(badge).to_contain_text("1")
    with db.transaction():
        messages.say(cast.priya, talk, "And another.")
    expect(badge).to_contain_text("2")
    at(cast.dan, f"/conversations/{talk.id}")
    expect(badge).to_be_hidden()


def test_news_between_the_page_and_its_connection_is_counted_too(
    cast: Cast, talk: Conversation, seat: Callable[..., BrowserContext]
) -> None:
    page = seat(cast.dan).new_page()

    def late(script: Route) -> None:
        with db.transaction():
            messages.say(cast.priya, talk, "Said while the script was on its way.")
        script.continue_()

    page.route("**/static/live-*.js", late)
    page.goto("/people")
    expect(page.locator('.kith-nav [data-count="messages"]')).to_contain_text("2")


def test_what_is_taken_back_and_what_is_no_longer_hers_leaves_the_screen(
    cast: Cast, talk: Conversation, at: At
) -> None:
    with db.transaction():
        rows = reading.newest(cast.dan, talk).messages
        messages.say(cast.dan, talk, "Yes.", reply_to_id=rows[0].id)
    dan = at(cast.dan, f"/conversations/{talk.id}")
    expect(dan.get_by_text("What stood there before.")).to_have_count(2)
    with db.transaction() as session:
        messages.say(cast.priya, talk, "Wrong child.")
        messages.withdraw(cast.priya, session.get_one(Message, rows[0].id))
    expect(dan.get_by_text("Wrong child.")).to_be_visible()
    expect(dan.get_by_text("What stood there before.")).to_have_count(0)
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.dan, "An uncle")
    expect(dan.get_by_text("Wrong child.")).to_have_count(0)
    expect(dan.locator("main")).to_contain_text("You no longer see this case")


def test_without_signal_the_words_stay_and_are_sent_once(
    cast: Cast, talk: Conversation, at: At
) -> None:
    dan = at(cast.dan, f"/conversations/{talk.id}")
    dan.context.set_offline(True)
    dan.fill("#body", "Kept while away")
    dan.get_by_role("button", name="Send to").click()
    expect(dan.locator("#body-error")).to_contain_text("Not sent: no signal")
    expect(dan.locator("#body")).to_have_value("Kept while away")
    dan.context.set_offline(False)
    dan.get_by_role("button", name="Send to").click()
    expect(dan.locator("[data-mine]")).to_have_count(1)
    expect(dan.locator("#body")).to_have_value("")


def test_who_has_been_signed_out_sends_nothing_and_keeps_the_words(
    cast: Cast, talk: Conversation, at: At
) -> None:
    dan = at(cast.dan, f"/conversations/{talk.id}")
    dan.fill("#body", "Kept")
    dan.context.clear_cookies()
    dan.get_by_role("button", name="Send to").click()
    expect(dan.locator("#body-error")).to_contain_text("Not sent: you have been signed out.")
    expect(dan.locator("#body")).to_have_value("Kept")


def test_a_name_is_offered_taken_by_keyboard_and_one_in_vain_is_said(
    cast: Cast, talk: Conversation, at: At
) -> None:
    page = at(cast.dan, f"/conversations/{talk.id}")
    write, offered = page.get_by_label("Write a message"), page.get_by_role("listbox")
    write.press_sequentially("Ask @pri")
    expect(offered.get_by_role("option")).to_have_text(["Priya Shah, Social worker"])
    page.keyboard.press("Escape")
    expect(offered).to_be_hidden()
    write.press_sequentially("y")
    expect(offered).to_be_visible()
    page.keyboard.press("Enter")
    expect(write).to_have_value("Ask @Priya Shah ")
    write.press_sequentially("or @Olive")
    page.keyboard.press("Control+Enter")
    said = page.locator("[data-mine]").last
    expect(said.locator("strong", has_text="@Priya Shah")).to_be_visible()
    expect(said).to_contain_text("“@Olive” names nobody in this conversation")
    expect(page.locator("#announce")).to_contain_text("“@Olive” names nobody")


def test_words_come_back_with_the_page_and_go_when_they_are_sent(
    cast: Cast, talk: Conversation, at: At
) -> None:
    page = at(cast.dan, f"/conversations/{talk.id}")
    write = page.get_by_label("Write a message")
    write.press_sequentially("I ring at three")
    expect(page.locator("[data-saved]")).to_contain_text("Draft saved")
    page.reload()
    expect(write).to_have_value("I ring at three")
    write.press("Control+Enter")
    expect(page.locator("[data-mine]")).to_contain_text("I ring at three")
    expect(page.locator("[data-saved]")).to_be_empty()
    page.reload()
    expect(write).to_have_value("")


def test_what_is_about_to_be_answered_comes_back_with_the_page(
    cast: Cast, talk: Conversation, at: At
) -> None:
    page = at(cast.dan, f"/conversations/{talk.id}")
    answered, saved = page.locator("[data-replying]"), page.locator("[data-saved]")
    page.locator("[data-reply]").click()
    expect(saved).to_contain_text("Draft saved")
    page.reload()
    expect(answered).to_contain_text("In answer to Priya Shah: What stood there before.")
    answered.get_by_text("Do not answer").click()
    expect(answered).to_have_count(0)
    expect(saved).to_be_empty()
    page.reload()
    expect(answered).to_have_count(0)


def test_a_draft_with_files_says_that_they_are_not_kept(
    cast: Cast, talk: Conversation, at: At
) -> None:
    page = at(cast.dan, f"/conversations/{talk.id}")
    page.locator("#files").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Plan"}
    )
    saved = page.locator("[data-saved]")
    expect(saved).to_have_text("A file is kept only when you send it.")
    page.fill("#body", "See this")
    expect(saved).to_contain_text("without the file you chose: if you leave, choose it again.")
    page.reload()
    expect(page.locator("#body")).to_have_value("See this")
    expect(saved).to_contain_text("without the file you had chosen: choose it again.")


def test_arrows_walk_from_message_to_message_and_escape_leads_back(
    cast: Cast, talk: Conversation, at: At
) -> None:
    with db.transaction():
        messages.say(cast.dan, talk, "I ring.")
        messages.say(cast.priya, talk, "Thank you.")
    page = at(cast.dan, f"/conversations/{talk.id}")
    write, rows = page.get_by_label("Write a message"), page.locator("article[data-message]")
    expect(rows.last).to_have_attribute("tabindex", "0")
    assert rows.evaluate_all("all => all.filter((each) => each.tabIndex === 0).length") == 1
    write.press("ArrowUp")
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Home")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Tab")
    expect(rows.nth(0).get_by_role("button", name="Seen")).to_be_focused()
    page.keyboard.press("Escape")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Escape")
    expect(write).to_be_focused()
    page.locator("[data-reply]").last.click()
    expect(page.locator("[data-replying]")).to_be_visible()
    write.press("Escape")
    expect(page.locator("[data-replying]")).to_have_count(0)
