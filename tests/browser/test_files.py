"""Photos and files in Chromium: sent from the form, shown on the card, and only ever saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from app import attachments, scan
from app.core import db
from app.core.clamd import Clamd
from app.jobs import deliveries
from config.settings import Settings
from feeds import posts
from feeds.posts import Update
from tests import servers
from tests.cast import Cast
from tests.files import photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

At = Callable[..., Page]
PHOTO = {"name": "IMG 1.jpg", "mimeType": "image/jpeg", "buffer": photo(size=(800, 600))}
PAGE = {
    "name": "notes.txt",
    "mimeType": "text/html",
    "buffer": b"<p><script>document.title = 'ran'</script>",
}
SVG = {"name": "map.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}


def fill(page: Page, *files: object, words: str = "See below.") -> None:
    page.locator("#body").fill(words)
    page.get_by_text("Add photos or files").click()
    page.locator("#files").set_input_files(list(files))  # type: ignore[arg-type]


@pytest.mark.parametrize("script", [True, False])
def test_a_photo_is_sent_and_seen_with_script_and_without(script: bool, cast: Cast, at: At) -> None:
    page = at(cast.dan, "/cases/1", script=script)
    fill(page, PHOTO)
    page.locator("#alt").fill("The hall")
    page.get_by_role("button", name="Post to").click()
    shown = page.get_by_role("img", name="The hall")
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 480


def test_a_form_that_comes_back_has_its_photo_and_no_barrier(cast: Cast, at: At) -> None:
    page = at(cast.dan, "/cases/1", script=False)
    fill(page, PHOTO, SVG)
    page.get_by_role("button", name="Post to").click()
    expect(page.get_by_label("IMG 1.jpg")).to_be_checked()
    expect(page.locator("#body")).to_have_value("See below.")
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page = at(cast.dan, "/cases/1")
    fill(page, PHOTO, SVG)
    page.get_by_role("button", name="Post to").click()
    page.wait_for_selector(".govuk-error-summary")
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []


def test_what_is_too_large_is_left_out_before_it_is_sent(
    app: Flask, settings: Settings, cast: Cast, at: At
) -> None:
    app.config["KITH"] = replace(settings, file_megabytes=1)
    page = at(cast.dan, "/cases/1")
    large = {"name": "film.pdf", "mimeType": "application/pdf", "buffer": b"x" * 1_100_000}
    fill(page, large, PHOTO)
    expect(page.get_by_text("film.pdf is larger than 1 MB and is left out.")).to_be_visible()
    assert page.locator("#files").evaluate("field => field.files.length") == 1


def test_what_would_run_as_a_page_is_only_ever_saved(cast: Cast, at: At, tmp_path: Path) -> None:
    page = at(cast.dan, "/cases/1")
    fill(page, PAGE)
    page.get_by_role("button", name="Post to").click()
    link = page.get_by_role("link", name="notes.txt")
    with page.expect_download() as saving:
        link.click()
    assert saving.value.suggested_filename == "notes.txt"
    assert Path(saving.value.path()).read_bytes() == PAGE["buffer"]
    # However a page is made to open it: in a frame, as a script, as style or as an object.
    title = page.title()
    href = link.get_attribute("href")
    page.evaluate(
        """href => Promise.allSettled(["iframe", "script", "object", "embed"].map((name) => {
            const made = document.createElement(name);
            made.src = made.data = href;
            document.body.append(made);
            return new Promise((done) => setTimeout(done, 300));
        }))""",
        href,
    )
    assert page.title() == title


def test_the_card_of_an_open_page_says_when_a_file_was_checked(
    cast: Cast, at: At, tmp_path: Path
) -> None:
    scan.use(Clamd(f"unix://{tmp_path}/clamd.ctl"))
    with db.transaction():
        kept = attachments.keep(cast.dan, cast.amara, attachments.take("a.txt", b"Dear all"))
        posts.publish(cast.dan, cast.amara, Update("See below.", attachments=(kept.id,)))
    page = at(cast.ruth, "/cases/1")
    expect(page.get_by_text("waits for its virus check")).to_be_visible()
    with servers.clamd(tmp_path):
        deliveries.check_files()
    expect(page.get_by_role("link", name="a.txt")).to_be_visible()
