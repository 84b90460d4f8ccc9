"""Whether readings have really changed between two times: arithmetic only, as docs/compare.md says.

Two things must hold before a difference of two means is called a change. It must be more than the
noise that the measure is known to have would make of it; and more than the scatter of these very
readings would. The first says what can be said when there are few, the second holds when the
measure is noisier here than it is known to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from math import comb, sqrt
from statistics import NormalDist, fmean

# Each tuned on simulated readings, so that of 100 that have not changed at most 5 are called a
# change, and of 100 that have by twice the noise at least 80 are (benchmarks/change.py).
BEYOND_NOISE = 2.13  # standard errors, by the noise that is stated
BY_CHANCE = 0.06  # by Student's t of the scatter of the readings themselves
# Its values for the first degrees of freedom; beyond these a series is exact to a hundredth.
STUDENT = (10.579, 3.896, 2.951, 2.601, 2.422, 2.313, 2.241, 2.189, 2.15, 2.12)
# How far one reading resembles the one before it is believed to so much: more would make a mean of
# many tell no more than one reading.
MOST_ALIKE = 0.8
# With fewer a slope is a guess.
ENOUGH_FOR_A_SLOPE = 4
# Two people who score the same week share what was special about it.
SHARED = 0.3
# Times missing come in clumps, also where too few months are known to show it.
LEAST_CLUMPED = 1.25
# Degrees of freedom: with fewer nothing could be called a change that anybody would call one.
LEAST_KNOWN = 6
FEW = 2
MONTH = 365.25 / 12
# How many readings before the newest say what it is held against.
BEFORE_LATEST = 3

# One rater's readings in the order of their days.
Readings = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Change:
    """What became of a measure. `went` is "up", "down", "level", or "unknown".

    The means are of the raters who scored in both times, each as much as their readings tell;
    where nobody did, of the only one there is. `many` are the readings that were compared.
    `apart` are raters of whom one is surely up and one surely down.
    """

    went: str
    before: float | None = None
    since: float | None = None
    many: tuple[int, int] = (0, 0)
    raters: tuple[str, ...] = ()
    apart: tuple[str, str] | None = None

    @property
    def is_few(self) -> bool:
        return bool(self.raters) and min(self.many) <= FEW


@dataclass(frozen=True)
class Counted:
    """So many times within so many days, and in each of its months: (times, days)."""

    times: int
    days: int
    months: Sequence[tuple[int, int]] = ()

    @property
    def a_month(self) -> float | None:
        return self.times / self.days * MONTH if self.days else None


def between(before: Readings, since: Readings, noise: float) -> Change:
    """Compare two times; each rater with nobody but themselves."""
    both = tuple(sorted(before.keys() & since.keys()))
    both = tuple(rater for rater in both if before[rater] and since[rater])
    if not both:
        return Change("unknown", _of_one(before), _of_one(since))
    each = {rater: _Pair(before[rater], since[rater]) for rater in both}
    apart = _apart(each, noise)
    weights = [1 / pair.spread for pair in each.values()]
    weights = [weight / sum(weights) for weight in weights]
    means = [
        sum(weight * mean for weight, mean in zip(weights, side, strict=True))
        for side in zip(*(pair.means for pair in each.values()), strict=True)
    ]
    many = (sum(len(before[rater]) for rater in both), sum(len(since[rater]) for rater in both))
    went = "unknown" if apart else _judged(list(each.values()), weights, noise)
    return Change(went, means[0], means[1], many, both, apart)


def latest(earlier: Sequence[float], newest: float, noise: float) -> Change:
    """The newest reading beside the few before it, by the same rater.

    Where these waver or are on their way already, their mean may hide it: then the newest is held
    against the one just before it.
    """
    few = list(earlier)[-BEFORE_LATEST:]
    found = between({"": few}, {"": [newest]}, noise)
    beside = between({"": few[-1:]}, {"": [newest]}, noise)
    return beside if found.went == "level" != beside.went else found


def counted(before: Counted, since: Counted) -> Change:
    """The same of what is counted: how often in a month, before and since."""
    if not before.days or not since.days:
        return Change("unknown", before.a_month, since.a_month)
    chance = _chance(since.times, before.times + since.times, since.days / _days(before, since))
    standing = NormalDist().inv_cdf(min(max(chance, 1e-12), 1 - 1e-12))
    clumping, freedom = _clumping([before, since])
    needed = sqrt(clumping) * _student(max(freedom, LEAST_KNOWN))
    went = "level" if abs(standing) <= needed else "up" if standing > 0 else "down"
    many = (before.times, since.times)
    return Change(went, before.a_month, since.a_month, many)


def _of_one(side: Readings) -> float | None:
    """The mean where one rater scored: that of several would be nobody's."""
    scored = [hers for hers in side.values() if hers]
    return fmean(scored[0]) if len(scored) == 1 else None


class _Pair:
    """One rater's readings of two times."""

    def __init__(self, before: Sequence[float], since: Sequence[float]) -> None:
        self.means = (fmean(before), fmean(since))
        self.by = self.means[1] - self.means[0]
        slope = _slope(since) if len(since) >= ENOUGH_FOR_A_SLOPE else 0.0
        # What goes on getting better since then is part of the change, and no scatter about it.
        slope = slope if slope * self.by > 0 else 0.0
        self.freedom = len(before) + len(since) - 2 - bool(slope)
        sides = [_rests(before, self.means[0], 0.0), _rests(since, self.means[1], slope)]
        self.squares = sum(rest * rest for side in sides for rest in side)
        products = sum(one * another for side in sides for one, another in pairwise(side))
        # What the means took away of the resemblance is given back.
        taken = (sum(len(side) > 1 for side in sides) + bool(slope)) / (len(before) + len(since))
        alike = products / self.squares + taken if self.squares > 0 else 0.0
        alike = min(max(alike, 0.0), MOST_ALIKE)
        self.spread = sum(_of_mean(len(side), alike) for side in sides)


def _slope(values: Sequence[float]) -> float:
    """How much a straight line through them rises from one to the next."""
    middle = (len(values) - 1) / 2
    wide = sum((at - middle) ** 2 for at in range(len(values)))
    return sum((at - middle) * value for at, value in enumerate(values)) / wide


def _rests(values: Sequence[float], mean: float, slope: float) -> list[float]:
    middle = (len(values) - 1) / 2
    return [value - mean - slope * (at - middle) for at, value in enumerate(values)]


def _of_mean(many: int, alike: float) -> float:
    """How much a mean of so many scatters, in squares of one reading's noise."""
    if not alike:
        return 1 / many
    return (1 + 2 * sum((1 - gap / many) * alike**gap for gap in range(1, many))) / many


def _apart(each: Mapping[str, _Pair], noise: float) -> tuple[str, str] | None:
    said = {rater: _judged([pair], [1.0], noise) for rater, pair in each.items()}
    for one, other in combinations(said, 2):
        if {said[one], said[other]} == {"up", "down"}:
            return one, other
    return None


def _judged(pairs: Sequence[_Pair], weights: Sequence[float], noise: float) -> str:
    by = sum(weight * pair.by for weight, pair in zip(weights, pairs, strict=True))
    error = sqrt(_together([pair.spread for pair in pairs], weights))
    freedom = sum(pair.freedom for pair in pairs)
    needed = BEYOND_NOISE * noise * error
    if freedom:
        scatter = sqrt(sum(pair.squares for pair in pairs) / freedom)
        needed = max(needed, _student(freedom) * scatter * error)
    # What was rounded on its way is not more than the same number for it.
    return "level" if abs(by) <= needed + 1e-9 else "up" if by > 0 else "down"


def _together(spreads: Sequence[float], weights: Sequence[float]) -> float:
    """How much a weighted mean of the raters scatters, who are partly wrong together."""
    parts = [weight * sqrt(spread) for weight, spread in zip(weights, spreads, strict=True)]
    alone = sum(part * part for part in parts)
    return alone + SHARED * (sum(parts) ** 2 - alone)


@cache
def _student(freedom: int) -> float:
    if freedom <= len(STUDENT):
        return STUDENT[freedom - 1]
    normal = NormalDist().inv_cdf(1 - BY_CHANCE / 2)
    first = (normal**3 + normal) / (4 * freedom)
    return normal + first + (5 * normal**5 + 16 * normal**3 + 3 * normal) / (96 * freedom**2)


def _days(*counts: Counted) -> int:
    return sum(each.days for each in counts)


def _chance(times: int, of: int, share: float) -> float:
    """How surely fewer than `times` of all would fall here by chance; ties count half."""
    if not of:
        return 0.5
    each = [_binomial(many, of, share) for many in range(times + 1)]
    return sum(each[:-1]) + each[-1] / 2


def _binomial(many: int, of: int, share: float) -> float:
    return comb(of, many) * share**many * (1 - share) ** (of - many)


def _clumping(counts: Sequence[Counted]) -> tuple[float, int]:
    """How much more the months differ than times that know nothing of each other, and of how
    many months that is known."""
    squares, freedom = 0.0, 0
    for each in counts:
        pairs = [(times, each.times * days / each.days) for times, days in each.months]
        squares += sum((times - want) ** 2 / want for times, want in pairs if want)
        freedom += max(sum(want > 0 for _, want in pairs) - 1, 0)
    return max(LEAST_CLUMPED, squares / freedom if freedom else 0), freedom
