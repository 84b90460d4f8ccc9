"""Searching in a browser: from the key to the thing itself."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

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


def test_without_signal_a_search_stays_where_it_was_typed(cast: Cast, at: At) -> None:
    page = at(cast.dan, "/search?q=porridge")
    page.context.set_offline(True)

    page.get_by_label("A name, a number or any words").fill("oats")
    page.keyboard.press("Enter")

    expect(page.get_by_text("No signal.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_label("A name, a number or any words")).to_have_value("oats")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"q=oats"))


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


def test_the_first_result_is_four_keys_away(cast: Cast, at: At) -> None:
    kept = engines.kept()
    assert kept is not None
    indexing.rebuild(kept)
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update("Porridge with Amara"))
    for written, name in [("porridge", "Update: Amara O"), ("amara", "Amara O")]:
        page = at(cast.priya, f"/search?q={written}")
        for key in ("Tab", "Tab", "Enter", "Tab"):
            page.keyboard.press(key)
        expect(page.locator("main").get_by_role("link", name=name, exact=True)).to_be_focused()


def test_a_case_is_offered_while_one_types_and_opened_by_the_keys(cast: Cast, at: At) -> None:
    page = at(cast.priya, "/people")
    field, list_ = page.locator("#search"), page.get_by_role("listbox")
    expect(field).to_have_attribute("role", "combobox")

    field.press_sequentially("ama", delay=10)

    expect(list_.get_by_role("option", name="Amara O")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert field.get_attribute("aria-activedescendant") is None, "nothing is chosen by itself"
    field.press("ArrowDown")
    chosen = field.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(list_).to_be_hidden()
    expect(field).to_have_value("ama")
    expect(field).to_have_attribute("aria-expanded", "false")

    field.press("ArrowDown")
    expect(list_).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url(f"**/cases/{cast.amara.id}")


def test_enter_searches_what_is_typed_while_something_is_offered(cast: Cast, at: At) -> None:
    page = at(cast.priya, "/people")
    page.locator("#search").press_sequentially("ama", delay=10)
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=ama")


def test_a_filter_is_written_word_by_word_on_a_phone(cast: Cast, seat: Seat) -> None:
    page = seat(cast.priya).new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/search")
    field = page.locator("#q")
    field.press_sequentially("bruise ki", delay=10)

    page.get_by_role("option", name="kind: a type of update").click()
    expect(field).to_have_value("bruise kind:")
    expect(field).to_be_focused()
    page.get_by_role("option", name="Visit kind:", exact=True).click()

    expect(field).to_have_value("bruise kind:visit ")
    page.fill("#search", "am")
    offered = page.get_by_role("listbox")
    expect(offered).to_be_visible()
    box = offered.bounding_box()
    assert box
    assert box["width"] > 250
    assert box["x"] >= 0
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert Axe().run(page).response["violations"] == []


def test_nothing_is_offered_and_nothing_breaks_without_signal(cast: Cast, seat: Seat) -> None:
    context = seat(cast.priya)
    page, wrong = context.new_page(), list[str]()

    def keep(error: Error) -> None:
        wrong.append(error.message)

    page.on("pageerror", keep)
    page.goto("/people")
    with page.expect_response("**/search/suggestions?q=zz*"):
        page.locator("#search").press_sequentially("zz", delay=10)
    expect(page.get_by_role("listbox")).to_have_count(0)

    context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.fill("#search", "amara")

    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.locator("#search")).to_have_value("amara")
    assert wrong == []


def test_an_answer_that_comes_late_is_not_shown(cast: Cast, seat: Seat) -> None:
    page, held = seat(cast.priya).new_page(), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.goto("/people")
    page.route("**/search/suggestions?q=ama", hold)
    with page.expect_request("**/search/suggestions?q=ama"):
        page.locator("#search").press_sequentially("ama", delay=10)
    with page.expect_response("**/search/suggestions?q=ruth"):
        page.fill("#search", "ruth")
    expect(page.get_by_role("option", name="Ruth Bell")).to_be_visible()
    with page.expect_response("**/search/suggestions?q=ama"):
        held[0].continue_()
    expect(page.get_by_role("option", name="Amara O")).to_have_count(0)


def test_whom_one_talks_with_is_narrowed_while_one_types(cast: Cast, seat: Seat) -> None:
    page = seat(cast.priya).new_page()
    page.goto("/conversations/new")
    page.get_by_label("Dan Hughes").check()

    page.locator("#words").press_sequentially("olyve", delay=10)

    expect(page.get_by_label("Olive Reed")).to_be_visible()
    expect(page.get_by_label("Ruth Bell")).to_have_count(0)
    expect(page.get_by_label("Dan Hughes")).to_be_checked()
    expect(page.locator("#announce")).to_have_text("2 people")
    expect(page.locator("#words")).to_be_focused()
    page.get_by_label("Olive Reed").check()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("main")).to_contain_text("started this group")


def test_without_script_the_field_searches_and_the_list_is_found_by_its_button(
    cast: Cast, seat: Seat
) -> None:
    page = seat(cast.priya, script=False).new_page()
    page.goto("/conversations/new")
    assert page.locator("#search").get_attribute("role") is None
    page.fill("#words", "olyve")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Olive Reed")).to_be_visible()
    expect(page.get_by_label("Ruth Bell")).to_have_count(0)
