"""Choosing on a phone whom an update is for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app import access
from app.core import db
from app.models import Post
from tests.cast import Cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

At = Callable[..., Page]
WHY = "Mum has not been told yet"


def on_a_phone(page: Page) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    page.fill("#body", "Between us.")
    return page


def choose_dan(page: Page) -> None:
    page.get_by_text("Who is this for?").first.click()
    page.get_by_label("Only some").check()
    page.locator("#composer").get_by_label("Dan Hughes").check()
    page.get_by_label("Why do you share it in this way?").fill(WHY)


def readers() -> set[int]:
    with db.transaction() as session:
        return set(access.readers(session.query(Post.id).scalar()))


def test_the_button_follows_the_choice(cast: Cast, at: At) -> None:
    page = on_a_phone(at(cast.priya, f"/cases/{cast.amara.id}"))
    button = page.get_by_role("button", name="Post")
    expect(button).to_have_text("Post to 2 people in 2 agencies", use_inner_text=True)
    page.get_by_text("Who is this for?").first.click()
    page.locator("#excluded").get_by_label("Vale health visitors").check()
    expect(button).to_have_text("Post to 1 person in 1 agency", use_inner_text=True)
    page.locator("#excluded").get_by_label("Vale health visitors").uncheck()
    page.get_by_label("Only some").check()
    expect(button).to_have_text("Post", use_inner_text=True)

    page.get_by_label("Hillside Primary").first.check()

    expect(button).to_have_text("Post to 1 person in 1 agency", use_inner_text=True)
    expect(page.get_by_text("Only those you tick read it")).to_be_visible()


def test_the_line_below_the_button_follows_the_choice(cast: Cast, at: At) -> None:
    page = on_a_phone(at(cast.priya, f"/cases/{cast.amara.id}"))
    line = page.locator("[data-who]")
    expect(line).to_have_text(
        "Seen by everyone in the network (school, health) and by their managers."
    )
    page.get_by_text("Who is this for?").first.click()
    page.locator("#excluded").get_by_label("Vale health visitors").check()
    expect(line).to_have_text(
        "Seen by everyone else in the network (school) and by their managers."
    )
    page.locator("#excluded").get_by_label("Vale health visitors").uncheck()
    page.get_by_label("Only some").check()
    expect(line).to_have_text("Nobody else in this network would see it.")
    page.locator("#composer").get_by_label("Dan Hughes").check()
    expect(line).to_have_text("Seen by those you ticked (school).")


def test_the_choice_is_made_with_a_thumb_and_has_no_barrier(cast: Cast, at: At) -> None:
    page = on_a_phone(at(cast.priya, f"/cases/{cast.amara.id}"))
    choose_dan(page)

    found = [each["id"] for each in Axe().run(page).response["violations"]]
    page.set_viewport_size({"width": 320, "height": 700})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.get_by_role("button", name="Post to 1 person in 1 agency").click()

    assert (found, width) == ([], 320)
    expect(page.locator("#stream")).to_contain_text(f"Only for: Dan Hughes · because: {WHY}")
    assert readers() == {cast.priya.id, cast.dan.id}


def test_the_choice_survives_the_page_with_the_draft(cast: Cast, at: At) -> None:
    page = on_a_phone(at(cast.priya, f"/cases/{cast.amara.id}"))
    choose_dan(page)
    expect(page.locator("[data-saved]")).to_contain_text("Draft saved")

    page.reload()

    expect(page.locator("#composer").get_by_label("Dan Hughes")).to_be_checked()
    expect(page.get_by_role("button", name="Post to 1 person in 1 agency")).to_be_visible()


def test_going_back_to_everyone_leaves_nobody_ticked(cast: Cast, at: At) -> None:
    page = on_a_phone(at(cast.priya, f"/cases/{cast.amara.id}"))
    choose_dan(page)

    page.get_by_label("Everyone in the network").check()
    page.get_by_role("button", name="Post to 2 people in 2 agencies").click()

    expect(page.locator("#stream")).to_contain_text("Between us.")
    assert cast.ruth.id in readers()


def test_the_choice_is_made_without_script_too(cast: Cast, at: At) -> None:
    page = on_a_phone(at(cast.priya, f"/cases/{cast.amara.id}", script=False))
    choose_dan(page)

    page.get_by_role("button", name="Post to").click()

    expect(page.locator("#stream")).to_contain_text("Only for: Dan Hughes")
    assert readers() == {cast.priya.id, cast.dan.id}
