"""`kith screenshots`: the pictures of the README, taken from the demo world."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import click

from app.core.errors import Refusal
from config.demo import SUGGESTED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# name: (width, height, pixels a point)
SIZES = {"desktop": (1280, 960, 1), "phone": (390, 844, 2)}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SOCIAL_WORKER, SCHOOL, AUDITOR = SUGGESTED[0], SUGGESTED[1], SUGGESTED[5]
MANAGER = next(each for each in SUGGESTED if "manager" in each.who)
# Seconds; a machine under load makes the demo world in twice the usual time.
READY_WITHIN = 60


@click.command()
@click.argument(
    "directory", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/pictures")
)
def screenshots(directory: Path) -> None:
    """Take the pictures of the README with Chromium, from a demo world of their own."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        raise Refusal("Chromium is not installed: `apt-get install chromium` brings it.")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Refusal("Playwright is missing: `pip install playwright` brings it.") from None
    directory.mkdir(parents=True, exist_ok=True)
    # Chromium will not put root into its sandbox; the pages it opens here are our own.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        for size in SIZES:
            # A world for each: what the first has opened is no news to the second.
            with _demo_served() as address:
                for name, page in _pages(browser, address, size):
                    page.screenshot(path=directory / f"{name}-{size}.png")
                    click.echo(directory / f"{name}-{size}.png")
        browser.close()


def _pages(browser: Browser, address: str, size: str) -> Iterator[tuple[str, Page]]:
    """Each page as it should be pictured."""
    page = _seat(browser, address, size)
    page.goto("/sign-in")
    yield "sign-in", page
    _sign_in(page, SOCIAL_WORKER.email)
    yield "feed", page
    page.goto("/cases")
    page.get_by_role("link", name="Amara O").first.click()
    page.wait_for_load_state("networkidle")
    yield "case", page
    case = page.url
    for name in ("compare", "family-map", "chronology"):
        page.goto(f"{case}/{name}")
        page.wait_for_load_state("networkidle")
        yield name, page
    page.goto(case)
    page.get_by_role("link", name="Access", exact=True).first.click()
    page.wait_for_load_state("networkidle")
    yield "access", page
    page.goto("/conversations")
    page.get_by_role("link", name="Network of Amara O").first.click()
    page.wait_for_load_state("networkidle")
    yield "conversation", page
    page.goto("/search?q=slept+OR+breakfast")
    page.locator("mark").first.wait_for()
    yield "search", page
    page = _seat(browser, address, size)
    page.goto("/sign-in")
    _sign_in(page, MANAGER.email)
    page.goto("/hotspots")
    page.wait_for_load_state("networkidle")
    yield "hotspots", page
    page.goto("/team")
    page.wait_for_load_state("networkidle")
    yield "team", page
    page = _seat(browser, address, size)
    page.goto("/sign-in")
    _sign_in(page, AUDITOR.email)
    page.goto("/reviews")
    page.wait_for_load_state("networkidle")
    yield "reviews", page
    page = _seat(browser, address, size)
    page.goto("/sign-in")
    _sign_in(page, SCHOOL.email)
    page.goto("/cases")
    page.get_by_role("link", name="Amara O").first.click()
    _compose(page)
    yield "composer", page


def _seat(browser: Browser, address: str, size: str) -> Page:
    width, height, scale = SIZES[size]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        is_mobile=size == "phone",
        has_touch=size == "phone",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/London",
    )
    return context.new_page()


def _sign_in(page: Page, email: str) -> None:
    page.locator(f'button[name="demo"][value="{email}"]').click()
    page.wait_for_load_state("networkidle")


def _compose(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.locator("#body").click()
    page.locator("#body").fill(
        "Amara told me at breakfast club that she slept at her cousin’s again, on the sofa. She "
        "had not eaten since school yesterday. I have not rung home yet."
    )
    for name, value in (("kind", "concern"), ("worry", "worried")):
        page.locator(f'#composer label:has(input[name="{name}"][value="{value}"])').click()
    page.locator("#meaning").fill("Amara sleeps where nobody has agreed that she is safe.")
    page.locator("#composer").scroll_into_view_if_needed()
    page.wait_for_timeout(1500)  # the draft has saved itself and says so


@contextmanager
def _demo_served() -> Iterator[str]:
    """A demo world of its own on a free port, gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    kith = [sys.executable, "-c", "from app.cli import main; main()"]
    outside = {name: each for name, each in os.environ.items() if not name.startswith("KITH_")}
    with TemporaryDirectory(prefix="kith-pictures-") as data:
        environ = outside | {"KITH_DATA": data, "KITH_PORT": str(port), "KITH_DEMO": "on"}
        quiet = subprocess.DEVNULL
        subprocess.run([*kith, "demo"], env=environ, check=True, stdout=quiet)  # noqa: S603
        serving = subprocess.Popen([*kith, "serve"], env=environ, stdout=quiet)  # noqa: S603
        try:
            _wait_for(address)
            yield address
        finally:
            serving.terminate()
            serving.wait(READY_WITHIN)


def _wait_for(address: str) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        try:
            with urlopen(f"{address}/readyz", timeout=2):  # noqa: S310 - our own, over http
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise Refusal("Kith did not start within a minute, so there is nothing to picture.")
