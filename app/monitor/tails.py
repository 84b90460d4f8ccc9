"""How much of a negative binomial lies beyond a count, and between which counts most of it lies.

Its variance is mean × (1 + width), and width is above 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Facts = NDArray[np.bool_]


def at_least(counts: Numbers, means: Numbers, widths: Numbers) -> Numbers:
    """P(as many or more). Where nothing came, or nothing could be expected, that is 1."""
    p = np.ones(counts.shape)
    some = (counts > 0) & (means > 0)
    width = widths[some]
    p[some] = betainc(counts[some], means[some] / width, width / (1 + width))
    return p


def at_most(counts: Numbers, means: Numbers, widths: Numbers) -> Numbers:
    """P(as many or fewer); the means are above 0."""
    p: Numbers = betainc(means / widths, counts + 1, 1 / (1 + widths))
    return p


def quantile(share: float, means: Numbers, widths: Numbers) -> Numbers:
    """The smallest count with this share of the distribution at or below it.

    Begun where a normal distribution has it, then walked to where it is.
    """
    some = means > 0
    mean, width, counts = means[some], widths[some], np.zeros(means.shape)
    count = np.floor(np.maximum(mean + ndtri(share) * np.sqrt(mean * (1 + width)), 0))
    while (short := at_most(count, mean, width) < share).any():
        count += short
    while (beyond := (count > 0) & (at_most(count - 1, mean, width) >= share)).any():
        count -= beyond
    counts[some] = count
    return counts
