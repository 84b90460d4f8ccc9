"""What cases are like here: fitted nightly from what they did, without anybody's labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from app.monitor.parameters import (
    DISPERSIONS,
    ENOUGH_CASE_DAYS,
    FITTED_CASES,
    LEAST_MEAN,
    LEAST_SCALE,
    LEAST_SCALE_SETTLED,
    LEAST_SHIFT,
    RECALIBRATED_OVER,
    SHAPES,
    SILENT_WINDOWS,
    TAILS,
    UNKNOWN_SCALE,
    USUAL,
    WINDOWS,
    YOUNG,
    Cohort,
)
from app.monitor.states import Expected, State, advance, begin, by_day, evened, expect
from app.monitor.tails import Facts, Numbers, at_least


def fit(counts: ArrayLike, exposure: ArrayLike | None = None, ages: ArrayLike = 0) -> Cohort:
    """From cases × days; `ages`: days each case had been open before the first."""
    came, spent = by_day(counts, exposure)
    if np.count_nonzero(spent) < ENOUGH_CASE_DAYS or not came.any():
        return USUAL
    lately = np.flatnonzero(spent[:, -RECALIBRATED_OVER:].any(axis=1))
    # Drawn by the same lot each night, so that nights differ by what happened.
    some = np.random.default_rng(0).permutation(lately)[:FITTED_CASES]
    spent = spent[some]
    came = np.where(spent > 0, came[some], 0.0)
    begun = np.broadcast_to(np.asarray(ages, dtype=np.int64), (np.shape(counts)[0],))[some]
    cohort = _shaped(came, spent)
    return _recalibrated(came, spent, begun, cohort)


def _shaped(came: Numbers, spent: Numbers) -> Cohort:
    total, open_for = came.sum(axis=1), spent.sum(axis=1)
    mean = max(total.sum() / open_for.sum(), LEAST_MEAN)
    dispersion = _dispersion(came, spent)
    # What is left of the differences between cases when their own ups and downs are taken away.
    excess = ((total - mean * open_for) ** 2 - dispersion * mean * open_for).sum()
    variance = max(excess / (open_for**2).sum(), mean**2 / max(SHAPES))
    shape, spread = np.clip(mean**2 / variance, *SHAPES), np.clip(dispersion, *DISPERSIONS)
    return Cohort(float(mean), float(shape), float(spread))


def _dispersion(came: Numbers, spent: Numbers) -> float:
    """Each week beside the next one of the same case: what a case is used to drops out."""
    weeks = came.shape[1] // 7
    shape = (came.shape[0], weeks, 7)
    y, e = (it[:, -weeks * 7 :].reshape(shape).sum(axis=2) for it in (came, spent))
    y1, y2, e1, e2 = y[:, :-1], y[:, 1:], e[:, :-1], e[:, 1:]
    both = (e1 > 0) & (e2 > 0)
    apart = ((y1 * e2 - y2 * e1)[both] ** 2 / (e1 * e2)[both]).sum()
    return float(apart / max((y1 + y2)[both].sum(), 1))


def _recalibrated(came: Numbers, spent: Numbers, ages: ArrayLike, cohort: Cohort) -> Cohort:
    busy, still, young = _surprises(came, spent, ages, cohort)
    corrections = [
        [_correction(z[known & (young == stratum)], least) for z, known in busy]
        for stratum, least in ((False, LEAST_SCALE_SETTLED), (True, LEAST_SCALE))
    ]
    silent = [_correction(z[known]) for z, known in still]
    return replace(
        cohort,
        shifts=tuple(tuple(shift for shift, _ in row) for row in corrections),
        scales=tuple(tuple(scale for _, scale in row) for row in corrections),
        silent_shifts=tuple(shift for shift, _ in silent),
        silent_scales=tuple(scale for _, scale in silent),
    )


Surprise = tuple[Numbers, Facts]


def _surprises(
    came: Numbers, spent: Numbers, ages: ArrayLike, cohort: Cohort
) -> tuple[list[Surprise], list[Surprise], Facts]:
    """z of every window and case-day: high when busy, high when silent; and who was young."""
    state, dice = begin(came.shape[0], ages), np.random.default_rng(1)
    busy, still, young = [], [], []
    for day in range(came.shape[1]):
        state = advance(state, came[:, day], spent[:, day], cohort)
        if day >= came.shape[1] - RECALIBRATED_OVER:
            above, below = (expect(state, it, cohort) for it in (WINDOWS, SILENT_WINDOWS))
            above = above._replace(counts=evened(state, WINDOWS, above))
            busy.append(_surprise(state, above, dice))
            still.append(_surprise(state, below, dice))
            young.append(state.age < YOUNG)
    return _by_window(busy), _by_window(still, -1), np.stack(young)


def _surprise(state: State, expected: Expected, dice: np.random.Generator) -> Surprise:
    """Normal if the predictions are right: a count is a step, so a place on it is drawn by lot."""
    counts, means, widths, _ = expected
    above = at_least(counts + 1, means, widths)
    p = above + dice.random(counts.shape) * (at_least(counts, means, widths) - above)
    return -ndtri(np.clip(p, 1e-12, 1 - 1e-12)), (means > 0) & (state.exposure[-1] > 0)


def _by_window(surprises: list[Surprise], sign: int = 1) -> list[Surprise]:
    z, known = (np.stack(it, axis=1) for it in zip(*surprises, strict=True))
    return list(zip(sign * z, known, strict=True))


def _correction(z: Numbers, least: float = LEAST_SCALE) -> tuple[float, float]:
    """How far the middle lies too high, and how much too wide the tail is."""
    if z.size < ENOUGH_CASE_DAYS:
        return LEAST_SHIFT, UNKNOWN_SCALE
    middle = np.quantile(z, 0.5)
    width = np.median((np.quantile(z, TAILS) - middle) / ndtri(TAILS))
    return float(max(middle, LEAST_SHIFT)), float(max(width, least))
