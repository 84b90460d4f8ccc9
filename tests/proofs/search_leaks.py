"""Two worlds that differ only in what is hidden from somebody answer her the same, byte for byte.

    ./run proof search_leaks [TRIALS] [SEED]

Each trial asks some questions, then says, changes and takes away things where Ruth does not see
them (another case, a restricted one, posts for some alone, before her history, withdrawn, comments
and files there, conversations she is not in, names of children), and asks again: hits in both
orders, pages, counts, cases, names of filters that name nothing, snippets. On each engine; with
Whoosh as often caught up as lagging. Bar: 0 bytes of difference.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

from app.core import clock, db, schema
from search import apart, index, indexing
from search.whoosh_index import WhooshIndex
from tests.cast import MORNING, settle
from tests.search import asking
from tests.search.hidden import Hidden

POSTS, QUESTIONS = 240, 2


def main(trials: int = 1_000, seed: int = 1) -> bool:
    return asking.on_each_engine(partial(_prove, trials=trials, seed=seed))


def _prove(name: str, url: str, folder: Path, *, trials: int, seed: int) -> bool:
    schema.upgrade(db.use(url))
    with clock.held(MORNING):
        with db.transaction():
            hidden = Hidden(settle(), random.Random(seed))
            hidden.settle(POSTS)
        engine = asking.engine(folder / "search", at_once=50)
        index.use(engine)
        began, wrong, size, did = time.perf_counter(), 0, 0, Counter[str]()
        for number in range(trials):
            # Far behind, so that what is hidden could push something out.
            apart.MOST_AHEAD = 30 if number % 4 else 2_000
            if number % 5 == 0:
                with db.transaction():
                    hidden.speak()
            questions = [hidden.question() for _ in range(QUESTIONS)]
            before = hidden.answers(questions)
            with db.transaction():
                did.update(hidden.happen() for _ in range(hidden.chance.randint(1, 5)))
            # Of forty trials twenty are on an index that catches up with each.
            if isinstance(engine, WhooshIndex) and number % 40 < 20:
                while indexing.catch_up(engine):
                    pass
            after = hidden.answers(questions)
            size += len(before)
            if before != after:
                wrong += 1
                print(f"  {name}, trial {number}: {questions}")
    db.engine().dispose()
    deeds = ", ".join(f"{many:,} {what.strip('_')}" for what, many in did.most_common())
    print(
        f"{name}, seed {seed}: {trials:,} trials ({deeds}), {size:,} bytes compared: "
        f"{wrong} differ, {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    return not wrong


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
