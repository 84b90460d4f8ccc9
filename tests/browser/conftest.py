"""Chromium, and people who sit before it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.models import Person
from config.settings import Settings
from tests import servers
from tests.realtime import house

At = Callable[..., Page]

# As long as a page waits for anything else: two pages may share a processor with much more.
PATIENCE = 10_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # The one without a window starts and turns pages in three quarters of the time.
    installed = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not installed:
        servers.missing("Chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return house.free_settings(settings)


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    with house.open_house(app, settings) as address:
        yield address


@pytest.fixture
def seat(app: Flask, address: str, chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser of her own, signed in: `seat(cast.priya)`, or `seat(cast.priya, script=False)`."""
    taken: list[BrowserContext] = []

    def take(person: Person, *, script: bool = True) -> BrowserContext:
        context = chromium.new_context(base_url=address, java_script_enabled=script)
        name, _, value = house.cookie(app, person)[0].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address}])
        context.set_default_timeout(PATIENCE)
        taken.append(context)
        return context

    yield take
    for context in taken:
        context.close()


@pytest.fixture
def at(seat: Callable[..., BrowserContext]) -> At:
    """Somebody's open page: `at(cast.priya, "/cases/1")`; with script, the live channel is open."""

    def go(person: Person, path: str, *, script: bool = True) -> Page:
        page = seat(person, script=script).new_page()
        if script:
            with page.expect_websocket() as opening:
                page.goto(path)
            # The first words of the server after the handshake, and after joining.
            listening = opening.value
            listening.wait_for_event("framereceived", lambda frame: str(frame).startswith("40"))
        else:
            page.goto(path)
        return page

    return go
