"""One row a response: 10,000 mixed requests of several people at once, on both databases.

    ./run proof audit_rows [REQUESTS]

A row is left by every response that showed or did something behind the sign-in, by every refusal
there (403, 404), and by every sign-in, right or wrong. None is left by what shows nothing and
changes nothing: who is not signed in (302, 401), what is open to everyone, a body that is wrong
(422 of the API), `/sync`, a draft kept by script, and colleagues by API. Bars: as many rows as
expected for each person and each outcome, and no unexpected answer.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.casework import tokens
from app.core import db, passwords, schema
from app.factory import create_app
from app.models import AuditEntry, Person
from config.settings import Settings
from feeds import comments, posts
from tests import servers
from tests.cast import PASSWORD, Cast, settle
from tests.conftest import signed_in

THREADS = 8
Ask = Callable[["Desk"], TestResponse]


@dataclass
class Desk:
    """One person at work in one thread: a browser, a program, and a browser of nobody."""

    person: Person
    browser: FlaskClient
    program: FlaskClient
    nobody: FlaskClient
    app: Flask
    number: int = 0

    def key(self) -> str:
        self.number += 1
        return f"{id(self)}-{self.number}"


@dataclass(frozen=True)
class Kind:
    """A request, what it is answered, and what the audit says of it; nothing when it is none."""

    ask: Ask
    status: int
    outcome: str | None
    often: int = 4
    is_known: bool = True  # whether the row says who it was


@dataclass
class Tally:
    """What one thread was answered, and the rows that should have come of it."""

    rows: Counter[tuple[int | None, str]]
    statuses: Counter[int]
    wrong: Counter[str]


def page(path: str, status: int = 200, outcome: str | None = "shown", often: int = 4) -> Kind:
    return Kind(lambda desk: desk.browser.get(path), status, outcome, often)


def call(path: str, status: int = 200, outcome: str | None = "shown", often: int = 4) -> Kind:
    return Kind(lambda desk: desk.program.get(f"/api/v1{path}"), status, outcome, often)


def form(path: str, sent: dict[str, str], status: int, outcome: str | None) -> Kind:
    return Kind(
        lambda desk: desk.browser.post(path, data={**sent, "key": desk.key()}), status, outcome
    )


def body(path: str, sent: dict[str, str], status: int, outcome: str | None) -> Kind:
    return Kind(lambda desk: desk.program.post(f"/api/v1{path}", json=sent), status, outcome)


def _twice(desk: Desk) -> TestResponse:
    """Sent again with the same key: answered again, and so recorded again."""
    headers = {"Idempotency-Key": "the same"}
    path, sent = "/api/v1/posts/1/comments", {"body": "Said once."}
    return desk.program.post(path, json=sent, headers=headers)


def _signs_in(desk: Desk) -> TestResponse:
    sent = {"email": desk.person.email, "password": PASSWORD}
    return desk.app.test_client().post("/sign-in", data=sent)


def _fails_to_sign_in(desk: Desk) -> TestResponse:
    sent = {"email": desk.person.email, "password": "not the right one"}
    return desk.app.test_client().post("/sign-in", data=sent)


# Everybody below is in Amara's network (1) and sees nothing of Noor's (3).
ALL = {
    "the feed": page("/"),
    "one's cases": page("/cases"),
    "a case": page("/cases/1", often=12),
    "its details": page("/cases/1/details"),
    "its network": page("/cases/1/network"),
    "cards": page("/cases/1/fragments?after=0"),
    "a post": page("/posts/1", often=8),
    "its versions": page("/posts/1/versions"),
    "a search": page("/search?q=amara"),
    "look-ups": page("/look-ups"),
    "emergencies": page("/emergencies"),
    "colleagues": page("/people"),
    "settings": page("/settings"),
    "a hidden case": page("/cases/3", 404, "refused"),
    "a hidden post": page("/posts/2", 404, "refused"),
    "a case that is not there": page("/cases/987654", 404, "refused"),
    "somebody else's pages": page("/accounts", 403, "refused"),
    "the audit log": page("/audit-log", 403, "refused"),
    "an address that is none": page("/nowhere", 404, None),
    "what changed": page("/sync?after=0", 200, None),
    "help": page("/help", 200, None),
    "a page of nobody": Kind(lambda desk: desk.nobody.get("/cases/1"), 302, None),
    "a comment": form("/posts/1/comments", {"body": "I rang them."}, 303, "done"),
    "an empty comment": form("/posts/1/comments", {"body": ""}, 422, "shown"),
    "to a hidden post": form("/posts/2/comments", {"body": "I rang."}, 404, "refused"),
    "an update": form("/cases/1/posts", {"body": "At school today."}, 303, "done"),
    "read so far": form("/cases/1/read", {"position": "1"}, 303, "done"),
    "following": form("/cases/1/follow", {}, 303, "done"),
    "cases by API": call("/cases"),
    "a case by API": call("/cases/1", often=8),
    "a stream": call("/cases/1/posts?size=10", often=8),
    "a feed by API": call("/feed?size=10"),
    "a post by API": call("/posts/1"),
    "readers": call("/posts/1/readers"),
    "changes": call("/changes?after=0"),
    "a hidden case by API": call("/cases/3", 404, "refused"),
    "a post that is not there": call("/posts/987654", 404, "refused"),
    "accounts by API": call("/accounts", 403, "refused"),
    "colleagues by API": call("/people", 200, None),
    "a wrong question": call("/cases/1/posts?size=-1", 422, None),
    "a program of nobody": Kind(lambda desk: desk.nobody.get("/api/v1/cases/1"), 401, None),
    "a comment by API": body("/posts/1/comments", {"body": "I rang."}, 201, "done"),
    "the same again": Kind(_twice, 201, "done"),
    "an empty one": body("/posts/1/comments", {"body": ""}, 422, None),
    "to a hidden one": body("/posts/2/comments", {"body": "I rang."}, 404, "refused"),
    "signing in": Kind(_signs_in, 303, "done", often=1),
    "a wrong password": Kind(_fails_to_sign_in, 422, "refused", often=1, is_known=False),
}


def main(requests: int = 10_000) -> bool:
    with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        results = [
            _prove("SQLite", f"sqlite:///{data / 'kith.db'}", data, requests),
            _prove("PostgreSQL", postgresql, data, requests),
        ]
    return all(results)


def _prove(name: str, url: str, data: Path, requests: int) -> bool:
    schema.upgrade(db.use(url))
    with db.transaction():
        cast = settle()
        for person in cast.people:
            person.password_hash = passwords.hashed(PASSWORD)
        shown = posts.publish(cast.priya, cast.amara, posts.Update("Seen at home."))
        posts.edit(cast.priya, shown, "Seen at home today.")
        comments.add(cast.dan, shown, "Thank you.")
        posts.publish(cast.olive, cast.noor, posts.Update("For others."))
    app = create_app(Settings(data=data, database_url=url, secret_key="for a proof", limits=False))
    app.config["WTF_CSRF_ENABLED"] = False
    desks = [_desks(app, cast) for _ in range(THREADS)]
    before, began = _rows(), time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        tallies = list(
            pool.map(
                lambda number: _work(random.Random(number), desks[number], requests // THREADS),
                range(THREADS),
            )
        )
    expected: Counter[tuple[int | None, str]] = sum((each.rows for each in tallies), Counter())
    statuses: Counter[int] = sum((each.statuses for each in tallies), Counter())
    wrong: Counter[str] = sum((each.wrong for each in tallies), Counter())
    written = _rows() - before
    differ = {key: (written[key], expected[key]) for key in written | expected}
    differ = {key: both for key, both in differ.items() if both[0] != both[1]}
    said = ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items()))
    print(
        f"{name}: {statuses.total():,} requests of {len(desks[0])} people in {THREADS} threads "
        f"({said}), {expected.total():,} rows expected, {written.total():,} written, "
        f"{len(differ)} differences, {time.perf_counter() - began:.0f} s"
    )
    for what, count in wrong.items():
        print(f"  {count} × {what}")
    for key, (found, wanted) in differ.items():
        print(f"  {key}: {found} rows instead of {wanted}")
    db.engine().dispose()
    return not wrong and not differ


def _desks(app: Flask, cast: Cast) -> list[Desk]:
    return [
        Desk(person, signed_in(app, person), _program(app, person), app.test_client(), app)
        for person in (cast.priya, cast.dan, cast.ruth, cast.mo)
    ]


def _program(app: Flask, person: Person) -> FlaskClient:
    with db.transaction():
        token = tokens.issue(person, "proof", scope="write")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def _work(chance: random.Random, desks: list[Desk], requests: int) -> Tally:
    tally = Tally(Counter(), Counter(), Counter())
    names, weights = list(ALL), [kind.often for kind in ALL.values()]
    for name in chance.choices(names, weights, k=requests):
        desk, kind = chance.choice(desks), ALL[name]
        answer = kind.ask(desk)
        tally.statuses[answer.status_code] += 1
        if answer.status_code != kind.status:
            tally.wrong[f"{name} was answered {answer.status_code}, not {kind.status}"] += 1
        if kind.outcome is not None:
            tally.rows[desk.person.id if kind.is_known else None, kind.outcome] += 1
    return tally


def _rows() -> Counter[tuple[int | None, str]]:
    counted = select(AuditEntry.person_id, AuditEntry.outcome, func.count())
    with db.transaction() as session:
        rows = session.execute(counted.group_by(AuditEntry.person_id, AuditEntry.outcome))
        return Counter({(person_id, outcome): many for person_id, outcome, many in rows})


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
