"""Invented streams of many cases, such as a council's: few contacts, weeks, holidays, new cases.

Each case has some agencies (or some authors of one) that are in contact at their own pace. Contacts
become posts, several of some, and now and then somebody catches up: many notes in one evening
about weeks gone by. Pace drifts, follows days and stages, and in some cases it rises: those are to
be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from app.monitor import calendar

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Facts = NDArray[np.bool_]

FIRST_DAY = date(2024, 9, 2)
TERMS = (
    (date(2024, 9, 2), date(2024, 10, 25)),
    (date(2024, 11, 4), date(2024, 12, 20)),
    (date(2025, 1, 6), date(2025, 2, 14)),
    (date(2025, 2, 24), date(2025, 4, 4)),
    (date(2025, 4, 22), date(2025, 5, 23)),
    (date(2025, 6, 2), date(2025, 7, 22)),
    (date(2025, 9, 1), date(2025, 10, 24)),
    (date(2025, 11, 3), date(2025, 12, 19)),
    (date(2026, 1, 5), date(2026, 2, 13)),
    (date(2026, 2, 23), date(2026, 3, 27)),
    (date(2026, 4, 13), date(2026, 5, 22)),
    (date(2026, 6, 1), date(2026, 7, 21)),
    (date(2026, 9, 1), date(2026, 10, 23)),
)
# Monday to Sunday, bank holiday, Christmas week, school holiday.
DAYS = np.array((1.15, 1.1, 1.1, 1.05, 0.95, 0.2, 0.12, 0.12, 0.15, 0.75))
# Early help, assessment, child in need, protection plan, looked after.
STAGES = np.array((0.6, 1.1, 0.8, 1.7, 1.1))
AGENCIES = 7
# A case is new for as many days.
COLD = 28
# Contacts an ordinary day, all agencies together, and how little cases differ (mean² / variance).
PACE, ALIKE = 0.34, 1.5
FACTORS = (2.0, 3.0, 5.0, 7.0, 10.0)
# On the day of a meeting, every nine weeks, each agency writes it up with this probability.
WRITES_UP = 0.3
# A ramp rises for a week, stays for three, and is over.
RISE, RAMP = 7, 28
NOTES = 15


@dataclass(frozen=True)
class Ramps:
    """One a case at most: which, from which day, to how many times the usual, at which age."""

    case: Whole
    start: Whole
    factor: Numbers
    age: Whole


@dataclass(frozen=True)
class Streams:
    """Cases × days, `records` and `agencies` apart."""

    counts: Whole  # agencies that recorded something of that day: what is watched
    posts: Whole  # what was posted on that day
    types: Whole  # of days
    kinds: Whole  # stage and age together; −1 while closed
    ages: Whole
    truth: Numbers  # the mean of `counts` without ramps
    ramps: Ramps
    agencies: Whole  # cases × 7: which agency it is; −1: none
    volume: Numbers  # how much each agency records


def make(
    cases: int,
    days: int,
    *,
    seed: int = 1,
    ramps: float = 0.3,
    since: int = 365,
    until: int | None = None,
    factors: tuple[float, ...] = FACTORS,
    are_cold: bool = False,
    open_on: int | None = None,
) -> Streams:
    """`ramps`: the share of cases that have one, from day `since` on; cold: while they are new.

    A factor of 0 is a silence, and begins at once. `open_on`: only cases that are open on this day.
    """
    dice = np.random.default_rng(seed)
    types = calendar.day_types([FIRST_DAY + timedelta(day) for day in range(days)], TERMS)
    ages, is_open = _lives(dice, cases, days, open_on)
    stages = np.where(is_open, _stages(dice, cases, days), -1)
    may_rise = is_open & (ages < COLD) if are_cold else is_open
    when = slice(since, until)
    planned = _ramps(
        dice, ages, is_open, may_rise & (dice.random(cases) < ramps)[:, None], when, factors
    )
    pace = np.where(is_open, STAGES[stages] * (1 + 0.8 * np.exp(-np.maximum(ages, 0) / 20)), 0)
    pace = pace * DAYS[types] * _drift(dice, cases, days)
    told = _record(dice, pace, _risen(planned, pace.shape), is_open, types)
    return Streams(
        told.counts,
        told.posts,
        types,
        calendar.kinds(stages, ages),
        ages,
        told.truth,
        planned,
        told.agencies,
        told.volume,
    )


def _lives(
    dice: np.random.Generator, cases: int, days: int, open_on: int | None
) -> tuple[Whole, Facts]:
    """Four in ten were open before; half are closed after ten months."""
    drawn = cases if open_on is None else 4 * cases
    before, later = -dice.integers(0, 500, drawn), dice.integers(0, days - 30, drawn)
    opened = np.where(dice.random(drawn) < 0.4, before, later)
    stays = np.maximum(dice.lognormal(np.log(300), 0.7, drawn), 40)
    closed = np.maximum(opened, 0) + stays
    if open_on is not None:
        kept = np.flatnonzero((opened <= open_on) & (open_on < closed))[:cases]
        opened, closed = opened[kept], closed[kept]
    day = np.arange(days)
    ages = day - opened[:, None]
    return ages, (ages >= 0) & (day < closed[:, None])


def _stages(dice: np.random.Generator, cases: int, days: int) -> Whole:
    """Another one every five months or so."""
    changes = dice.random((cases, days)) < 1 / 150
    drawn = dice.integers(0, len(STAGES), (cases, days))
    changes[:, 0] = True
    last = np.maximum.accumulate(np.where(changes, np.arange(days), 0), axis=1)
    return np.take_along_axis(drawn, last, 1)


def _drift(dice: np.random.Generator, cases: int, days: int) -> Numbers:
    """Slow ups and downs of a quarter, of which nobody says why."""
    knots = np.arange(0, days + 60, 30)
    steps = dice.normal(0, 1, (cases, knots.size))
    for at in range(1, knots.size):
        steps[:, at] = 0.6 * steps[:, at - 1] + 0.8 * steps[:, at]
    day = np.arange(days)
    left = day // 30
    share = (day - left * 30) / 30
    smooth = steps[:, left] * (1 - share) + steps[:, left + 1] * share
    return np.exp(0.25 * smooth - 0.03)


def _ramps(
    dice: np.random.Generator,
    ages: Whole,
    is_open: Facts,
    may_rise: Facts,
    when: slice,
    factors: tuple[float, ...],
) -> Ramps:
    """One begins on any of these days, if the case stays open till its end."""
    fits = np.zeros(ages.shape, dtype=bool)
    fits[:, when] = may_rise[:, when]
    fits[:, :-RAMP] &= is_open[:, RAMP:]
    fits[:, -RAMP:] = False
    chosen = np.flatnonzero(fits.any(axis=1))
    start = np.array([dice.choice(np.flatnonzero(fits[case])) for case in chosen], dtype=np.int64)
    return Ramps(chosen, start, dice.choice(factors, chosen.size), ages[chosen, start])


def _risen(ramps: Ramps, shape: tuple[int, ...]) -> Numbers:
    risen = np.ones(shape)
    rise = np.minimum(np.arange(1, RAMP + 1) / RISE, 1)
    for case, start, factor in zip(ramps.case, ramps.start, ramps.factor, strict=True):
        risen[case, start : start + RAMP] += (factor - 1) * (rise if factor > 1 else 1)
    return risen


@dataclass(frozen=True)
class Recorded:
    counts: Whole
    posts: Whole
    truth: Numbers
    agencies: Whole
    volume: Numbers


def _record(
    dice: np.random.Generator,
    pace: Numbers,
    risen: Numbers,
    is_open: Facts,
    types: Whole,
) -> Recorded:
    cases = pace.shape[0]
    agencies, volume, shares = _networks(dice, cases)
    meets = is_open & (risen > 0) & (types < 5) & (dice.random(pace.shape) < 1 / 45)
    counts, posts = (np.zeros(pace.shape, dtype=np.int64) for _ in range(2))
    truth = np.zeros(pace.shape)
    for place in range(AGENCIES):
        expected = pace * shares[:, place, None]
        contacts = dice.poisson(expected * risen)
        at_meeting = meets & (dice.random(pace.shape) < WRITES_UP) & (shares[:, place, None] > 0)
        counts += (contacts > 0) | at_meeting
        wordy = volume[agencies[:, place], None]
        posts += contacts + dice.poisson(contacts * wordy) + at_meeting
        truth += 1 - np.exp(-expected)
    truth += is_open * (types < 5) / 45 * WRITES_UP * (shares > 0).sum(axis=1)[:, None]
    _catch_up(dice, counts, posts, is_open)
    return Recorded(counts, posts, truth, np.where(shares > 0, agencies, -1), volume)


def _networks(dice: np.random.Generator, cases: int) -> tuple[Whole, Numbers, Numbers]:
    """Two hundred agencies, some of which write four times what others do of the same contact."""
    volume = dice.lognormal(0, 0.8, 200)
    agencies = dice.integers(0, volume.size, (cases, AGENCIES))
    many = dice.integers(2, AGENCIES + 1, cases)
    shares = dice.gamma(1.5, 1, (cases, AGENCIES)) * (np.arange(AGENCIES) < many[:, None])
    shares *= np.minimum(volume[agencies], 2) ** 0.5
    total = dice.gamma(ALIKE, PACE / ALIKE, cases)
    return agencies, volume, shares * (total / shares.sum(axis=1))[:, None]


def _catch_up(dice: np.random.Generator, counts: Whole, posts: Whole, is_open: Facts) -> None:
    """Three times a year somebody writes up what was left: by the rule one contact, days ago."""
    case, day = np.nonzero(is_open & (dice.random(is_open.shape) < 3 / 365))
    np.add.at(posts, (case, day), dice.integers(6, 21, case.size))
    about = day - dice.integers(4, 11, case.size)
    was_open = (about >= 0) & is_open[case, np.maximum(about, 0)]
    np.add.at(counts, (case[was_open], about[was_open]), 1)


@dataclass(frozen=True)
class Note:
    """One post: who wrote it, on which day about which."""

    agency: int
    author: int
    about: int
    posted: int


# A note this many days late is still news; after that it is catching up.
LATE = 3


def counted(notes: list[Note], days: int) -> Whole:
    """What is counted of each day: distinct agencies, or authors where one agency only is there.

    What one author posts late on one day counts once, on the latest of the days it is about.
    """
    latest: dict[tuple[int, int], Note] = {}
    prompt = [note for note in notes if note.posted - note.about <= LATE]
    for note in notes:
        key = note.author, note.posted
        if note.posted - note.about > LATE and (
            key not in latest or latest[key].about < note.about
        ):
            latest[key] = note
    kept = [*prompt, *latest.values()]
    are_several = len({note.agency for note in notes}) > 1
    seen = {(note.about, note.agency if are_several else note.author) for note in kept}
    return np.bincount([about for about, _ in seen if 0 <= about < days], minlength=days)
