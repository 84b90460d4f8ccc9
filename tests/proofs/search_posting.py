"""How soon a post is found, what that costs who reads, and what search costs who posts.

    ./run proof search_posting [SECONDS] [POSTS]

Real servers on a database of 20,000 posts, each engine beside the one it is for. Five posts a
second are made through the API while four others look for words, each in a process of their own;
each post is looked for until it is found. Then posts go in turns to an installation that keeps its
words and to one that does not. Bars: 99 of 100 found within a second of being sent, readers' p50
at most 1.3 × what it is when nobody posts, posting at most 1.15 ×.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import create_engine, func, select, text

from app.core import db, seals
from app.models import Activity, Membership, Person
from benchmarks import places
from config.settings import Settings
from search import engines, index
from search.index import Index
from search.look import look
from search.whoosh_index import WhooshIndex
from tests import servers
from tests.proofs.followers import Program
from tests.realtime import house

FOUND, READING, POSTING = 1.0, 1.3, 1.15
READERS, A_SECOND = 4, 5
# A reader looks for something again after so long.
PAUSE = 0.2
TURNS = 300
CASES = 300


@dataclass
class Installation:
    """A server over a filled database, and somebody who posts there by API."""

    settings: Settings
    program: Program
    case_id: int
    number: Iterator[int]

    def post(self) -> tuple[str, float]:
        """The word that this post alone has, and the seconds it took."""
        word = f"zebra{next(self.number)}x"
        began = time.perf_counter()
        body = {"body": f"Seen at home today, {word}."}
        self.program.ask("POST", f"/api/v1/cases/{self.case_id}/posts", body)
        return word, time.perf_counter() - began


def main(seconds: int = 60, posts: int = 20_000) -> bool:
    with servers.postgresql() as server, tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        urls = [f"sqlite:///{data / f'{each}.db'}" for each in ("on", "off")]
        results = [
            _prove("Whoosh", urls, data, seconds, posts),
            _prove(
                "PostgreSQL", [_another(server, each) for each in ("a", "b")], data, seconds, posts
            ),
        ]
    return all(results)


def _prove(name: str, urls: Sequence[str], data: Path, seconds: int, posts: int) -> bool:
    with (
        _served(urls[1], data / f"{name} off", posts, "off") as off,
        _served(urls[0], data / f"{name} on", posts, "auto") as on,
    ):
        return all((_found_soon(name, on, seconds), _posted_as_soon(name, on, off)))


@contextmanager
def _served(url: str, data: Path, posts: int, search: str) -> Iterator[Installation]:
    data.mkdir()
    settings = house.free_settings(
        Settings(data=data, database_url=url, secret_key="", limits=False)
    )
    seals.use(settings.secret_key)
    # Members whose time ends are no members: the world of the benchmarks is of another day.
    places.fill(url, cases=CASES, posts=posts)
    if search == "off" and not db.is_sqlite():
        _without_words()
    with db.transaction() as session:
        session.execute(text("UPDATE memberships SET until_at = '2100-01-01 00:00:00'"))
        viewer = session.get_one(Person, places.VIEWER)
        hers = select(Membership.case_id).where(Membership.person_id == viewer.id)
        case_id = session.scalars(hers.order_by(Membership.case_id)).first()
    assert case_id
    with house.served(settings, KITH_SEARCH=search):
        if search == "auto" and db.is_sqlite():
            house.eventually(WhooshIndex(settings.index).is_ready, 600)
        yield Installation(settings, Program(settings, viewer), case_id, count())
    db.engine().dispose()


def _without_words() -> None:
    """As the database was before there was search: posts, comments, messages, files."""
    with db.engine().begin() as connection:
        for table in ("posts", "comments", "messages", "attachments"):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN words"))


def _found_soon(name: str, on: Installation, seconds: int) -> bool:
    with ProcessPoolExecutor(READERS, mp_context=get_context("spawn")) as pool:

        def reading() -> list[list[float]]:
            asked = [(on.settings, seconds / 2, each) for each in range(READERS)]
            return list(pool.map(_read, asked))

        reading()  # everybody has begun, and asked everything once
        alone = statistics.median(chain.from_iterable(reading()))
        at_once = [pool.submit(_read, (on.settings, seconds, each)) for each in range(READERS)]
        taken, in_index = _post_and_look(on, seconds)
        beside = statistics.median(chain.from_iterable(each.result() for each in at_once))
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    print(
        f"{name}: {len(taken)} posts found after p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms of "
        f"being sent (by the index alone p50 {statistics.median(in_index) * 1e3:.0f} ms); "
        f"{READERS} readers' p50 {alone * 1e3:.1f} ms alone, {beside * 1e3:.1f} ms beside it "
        f"({beside / alone:.2f} ×)",
        flush=True,
    )
    return p99 <= FOUND and beside <= READING * alone


def _read(asked: tuple[Settings, float, int]) -> list[float]:
    """One who looks for words again and again; the seconds each time took."""
    settings, seconds, number = asked
    _open(settings)
    taken, end = list[float](), time.monotonic() + seconds
    while time.monotonic() < end:
        word = places.WORDS[(number + len(taken)) % len(places.WORDS)]
        taken.append(_look(word)[1])
        time.sleep(PAUSE)
    return taken


def _open(settings: Settings) -> Index:
    seals.use(settings.secret_key)
    db.use(settings.database_url)
    engines.use("auto", settings.index)
    return index.chosen()


def _look(word: str) -> tuple[bool, float]:
    began = time.perf_counter()
    with db.transaction(durable=False) as session:
        viewer = session.get_one(Person, places.VIEWER)
        found = bool(look(viewer, word, how="page").found)
    return found, time.perf_counter() - began


def _post_and_look(on: Installation, seconds: int) -> tuple[list[float], list[float]]:
    """From sending each post until it is found: by a search, and by the index without the rest."""
    kept = _open(on.settings)
    found, in_index = list[float](), list[float]()
    for turn in range(seconds * A_SECOND):
        began = time.monotonic()
        word, _ = on.post()
        while not _look(word)[0]:
            time.sleep(0.005)
        found.append(time.monotonic() - began)
        if turn % A_SECOND == 0 and isinstance(kept, WhooshIndex):
            newest = _newest()
            while kept.reached() < newest:
                time.sleep(0.005)
            in_index.append(time.monotonic() - began)
        time.sleep(max(0.0, 1 / A_SECOND - (time.monotonic() - began)))
    return found, in_index or found


def _newest() -> int:
    with db.transaction(durable=False) as session:
        return session.scalar(select(func.max(Activity.position))) or 0


def _posted_as_soon(name: str, on: Installation, off: Installation) -> bool:
    taken: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * TURNS):
        searched = turn % 2 == 0
        taken[searched].append((on if searched else off).post()[1])
    kept, without = statistics.median(taken[True]), statistics.median(taken[False])
    print(
        f"{name}: posting p50 {kept * 1e3:.1f} ms with search, {without * 1e3:.1f} ms without "
        f"({kept / without:.2f} ×)",
        flush=True,
    )
    return kept <= POSTING * without


def _another(url: str, name: str) -> str:
    """Another empty database of the same server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
