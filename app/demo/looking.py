"""Who looked in the last weeks: rows of the audit, put into its real chain one after another."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import insert, update

from app.audit import chain, pairs
from app.core import clock, db
from app.core.db import Base
from app.demo.needs import CLOSED, EMERGENCIES_THEN, Needs
from app.demo.people import Worker
from app.demo.rows import Row
from app.demo.works import Work
from app.models import Counter, Look, Post

WEEKS = 4
AT_ONCE = 25
# Families in whose cases looks are told, and who opens the feed every working day.
FAMILIES = "ORHMP"
READERS = ("Priya Shah", "Dan Hughes", "Helen Moss")
MANAGED = {"Helen Moss": "OM"}


def write(needs: Needs, written: dict[type[Base], list[Row]]) -> None:
    """Put all of it at the end of an empty chain, and have no rule ask about it again."""
    notes = sorted(_notes(needs, _posted(written)), key=lambda each: each.at)
    chain.write(notes)
    looks = [shown for each in notes for shown in pairs.shown_by(chain.said(each))]
    connection = db.session().connection()
    connection.execute(
        insert(Look),
        [
            {**each._asdict(), "at": chain.EPOCH + each.at * chain.MICROSECOND}
            for each in sorted(looks, key=lambda each: (each.at, each.case_id))
        ],
    )
    reviewed = update(Counter).where(Counter.name == "reviewed")
    connection.execute(reviewed.values(value=chain.head().place))


def _notes(needs: Needs, posted: dict[int, list[datetime]]) -> Iterator[chain.Note]:
    # Nothing of what is looked at depends on it: any few hundred rows do.
    random = Random("kith looks")  # noqa: S311 - a habit, not a secret
    works = [each for each in needs.works if each.family.key in FAMILIES]
    for days in range(7 * WEEKS, 0, -1):
        day = needs.today - timedelta(days=days)
        if day.weekday() >= 5:
            continue
        at = clock.instant(day, time(8, 30))
        for work in works:
            yield from _read_case(work, at, posted[work.case_id], random)
        for name in READERS:
            yield _read_feed(needs.workers[name], works, at + _later(random), posted)
        for name, families in MANAGED.items():
            yield from _managed(needs.workers[name], families, works, at, posted, random)
        if day.weekday() == 0:
            when = at + _later(random)
            yield _note(when, needs.workers["Noor Aziz"], "read audit")
            yield _note(when + timedelta(minutes=4), needs.workers["Noor Aziz"], "read reviews")
            yield _note(when + timedelta(minutes=9), needs.workers["Chris Vale"], "read accounts")
    yield from _out_of_the_ordinary(needs, posted)


def _read_case(
    work: Work, at: datetime, posted: list[datetime], random: Random
) -> Iterator[chain.Note]:
    for who in work.members(at):
        when = at + _later(random)
        if random.random() < (0.35 if who is work.lead(at) else 0.13):
            yield _shown(when, who, work, posted, "member")


def _managed(
    who: Worker,
    families: str,
    works: list[Work],
    at: datetime,
    posted: dict[int, list[datetime]],
    random: Random,
) -> Iterator[chain.Note]:
    for work in works:
        if work.family.key in families and random.random() < 0.1:
            when = at + _later(random)
            yield _shown(when, who, work, posted[work.case_id], "supervision")


def _read_feed(
    who: Worker, works: list[Work], at: datetime, posted: dict[int, list[datetime]]
) -> chain.Note:
    """The newest of each case that she is in, or follows as a manager."""
    hers = [
        each
        for each in works
        if who in each.members(at) or each.family.key in MANAGED.get(who.name, "")
    ]
    ranges = [
        [each.case_id, max(1, last - 2), last]
        for each in hers
        if (last := bisect(posted[each.case_id], at))
    ]
    return _note(at, who, "read feed")._replace(ranges=ranges or None)


def _out_of_the_ordinary(needs: Needs, posted: dict[int, list[datetime]]) -> Iterator[chain.Note]:
    for number, emergency in enumerate(EMERGENCIES_THEN, 1):
        work, who = needs.of(emergency.child), needs.workers[emergency.who]
        at = needs.at(emergency.days, emergency.clock_time)
        asked = _note(at, who, "asked in an emergency")
        yield asked._replace(case_id=work.case_id, about=f"emergency:{number}", outcome="done")
        for minutes in (1, 12):
            when = at + timedelta(minutes=minutes)
            yield _shown(when, who, work, posted[work.case_id], "break-glass")
    closed, who = needs.of(CLOSED[0]), needs.workers[CLOSED[1]]
    yield _shown(needs.closed_seen_at(), who, closed, posted[closed.case_id], "supervision")
    tried = _note(needs.office_at(5, "16:42"), needs.workers["Denise Yates"], "refused")
    yield tried._replace(about=f"case:{needs.of('Skye M').case_id}", outcome="refused")


def _shown(at: datetime, who: Worker, work: Work, posted: list[datetime], why: str) -> chain.Note:
    last = bisect(posted, at)
    ranges = [[work.case_id, max(1, last - AT_ONCE + 1), last]] if last else None
    return _note(at, who, "read case")._replace(case_id=work.case_id, ranges=ranges, why=why)


def _note(at: datetime, who: Worker, did: str) -> chain.Note:
    return chain.Note(at, who.id, did, "page", "shown", None, None, None, None)


def _later(random: Random) -> timedelta:
    return timedelta(seconds=random.randint(0, 9 * 3600))


def _posted(written: dict[type[Base], list[Row]]) -> dict[int, list[datetime]]:
    """When each position of each stream was written."""
    found: dict[int, list[datetime]] = {}
    for row in written[Post]:
        found.setdefault(row["case_id"], []).append(row["posted_at"])
    return found
