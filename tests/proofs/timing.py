"""Whether the time of an answer tells what the answer does not.

    ./run proof timing [PAIRS]

Pairs are asked in turn: a case that is hidden and one that is not there, and an address that is
known at sign-in and one that is not, both with a wrong password. Bar: medians within 5 %.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.core import db, passwords, schema
from app.factory import create_app
from config.settings import Settings
from feeds import posts
from tests import servers
from tests.cast import settle
from tests.conftest import signed_in

BAR = 0.05
WARM_UP = 50

Ask = Callable[[], object]


def main(pairs: int = 2000) -> bool:
    with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        results = [
            _prove("SQLite", f"sqlite:///{data / 'kith.db'}", data, pairs),
            _prove("PostgreSQL", postgresql, data, pairs),
        ]
    return all(results)


def _prove(name: str, url: str, data: Path, pairs: int) -> bool:
    settings = Settings(data=data, database_url=url, secret_key="for a proof", limits=False)
    schema.upgrade(db.use(url))
    with db.transaction():
        cast = settle()
        for person in cast.people:
            person.password_hash = passwords.hashed("the right words of today")
        hidden_post = posts.publish(cast.olive, cast.noor, posts.Update("A word")).id
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    priya, stranger = signed_in(app, cast.priya), app.test_client()

    def reads(path: str) -> Ask:
        return lambda: priya.get(path)

    def signs_in(email: str) -> Ask:
        sent = {"email": email, "password": "not the right words"}
        return lambda: stranger.post("/sign-in", data=sent)

    absent = 987_654
    questions = {
        "a case": (reads(f"/cases/{cast.noor.id}"), reads(f"/cases/{absent}")),
        "a post": (reads(f"/posts/{hidden_post}"), reads(f"/posts/{absent}")),
        "sign-in": (signs_in(cast.dan.email), signs_in("nobody@kith.example")),
    }
    within = [_compare(f"{name}, {what}", *both, pairs=pairs) for what, both in questions.items()]
    db.engine().dispose()
    return all(within)


def _compare(what: str, there: Ask, not_there: Ask, *, pairs: int) -> bool:
    asked: dict[Ask, list[float]] = {there: [], not_there: []}
    for number in range(pairs + WARM_UP):
        # Neither is always the one that comes second.
        for ask in random.sample([there, not_there], 2):
            began = time.perf_counter()
            ask()
            if number >= WARM_UP:
                asked[ask].append(time.perf_counter() - began)
    one, other = (statistics.median(times) * 1000 for times in asked.values())
    apart = abs(one - other) / max(one, other)
    print(f"{what}: {one:.3f} ms there, {other:.3f} ms not there, {apart:.1%} apart")
    return apart <= BAR


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
