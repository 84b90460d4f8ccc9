"""Writing an update: drafts that save themselves, and a form that guards what is in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.casework import networks
from app.core import db
from app.models import Post
from tests.cast import Cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

At = Callable[..., Page]


@pytest.fixture
def priya(cast: Cast, at: At) -> Page:
    return at(cast.priya, f"/cases/{cast.amara.id}")


def post_count() -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(Post)) or 0


def test_a_draft_saves_itself_and_survives_the_page(priya: Page) -> None:
    priya.fill("#body", "She was waiting at the window")
    priya.locator("input[value=was_not_brought]").check()
    expect(priya.locator("[data-saved]")).to_contain_text("Draft saved")

    priya.reload()

    expect(priya.locator("#body")).to_have_value("She was waiting at the window")
    expect(priya.locator("input[value=was_not_brought]")).to_be_checked()


def test_a_score_is_added_in_two_presses_and_the_next_row_waits_for_it(priya: Page) -> None:
    priya.fill("#body", "Mum says it is calmer")
    priya.get_by_text("Add a score").click()
    expect(priya.locator("#score_1")).to_be_hidden()
    priya.fill("#score_0", "7")
    expect(priya.locator("#score_1")).to_be_visible()
    priya.fill("#score_1", "4")
    priya.locator("[name=score_rater]").nth(1).select_option("child")
    expect(priya.locator("[data-saved]")).to_contain_text("Draft saved")

    priya.reload()
    expect(priya.locator("#score_1")).to_have_value("4")
    priya.get_by_role("button", name="Post to").click()

    expect(priya.locator("#stream")).to_contain_text("Safety scale 7 of 10, said by social care")
    expect(priya.locator("#stream")).to_contain_text("Safety scale 4 of 10, said by the child")


def test_what_was_posted_is_no_draft_any_more(priya: Page) -> None:
    priya.fill("#body", "She was waiting at the window")
    expect(priya.locator("[data-saved]")).to_contain_text("Draft saved")
    priya.get_by_role("button", name="Post to").click()
    expect(priya.locator("#stream")).to_contain_text("She was waiting at the window")

    expect(priya.locator("#body")).to_have_value("")


def test_without_signal_nothing_is_lost_and_the_page_says_so(priya: Page) -> None:
    priya.context.set_offline(True)
    priya.fill("#body", "No bars in this stairwell")
    expect(priya.locator("[data-saved]")).to_contain_text("Not saved: no signal")
    priya.get_by_role("button", name="Post to").click()
    expect(priya.locator("[data-saved]")).to_contain_text("Not sent: no signal")

    priya.context.set_offline(False)

    expect(priya.locator("[data-saved]")).to_contain_text("Draft saved")
    priya.get_by_role("button", name="Post to").click()
    expect(priya.locator("#stream")).to_contain_text("No bars in this stairwell")
    assert post_count() == 1


def test_enter_in_a_small_field_posts_nothing(priya: Page) -> None:
    priya.fill("#body", "He had a bruise")
    priya.locator("input[value=worried]").check()
    priya.fill("#meaning", "He may be hit again")
    priya.press("#meaning", "Enter")
    priya.wait_for_timeout(300)

    assert post_count() == 0
    expect(priya.locator("#meaning")).to_have_value("He may be hit again")


def test_two_quick_presses_post_once(priya: Page) -> None:
    priya.fill("#body", "He ate well")
    priya.get_by_role("button", name="Post to").dblclick()
    expect(priya.locator("#stream")).to_contain_text("He ate well")

    assert post_count() == 1


def test_the_button_counts_everyone_it_reaches_once(cast: Cast, priya: Page) -> None:
    with db.transaction():
        networks.add(cast.priya, cast.tobi, cast.olive, role="", reason="Joint work")
    priya.reload()
    button = priya.get_by_role("button", name="Post to")
    priya.locator("#body").focus()
    expect(button).to_have_text("Post to 2 people in 2 agencies", use_inner_text=True)
    priya.get_by_text("It happened at another time").click()
    priya.get_by_label("Tobi").check()

    expect(button).to_have_text("Post to 3 people in 3 agencies", use_inner_text=True)


def test_the_length_is_counted_when_it_comes_near_its_end(priya: Page) -> None:
    priya.fill("#body", "a" * 19_900)
    expect(priya.get_by_text("100 characters left")).to_be_visible()

    priya.fill("#body", "a" * 20_001)
    expect(priya.get_by_text("1 character too many")).to_be_visible()


def test_a_wrong_form_puts_the_focus_on_what_is_wrong(priya: Page) -> None:
    priya.locator("#body").focus()
    priya.get_by_role("button", name="Post to").click()

    expect(priya.locator("[data-errors]")).to_be_focused()
    priya.locator("[data-errors] a").first.click()
    expect(priya.locator("#body")).to_be_focused()


def test_posting_works_without_script(cast: Cast, at: At) -> None:
    priya = at(cast.priya, f"/cases/{cast.amara.id}", script=False)
    priya.fill("#body", "She was well")
    priya.get_by_role("button", name="Post to").click()

    expect(priya.locator("#stream")).to_contain_text("She was well")
    assert post_count() == 1


def test_names_of_the_network_are_offered_after_an_at(priya: Page) -> None:
    priya.locator("#body").press_sequentially("Please ring @da")
    expect(priya.locator("[role=option]", has_text="Dan Hughes")).to_be_visible()
    priya.press("#body", "Enter")

    expect(priya.locator("#body")).to_have_value("Please ring @Dan Hughes ")
    expect(priya.locator("[role=option]", has_text="Dan Hughes")).to_have_count(0)
