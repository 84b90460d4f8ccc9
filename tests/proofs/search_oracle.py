"""Everybody finds what the policy lets them read, in its order, and nothing else.

    ./run proof search_oracle [QUESTIONS] [SEED]

Random questions of random people of the rules' town, at two times, on each engine beside its
database, with PostgreSQL's ways for few and for many cases, beside a search that reads everything
and asks the policy written by hand. Bars: the same newest twenty, the same count, the same set
best first; nothing that is not permitted.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.core import clock, db, schema
from search import index, postgresql
from tests.cast import MORNING
from tests.rules import town
from tests.search import asking, said

PEOPLE, POSTS = 400, 900
MANY, NEVER = {"FEW_CASES": 0, "FEW_MATCHES": 30, "NEW_ROWS": 120}, 10**15
# As it is; and over many cases or few, where the newest are walked and where they never are.
WAYS: list[dict[str, int]] = [
    {},
    {"STEP": 0},
    {"STEP": NEVER},
    MANY | {"STEP_OVER_MANY": 0},
    MANY | {"STEP_OVER_MANY": NEVER},
]


def main(questions: int = 1_000, seed: int = 1) -> bool:
    return asking.on_each_engine(partial(_prove, questions=questions, seed=seed))


def _prove(name: str, url: str, folder: Path, *, questions: int, seed: int) -> bool:
    chance = random.Random(seed)
    schema.upgrade(db.use(url))
    with clock.held(MORNING), db.transaction():
        settled = said.settle(chance.sample(list(town.kinds()), PEOPLE), POSTS, chance)
    with clock.held(MORNING):
        index.use(asking.engine(folder / "search", at_once=200))
    began, wrong, some, not_theirs = time.perf_counter(), 0, 0, 0
    for number in range(questions):
        # An hour later some have begun, some emergencies are over, and one case is restricted.
        settled.world.now = MORNING + number % 2 * town.HOUR
        with clock.held(settled.world.now), _ways(WAYS[number % len(WAYS)]):
            viewer, asked = settled.somebody(), settled.asked()
            difference, others = said.compare(settled, viewer, asked)
        if difference:
            print(f"  {name}, person {viewer.id}, {asked.written!r}: {difference}")
        wrong, not_theirs = wrong + bool(difference), not_theirs + others
        some += bool(settled.found(viewer.id, asked))
    db.engine().dispose()
    print(
        f"{name}, seed {seed}: {questions:,} questions over {len(settled.said):,} things, {some:,} "
        f"of which find something: {wrong} answered otherwise, {not_theirs} not permitted, "
        f"{time.perf_counter() - began:.0f} s",
        flush=True,
    )
    return not wrong and not not_theirs and some > questions // 3


@contextmanager
def _ways(other: dict[str, int]) -> Iterator[None]:
    """Let PostgreSQL go the ways it goes where there is much, though there is little."""
    usual = {name: getattr(postgresql, name) for name in other}
    vars(postgresql).update(other)
    try:
        yield
    finally:
        vars(postgresql).update(usual)


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
