"""Everybody asks every address for every number there is, on both databases.

    ./run proof crawler

Sixteen kinds of people, pages and API, every method for what is hidden from them. Bars: 10,000
requests, no word out of scope, hidden and absent answered alike, and every planted leak caught.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from flask import Flask

from app.core import clock, db, schema
from app.factory import create_app
from config.settings import Settings
from tests import servers
from tests.cast import MORNING, settle
from tests.rules import canaries
from tests.rules.canaries import SCOPE, Street
from tests.rules.crawl import Crawl, caught, talks
from tests.rules.leaks import LEAKS, TALK_LEAKS

LEAST, LEAST_LEAKS = 10_000, 20
# Every address of everybody; and what asks several times, or changes what is there, of a part.
WHOLE, IN_PART = ("words", "alike"), ("kept", "silent", "live")
# Each leak is met by few addresses; one in so many is asked, then all of them.
SHARES = (16, 4, 1)


def main() -> bool:
    with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        results = [
            _prove("SQLite", f"sqlite:///{data / 'kith.db'}", data),
            _prove("PostgreSQL", postgresql, data),
        ]
    return all(results)


def _prove(name: str, url: str, data: Path) -> bool:
    schema.upgrade(db.use(url))
    app = create_app(Settings(data=data, database_url=url, secret_key="for a proof", limits=False))
    app.testing, app.config["WTF_CSRF_ENABLED"] = True, False
    with clock.held(MORNING):
        with db.transaction():
            street = canaries.settle(settle())
        crawled = _crawl(name, app, street)
        planted = _plant(name, app, street)
    db.engine().dispose()
    return crawled and planted


def _crawl(name: str, app: Flask, street: Street) -> bool:
    began, crawl = time.perf_counter(), Crawl(app, street)
    found = [f"{check}: {each}" for check in WHOLE for each in getattr(crawl, check)()]
    part = Crawl(app, street, share=4)
    found += [f"{check}: {each}" for check in IN_PART for each in getattr(part, check)()]
    asked = crawl.asked + part.asked
    unread = set() if talks(app) else canaries.TALK
    unmet = {role: scope - crawl.met[role] - unread for role, scope in SCOPE.items()}
    print(
        f"{name}: {len(SCOPE)} roles, {asked:,} requests, {crawl.compared:,} pairs of hidden "
        f"and absent, {part.told} pointers: {len(found)} leaks, "
        f"{time.perf_counter() - began:.0f} s"
    )
    for line in found:
        print(f"  {line}")
    for role in filter(unmet.get, unmet):
        print(f"  {role} never met {', '.join(sorted(unmet[role]))}, so it proves nothing of it")
    return asked >= LEAST and not found and not any(unmet.values())


def _plant(name: str, app: Flask, street: Street) -> bool:
    began, leaks = time.perf_counter(), LEAKS | (TALK_LEAKS if talks(app) else {})
    missed = [
        leak
        for leak, planted in leaks.items()
        if not any(caught(app, street, planted, share=share) for share in SHARES)
    ]
    print(
        f"{name}: {len(leaks) - len(missed)} of {len(leaks)} planted leaks caught, "
        f"{time.perf_counter() - began:.0f} s"
    )
    for leak in missed:
        print(f"  missed: {leak}")
    return len(leaks) >= LEAST_LEAKS and not missed


if __name__ == "__main__":
    sys.exit(not main())
