"""How unusual it is what came of a case, and how one says so."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtr, ndtri

from app.monitor.parameters import (
    LEAST_COUNT,
    LEAST_DAYS,
    LEAST_RATIO,
    SHARES,
    SILENCE_NEEDS,
    SILENT_WINDOWS,
    USUAL,
    WINDOWS,
    YOUNG,
    Cohort,
)
from app.monitor.states import (
    Arrays,
    Expected,
    State,
    Windows,
    advance,
    begin,
    by_day,
    evened,
    expect,
)
from app.monitor.tails import Facts, Numbers, Whole, at_least, at_most, quantile

# Smaller than any p that means something, so that its logarithm exists.
TINY = 1e-300
_SHARES = np.array(SHARES)[:, None]


@dataclass(frozen=True)
class Verdict(Arrays):
    """How unusual each case is, by the window that explains it best."""

    p: Numbers  # how often as much would be there by chance; 1 is usual
    window: Whole  # days
    count: Numbers  # in that window
    evened: Numbers  # the same, where its busiest day counts for no more than it may
    mean: Numbers  # expected in it
    width: Numbers  # the variance expected is mean × (1 + width)
    is_enough: Facts  # is there more than the minimum of evidence?
    dispersion: float

    @property
    def score(self) -> Numbers:
        """−log₁₀ p: 3 is once in a thousand."""
        return -np.log10(np.maximum(self.p, TINY))

    @property
    def low(self) -> Numbers:
        """Lower end of the usual range: eight times in ten the count is within it."""
        return quantile(0.1, self.mean, self.width)

    @property
    def high(self) -> Numbers:
        """Upper end of the usual range."""
        return quantile(0.9, self.mean, self.width)

    @property
    def eb05(self) -> Numbers:
        """How many times the usual it is at the least, 19 times in 20."""
        least: Numbers = gammaincinv(1 + self.evened / self.dispersion, 0.05)
        return least / (1 + self.mean / self.dispersion)

    @property
    def below(self) -> Numbers:
        """The same of a silence: how many times what came the usual is at the least."""
        most: Numbers = gammaincinv(1 + self.count / self.dispersion, 0.95)
        return (1 + self.mean / self.dispersion) / most


# A silence is told in the same words: how many came in how many days, how many are usual.
Silence = Verdict


def judge(state: State, cohort: Cohort = USUAL) -> Verdict:
    """How unusually busy each case is at the end of the last day; not at all up to its mean."""
    expected = expect(state, WINDOWS, cohort)
    counts = evened(state, WINDOWS, expected)
    above = counts > expected.means
    p = np.ones(above.shape)
    p[above] = at_least(counts[above], expected.means[above], expected.widths[above])
    p = _corrected(p, state.age, cohort)
    shown = _explained(WINDOWS, p / _SHARES, expected, counts, cohort)
    days = np.count_nonzero(state.counts[-max(WINDOWS) :], axis=0)
    is_much = shown.evened >= np.maximum(LEAST_COUNT, LEAST_RATIO * shown.mean)
    return replace(shown, is_enough=is_much & (days >= LEAST_DAYS))


def _corrected(p: Numbers, age: Whole, cohort: Cohort) -> Numbers:
    """p as it would be if windows here behaved as they should. Most are 1, and stay so."""
    young = (age < YOUNG).astype(np.int64)
    shifts, scales = np.array(cohort.shifts).T[:, young], np.array(cohort.scales).T[:, young]
    some = p < 1
    p[some] = ndtr((ndtri(p[some]) + shifts[some]) / scales[some])
    return p


def quiet(state: State, cohort: Cohort = USUAL) -> Silence:
    """How unusually quiet each case is at the end of the last day."""
    expected = expect(state, SILENT_WINDOWS, cohort)
    known = expected.means >= SILENCE_NEEDS
    p = np.ones(known.shape)
    p[known] = at_most(expected.counts[known], expected.means[known], expected.widths[known])
    shifts, scales = np.array(cohort.silent_shifts), np.array(cohort.silent_scales)
    wider = ndtr((ndtri(p) + shifts[:, None]) / scales[:, None])
    p = len(SILENT_WINDOWS) * wider
    shown = _explained(SILENT_WINDOWS, p, expected, expected.counts, cohort)
    return replace(shown, is_enough=shown.mean >= SILENCE_NEEDS)


def _explained(
    windows: Windows, p: Numbers, expected: Expected, counts: Numbers, cohort: Cohort
) -> Verdict:
    """The window that is the most unusual speaks for the case."""
    best = p.argmin(axis=0)[None]
    least, came, count, mean, width = (
        np.take_along_axis(it, best, 0)[0]
        for it in (p, expected.counts, counts, expected.means, expected.widths)
    )
    window = np.array(windows)[best[0]]
    p = np.minimum(least, 1)
    return Verdict(p, window, came, count, mean, width, least < 1, cohort.dispersion)


def daily(
    counts: ArrayLike,
    exposure: ArrayLike | None = None,
    *,
    cohort: Cohort = USUAL,
    ages: ArrayLike = 0,
) -> Verdict:
    """What `judge` would have said at the end of each day: cases × days."""
    came, spent = by_day(counts, exposure)
    state, said = begin(came.shape[0], ages), []
    for day in range(came.shape[1]):
        state = advance(state, came[:, day], spent[:, day], cohort)
        said.append(judge(state, cohort))
    return _side_by_side(said)


def _side_by_side(said: list[Verdict]) -> Verdict:
    names = [each.name for each in fields(Verdict) if each.name != "dispersion"]
    days: dict[str, Any] = {name: np.stack([getattr(it, name) for it in said], 1) for name in names}
    return replace(said[0], **days)
