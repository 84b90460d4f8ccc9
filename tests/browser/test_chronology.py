"""The chronology in Chromium: a table that becomes cards, and sheets to be printed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app.core import db
from feeds import posts
from feeds.posts import Update
from tests.browser.test_every_page import too_wide
from tests.cast import Cast

At = Callable[..., Page]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
PAGE = "/cases/1/chronology"


@pytest.fixture(autouse=True)
def told(cast: Cast) -> None:
    wide = "https://kith.example/" + "x" * 90
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update(wide, worry="urgent", phoned=True))


def test_it_is_printed_without_script_and_stands_there_as_printed(cast: Cast, at: At) -> None:
    page = at(cast.priya, PAGE, script=False)
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chronology: Amara O")
    expect(page.get_by_text("Print this page with your browser.")).to_be_visible()
    page.get_by_role("link", name="Back to the chronology").click()
    expect(page.get_by_text("Priya Shah, 23 November 2026")).to_be_visible()


def test_the_sheets_have_no_barrier_and_a_button(cast: Cast, at: At) -> None:
    page = at(cast.priya, PAGE)
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    assert too_wide(page, PAGE) == []


def test_each_sheet_repeats_who_printed_it(cast: Cast, at: At) -> None:
    page = at(cast.priya, PAGE, script=False)
    page.get_by_role("button", name="Print", exact=True).click()
    top = page.locator(".kith-chronology__top")
    expect(top).to_be_hidden()
    page.emulate_media(media="print")
    expect(top).to_contain_text("born 4 May 2017 · printed by Priya Shah on 23 November 2026")
