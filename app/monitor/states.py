"""What is remembered of cases from day to day, and what it leads one to expect."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.monitor.parameters import FADING, GAP, RING, TAMED_FROM, TAMED_OVER, USUAL, Cohort
from app.monitor.tails import Numbers, Whole

Ring = NDArray[np.float32]
Windows = tuple[int, ...]


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

    `seen` and `exposed` are faded sums of tamed counts and of exposure up to the ring, which
    holds the last 35 days, days × cases, newest last. `age`: days a case has been open.
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
    return State(np.zeros(cases), np.zeros(cases), ring, ring, ring, age)


def advance(
    state: State, counts: ArrayLike, exposure: ArrayLike = 1.0, cohort: Cohort = USUAL
) -> State:
    """A day is over: its counts and exposure, one a case. What came while closed is not judged."""
    cases = state.age.shape
    today = np.broadcast_to(np.asarray(exposure, dtype=np.float32), cases)
    came = np.where(today > 0, np.asarray(counts, dtype=np.float32), np.float32(0))
    moved = State(
        FADING * state.seen + state.tamed[0],
        FADING * state.exposed + state.exposure[0],
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

    Its variance is mean × (1 + width).
    """

    counts: Numbers
    means: Numbers
    widths: Numbers


def expect(state: State, windows: Windows, cohort: Cohort) -> Expected:
    """The less is known of a case, the more its mean is that of the cohort, and the wider."""
    days = past(windows)
    seen = np.outer(days.fading, state.seen) + days.weights @ state.tamed
    exposed = np.outer(days.fading, state.exposed) + days.weights @ state.exposure
    strength = cohort.shape + seen
    days_known = cohort.worth + exposed
    counts = (days.within @ state.counts).astype(np.float64)
    means = (days.within @ state.exposure) * strength / days_known
    return Expected(counts, means, cohort.dispersion - 1 + means / strength)


class Past(NamedTuple):
    """Windows × days of the ring: which are within, and how much each before the gap still says."""

    within: Ring
    weights: Ring
    fading: Numbers


@cache
def past(windows: Windows) -> Past:
    ago = np.arange(RING - 1, -1, -1)
    spans = np.array(windows)[:, None]
    before = ago - spans - GAP
    weights = np.where(before >= 0, FADING ** np.maximum(before, 0), 0)
    fading = FADING ** (RING - np.array(windows) - GAP)
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
