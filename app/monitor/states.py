"""What is remembered of cases from day to day, and what it leads one to expect."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.monitor.parameters import (
    AND_ORDINARY_DAYS,
    DAY_COUNTS_FOR,
    FADING,
    GAP,
    RING,
    STEADY,
    TAMED_FROM,
    TAMED_OVER,
    USUAL,
    Cohort,
)
from app.monitor.tails import Numbers, Whole

Ring = NDArray[np.float32]
Windows = tuple[int, ...]
OneOrMany = TypeVar("OneOrMany", float, Numbers)
_FADING = np.array(FADING)[:, None]


@dataclass(frozen=True)
class Arrays:
    """Arrays whose last axis, or only one, is that of cases."""

    def pick(self, rows: ArrayLike) -> Self:
        """Of some cases only, by their place or by a mask."""
        chosen = np.asarray(rows)
        arrays = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(
            self, **{name: it[..., chosen] for name, it in arrays.items() if np.ndim(it)}
        )


@dataclass(frozen=True)
class State(Arrays):
    """What is remembered of cases at the end of a day.

    `seen` and `exposed` are faded sums, memories × cases, of tamed counts and of exposure up to the
    ring, which holds the last 35 days, days × cases, newest last. `age`: days a case has been open.
    """

    seen: Numbers
    exposed: Numbers
    counts: Ring
    tamed: Ring
    exposure: Ring
    age: Whole


def begin(cases: int, ages: ArrayLike = 0) -> State:
    """Nothing is known yet of this many cases, open for `ages` days before."""
    ring = np.zeros((RING, cases), dtype=np.float32)
    age = np.broadcast_to(np.asarray(ages, dtype=np.int64), (cases,))
    nothing = np.zeros((len(FADING), cases))
    return State(nothing, nothing, ring, ring, ring, age)


def advance(
    state: State, counts: ArrayLike, exposure: ArrayLike = 1.0, cohort: Cohort = USUAL
) -> State:
    """A day is over: its counts and exposure, one a case. What came while closed is not judged."""
    cases = state.age.shape
    today = np.broadcast_to(np.asarray(exposure, dtype=np.float32), cases)
    came = np.where(today > 0, np.asarray(counts, dtype=np.float32), np.float32(0))
    moved = State(
        _FADING * state.seen + state.tamed[0],
        _FADING * state.exposed + state.exposure[0],
        np.concatenate((state.counts[1:], came[None])),
        np.concatenate((state.tamed[1:], came[None])),
        np.concatenate((state.exposure[1:], today[None])),
        state.age + (today > 0),
    )
    moved.tamed[-1] = _tame(moved, came, cohort)
    return moved


def _tame(state: State, came: Ring, cohort: Cohort) -> Numbers:
    """A day's count as it is remembered: less while a week is far above what was expected of it.

    Otherwise a burst would become the usual, and hide the next.
    """
    week = expect(state, (TAMED_OVER,), cohort)
    mean, spread = week.means[0], np.sqrt(week.means[0] * (1 + week.widths[0]))
    most = mean + TAMED_FROM * spread + 1
    tamed: Numbers = came * np.minimum(1, most / np.maximum(week.counts[0], 1))
    return tamed


class Expected(NamedTuple):
    """Windows that end today × cases: what came, and the negative binomial expected.

    Its variance is mean × (1 + width). The pace is contacts an ordinary day.
    """

    counts: Numbers
    means: Numbers
    widths: Numbers
    paces: Numbers


def expect(state: State, windows: Windows, cohort: Cohort) -> Expected:
    """The less is known of a case, the more its mean is that of the cohort, and the wider."""
    strength, days_known = _known(state, windows, cohort)
    within, paces = past(windows).within, strength / days_known
    means = (within @ state.exposure) * paces
    counts = (within @ state.counts).astype(np.float64)
    return Expected(counts, means, cohort.dispersion - 1 + means / strength, paces)


def evened(state: State, windows: Windows, expected: Expected) -> Numbers:
    """Counts of windows, as they count for a burst: of the busiest of several days not too much."""
    counts = expected.counts.copy()
    for at, days in enumerate(windows):
        if days > 1:
            busiest = state.counts[-days:].max(axis=0)
            counts[at] -= np.maximum(busiest - limit(expected.paces[at]), 0)
    return counts


def limit(pace: OneOrMany) -> OneOrMany:
    """The most that the busiest of several days counts for."""
    return DAY_COUNTS_FOR + AND_ORDINARY_DAYS * pace


def _known(state: State, windows: Windows, cohort: Cohort) -> tuple[Numbers, Numbers]:
    """What was known before each window: windows × cases."""
    days = past(windows)
    seen, exposed = (
        days.fading[..., None] * faded[:, None] + days.weights @ ring
        for faded, ring in ((state.seen, state.tamed), (state.exposed, state.exposure))
    )
    return known((seen[0], seen[1]), (exposed[0], exposed[1]), cohort)


def known(
    seen: tuple[OneOrMany, OneOrMany], exposed: tuple[OneOrMany, OneOrMany], cohort: Cohort
) -> tuple[OneOrMany, OneOrMany]:
    """Contacts, and the ordinary days in which there are so many: what a case is like now.

    What it was like in the long run is drawn towards the cohort, and what it was like lately
    towards the long run, which however long says no more than so many contacts.
    """
    strength, days_known = cohort.shape + seen[0], cohort.worth + exposed[0]
    steady = strength * STEADY / (strength + STEADY)
    return steady + seen[1], steady * days_known / strength + exposed[1]


class Past(NamedTuple):
    """Windows × days of the ring: which are within, and what each memory has of those before.

    Memories × windows × days, and memories × windows for what is older than the ring.
    """

    within: Ring
    weights: Ring
    fading: Numbers


@cache
def past(windows: Windows) -> Past:
    ago = np.arange(RING - 1, -1, -1)
    spans = np.array(windows)[:, None]
    before = ago - spans - GAP
    weights = np.where(before >= 0, _FADING[..., None] ** np.maximum(before, 0), 0)
    fading = _FADING ** (RING - np.array(windows) - GAP)
    return Past((ago < spans).astype(np.float32), weights.astype(np.float32), fading)


def follow(
    counts: ArrayLike,
    exposure: ArrayLike | None = None,
    cohort: Cohort = USUAL,
    ages: ArrayLike = 0,
) -> State:
    """Cases × days, from nothing to the end of the last day."""
    came, spent = by_day(counts, exposure)
    state = begin(came.shape[0], ages)
    for day in range(came.shape[1]):
        state = advance(state, came[:, day], spent[:, day], cohort)
    return state


def by_day(counts: ArrayLike, exposure: ArrayLike | None) -> tuple[Numbers, Numbers]:
    came = np.asarray(counts)
    spent = np.ones(came.shape) if exposure is None else np.asarray(exposure)
    return came, np.broadcast_to(spent, came.shape)
