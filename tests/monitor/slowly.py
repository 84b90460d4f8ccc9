"""The monitor's formulas once more, one number at a time, to compare the quick ones with."""

from __future__ import annotations

from math import exp, inf, lgamma, log, sqrt
from statistics import NormalDist

from app.monitor.parameters import (
    AND_ORDINARY_DAYS,
    DAY_COUNTS_FOR,
    FADING,
    GAP,
    NEW_ARE_BUSIER,
    SHARES,
    SILENCE_NEEDS,
    SILENT_WINDOWS,
    STEADY,
    TAMED_FROM,
    WINDOWS,
    YOUNG,
    Cohort,
)

NORMAL = NormalDist()


def chance(count: float, mean: float, width: float) -> float:
    """Of exactly this count, in a negative binomial whose variance is mean × (1 + width)."""
    size = mean / width
    ways = lgamma(count + size) - lgamma(size) - lgamma(count + 1)
    return exp(ways - size * log(1 + width) + count * (log(width) - log(1 + width)))


def at_least(count: float, mean: float, width: float) -> float:
    """Added up from the smallest on, so that what is tiny is not lost beside what is large."""
    return sum(chance(count + more, mean, width) for more in reversed(range(400)))


def at_most(count: int, mean: float, width: float) -> float:
    return sum(chance(fewer, mean, width) for fewer in range(count + 1))


class Case:
    """One case, day by day, that remembers every day."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.counts: list[int] = []
        self.exposure: list[float] = []
        # Long and lately, after no day, one, two, …
        self.seen, self.exposed = [(0.0, 0.0)], [(0.0, 0.0)]

    def day(self, count: int, exposure: float) -> None:
        self.counts.append(count if exposure else 0)
        self.exposure.append(exposure)
        count_of_week, mean, width = self.expected(7)
        most = mean + TAMED_FROM * sqrt(mean * (1 + width)) + 1
        tamed = self.counts[-1] * min(1, most / max(count_of_week, 1))
        self.seen.append(self.later(self.seen[-1], tamed))
        self.exposed.append(self.later(self.exposed[-1], exposure))

    def later(self, memory: tuple[float, float], day: float) -> tuple[float, float]:
        return FADING[0] * memory[0] + day, FADING[1] * memory[1] + day

    def known(self, window: int) -> tuple[float, float]:
        """Contacts and days, of the cohort with the long run, and of that with lately."""
        before = max(len(self.counts) - window - GAP, 0)
        seen, exposed = self.seen[before], self.exposed[before]
        strength = self.cohort.shape + seen[0]
        pace = strength / (self.cohort.shape / (NEW_ARE_BUSIER * self.cohort.mean) + exposed[0])
        steady = 1 / (1 / strength + 1 / STEADY)
        return steady + seen[1], steady / pace + exposed[1]

    def expected(self, window: int) -> tuple[int, float, float]:
        strength, days = self.known(window)
        mean = sum(self.exposure[-window:]) * strength / days
        width = self.cohort.dispersion - 1 + mean / strength
        return sum(self.counts[-window:]), mean, width

    def evened(self, window: int) -> float:
        """The count without what there is too much of on its busiest day."""
        strength, days = self.known(window)
        limit = DAY_COUNTS_FOR + AND_ORDINARY_DAYS * strength / days
        too_much = max(max(self.counts[-window:]) - limit, 0) if window > 1 else 0
        return sum(self.counts[-window:]) - too_much

    def busy(self) -> float:
        stratum = sum(map(bool, self.exposure)) < YOUNG
        least = 1.0
        for at, window in enumerate(WINDOWS):
            _, mean, width = self.expected(window)
            count = self.evened(window)
            if count > mean > 0:
                z = NORMAL.inv_cdf(at_least(count, mean, width))
                shift, scale = self.cohort.shifts[stratum][at], self.cohort.scales[stratum][at]
                least = min(least, NORMAL.cdf((z + shift) / scale) / SHARES[at])
        return least

    def quiet(self) -> float:
        least = inf
        for at, window in enumerate(SILENT_WINDOWS):
            count, mean, width = self.expected(window)
            if mean >= SILENCE_NEEDS:
                z = NORMAL.inv_cdf(min(at_most(count, mean, width), 1 - 1e-15))
                shift, scale = self.cohort.silent_shifts[at], self.cohort.silent_scales[at]
                least = min(least, 3 * NORMAL.cdf((z + shift) / scale))
        return min(least, 1.0)
