"""The bell of an open page, in Chromium, and choosing with keys and without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.core import db
from app.models import Post
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast

At = Callable[..., Page]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def urgent(cast: Cast) -> Post:
    with db.transaction():
        return posts.publish(cast.dan, cast.amara, Update("Ring me.", worry="urgent", phoned=True))


def test_the_bell_of_an_open_page_rings_and_a_withdrawal_takes_it_back(cast: Cast, at: At) -> None:
    page = at(cast.priya, "/people")
    bell = page.locator(".kith-bell .kith-count")
    expect(bell).to_be_hidden()
    post = urgent(cast)
    expect(bell).to_have_text("1 new")
    with db.transaction() as session:
        posts.withdraw(cast.dan, session.get_one(Post, post.id), "Wrong child")
    expect(bell).to_be_hidden()


def test_a_notice_is_found_and_opened_with_keys_alone(cast: Cast, at: At) -> None:
    urgent(cast)
    page = at(cast.priya, "/people")
    expect(page.locator(".kith-bell .kith-count")).to_have_text("1 new")
    page.locator(".kith-bell").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Notices")).to_be_visible()
    page.get_by_role("link", name="Urgent update about Amara O").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Update about Amara O")).to_be_visible()


def test_choosing_works_without_script(cast: Cast, at: At) -> None:
    page = at(cast.priya, "/settings/notices", script=False)
    page.get_by_label("Any other update in a case I follow").select_option("kith")
    page.get_by_label("Saturday").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Any other update in a case I follow")).to_have_value("kith")
    expect(page.get_by_label("Saturday")).to_be_checked()
