"""Setting up a phone and signing in with it, as people meet it: by hand, on a small screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from app.core import db, passwords
from app.models import Person
from tests.cast import PASSWORD, Cast
from tests.phone import Phone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def wrong() -> list[str]:
    """What was found wrong with the pages on the way."""
    return []


def look(page: Page, wrong: list[str]) -> None:
    wrong += [f"{page.url} {each['id']}" for each in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        wrong.append(f"{page.url} too wide")


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_is_set_up_and_opens_the_account_next_time(
    app: Flask, cast: Cast, address: str, chromium: Browser, wrong: list[str], script: bool
) -> None:
    with db.transaction() as session:
        session.get_one(Person, cast.dan.id).password_hash = passwords.hashed(PASSWORD)
    size: ViewportSize = {"width": 320, "height": 700}
    with chromium.new_context(
        base_url=address, java_script_enabled=script, viewport=size
    ) as context:
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)

        def check() -> None:
            if script:  # axe is a script itself
                look(page, wrong)

        page.goto("/sign-in")
        _give_password(page)
        page.goto("/settings")
        page.get_by_role("link", name="Set up a second factor").click()
        expect(page.get_by_role("button", name="Set it up")).to_be_visible()
        check()
        page.get_by_role("button", name="Set it up").click()
        picture = page.get_by_role("img", name="The key as a picture")
        expect(picture).to_be_visible()
        check()
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] == box["height"] >= 180, "large enough for a phone to read"
        phone = Phone(page.locator(".kith-key").inner_text().replace(" ", ""), [])
        page.get_by_label("The code the phone shows now").fill(phone.code())
        page.get_by_role("button", name="Turn it on").click()
        keys = page.locator(".kith-keys li")
        expect(keys).to_have_count(10)
        phone.recovery = keys.all_inner_texts()
        check()

        context.clear_cookies()
        page.goto("/sign-in")
        _give_password(page)
        page.get_by_label("Code of six digits").fill("000000")
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#code-error")).to_contain_text("That code is not right")
        check()
        page.get_by_text("I have no phone here").click()
        page.get_by_label("A recovery code").fill(phone.recovery[0])
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{address}/")
        page.goto("/sign-in/again?next=/settings")
        check()
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_text("I have no phone here").click()
        page.get_by_label("A recovery code").fill(phone.recovery[1])
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("9 recovery codes left")).to_be_visible()  # still fresh: none taken
        check()
    assert wrong == []
    assert [each for each in refused if "Content Security Policy" in each] == []


def _give_password(page: Page) -> None:
    page.get_by_label("Work email").fill("dan@kith.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_have_count(0)  # the next page is there
