"""Watching: each case again when something is done in it, and all of them every night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, update

from app.core import clock, db
from app.models import STATUSES, Alert, Case, CaseCounts, CaseStatus, MonitorPass
from app.monitor import alerts, bursts, calendar, counts, due
from app.monitor.alerts import ON_BOARD, TOLD, Unusual
from app.monitor.bursts import Cohort, Cut, Verdict
from app.monitor.parameters import QUIET_P, YOUNG
from app.monitor.recall import recall

# Cases counted in one transaction: a tenth of a second, for SQLite has one writer.
AT_ONCE = 200
# Who died with the night's pass under way is taken over from after this.
LEASE = timedelta(minutes=2)
# Cases judged side by side: 16 MB for each number there is of a case and day.
SIDE_BY_SIDE = 5_000
SAMPLE = 20_000
STAGES = tuple(STATUSES)
CLOSED = -1

# What is put on record of alerts, and other things that change nothing the monitor looks at.
OF_ALERTS = ("alerted", "pointed_out", "alert_ended", "looked_into")
OF_SCORES = ("reading_recorded", "reading_withdrawn")
OWN = (*OF_ALERTS, *OF_SCORES, "access_changed", "look_up", "look_up_answered")

USUAL_CUT = bursts.cut_offs(())

Say = Callable[[int, int], None]

# What this organisation has said of its own calendar: school terms; country and part of it.
_terms: Sequence[calendar.Term] = ()
_place: tuple[str, str | None] = ("GB", "ENG")


def use(terms: Sequence[calendar.Term], place: tuple[str, str | None]) -> None:
    """What kind of day each is here."""
    global _terms, _place
    _terms, _place = terms, place


def knows_terms() -> bool:
    """Whether school holidays can be told from other days."""
    return bool(_terms)


@dataclass(frozen=True)
class Learnt:
    """What a pass learnt of all cases together, and single ones are judged by until the next."""

    cohort: Cohort = bursts.USUAL
    cut: Cut = USUAL_CUT
    ratios: calendar.Ratios = calendar.EVEN

    def plain(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "cohort": asdict(self.cohort),
            "cut": asdict(self.cut),
            "by_day": self.ratios.by_day.tolist(),
            "by_kind": self.ratios.by_kind.tolist(),
        }

    @classmethod
    def of(cls, plain: dict[str, Any] | None) -> Learnt:
        if plain is None:
            return cls()
        cohort: dict[str, Any] = {
            name: tuple(map(_frozen, value)) if isinstance(value, list) else value
            for name, value in plain["cohort"].items()
        }
        ratios = calendar.Ratios(np.array(plain["by_day"]), np.array(plain["by_kind"]))
        return cls(Cohort(**cohort), Cut(**plain["cut"]), ratios)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Watched:
    """Cases side by side: their counts and what kind of day each was for them, oldest first."""

    ids: NDArray[np.int64]
    days: Sequence[date]
    counts: NDArray[np.uint8]  # cases × days
    kinds: NDArray[np.int8]  # cases × days, -1 while closed or not there yet

    @property
    def is_open(self) -> NDArray[np.bool_]:
        stands: NDArray[np.bool_] = self.kinds[:, -1] != CLOSED
        return stands

    def some(self, rows: slice | NDArray[Any]) -> Watched:
        return Watched(self.ids[rows], self.days, self.counts[rows], self.kinds[rows])

    def exposure(self, learnt: Learnt) -> NDArray[np.float64]:
        return learnt.ratios.exposure(_types(self.days), self.kinds)


# By day: one case


def observe(case_id: int) -> None:
    """Something was done in the case: count and judge it anew, and look at what is overdue."""
    today = clock.today()
    counted = counts.keep(case_id, today)
    watched = _watched({case_id: (counted.first_on, counted.days)}, today)
    if not watched.is_open[0]:
        alerts.end_all(case_id)
        return
    learnt = newest()
    found = _found_busy(watched, counted, learnt)
    alerts.keep_busy(case_id, found, today)
    if found is None:
        _end_taken_back(case_id, counted, learnt)
    _end_silence(case_id, counted.noted)
    alerts.keep_due(case_id)


def _found_busy(watched: Watched, counted: counts.Days, learnt: Learnt) -> Unusual | None:
    """Whether the case is unusually busy today, up to now, and if so how."""
    came, exposure = watched.counts[0].tolist(), watched.exposure(learnt)[0].tolist()
    until_yesterday = recall(came[:-1], exposure[:-1], learnt.cohort)
    today = came[-1], exposure[-1]
    if bursts.glance(until_yesterday, 0, *today, learnt.cohort) > learnt.cut.board:
        return None  # as nearly every case is on nearly every day
    state = bursts.advance(until_yesterday, [today[0]], [today[1]], learnt.cohort)
    verdict = bursts.judge(state, learnt.cohort)
    band = int(_bands(verdict, learnt.cut)[0])
    if not band:
        return None
    is_young = bool(state.age[0] < YOUNG)
    return _unusual("busy", verdict, 0, band, is_young, watched.days[-1], counted)


def _end_taken_back(case_id: int, counted: counts.Days, learnt: Learnt) -> None:
    """Of a burst that was none without what has been withdrawn since, nobody needs a look."""
    busy = alerts.standing(case_id, "busy")
    if busy is None or busy.until_on is None or busy.window is None:
        return
    then = _watched({case_id: (counted.first_on, counted.days)}, busy.until_on)
    is_less = then.counts[0, -busy.window :].sum() < (busy.count or 0)
    if is_less and _found_busy(then, counted, learnt) is None:
        alerts.end(busy)


def _end_silence(case_id: int, noted: Sequence[counts.Noted]) -> None:
    quiet = alerts.standing(case_id, "quiet")
    if quiet and quiet.until_on and any(each.on > quiet.until_on for each in noted):
        alerts.keep_quiet(case_id, None)


def newest() -> Learnt:
    """What the last night's pass learnt; before the first, what is usual elsewhere."""
    learnt = db.session().scalar(
        select(MonitorPass.learnt)
        .where(MonitorPass.ended_at.is_not(None))
        .order_by(MonitorPass.on.desc())
        .limit(1)
    )
    return Learnt.of(learnt)


def look_by_the_hour() -> None:
    """What has become overdue since the last look, of what passes with the hours."""
    _look_for(due.BY_THE_HOUR)


def _look_for(kinds: Sequence[str]) -> None:
    """A transaction a case: whatever is put on record keeps everybody else's writing waiting."""
    for kind in kinds:
        with db.transaction():
            changed = alerts.changed(kind)
        for case_id in changed:
            with db.transaction():
                counts.keep(case_id, clock.today())
                alerts.keep_due(case_id)


# By night: all of them


def is_due() -> bool:
    """Whether yesterday is still to be looked at, and by nobody else at the moment."""
    with db.transaction() as session:
        found = session.get(MonitorPass, clock.today() - timedelta(days=1))
    return found is None or (found.ended_at is None and found.leased_until < clock.now())


def sweep(on: date | None = None, say: Say = lambda _done, _all: None) -> bool:
    """Look at every case as the day ended; answers whether it was this process that did.

    It may die anywhere: who takes over goes on from the last case that was counted, and pointing
    out twice is pointing out once.
    """
    day = on or clock.today() - timedelta(days=1)
    if not _take(day):
        return False
    _count_all(day, say)
    learnt = _judge_all(day)
    _look_for(due.KINDS)
    with db.transaction() as session:
        session.execute(
            update(MonitorPass)
            .where(MonitorPass.on == day)
            .values(learnt=learnt.plain(), ended_at=clock.now())
        )
    return True


def newest_pass() -> MonitorPass | None:
    """The night's pass that was begun last."""
    passes = select(MonitorPass).order_by(MonitorPass.on.desc()).limit(1)
    return db.session().scalar(passes)


def opened_in(one: MonitorPass) -> int:
    """How many alerts have been opened from when a pass began until it ended, or until now."""
    until = one.ended_at or clock.now()
    opened = select(func.count(Alert.id)).where(Alert.opened_at.between(one.began_at, until))
    return db.session().scalar(opened) or 0


def is_under_way() -> bool:
    with db.transaction():
        newest = newest_pass()
        return newest is not None and newest.ended_at is None


def forget_newest() -> None:
    """Let the newest day be looked at again, unless somebody is at it."""
    with db.transaction() as session:
        newest = newest_pass()
        if newest and newest.ended_at is not None:
            session.execute(delete(MonitorPass).where(MonitorPass.on == newest.on))


def _take(day: date) -> bool:
    """Make the night's pass this process's, unless it is done or another is at it."""
    at = clock.now()
    with db.transaction() as session:
        fresh = {"on": day, "began_at": at, "leased_until": at, "reached": 0, "cases": 0}
        session.execute(db.insert(MonitorPass).values(fresh).on_conflict_do_nothing())
        taken = session.execute(
            update(MonitorPass)
            .where(
                MonitorPass.on == day,
                MonitorPass.ended_at.is_(None),
                MonitorPass.leased_until <= at,
            )
            .values(leased_until=at + LEASE)
            .returning(MonitorPass.on)
        ).all()
    return bool(taken)


def _count_all(day: date, say: Say) -> None:
    """See that every case has its counts; the newest posts have been counted as they came."""
    with db.transaction() as session:
        every = session.scalar(select(func.count(Case.id))) or 0
    while True:
        with db.transaction() as session:
            under_way = session.get_one(MonitorPass, day)
            ids = session.scalars(
                select(Case.id).where(Case.id > under_way.reached).order_by(Case.id).limit(AT_ONCE)
            ).all()
            if not ids:
                return
            _count_uncounted(ids, day)
            under_way.reached, under_way.cases = ids[-1], under_way.cases + len(ids)
            under_way.leased_until = clock.now() + LEASE
            done = under_way.cases
        say(done, every)


def _count_uncounted(ids: Sequence[int], day: date) -> None:
    session = db.session()
    known = set(session.scalars(select(CaseCounts.case_id).where(CaseCounts.case_id.in_(ids))))
    if missing := set(ids) - known:
        session.execute(
            db.insert(CaseCounts).on_conflict_do_nothing(),
            [
                {"case_id": case_id, "first_on": each.first_on, "days": each.days}
                for case_id, each in counts.of(missing, day).items()
            ],
        )


def _judge_all(day: date) -> Learnt:
    """Judge every open case against its own usual, and point out the few that are far from it."""
    with db.transaction() as session:
        rows = session.execute(select(CaseCounts.case_id, CaseCounts.first_on, CaseCounts.days))
        watched = _watched({case_id: (first, days) for case_id, first, days in rows}, day)
    watched = watched.some(watched.is_open)
    learnt = _learn(watched)
    busy, quiet, young = _verdicts(watched, learnt)
    learnt = replace(learnt, cut=bursts.cut_offs(bursts.evidence(busy)))
    bands = _bands(busy, learnt.cut)
    is_quiet = quiet.is_enough & (quiet.p <= QUIET_P)
    _point_out("busy", watched.ids, busy, bands, young, day)
    _point_out("quiet", watched.ids, quiet, np.where(is_quiet, TOLD, 0), young, day)
    return learnt


def _learn(watched: Watched) -> Learnt:
    """What cases are like here, from so many of them that more would say nothing else."""
    if not len(watched.ids):
        return Learnt()
    some = watched.some(np.arange(0, len(watched.ids), 1 + len(watched.ids) // SAMPLE))
    ratios = calendar.fit(some.counts, _types(some.days), some.kinds)
    exposure = ratios.exposure(_types(some.days), some.kinds)
    return Learnt(cohort=bursts.fit(some.counts, exposure), ratios=ratios)


def _verdicts(watched: Watched, learnt: Learnt) -> tuple[Verdict, Verdict, NDArray[np.bool_]]:
    """How busy and how quiet each case is, and whether it is young."""
    busy, quiet, young = [], [], []
    for start in range(0, max(len(watched.ids), 1), SIDE_BY_SIDE):
        some = watched.some(slice(start, start + SIDE_BY_SIDE))
        state = bursts.follow(some.counts, some.exposure(learnt), learnt.cohort)
        busy.append(bursts.judge(state, learnt.cohort))
        quiet.append(bursts.quiet(state, learnt.cohort))
        young.append(state.age < YOUNG)
    return _joined(busy), _joined(quiet), np.concatenate(young)


def _joined(verdicts: Sequence[Verdict]) -> Verdict:
    arrays = [each.name for each in fields(Verdict) if each.name != "dispersion"]
    whole: dict[str, Any] = {
        name: np.concatenate([getattr(it, name) for it in verdicts]) for name in arrays
    }
    return replace(verdicts[0], **whole)


def _point_out(
    kind: str,
    ids: NDArray[np.int64],
    verdict: Verdict,
    bands: NDArray[np.int64],
    young: NDArray[np.bool_],
    day: date,
) -> None:
    """Keep the alerts of this kind as the night found them: some open, some go on, some end."""
    place = {int(case_id): row for row, case_id in enumerate(ids)}
    with db.transaction() as session:
        standing = session.scalars(
            select(Alert.case_id).where(Alert.kind == kind, Alert.ended_at.is_(None))
        ).all()
    for case_id in sorted({int(ids[row]) for row in np.flatnonzero(bands)} | set(standing)):
        row = place.get(case_id)
        band = 0 if row is None else int(bands[row])
        with db.transaction():
            counts.lock(case_id)
            found = None
            if row is not None and band:
                counted = counts.of([case_id], day)[case_id]
                found = _unusual(kind, verdict, row, band, bool(young[row]), day, counted)
            _keep(kind, case_id, found)


def _keep(kind: str, case_id: int, found: Unusual | None) -> None:
    if kind == "quiet":
        alerts.keep_quiet(case_id, found)
    else:
        alerts.keep_busy(case_id, found, clock.today())


# What both need


def _unusual(
    kind: str,
    verdict: Verdict,
    row: int,
    band: int,
    is_young: bool,
    day: date,
    counted: counts.Days,
) -> Unusual:
    lift = verdict.below if kind == "quiet" else verdict.eb05
    return Unusual(
        until_on=day,
        window=int(verdict.window[row]),
        count=int(verdict.count[row]),
        low=int(verdict.low[row]),
        high=int(verdict.high[row]),
        score=float(verdict.score[row]),
        lift=float(lift[row]),
        band=band,
        is_young=is_young,
        noted=counted.noted,
    )


def _bands(verdict: Verdict, cut: Cut) -> NDArray[np.int64]:
    """Of each case: is somebody told of it, does it stand on the board, or neither?"""
    p = bursts.evidence(verdict)
    return np.where(p <= cut.notify, TOLD, np.where(p <= cut.board, ON_BOARD, 0))


def _watched(kept: dict[int, tuple[date, bytes]], until: date) -> Watched:
    """Cases as they were kept, side by side, up to and with a day."""
    first = until - timedelta(days=counts.REMEMBERED - 1)
    days = [first + timedelta(days=each) for each in range(counts.REMEMBERED)]
    counted = np.zeros((len(kept), len(days)), dtype=np.uint8)
    opened = np.zeros(len(kept), dtype=np.int64)
    for row, (first_on, came) in enumerate(kept.values()):
        shift = (first_on - first).days
        end = min(shift + len(came), len(days))
        counted[row, max(shift, 0) : end] = np.frombuffer(came, np.uint8)[
            max(-shift, 0) : end - shift
        ]
        opened[row] = shift
    kinds = _kinds(_stages(list(kept), days), opened)
    return Watched(np.array(list(kept), dtype=np.int64), days, counted, kinds)


def _kinds(stages: NDArray[np.int8], opened: NDArray[np.int64]) -> NDArray[np.int8]:
    """The kind of each case on each day, some cases at a time: ages take eight times as much."""
    kinds = stages
    for start in range(0, len(stages), SIDE_BY_SIDE):
        some = slice(start, start + SIDE_BY_SIDE)
        ages = np.arange(stages.shape[1]) - opened[some, None]
        stages[some][ages < 0] = CLOSED
        kinds[some] = calendar.kinds(stages[some], np.maximum(ages, 0))
    return kinds


def _stages(case_ids: Sequence[int], days: Sequence[date]) -> NDArray[np.int8]:
    """How each case stood on each day, as a number; closed is -1."""
    stages = np.zeros((len(case_ids), len(days)), dtype=np.int8)
    rows = {case_id: row for row, case_id in enumerate(case_ids)}
    changes = select(CaseStatus.case_id, CaseStatus.status, CaseStatus.since).order_by(
        CaseStatus.case_id, CaseStatus.since, CaseStatus.id
    )
    if len(case_ids) == 1:
        changes = changes.where(CaseStatus.case_id == case_ids[0])
    for case_id, status, since in db.session().execute(changes):
        if case_id in rows:
            start = max((since - days[0]).days, 0)
            stages[rows[case_id], start:] = CLOSED if status == "closed" else STAGES.index(status)
    return stages


def _types(days: Sequence[date]) -> NDArray[np.int64]:
    return _types_between(days[0], days[-1], tuple(_terms), _place)


@lru_cache(2)
def _types_between(
    first: date, last: date, terms: tuple[calendar.Term, ...], place: tuple[str, str | None]
) -> NDArray[np.int64]:
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    return calendar.day_types(days, terms, *place)
