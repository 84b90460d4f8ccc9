"""From deciding to reading: a case opened in an emergency, in as few pages as there can be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from app.casework import emergencies, look_ups
from app.core import clock, db, passwords
from app.models import BreakGlass, Person, SignIn
from feeds import posts
from feeds.posts import Update
from tests.casework.known import nobody, noor, restrict, town
from tests.cast import PASSWORD, Cast

__all__ = ["town"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

Seat = Callable[..., BrowserContext]
At = Callable[..., Page]


def sit_down(seat: Seat, person: Person) -> tuple[Page, list[str]]:
    """Somebody who signed in this morning and has a known password; and the pages they load."""
    page, loaded = seat(person, script=False).new_page(), []
    with db.transaction() as session:
        session.get_one(Person, person.id).password_hash = passwords.hashed(PASSWORD)
        session.execute(update(SignIn).values(proved_at=clock.now() - timedelta(hours=2)))
    page.on("load", lambda _page: loaded.append(page.url.partition("/")[2]))
    return page, loaded


def fill_in(page: Page) -> None:
    page.fill("#name", "Noor R")
    page.fill("#born_on", "2023-08-30")
    page.fill("#number_or_postcode", "ls14ap")
    page.get_by_label("A child is missing").check()
    page.fill("#reason", "Not seen since noon.")
    page.get_by_role("button", name="Open the case").click()


def test_content_stands_on_the_third_page(town: Cast, seat: Seat, address: str) -> None:
    with db.transaction():
        posts.publish(town.olive, town.noor, Update("Her aunt lives at 9 Dock Road."))
    page, loaded = sit_down(seat, town.dan)
    page.goto("/emergencies/new")
    fill_in(page)
    page.fill("#proof_password", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#stream")).to_contain_text("Her aunt lives at 9 Dock Road.")
    expect(page.get_by_text("60 minutes left")).to_be_visible()
    page.wait_for_load_state()
    assert len(loaded) == 3, "the form, the second proof, the case"


def test_who_has_just_signed_in_needs_two_pages(town: Cast, seat: Seat, address: str) -> None:
    page = seat(town.dan, script=False).new_page()
    loaded: list[str] = []
    page.on("load", lambda _page: loaded.append(page.url))
    page.goto("/emergencies/new")
    fill_in(page)
    expect(page.get_by_role("heading", name="Noor R")).to_be_visible()
    page.wait_for_load_state()
    assert len(loaded) == 2


def test_what_does_not_open_says_whom_to_phone_and_which_reference(
    town: Cast, seat: Seat, address: str
) -> None:
    restrict(town, town.dan)
    page = seat(town.dan, script=False).new_page()
    page.goto("/emergencies/new")
    fill_in(page)
    expect(page.get_by_text("Nothing was opened at once.")).to_be_visible()
    expect(page.get_by_text("phone 999")).to_be_visible()
    expect(page.get_by_role("heading", name="Emergency BG-")).to_be_visible()


def test_what_is_on_the_screen_goes_when_it_is_closed(town: Cast, seat: Seat, at: At) -> None:
    dan = at(town.dan, "/emergencies/new")
    fill_in(dan)
    expect(dan.get_by_text("60 minutes left")).to_be_visible()
    other = dan.context.new_page()
    other.goto("/emergencies/1")
    other.get_by_role("button", name="Close it now").click()
    expect(dan.locator("main")).to_contain_text("You no longer see this case")


def test_the_page_is_cleared_when_the_hour_is_over(town: Cast, seat: Seat, address: str) -> None:
    page = seat(town.dan).new_page()
    page.clock.install()
    page.goto("/emergencies/new")
    fill_in(page)
    expect(page.get_by_text("60 minutes left")).to_be_visible()
    with db.transaction() as session:
        session.execute(update(BreakGlass).values(until_at=clock.now()))
    page.clock.fast_forward("01:00:02")
    expect(page.locator("main")).to_contain_text("You no longer see this case")


def test_an_open_feed_names_the_case_only_while_it_is_open(
    town: Cast, seat: Seat, address: str
) -> None:
    with db.transaction():
        emergencies.break_glass(town.dan, noor(), emergencies.why("missing", "Not seen since."))
    page = seat(town.dan).new_page()
    page.clock.install()
    page.goto("/")
    expect(page.get_by_role("link", name="Noor R")).to_have_attribute("href", "/cases/3")
    with db.transaction() as session:
        session.execute(update(BreakGlass).values(until_at=clock.now()))
    page.clock.fast_forward("01:00:02")
    expect(page.get_by_text("Noor")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Feed")).to_be_visible()
    expect(page.get_by_text("Open in an emergency")).to_have_count(0)


def test_no_page_on_the_way_has_a_barrier_or_is_too_wide(
    town: Cast, seat: Seat, address: str
) -> None:
    dan, olive = seat(town.dan).new_page(), seat(town.olive).new_page()
    wrong: list[tuple[str, str]] = []

    def look(page: Page, path: str) -> None:
        page.goto(path)
        found = Axe().run(page).response["violations"]
        wrong.extend((path, each["id"]) for each in found)
        page.set_viewport_size({"width": 320, "height": 700})
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append((path, "too wide at 320"))

    with db.transaction():
        look_ups.ask(town.dan, noor(), "She came to our clinic today")
        emergencies.break_glass(town.dan, noor(), emergencies.why("missing", "Not seen since."))
        emergencies.break_glass(town.dan, nobody(), emergencies.why("missing", "Not seen since."))
        case = f"/cases/{town.noor.id}"
    for path in ("/", "/look-ups", "/emergencies", "/emergencies/1", "/emergencies/2", case):
        look(dan, path)
    for path in ("/", case, f"{case}/network", f"{case}/look-ups/1"):
        look(olive, path)
    restrict(town, town.dan)
    with db.transaction():
        emergencies.break_glass(town.dan, noor(), emergencies.why("missing", "Not seen since."))
    look(olive, "/emergencies/3")
    expect(olive.get_by_role("button", name="Approve")).to_be_visible()
    assert wrong == []


def test_a_leads_open_feed_says_that_somebody_asks(town: Cast, at: At) -> None:
    olive = at(town.olive, "/")
    expect(olive.locator("[data-asking]")).to_be_hidden()
    with db.transaction():
        look_ups.ask(town.dan, noor(), "She came to our clinic today")
    expect(olive.locator("[data-asking]")).to_be_visible()
    olive.get_by_role("link", name="Somebody asks about a child").click()
    expect(olive.get_by_text("1 person asks about Noor R")).to_be_visible()
