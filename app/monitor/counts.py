"""What is counted: on each day of a case, how many agencies recorded something that occurred."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy import bindparam, exists, select

from app.core import clock, db
from app.core.db import AnySelect, Instant
from app.models import KINDS, Case, CaseCounts, Exclusion, Post

# What somebody asks or plans has not occurred.
OCCURRED = tuple(kind for kind in KINDS if kind not in ("question", "planned_visit"))
# A weekend and a day more: what is written down later than that is catching up.
LATE = timedelta(days=3)
# Longer ago than a year and a month nothing weighs any more: half of it goes in 42 days.
REMEMBERED = 400
# A day is kept in a byte, and no case has so many agencies.
MOST = 255


@dataclass(frozen=True)
class Noted:
    """One update, under the day it counts on: not what it says."""

    post_id: int
    case_id: int
    on: date
    agency_id: int
    author_id: int


@dataclass(frozen=True)
class Days:
    """A case's counts, a byte a day from `first_on`; `noted` is what they are made of."""

    first_on: date
    days: bytes
    noted: list[Noted]


def of(case_ids: Collection[int], until: date) -> dict[int, Days]:
    """The counts of these cases up to and with a day, from their posts."""
    first = until - timedelta(days=REMEMBERED - 1)
    opened = {
        row.id: max(first, min(clock.local(row.opened_at).date(), until))
        for row in db.session().execute(
            select(Case.id, Case.opened_at).where(Case.id.in_(case_ids))
        )
    }
    found: dict[int, list[Noted]] = {case_id: [] for case_id in opened}
    for each in _noted(case_ids, first):
        if opened[each.case_id] <= each.on <= until:
            found[each.case_id].append(each)
    return {
        case_id: Days(opened[case_id], _by_day(noted, opened[case_id], until), noted)
        for case_id, noted in found.items()
    }


def _noted(case_ids: Collection[int], first: date) -> Iterator[Noted]:
    """What was recorded from a day on, each under the day it counts on.

    Notes that one person writes long after what they are about are written in one go, and are no
    more than one: all of one day's writing count on the newest day they are about.
    """
    asked = {"case_ids": sorted(case_ids), "since": clock.instant(first, time())}
    rows = db.session().execute(_written(), asked).all()
    for _, written in groupby(rows, key=lambda row: (row.case_id, row.author_id, _day(row))):
        together = [(row, _occurred(row)) for row in written]
        late = [on for row, on in together if _day(row) - on > LATE]
        for row, on in together:
            counts_on = max(late) if _day(row) - on > LATE else on
            yield Noted(row.id, row.case_id, counts_on, row.agency_id, row.author_id)


def _day(row: object) -> date:
    posted: datetime = attrgetter("posted_at")(row)
    return clock.local(posted).date()


def _occurred(row: object) -> date:
    """The day it happened, which is never after it was written down."""
    occurred: datetime = attrgetter("occurred_at")(row)
    return min(clock.local(occurred).date(), _day(row))


def _written() -> AnySelect:
    """What people wrote for the whole network, in the order of who wrote it when.

    What is for some alone is not counted: a number would tell the others of it.
    """
    shuts_out = exists(1).where(Exclusion.post_id == Post.id).correlate(Post)
    return (
        select(
            Post.id,
            Post.case_id,
            Post.author_id,
            Post.agency_id,
            Post.occurred_at,
            Post.posted_at,
        )
        .where(
            Post.case_id.in_(bindparam("case_ids", expanding=True, type_=db.BigKey)),
            Post.posted_at >= bindparam("since", type_=Instant),
            Post.kind.in_(OCCURRED),
            Post.source.is_(None),
            Post.withdrawn_at.is_(None),
            Post.audience == "network",
            Post.author_id.is_not(None),
            Post.agency_id.is_not(None),
            ~shuts_out,
        )
        .order_by(Post.case_id, Post.author_id, Post.posted_at, Post.id)
    )


def _by_day(noted: Iterable[Noted], first: date, until: date) -> bytes:
    """Agencies a day; where one alone is involved, its people."""
    noted = list(noted)
    is_alone = len({each.agency_id for each in noted}) == 1
    days = bytearray((until - first).days + 1)
    who = {(each.on, each.author_id if is_alone else each.agency_id) for each in noted}
    for on, _ in who:
        days[(on - first).days] = min(days[(on - first).days] + 1, MOST)
    return bytes(days)


def keep(case_id: int, until: date) -> Days:
    """Count a case anew and keep what was counted; one at a time for each case."""
    session = db.session()
    session.execute(
        db.insert(CaseCounts)
        .values(case_id=case_id, first_on=until, days=b"")
        .on_conflict_do_nothing()
    )
    lock(case_id)
    counted = of([case_id], until)[case_id]
    kept = session.get_one(CaseCounts, case_id)
    kept.first_on, kept.days = counted.first_on, counted.days
    return counted


def lock(case_id: int) -> None:
    """Let nobody else judge the case, which has been counted, before this transaction ends."""
    db.session().execute(
        select(CaseCounts.case_id).where(CaseCounts.case_id == case_id).with_for_update()
    )
