"""Searching in a browser: from the key to the thing itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.casework import people
from app.core import db
from app.models import Person
from feeds import posts
from feeds.posts import Update
from search import engines, indexing
from tests.cast import Cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

At = Callable[..., Page]
Seat = Callable[..., BrowserContext]


def test_the_key_goes_to_the_field_only_where_it_is_switched_on(cast: Cast, at: At) -> None:
    with db.transaction() as session:
        people.set_shortcuts(session.get_one(Person, cast.dan.id), on=True)
    dan, ruth = (at(each, f"/cases/{cast.amara.id}") for each in (cast.dan, cast.ruth))

    dan.keyboard.press("/")
    expect(dan.locator("#search")).to_be_focused()
    expect(dan.locator("#search")).to_have_value("")

    dan.locator("#body").click()
    dan.keyboard.press("/")
    expect(dan.locator("#body")).to_have_value("/")

    ruth.keyboard.press("/")
    expect(ruth.locator("#search")).not_to_be_focused()


def test_what_was_said_is_found_and_opened_without_script(cast: Cast, seat: Seat) -> None:
    kept = engines.kept()
    assert kept is not None
    indexing.rebuild(kept)
    with db.transaction():
        posts.publish(cast.ruth, cast.amara, Update("Porridge every morning"))
        posts.publish(cast.dan, cast.amara, Update("Porridge at school", kind="attendance"))
    page = seat(cast.priya, script=False).new_page()
    page.goto("/")

    page.fill("#search", "porridge")
    page.press("#search", "Enter")
    expect(page.locator("mark")).to_have_count(2)

    page.get_by_text("Only a type, a case").click()
    page.select_option("#kind", "attendance")
    page.get_by_role("button", name="Search").last.click()
    expect(page.locator("mark")).to_have_count(1)
    expect(page.locator("#q")).to_have_value("porridge kind:attendance")

    page.get_by_role("link", name="Remove “Type: Attendance”").click()
    expect(page.locator("mark")).to_have_count(2)

    page.get_by_role("link", name="Attendance: Amara O").click()
    expect(page.locator("main")).to_contain_text("Porridge at school")
