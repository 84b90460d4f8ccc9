"""A night's pass that is killed again and again ends as if nobody had touched it.

    ./run proof monitor_pass [CASES] [KILLS]

Many cases with a year of counts, some of them busy and some silent, are looked at by processes of
their own that are killed in the midst of it; then the same by one that is left alone. Bars: the
same alerts, each once, with the same figures; and what was learnt is the same.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select, update

from app.core import clock, db, schema
from app.models import (
    Activity,
    Agency,
    Alert,
    AlertAgency,
    Case,
    CaseCounts,
    CaseHead,
    CaseStatus,
    Child,
    MonitorPass,
    Person,
    Post,
)
from app.monitor import watch

ROOT = Path(__file__).parents[2]
DAYS = 300
NIGHT = date(2026, 11, 22)
NOW = clock.instant(NIGHT + timedelta(days=1))
RATE = 0.4
BUSY, QUIET = 0.01, 0.02
# A process that died is taken over from after this; as short as the proof can bear.
LEASE = timedelta(seconds=0)


def main(cases: int = 5_000, kills: int = 50) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        untouched, killed = Path(folder) / "untouched.db", Path(folder) / "killed.db"
        fill(untouched, cases)
        shutil.copy(untouched, killed)
        alone = look(untouched)
        deaths = kill_and_go_on(killed, kills, alone)
        same = found(untouched) == found(killed)
        alerts, doubled = len(found(killed)[0]), doubled_in(killed)
    print(f"{cases:,} cases, a pass alone takes {alone:.1f} s; {deaths} deaths")
    print(f"{alerts} alerts, {doubled} doubled; as if nobody had touched it: {same}")
    return same and not doubled and alerts > 0


def kill_and_go_on(path: Path, kills: int, alone: float) -> int:
    """Kill it at any moment, until it has been killed often enough; then let it end."""
    deaths = 0
    chance = random.Random(3)
    while True:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.proofs.monitor_pass", "look", str(path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        process.stdout.readline()  # it begins
        if deaths < kills:
            time.sleep(chance.uniform(0, alone * 1.2 / kills + 0.05 * alone))
            process.send_signal(signal.SIGKILL)
        process.wait()
        if process.returncode == 0:
            return deaths
        deaths += 1


def look(path: Path) -> float:
    db.use(f"sqlite:///{path}")
    watch.LEASE = LEASE
    began = time.perf_counter()
    with clock.held(NOW):
        watch.sweep(NIGHT)
    db.engine().dispose()
    return time.perf_counter() - began


def found(path: Path) -> tuple[list[Any], Any]:
    """Every alert with its figures, and what was learnt."""
    db.use(f"sqlite:///{path}")
    with db.transaction() as session:
        rows = session.execute(
            select(
                Alert.case_id,
                Alert.kind,
                Alert.window,
                Alert.count,
                Alert.low,
                Alert.high,
                Alert.updates,
                func.round(Alert.score, 6),
                select(func.sum(AlertAgency.days))
                .where(AlertAgency.alert_id == Alert.id)
                .scalar_subquery(),
            ).order_by(Alert.case_id, Alert.kind)
        ).all()
        learnt = session.scalar(select(MonitorPass.learnt).where(MonitorPass.on == NIGHT))
        assert learnt is not None
    return [tuple(row) for row in rows], learnt


def doubled_in(path: Path) -> int:
    """Alerts that were put on record more than once."""
    db.use(f"sqlite:///{path}")
    with db.transaction() as session:
        told = select(func.count(Activity.position)).where(
            Activity.did.in_(["alerted", "pointed_out"])
        )
        alerts = select(func.count(Alert.id))
        return (session.scalar(told) or 0) - (session.scalar(alerts) or 0)


def fill(path: Path, cases: int) -> None:
    """Cases that have been open for a year; of a few in a hundred the last weeks are unusual."""
    db.use(f"sqlite:///{path}")
    schema.upgrade(db.engine())
    chance = np.random.default_rng(11)
    counts = chance.poisson(RATE, (cases, DAYS))
    some = chance.random(cases)
    counts[some < BUSY, -7:] += 2
    counts[some > 1 - QUIET, -45:] = 0
    first = NIGHT - timedelta(days=DAYS - 1)
    opened = clock.instant(first)
    ids = range(1, cases + 1)
    with clock.held(opened), db.transaction() as session:
        agencies = [{"name": f"Agency {each}", "agency_type": "8"} for each in range(4)]
        session.execute(insert(Agency), agencies)
        session.execute(insert(Person), [_person(each) for each in range(1, 5)])
        session.execute(insert(Child), [{"id": each, "name": f"Child {each}"} for each in ids])
        session.execute(
            insert(Case), [{"id": each, "child_id": each, "opened_at": opened} for each in ids]
        )
        session.execute(insert(CaseHead), [{"case_id": each, "position": 0} for each in ids])
        session.execute(insert(CaseStatus), [_status(each, first) for each in ids])
        # Half of them are counted already; the other half the pass has to count from their posts.
        session.execute(
            insert(CaseCounts),
            [_counted(each, first, counts[each - 1]) for each in ids if each % 2],
        )
        posts = [row for each in ids if not each % 2 for row in _posts(each, first, counts)]
        session.execute(insert(Post), posts)
        session.execute(update(Person).values(keyed_name=Person.name))


def _person(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Person {number}",
        "role": "Worker",
        "agency_id": number,
        "email": f"{number}@kith.example",
        "account": "practitioner",
        "active": True,
        "created_at": clock.now(),
    }


def _status(case_id: int, first: date) -> dict[str, Any]:
    at = clock.now()
    return {
        "case_id": case_id,
        "status": "child_in_need",
        "since": first,
        "recorded_at": at,
    }


def _counted(case_id: int, first: date, counts: Any) -> dict[str, Any]:
    return {"case_id": case_id, "first_on": first, "days": bytes(counts.clip(0, 4).tolist())}


def _posts(case_id: int, first: date, counts: Any) -> list[dict[str, Any]]:
    """So many agencies a day, each with one update."""
    rows: list[dict[str, Any]] = []
    for day in np.flatnonzero(counts[case_id - 1]):
        at = clock.instant(first + timedelta(days=int(day)))
        for agency in range(1, min(int(counts[case_id - 1][day]), 4) + 1):
            rows.append(
                {
                    "case_id": case_id,
                    "position": len(rows) + 1,
                    "author_id": agency,
                    "agency_id": agency,
                    "kind": "update",
                    "body": "x",
                    "body_html": "x",
                    "cleaner": 1,
                    "occurred_at": at,
                    "posted_at": at,
                }
            )
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["look"]:
        print("begins", flush=True)
        look(Path(sys.argv[2]))
    else:
        sys.exit(not main(*map(int, sys.argv[1:])))
