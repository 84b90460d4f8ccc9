"""The methods the monitor is measured beside, each written from its paper.

All take counts as series × times and answer scores of the same shape, higher where a time is more
unusual. A time without enough past is 0. From which score on it is an alarm, the caller says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, pdtrc

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

# Where a baseline does not vary at all, a deviation of nought would make anything unusual.
LEAST_DEVIATION = 0.5
WEEKS_A_YEAR = 52
# Below this a tail is nought to a float, and its logarithm nothing to compare.
LEAST_TAIL = 1e-300


def ears_c1(counts: Counts, *, baseline: int = 7, least: float = LEAST_DEVIATION) -> Array:
    """C1: how many standard deviations above the mean of the times just before."""
    return _deviations(counts, baseline, 0, least)


def ears_c2(
    counts: Counts, *, baseline: int = 7, guard: int = 2, least: float = LEAST_DEVIATION
) -> Array:
    """C2: the same, with `guard` times left out before now."""
    return _deviations(counts, baseline, guard, least)


def ears_c3(
    counts: Counts, *, baseline: int = 7, guard: int = 2, least: float = LEAST_DEVIATION
) -> Array:
    """C3: what C2 is above 1, now and in the two times before, added up."""
    above = np.maximum(0, _deviations(counts, baseline, guard, least) - 1)
    sums = above.copy()
    sums[:, 1:] += above[:, :-1]
    sums[:, 2:] += above[:, :-2]
    return sums


def cusum(
    counts: Counts,
    *,
    baseline: int = 7,
    guard: int = 2,
    allowance: float = 0.5,
    least: float = LEAST_DEVIATION,
) -> Array:
    """S ← max(0, S + z − allowance), of the deviations z of C2."""
    deviations = _deviations(counts, baseline, guard, least)
    sums = np.zeros(counts.shape)
    total = np.zeros(len(counts))
    for time in range(baseline + guard, counts.shape[1]):
        total = np.maximum(0, total + deviations[:, time] - allowance)
        sums[:, time] = total
    return sums


def _deviations(counts: Counts, baseline: int, guard: int, least: float) -> Array:
    """(y − mean)/standard deviation of the `baseline` times that end `guard` times before."""
    scores = np.zeros(counts.shape)
    first = baseline + guard
    if counts.shape[1] > first:
        sums, squares = (_sums(each, baseline)[:, : -guard - 1] for each in (counts, counts**2))
        variance = np.maximum(squares - sums**2 / baseline, 0) / (baseline - 1)
        deviation = np.maximum(np.sqrt(variance), least)
        scores[:, first:] = (counts[:, first:] - sums / baseline) / deviation
    return scores


def _sums(counts: Counts, times: int) -> Array:
    """Of so many times on end, from the first that has as many."""
    total = np.cumsum(counts, axis=1, dtype=np.float64)
    total[:, times:] -= total[:, :-times].copy()
    return total[:, times - 1 :]


@dataclass(frozen=True)
class Farrington:
    """The choices of Noufaily et al. (2013): five years, ten seasons, half a year left out."""

    years: int = 5
    half_window: int = 3
    seasons: int = 10
    left_out: int = 26
    outbreak: float = 2.58

    def least_past(self) -> int:
        return self.years * WEEKS_A_YEAR + self.half_window


def farrington(counts: Counts, *, first: int = 0, choices: Farrington | None = None) -> Array:
    """Farrington Flexible: −log of the chance of so many or more, by a negative binomial.

    A quasi-Poisson of log μ = level + trend + season, the trend always kept; weeks that look like
    an outbreak are fitted again with little weight. Weeks before `first` are 0.
    """
    choices = choices or Farrington()
    scores = np.zeros(counts.shape)
    for week in range(max(first, choices.least_past()), counts.shape[1]):
        means, dispersion = _farrington_expects(counts, week, choices)
        chance = _chance_of_so_many(counts[:, week], means, dispersion)
        scores[:, week] = -np.log(np.maximum(chance, LEAST_TAIL))
    return scores


def _farrington_expects(counts: Counts, week: int, choices: Farrington) -> tuple[Array, Array]:
    """μ and φ of a week: fitted, weighted by what was odd, and fitted again."""
    weeks, design = _farrington_design(week, choices)
    past = counts[:, weeks].astype(np.float64)
    weights = np.ones_like(past)
    start = np.zeros((len(past), design.shape[1]))
    start[:, 0] = np.log(np.maximum(past.mean(axis=1), 1e-3))
    fitted = _quasi_poisson(past, weights, design, start)
    weights = _farrington_weights(past, *fitted, design, choices.outbreak)
    coefficients, _, dispersion = _quasi_poisson(past, weights, design, fitted[0])
    return np.exp(coefficients[:, 0]), dispersion


def _farrington_design(week: int, choices: Farrington) -> tuple[Counts, Array]:
    """The weeks that are used × (1, years from now, one column a season but that of now).

    The season of now is the week and `half_window` to either side of it, in each year; the other
    weeks are shared by the remaining seasons as evenly as can be.
    """
    weeks = np.arange(week - choices.least_past(), week - choices.left_out)
    window = 2 * choices.half_window + 1
    place = (weeks - week + choices.half_window) % WEEKS_A_YEAR
    season = (place - window) * (choices.seasons - 1) // (WEEKS_A_YEAR - window)
    other = [(season == each) & (place >= window) for each in range(choices.seasons - 1)]
    return weeks, np.column_stack([np.ones(len(weeks)), (weeks - week) / WEEKS_A_YEAR, *other])


def _quasi_poisson(
    past: Array, weights: Array, design: Array, coefficients: Array, steps: int = 8
) -> tuple[Array, Array, Array]:
    """Coefficients, their covariance without φ, and φ = max(1, Pearson's), for all series at once.

    A whole season without a case has a mean of nought and no finite coefficient: the little ridge
    and the shortest logarithm stop it where it no longer matters.
    """
    products = design[:, :, None] * design[:, None, :]
    ridge = 1e-6 * np.eye(design.shape[1])
    for _ in range(steps):
        means = np.exp(np.clip(coefficients @ design.T, -12, 20))
        information = np.tensordot(weights * means, products, axes=1) + ridge
        spread = np.asarray(np.linalg.inv(information), dtype=np.float64)
        step = np.einsum("sij,sj->si", spread, (weights * (past - means)) @ design)
        coefficients = coefficients + np.clip(step, -2, 2)
    means = np.exp(np.clip(coefficients @ design.T, -12, 20))
    scatter = (weights * (past - means) ** 2 / means).sum(axis=1)
    return coefficients, spread, np.maximum(1, scatter / (len(design) - design.shape[1]))


def _farrington_weights(
    past: Array, coefficients: Array, spread: Array, dispersion: Array, design: Array, odd: float
) -> Array:
    """γ/s² where the standardised Anscombe residual s is above `odd`, else γ.

    γ is such that they add up to the number of weeks.
    """
    means = np.exp(np.clip(coefficients @ design.T, -12, 20))
    leverage = means * np.einsum("wi,sij,wj->sw", design, spread, design, optimize=True)
    residuals = 1.5 * (np.cbrt(past**2) - np.cbrt(means) ** 2) / means ** (1 / 6)
    residuals /= np.sqrt(dispersion[:, None] * (1 - np.minimum(leverage, 0.99)))
    weights = np.where(residuals > odd, np.maximum(residuals, 1) ** -2, 1)
    return np.asarray(weights * (past.shape[1] / weights.sum(axis=1))[:, None])


def _chance_of_so_many(counts: Counts, means: Array, dispersion: Array) -> Array:
    """P(Y ≥ y) for mean μ and variance φμ; a Poisson where φ is 1."""
    size = means / np.maximum(dispersion - 1, 1e-9)
    wide = betainc(np.maximum(counts, 1), size, means / (means + size))
    tail = np.where(dispersion > 1, wide, pdtrc(np.maximum(counts, 1) - 1, means))
    return np.where(counts > 0, tail, 1.0)
