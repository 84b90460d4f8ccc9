"""How long from pressing "Post" in one browser to "Show 1 new update" in another.

    ./run proof live_notice [POSTS]

A real `kith serve` on each database and two Chromium browsers. The bar is 300 ms at the 95th
percentile.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from app.core import db, schema
from app.factory import create_app
from app.models import Person
from config.settings import Settings
from tests import servers
from tests.cast import settle
from tests.realtime import house

BAR = 300.0
WAIT = "() => !document.querySelector('#fresh').hidden"
# The clocks of two pages of one machine agree, so each says when it saw its side of it.
SENDER = """() => document.querySelector('#composer').addEventListener(
    'submit', () => localStorage.setItem('pressed', Date.now()))"""
HEARER = """() => { window.seen = 0; new MutationObserver(() => {
    if (!document.querySelector('#fresh').hidden) window.seen ||= Date.now();
}).observe(document.querySelector('#fresh'), { attributes: true }); }"""


def main(posts: int = 60) -> bool:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            results = [
                _measure("SQLite", f"sqlite:///{data / 'kith.db'}", data, browser, posts),
                _measure("PostgreSQL", postgresql, data, browser, posts),
            ]
        browser.close()
    return all(results)


def _measure(name: str, url: str, data: Path, browser: Browser, posts: int) -> bool:
    settings = house.free_settings(
        Settings(data=data, database_url=url, secret_key="", limits=False)
    )
    schema.upgrade(db.use(url))
    with db.transaction():
        cast = settle()
    app = create_app(settings)
    with house.served(settings) as address:
        path = f"/cases/{cast.amara.id}"
        writer = _page(browser, app, address, cast.priya, path)
        reader = _page(browser, app, address, cast.dan, path)
        times = [_once(writer, reader, path, number) for number in range(posts + 5)][5:]
    db.engine().dispose()
    times.sort()
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95) - 1]
    print(
        f"{name}: {len(times)} posts, p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {times[-1]:.0f} ms"
    )
    return p95 <= BAR


def _once(writer: Page, reader: Page, path: str, number: int) -> float:
    with reader.expect_response("**/sync*"):
        reader.goto(path)
    reader.evaluate(HEARER)
    writer.goto(path)
    writer.evaluate(SENDER)
    writer.fill("#body", f"Update number {number}.")
    writer.get_by_role("button", name="Post to").click()
    reader.wait_for_function(WAIT)
    seen: float = reader.evaluate("() => window.seen")
    pressed: str = writer.evaluate("() => localStorage.getItem('pressed')")
    return seen - float(pressed)


def _page(browser: Browser, app: Flask, address: str, person: Person, path: str) -> Page:
    context = browser.new_context(base_url=address)
    name, _, value = house.cookie(app, person)[0].partition("=")
    context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.goto(path)
    return page


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
