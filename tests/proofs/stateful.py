"""Towns that live for fifty deeds each: after every deed the rules and the policy still agree.

    ./run proof stateful [RUNS] [FIRST_SEED]

People join, leave, lead, restrict, declare conflicts, break the glass, post for some and not for
others, change their agency, and time goes on: all by the real verbs, and what must be refused
too. After each deed every person, case and post is compared with `tests/rules/policy.py`. On
SQLite in as many processes as there are processors, and a twentieth of them on PostgreSQL too.
A difference prints its seed, which as FIRST_SEED tells the same story again.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from app.core import db, schema
from app.core.db import Base
from tests import servers
from tests.cast import MORNING
from tests.rules import compared
from tests.rules.life import Life

STEPS = 50
# How often the few things are asked that take as long as all the rest.
DEAR = 0.1
# A life adds nothing to these, and they are not empty in a new database.
KEPT = ("counters", "audit_head", "audit_entries")


def main(runs: int = 500, first: int = 0) -> bool:
    began, spawn = time.perf_counter(), get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(mp_context=spawn, initializer=_settle, initargs=(folder,)) as lives,
    ):
        wrong = _report("SQLite", began, lives.map(_live, range(first, first + runs)))
    began = time.perf_counter()
    with servers.postgresql() as url:
        schema.upgrade(db.use(url))
        wrong += _report("PostgreSQL", began, map(_live, range(first, first + (runs + 19) // 20)))
        db.engine().dispose()
    return wrong == 0


def _settle(folder: str) -> None:
    schema.upgrade(db.use(f"sqlite:///{folder}/{os.getpid()}.db"))


def _live(seed: int) -> Counter[str]:
    _empty()
    life = Life(seed, MORNING)
    wrong = compared.live(life, STEPS, dear=DEAR)
    if wrong:
        story = "\n".join(f"    {step}" for step in life.steps)
        print(f"seed {seed}, after {len(life.steps)} deeds: {wrong}\n{story}", flush=True)
    return Counter(
        lives=1,
        deeds=len(life.steps),
        refused=life.refused,
        decisions=life.decisions,
        differences=wrong is not None,
    )


def _empty() -> None:
    with db.engine().begin() as connection:
        if not db.is_sqlite():
            # Nobody who uses it can empty what looks there were; here no trigger is asked.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in KEPT:
                connection.execute(table.delete())


def _report(name: str, began: float, lives: Iterable[Counter[str]]) -> int:
    total = sum(lives, Counter())
    seconds = time.perf_counter() - began
    print(
        f"{name}: {total['lives']} lives, {total['deeds']:,} deeds, {total['refused']:,} of them "
        f"refused, {total['decisions']:,} decisions, {total['differences']} differences, "
        f"{seconds:.0f} s",
        flush=True,
    )
    return total["differences"]


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
