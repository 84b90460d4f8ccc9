"""The board in Chromium: what somebody else does reaches it, and nothing that is read moves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from app.casework import conflicts
from app.core import db
from app.models import Alert, Person
from app.monitor import alerts
from tests.cast import Cast
from tests.monitor.pointing import busy, quiet

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

At = Callable[..., Page]


def decide(actor: Person, alert: Alert) -> None:
    with db.transaction():
        alerts.answer(actor, alert.id, "expected", "A review week")


def reason(page: Page, alert: Alert) -> Locator:
    return page.locator(f"[data-alert='{alert.id}']")


def count(page: Page) -> Locator:
    return page.locator(".kith-nav [data-count=hotspots]")


def test_a_decision_in_one_browser_folds_the_card_in_another(cast: Cast, at: At) -> None:
    alert, other = quiet(cast.amara), busy(cast.amara, cast.priya)
    mo, dan = at(cast.mo, "/hotspots"), at(cast.dan, "/hotspots")
    card = mo.locator("li", has=reason(mo, alert))
    card.get_by_role("link", name="I’ve looked").click()
    mo.get_by_label("This was expected").check()
    mo.get_by_label("Why").fill("A review week")
    mo.get_by_role("button", name="Keep this").click()

    for page in (mo, dan):
        expect(reason(page, alert)).to_contain_text("Looked at by Mo Akram")
        expect(reason(page, alert)).to_contain_text("This was expected: A review week")
        expect(page.locator("[data-part=quiet] h2")).to_have_text("Gone quiet 0")
        expect(reason(page, other)).to_contain_text("1 update in 7 days")
    expect(dan.locator("#announce")).to_contain_text("Looked at by Mo Akram")
    expect(mo).to_have_url(dan.url)


def test_what_is_new_is_offered_and_shown_when_asked_for(cast: Cast, at: At) -> None:
    quiet(cast.amara)
    page = at(cast.dan, "/hotspots")
    expect(count(page)).to_have_text("1 to look at")
    alert = quiet(cast.tobi)

    expect(page.get_by_role("link", name="Show 1 new")).to_be_visible()
    expect(page.locator("[data-live=sum]")).to_contain_text("2 of 2 children need a look")
    expect(count(page)).to_have_text("2 to look at")
    expect(reason(page, alert)).to_have_count(0)
    page.get_by_role("link", name="Show 1 new").click()
    expect(reason(page, alert)).to_be_visible()
    expect(page.locator("li", has=reason(page, alert)).locator("h3 a")).to_be_focused()
    expect(page.locator("[data-new]")).to_be_hidden()


def test_half_a_decision_stays_when_a_colleague_is_quicker(cast: Cast, at: At) -> None:
    alert = quiet(cast.amara)
    page = at(cast.priya, "/hotspots")
    page.get_by_role("link", name="I’ve looked").click()
    page.get_by_label("This was expected").check()
    page.get_by_label("Why").fill("My own words")
    decide(cast.mo, alert)

    expect(reason(page, alert)).to_contain_text("Looked at by Mo Akram")
    expect(page.get_by_label("Why")).to_have_value("My own words")
    page.get_by_role("button", name="Keep this").click()
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("[data-disposition]")).to_contain_text("A colleague has looked at this")
    expect(page.locator("[data-disposition]")).to_contain_text("My own words")


def test_a_form_that_lacks_something_says_so_in_the_card(cast: Cast, at: At) -> None:
    quiet(cast.amara)
    page = at(cast.priya, "/hotspots")
    page.get_by_role("link", name="I’ve looked").click()
    page.get_by_label("Why").fill("My own words")
    page.get_by_role("button", name="Keep this").click()
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.get_by_label("Why")).to_have_value("My own words")
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    page.get_by_role("link", name="Not now").click()
    expect(page.get_by_role("link", name="I’ve looked")).to_be_focused()


def test_who_was_signed_out_meanwhile_is_told_and_keeps_the_words(cast: Cast, at: At) -> None:
    quiet(cast.amara)
    page = at(cast.priya, "/hotspots")
    page.get_by_role("link", name="I’ve looked").click()
    page.get_by_label("This was expected").check()
    page.get_by_label("Why").fill("My own words")
    page.context.clear_cookies()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Not kept: you have been signed out. Copy your words before you leave."
    )
    expect(page.get_by_label("Why")).to_have_value("My own words")


def test_without_signal_the_form_says_so_and_stays(cast: Cast, at: At) -> None:
    alert = quiet(cast.amara)
    page = at(cast.priya, "/hotspots")
    page.get_by_role("link", name="I’ve looked").click()
    page.get_by_label("This was expected").check()
    page.get_by_label("Why").fill("My own words")
    page.context.set_offline(True)
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_role("alert")).to_contain_text("Not kept: no signal.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Keep this").click()
    expect(reason(page, alert)).to_contain_text("Looked at by Priya Shah")


def test_the_number_beside_the_word_follows_on_any_page(cast: Cast, at: At) -> None:
    page = at(cast.dan, "/people")
    expect(count(page)).to_be_hidden()
    alert = quiet(cast.amara)
    expect(count(page)).to_have_text("1 to look at")
    decide(cast.mo, alert)
    expect(count(page)).to_be_hidden()


def test_who_loses_a_case_loses_its_card(cast: Cast, at: At) -> None:
    alert, other = quiet(cast.amara), quiet(cast.tobi)
    page = at(cast.dan, "/hotspots")
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.dan, "Her uncle")
    expect(reason(page, alert)).to_have_count(0)
    expect(reason(page, other)).to_be_visible()


def test_deciding_works_without_script_and_with_keys_alone(cast: Cast, at: At) -> None:
    quiet(cast.amara)
    page = at(cast.priya, "/hotspots", script=False)
    page.get_by_role("link", name="I’ve looked").focus()
    page.keyboard.press("Enter")
    page.get_by_label("I have contacted the lead practitioner").focus()
    page.keyboard.press("Space")
    page.get_by_label("Why").fill("Rang her")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept, with your reason.")).to_be_visible()
    expect(page.get_by_text("0 of 2 children need a look this week.")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 780, 1280])
def test_the_board_is_no_wider_than_the_screen(cast: Cast, at: At, width: int) -> None:
    busy(cast.amara, cast.priya, cast.dan, cast.ruth, new=True)
    quiet(cast.tobi)
    page = at(cast.priya, "/hotspots", script=False)
    page.set_viewport_size({"width": width, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    words = page.locator(".kith-tabs a" if width < 769 else ".kith-nav a").all()
    ends = [(box["x"], box["x"] + box["width"]) for each in words if (box := each.bounding_box())]
    assert all(end <= begin + 1 for (_, end), (begin, _) in pairwise(ends))
