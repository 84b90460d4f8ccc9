"""The 42 scenarios of Noufaily et al. (2013), as Bedubourg and Le Strat (2017) used them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEEKS = 624
# From week 0 on: 312 to learn from, then those with past outbreaks, then the year that is judged.
PAST, JUDGED = 312, 575
OUTBREAKS_PAST = 4
# How strong outbreaks are, in standard deviations of the week they begin in.
STRENGTHS_PAST = (0, 2, 3, 5, 10)
STRENGTHS_JUDGED = tuple(range(1, 11))
SERIES_A_REPETITION = len(STRENGTHS_JUDGED)
# Cases of an outbreak fall log-normally in time, in weeks after its beginning.
SPREAD = 0.5
# θ, β where there is a trend, γ₁, γ₂, φ
GROUPS = (
    (0.1, 0.0025, 0.6, 0.6, 1.5),
    (-2.0, 0.005, 0.1, 0.3, 2.0),
    (1.5, 0.003, 0.2, -0.4, 1.0),
    (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0),
    (3.75, 0.001, 0.1, -0.1, 1.1),
    (5.0, 0.0001, 0.05, 0.01, 1.2),
)

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Scenario:
    """How many a week are usual: a level, a trend or none, a season of `harmonics` waves."""

    number: int
    level: float
    trend: float
    cosine: float
    sine: float
    dispersion: float
    harmonics: int

    def means(self) -> Array:
        """μ_t = exp(θ + βt + Σ_{j≤m} γ₁cos(2πjt/52) + γ₂sin(2πjt/52)), t = 1 … 624."""
        week = np.arange(1, WEEKS + 1)
        season = sum(
            self.cosine * np.cos(2 * np.pi * wave * week / 52)
            + self.sine * np.sin(2 * np.pi * wave * week / 52)
            for wave in range(1, self.harmonics + 1)
        )
        return np.asarray(np.exp(self.level + self.trend * week + season))


@dataclass(frozen=True)
class Sample:
    """Series × weeks: what was counted, and how much of it belongs to outbreaks."""

    counts: Counts
    outbreak: Counts

    def judged(self) -> Counts:
        """The cases of the outbreak to find, in each of the judged weeks."""
        return self.outbreak[:, JUDGED:]


def scenarios() -> Iterator[Scenario]:
    """All 42: each group with and without its trend, with 0, 1 and 2 waves a year."""
    number = 0
    for level, trend, cosine, sine, dispersion in GROUPS:
        for slope in (0.0, trend):
            for waves in (0, 1, 2):
                number += 1
                yield Scenario(number, level, slope, cosine, sine, dispersion, waves)


def sample(
    scenario: Scenario, dice: np.random.Generator, *, repetitions: int, nearest: bool = False
) -> Sample:
    """Each repetition is ten series, one for each strength of the outbreak to find.

    The strengths of past outbreaks take turns over the repetitions and strengths. A case counts in
    the week it falls in, or in the one that is `nearest`: the papers do not say.
    """
    repetition, place = np.divmod(np.arange(repetitions * SERIES_A_REPETITION), SERIES_A_REPETITION)
    found = np.take(STRENGTHS_JUDGED, place)
    past = np.take(STRENGTHS_PAST, (repetition + place) % len(STRENGTHS_PAST))
    means = scenario.means()
    usual = draw(means, scenario.dispersion, dice, series=len(place))
    deviations = np.sqrt(scenario.dispersion * means)
    outbreak = np.zeros_like(usual)
    for _ in range(OUTBREAKS_PAST):
        _add_outbreaks(outbreak[:, :JUDGED], past, deviations, dice, PAST, nearest)
    _add_outbreaks(outbreak, found, deviations, dice, JUDGED, nearest)
    return Sample(usual + outbreak, outbreak)


def draw(means: Array, dispersion: float, dice: np.random.Generator, *, series: int) -> Counts:
    """Counts with these means and variance φμ: negative binomial of size μ/(φ − 1), or Poisson."""
    if dispersion == 1:
        return dice.poisson(means, (series, len(means)))
    return dice.negative_binomial(
        means / (dispersion - 1), 1 / dispersion, (series, len(means))
    ).astype(np.int64)


def _add_outbreaks(
    outbreak: Counts,
    strengths: Counts,
    deviations: Array,
    dice: np.random.Generator,
    start: int,
    nearest: bool,
) -> None:
    """One a series, from `start` to the end: Poisson(k√(φμ)) cases from a week drawn by lot on."""
    end = outbreak.shape[1]
    begins = dice.integers(start, end, len(strengths))
    sizes = dice.poisson(strengths * deviations[begins])
    series = np.repeat(np.arange(len(strengths)), sizes)
    later = dice.lognormal(0, SPREAD, len(series)) + (0.5 if nearest else 0)
    weeks = begins[series] + later.astype(np.int64)
    inside = weeks < end
    np.add.at(outbreak, (series[inside], weeks[inside]), 1)
