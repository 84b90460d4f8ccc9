"""Every kind of person, every kind of post, at more than one time: rules against the policy.

    ./run proof truth_table

Asked as whole tables on SQLite and on PostgreSQL. Bars: at least 750,000 decisions about posts
and as many about what people say to each other, no difference, 60 s each for either.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select, true

from app import access
from app.core import clock, db, schema
from app.models import Case, Person, Post
from tests import servers
from tests.cast import MORNING
from tests.rules import heard, town
from tests.rules.policy import World

POSTS = 180
BAR, LEAST = 60.0, 750_000


def main() -> bool:
    with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        results = [
            _prove("SQLite", f"sqlite:///{Path(folder) / 'kith.db'}"),
            _prove("PostgreSQL", postgresql),
        ]
    return all(results)


def _prove(name: str, url: str) -> bool:
    schema.upgrade(db.use(url))
    with clock.held(MORNING), db.transaction():
        world = town.settle(list(town.kinds()), POSTS, chance=random.Random(11))
    results = [
        _at_two_times(f"{name}: {len(world.posts)} posts", world, _compare),
        _at_two_times(
            f"{name}: {len(world.spoken)} messages in {len(world.talks)} conversations",
            world,
            _compare_talk,
        ),
    ]
    db.engine().dispose()
    return all(results)


def _at_two_times(name: str, world: World, compare: Callable[[World], tuple[int, int]]) -> bool:
    began = time.perf_counter()
    asked = differences = 0
    # An hour later some have begun, some emergencies are over, and one case is restricted.
    for later in (0 * town.HOUR, town.HOUR):
        world.now = MORNING + later
        with clock.held(world.now):
            decisions, wrong = compare(world)
        asked, differences = asked + decisions, differences + wrong
    taken = time.perf_counter() - began
    print(
        f"{name}, {len(world.accounts):,} people, {asked:,} decisions, "
        f"{differences} differences, {taken:.1f} s",
        flush=True,
    )
    return asked >= LEAST and differences == 0 and taken <= BAR


def _compare(world: World) -> tuple[int, int]:
    people, cases = list(world.accounts), range(1, len(town.RESTRICTED) + 1)
    asked = (
        (
            select(Person.id, Case.id).join(Case, true()).where(access.sees_case(Person, Case)),
            {(p, c) for p in people for c in cases if world.sees_case(p, c)},
        ),
        (
            select(Person.id, Case.id).join(Case, true()).where(access.may_lead(Person, Case)),
            {(p, c) for p in people for c in cases if world.leads(p, c)},
        ),
        (
            select(Person.id, Post.id).join(Post, true()).where(access.reads_post(Person, Post)),
            {(p, post) for p in people for post in world.posts if world.reads_post(p, post)},
        ),
    )
    wrong = 0
    with db.transaction() as session:
        for question, expected in asked:
            wrong += len(set(session.execute(question).all()) ^ expected)
    return len(people) * len(world.posts), wrong


def _compare_talk(world: World) -> tuple[int, int]:
    decisions = wrong = 0
    with db.transaction():
        for _, found, expected, many in heard.tables(world):
            assert isinstance(found, set)
            assert isinstance(expected, set)
            decisions, wrong = decisions + many, wrong + len(found ^ expected)
    return decisions, wrong


if __name__ == "__main__":
    sys.exit(not main())
