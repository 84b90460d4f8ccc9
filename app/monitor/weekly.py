"""How unusual each week of a series is, from its own past alone.

A series is expected to go on as it went: μ_t = exp(α + βt + two waves a year), fitted to all
earlier weeks, with a variance of φμ. What a past outbreak added is given little weight, so that it
does not hide the next. The score asks how much likelier the last weeks are after a sudden rise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

WEEKS_A_YEAR = 52
# Two waves follow school terms and winters; a third would follow noise.
WAVES = 2
# With less than half a year a season cannot be told from a trend, and nothing is scored.
LEAST_PAST = 26

# What is thought of a series before its first week. Logarithms: 0.5 is a season of 1.6 to 1, which
# a year or two of cases overrule; a trend doubles or halves a series in three years at most.
SEASON = 0.5
TREND = 0.2
# A level is as sure as half a case makes it, so that a series of noughts has one, too.
PSEUDO_CASES = 0.5

# From so many standard deviations on a week counts for less: the advice of Noufaily et al. (2013),
# whose own measure of a deviation is symmetric also where counts are low.
OUTBREAK = 2.58
# Each week begins with the fit of the week before, which one step brings up to date.
FIRST_STEPS, STEPS = 12, 1
# A step on the logarithm of the mean, and that logarithm: far beyond both nothing can be fitted.
LONGEST_STEP, LARGEST_LOG = 1.0, 20.0

# Rises that are looked for, in standard deviations of a week: one just to be seen, and a clear one.
RISES = (2.0, 4.0)
# A dispersion of exactly 1 is a Poisson, which this comes close to without a case of its own.
LEAST_DISPERSION = 1.001


@dataclass(frozen=True)
class _Fit:
    """Series × coefficients; φ of each series; the inverse of what the data say of coefficients."""

    coefficients: Array
    dispersion: Array
    unsureness: Array


def weekly(counts: Counts, *, first: int = LEAST_PAST) -> Array:
    """Series × weeks of counts, answered by scores ≥ 0 in the same shape; higher is more unusual.

    The score is log(1 + likelihood ratio): at 3 a rise is twenty times likelier than the usual. It
    uses the weeks before and the week itself, never a later one. Weeks before `first`, or with
    less than half a year before them, are 0.
    """
    scores = np.zeros(counts.shape)
    start = max(first, LEAST_PAST)
    if len(counts) == 0 or counts.shape[1] <= start:
        return scores
    design = _design(counts.shape[1])
    fit = _blank(counts[:, : start - 1])
    for week in range(start, counts.shape[1]):
        # The two weeks that are judged have no say in what is expected of them.
        past, judged = slice(0, week - 1), slice(week - 1, week + 1)
        steps = FIRST_STEPS if week == start else STEPS
        fit = _follow(fit, counts[:, past], design[past], steps)
        scores[:, week] = _unusual(counts[:, judged], *_expected(fit, design[judged]))
    return scores


def _design(weeks: int) -> Array:
    """Weeks × (1, years gone, cosine and sine of each wave)."""
    years = np.arange(weeks) / WEEKS_A_YEAR
    waves = [
        turn(2 * np.pi * wave * years) for wave in range(1, WAVES + 1) for turn in (np.cos, np.sin)
    ]
    return np.column_stack([np.ones(weeks), years, *waves])


def _blank(past: Counts) -> _Fit:
    """Every week as the mean of all, and no more scattered than a Poisson."""
    coefficients = np.zeros((len(past), 2 + 2 * WAVES))
    coefficients[:, 0] = _level(past)
    return _Fit(coefficients, np.ones(len(past)), np.zeros((len(past), 0, 0)))


def _level(past: Counts) -> Array:
    return np.asarray(np.log((past.sum(axis=1) + PSEUDO_CASES) / past.shape[1]))


def _sureness() -> Array:
    """How sure each coefficient is before the first week, as 1/variance."""
    return np.array([PSEUDO_CASES, TREND**-2, *[SEASON**-2] * (2 * WAVES)])


def _follow(fit: _Fit, past: Counts, design: Array, steps: int) -> _Fit:
    """The fit after Fisher-scoring steps on weighted weeks, all series at once.

    With weights ω: information I = Σ ωμxxᵀ + Λ, step I⁻¹(Σ ω(y − μ)x − Λ(β − β₀)), and
    φ = max(1, Σ ω(y − μ)²/μ / (Σω − coefficients)).
    """
    prior = np.zeros_like(fit.coefficients)
    prior[:, 0] = _level(past)
    sureness = _sureness()
    products = design[:, :, None] * design[:, None, :]
    for _ in range(steps):
        means, weights = _means_and_weights(fit, past, design)
        off = weights * (past - means)
        information = np.tensordot(weights * means, products, axes=1) + np.diag(sureness)
        slope = off @ design - sureness * (fit.coefficients - prior)
        unsureness = np.asarray(np.linalg.inv(information), dtype=np.float64)
        step = np.einsum("sij,sj->si", unsureness, slope)
        scatter = (off * (past - means) / means).sum(axis=1)
        free = np.maximum(weights.sum(axis=1) - design.shape[1], 1)
        fit = _Fit(
            fit.coefficients + np.clip(step, -LONGEST_STEP, LONGEST_STEP),
            np.maximum(1, scatter / free),
            unsureness,
        )
    return fit


def _means_and_weights(fit: _Fit, past: Counts, design: Array) -> tuple[Array, Array]:
    """μ, and ω = min(1, (OUTBREAK/a)²) where a = 3/2 (y^⅔ − μ^⅔) / (μ^⅙ √φ) is positive."""
    logs = _logs(fit, design)
    deviations = 1.5 * (np.cbrt(past.astype(float) ** 2) - np.exp(logs * 2 / 3))
    deviations /= np.exp(logs / 6) * np.sqrt(fit.dispersion)[:, None]
    return np.exp(logs), (OUTBREAK / np.maximum(deviations, OUTBREAK)) ** 2


def _logs(fit: _Fit, design: Array) -> Array:
    return np.asarray(np.clip(fit.coefficients @ design.T, -LARGEST_LOG, LARGEST_LOG))


def _expected(fit: _Fit, judged: Array) -> tuple[Array, Array]:
    """Means μ and dispersions φ + μv: v is how unsure log μ is, v = φ xᵀI⁻¹x."""
    means = np.exp(_logs(fit, judged))
    unsure = np.einsum("wi,sij,wj->sw", judged, fit.unsureness, judged)
    return means, fit.dispersion[:, None] * (1 + means * unsure)


def _unusual(counts: Counts, means: Array, dispersions: Array) -> Array:
    """log(1 + likelihood ratio), averaged over rises that began this week and that began last week.

    Last week has a say only where this one speaks for a rise: an odd week is no alarm twice.
    """
    usual = _log_likelihood(counts, means, dispersions)
    ratios = []
    for rise in RISES:
        more = rise * np.sqrt(dispersions * means)
        risen = (dispersions * means + more) / (means + more)
        gain = _log_likelihood(counts, means + more, risen) - usual
        before = np.where(gain[:, 1] > 0, gain[:, 0], 0)
        ratios += [gain[:, 1], gain[:, 1] + before]
    return np.asarray(np.logaddexp(0, np.logaddexp.reduce(ratios) - np.log(len(ratios))))


def _log_likelihood(counts: Counts, means: Array, dispersions: Array) -> Array:
    """Of a negative binomial of size r = μ/(φ − 1), without the term that depends on y alone."""
    size = means / (np.maximum(dispersions, LEAST_DISPERSION) - 1)
    return np.asarray(
        gammaln(counts + size)
        - gammaln(size)
        - size * np.log1p(means / size)
        + counts * np.log(means / (means + size))
    )
