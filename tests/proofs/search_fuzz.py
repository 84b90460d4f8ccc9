"""Nothing that anybody writes into the field of a search is an error, or takes long.

    ./run proof search_fuzz [QUESTIONS] [POSTS] [SEED]

Questions put together by chance out of words, operators, filters, quotation marks, numbers,
letters of every alphabet and noise, asked of a database with 3,000 cases of one person, on each
engine. Bars: no error, and 99 of 100 answers within a second.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from app.core import clock, db
from app.core.errors import Unavailable
from app.models import Person
from benchmarks import places
from search import index
from search.index import BEST, NEWEST
from search.parsing import FILTERS
from tests import servers
from tests.core import scribble
from tests.search import asking

BAR = 1.0
CASES, HERS = 3_200, 3_000
OPERATORS = (
    "AND",
    "OR",
    "NOT",
    "and",
    "or",
    "-",
    "(",
    ")",
    '"',
    "*",
    ":",
    "“",
    "&",
    "|",
    "!",
    "<->",
)
VALUES = (
    "visit me mine unread 1 0 -1 99999999999999999999 2026-11-01 1/11/2026 31/2/2026 9999-12-31 "
    "0001-01-01 post files urgent worried child person agency % _ ' \\ \u0000 no"
).split(" ")


def main(questions: int = 10_000, posts: int = 20_000, seed: int = 1) -> bool:
    with servers.postgresql() as server, tempfile.TemporaryDirectory() as folder:
        results = [
            _prove(name, url, Path(folder) / "search", questions, posts, seed)
            for name, url in (
                ("Whoosh", f"sqlite:///{Path(folder) / 'kith.db'}"),
                ("PostgreSQL", server),
            )
        ]
    return all(results)


def _prove(name: str, url: str, folder: Path, questions: int, posts: int, seed: int) -> bool:
    places.fill(url, cases=CASES, posts=posts, followed=HERS)
    chance, taken, wrong = random.Random(seed), list[float](), Counter[str]()
    some = slow = 0
    with clock.held(places.NOW):
        index.use(asking.engine(folder))
        with db.transaction() as session:
            people = [session.get_one(Person, each) for each in (places.VIEWER, places.VIEWER, 7)]
        for _ in range(questions):
            written = question(chance)
            order, typing = chance.choice((NEWEST, BEST)), chance.random() < 0.5
            began = time.perf_counter()
            try:
                viewer = chance.choice(people)
                some += bool(asking.looked(viewer, written, order=order, typing=typing).found)
            except Unavailable:
                slow += 1
            except Exception as error:  # noqa: BLE001 - each is counted and shown
                wrong[f"{type(error).__name__} at {written!a}"] += 1
            taken.append(time.perf_counter() - began)
    db.engine().dispose()
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    print(
        f"{name}, seed {seed}: {questions:,} questions over {posts:,} posts, {some:,} of them "
        f"find something: {sum(wrong.values())} errors, {slow} refused as too long, "
        f"p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, longest {taken[-1] * 1e3:.0f} ms",
        flush=True,
    )
    for each in list(wrong)[:10]:
        print(f"  {each}")
    return not wrong and not slow and p99 <= BAR


def question(chance: random.Random) -> str:
    pieces = [_piece(chance) for _ in range(chance.choice((1, 2, 3, 5, 8, 40)))]
    return chance.choice(("", " ", " ", " ")).join(pieces)[: chance.choice((40, 600))]


def _piece(chance: random.Random) -> str:
    kind = chance.randrange(10)
    if kind < 3:
        word = chance.choice(places.WORDS)
        return word[: chance.randint(1, 9)] + chance.choice(("", "", "*", "s", "-x"))
    if kind < 5:
        return chance.choice(OPERATORS)
    if kind == 5:
        value = chance.choice(VALUES)
        quoted = f'"{value} {value}"'
        return f"{chance.choice(FILTERS)}:{chance.choice((value, quoted))}"
    if kind == 6:
        return f'"{" ".join(chance.choices(places.WORDS, k=chance.randint(0, 4)))}"'
    if kind == 7:
        return "".join(chr(chance.choice(_LETTERS)) for _ in range(chance.randint(1, 9)))
    if kind == 8:
        return scribble.words(chance)[: chance.randint(1, 60)]
    return chance.choice(("a", "e", "1e5", "12/11", "O'Connor's", "ß", "\ud800", "a" * 3000))


# Of every part of Unicode, half of pairs and what is nothing included.
_LETTERS = [*range(1, 0x250), *range(0x250, 0x110000, 977)]


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
