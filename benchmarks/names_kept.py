"""How long it takes to find a child or a colleague by name in a database of 40,000 of each."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import delete, select, text, update

from app.core import clock, db
from app.models import Child, Membership, Person
from benchmarks import places
from search import find, name_keys
from tests import servers

MANY, FEW = 3_000, 30


def say_all(named: Sequence[str], asked: Sequence[str], goal: float) -> bool:
    met = []
    for kind, database in (("SQLite", _sqlite), ("PostgreSQL", servers.postgresql)):
        with database() as url, clock.held(places.NOW):
            _fill(url, named)
            with db.transaction() as session:
                viewer = session.get_one(Person, places.VIEWER)
                hers = partial(find.cases, viewer)
                met += [
                    say(f"{kind}, colleagues", find.people, asked, goal),
                    say(f"{kind}, {MANY:,} cases", hers, asked, goal),
                ]
                _leave(FEW)
                met.append(say(f"{kind}, {FEW} cases", hers, asked, goal))
            db.engine().dispose()
    return all(met)


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'kith.db'}"


def _fill(url: str, named: Sequence[str]) -> None:
    """As many children and as many people of these names, and a viewer with many cases."""
    places.fill(url, cases=len(named), posts=1, people=len(named), members=3, followed=MANY)
    numbered = [{"id": number, "name": name} for number, name in enumerate(named, 1)]
    with db.transaction() as session:
        session.execute(update(Child), numbered)
        session.execute(update(Person), numbered)
    began = time.perf_counter()
    name_keys.make_all()
    print(f"\nkeys of {2 * len(named):,} names made in {time.perf_counter() - began:.0f} s")
    if not db.is_sqlite():
        _tidy()


def _tidy() -> None:
    """What PostgreSQL does by itself within a minute of so many new rows."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))


def _leave(few: int) -> None:
    session, mine = db.session(), Membership.person_id == places.VIEWER
    numbers = session.scalars(select(Membership.id).where(mine)).all()
    session.execute(delete(Membership).where(Membership.id.in_(numbers[few:])))


def say(what: str, find: Callable[[str], object], asked: Sequence[str], goal: float) -> bool:
    taken = []
    for written in asked:
        began = time.perf_counter()
        find(written)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    mean, most = statistics.mean(taken), taken[-len(taken) // 20]
    print(f"{what:28} ms: mean {mean:.1f}, half within {taken[len(taken) // 2]:.1f}, ", end="")
    print(f"95 % within {most:.1f}{'' if mean <= goal else '  MISSED'}", flush=True)
    return mean <= goal
