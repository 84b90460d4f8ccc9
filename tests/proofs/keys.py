"""200 keys, each sent 50 times at once to a running Kith: one row each, equal answers."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select

from app.casework import tokens
from app.core import db, schema
from app.models import Post
from config.settings import Settings
from tests import servers
from tests.cast import settle
from tests.realtime.house import served

KEYS, SENDERS = 200, 50


class Sender(threading.local):
    """One connection for each thread, as a phone keeps one."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.connection = HTTPConnection(place.hostname or "", place.port, timeout=60)

    def send(self, path: str, token: str, key: str) -> tuple[int, bytes]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        body = json.dumps({"body": f"Sent with {key}."})
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="kith-keys-") as folder:
        for name, database in (("SQLite", sqlite(Path(folder))), ("PostgreSQL", postgresql())):
            with database as url:
                failed += prove(name, url, Path(folder))
    return min(failed, 1)


def prove(name: str, database_url: str, folder: Path) -> int:
    engine = db.use(database_url)
    schema.upgrade(engine)
    with db.transaction():
        cast = settle()
        token = tokens.issue(cast.priya, "proof", scope="write")
    settings = Settings(
        data=folder,
        database_url=database_url,
        secret_key="a secret for this proof",
        port=servers.free_port(),
    )
    path = f"/api/v1/cases/{cast.amara.id}/posts"
    unequal = 0
    began = time.perf_counter()
    with served(settings) as url, ThreadPoolExecutor(SENDERS) as pool:
        sender = Sender(url)
        for number in range(KEYS):
            sent = [pool.submit(sender.send, path, token, f"key {number}") for _ in range(SENDERS)]
            answers = {each.result() for each in sent}
            unequal += len(answers) != 1 or next(iter(answers))[0] != 201
    taken = time.perf_counter() - began
    with db.transaction() as session:
        rows = session.scalar(select(func.count()).select_from(Post)) or 0
    engine.dispose()
    print(
        f"{name}: {KEYS} keys × {SENDERS} sends in {taken:.1f} s: "
        f"{rows} rows, {unequal} keys with unequal answers"
    )
    return int(rows != KEYS or unequal > 0)


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'kith.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    with servers.postgresql() as url:
        yield url


if __name__ == "__main__":
    raise SystemExit(main())
