"""How often the rule for change is wrong, on simulated readings whose truth is known.

    ./run bench change [TIMES]

Of readings that have not changed: how many of 100 are called better or worse. Of readings that
have: how many are found. The bars are for readings as a measure promises them; the rest is what
happens when it does not keep its promise.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from math import exp, sqrt

from app.insight import change
from app.insight.change import Counted

TIMES, SEED = 4_000, 5
FALSE, POWER = 0.05, 0.8
LENGTHS = ((1, 1), (1, 6), (2, 2), (3, 3), (6, 6), (12, 12), (12, 3))

Chance = random.Random
Noise = Callable[[Chance, int], list[float]]


def plain(chance: Chance, many: int) -> list[float]:
    return [chance.gauss(0, 1) for _ in range(many)]


def wide(by: float) -> Noise:
    return lambda chance, many: [by * value for value in plain(chance, many)]


def alike(share: float) -> Noise:
    """One reading resembles the one before it."""

    def noise(chance: Chance, many: int) -> list[float]:
        values = plain(chance, many)
        for at in range(1, many):
            values[at] = share * values[at - 1] + sqrt(1 - share * share) * values[at]
        return values

    return noise


def heavy(chance: Chance, many: int) -> list[float]:
    """Student's t with three degrees of freedom, as wide as the noise."""
    return [
        chance.gauss(0, 1) / sqrt(sum(chance.gauss(0, 1) ** 2 for _ in range(3)) / 3) / sqrt(3)
        for _ in range(many)
    ]


def stepped(chance: Chance, many: int) -> list[float]:
    """Whole numbers, the rounding being part of the noise that is stated."""
    level, inner = chance.random(), sqrt(1 - 1 / 12)
    return [round(level + inner * value) for value in plain(chance, many)]


def tied(chance: Chance, many: int) -> list[float]:
    level = chance.random()
    return [round(level + value / 2) for value in plain(chance, many)]


KEPT: dict[str, Noise] = {
    "as stated": plain,
    "whole numbers": stepped,
    "mostly ties": tied,
    "heavy tails": heavy,
    "alike by .3": alike(0.3),
}
BROKEN: dict[str, Noise] = {
    "alike by .5": alike(0.5),
    "alike by .7": alike(0.7),
    "half as wide again": wide(1.5),
    "twice as wide": wide(2),
}


def main() -> int:
    times = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else TIMES
    chance, missed = Chance(SEED), 0
    # Four standard errors of what so many tries can show.
    slack = 4 * sqrt(FALSE * (1 - FALSE) / times)
    print(f"No change, of 100 called one (goal {FALSE * 100:.0f}), {times:,} times each")
    print(f"{'readings before, since':24}", *(f"{b:>3},{s:<3}" for b, s in LENGTHS))
    for name, noise in (KEPT | BROKEN).items():
        shares = [false(chance, noise, lengths, times) for lengths in LENGTHS]
        print(f"{name:24}", *(f"{share * 100:6.1f} " for share in shares))
        missed += name in KEPT and max(shares) > FALSE + slack
    for name, share in (
        ("drifting in each time", drifting(chance, times)),
        ("two raters", raters(chance, times, 0)),
        ("two raters, half alike", raters(chance, times, 0.5)),
    ):
        print(f"{name:24} {share * 100:6.1f}")
        missed += share > FALSE + slack
    print("\nA change of twice the noise, of 100 found (goal 80 with six readings each)")
    for lengths in ((2, 2), (3, 3), (6, 6), (12, 12), (3, 12)):
        shares = [power(chance, noise, lengths, times) for noise in (plain, stepped, heavy)]
        words = ", ".join(f"{share * 100:.0f}" for share in shares)
        print(f"{lengths[0]:>3} and {lengths[1]:<3} as stated, whole numbers, heavy tails: {words}")
        if lengths == (6, 6):
            missed += min(shares) < POWER - 2 * sqrt(POWER * (1 - POWER) / times)
    print(f"  6 and 6, coming slowly: {slowly(chance, times) * 100:.0f}")
    missed += counts(chance, times // 2)
    return 1 if missed else 0


def false(chance: Chance, noise: Noise, lengths: tuple[int, int], times: int) -> float:
    before, since = lengths
    wrong = 0
    for _ in range(times):
        values = noise(chance, before + since)
        wrong += went({"": values[:before]}, {"": values[before:]}) != "level"
    return wrong / times


def power(chance: Chance, noise: Noise, lengths: tuple[int, int], times: int) -> float:
    before, found = lengths[0], 0
    for _ in range(times):
        values = noise(chance, sum(lengths))
        found += went({"": values[:before]}, {"": [v + 2 for v in values[before:]]}) == "up"
    return found / times


def slowly(chance: Chance, times: int) -> float:
    """From nothing to four times the noise in the course of the second time."""
    found = 0
    for _ in range(times):
        since = [value + 4 * (at + 0.5) / 6 for at, value in enumerate(plain(chance, 6))]
        found += went({"": plain(chance, 6)}, {"": since}) == "up"
    return found / times


def drifting(chance: Chance, times: int) -> float:
    """Each time has a slope of its own and the same mean."""
    wrong = 0
    for _ in range(times):
        sides = []
        for _ in range(2):
            slope = chance.gauss(0, 2) / 5
            sides.append([v + slope * (at - 2.5) for at, v in enumerate(plain(chance, 6))])
        wrong += went({"": sides[0]}, {"": sides[1]}) != "level"
    return wrong / times


def raters(chance: Chance, times: int, shared: float) -> float:
    """Two who differ by two, score four times each, and are wrong together."""
    wrong = 0
    for _ in range(times):
        sides = []
        for _ in range(2):
            common = plain(chance, 4)
            one, other = (
                [sqrt(shared) * c + sqrt(1 - shared) * v for c, v in zip(common, own, strict=True)]
                for own in (plain(chance, 4), plain(chance, 4))
            )
            sides.append({"one": one, "other": [value + 2 for value in other]})
        wrong += went(*sides) != "level"
    return wrong / times


def went(before: dict[str, list[float]], since: dict[str, list[float]]) -> str:
    return change.between(before, since, 1.0).went


def counts(chance: Chance, times: int) -> int:
    """Times missing: as chance has them, and in clumps."""
    print("\nCounts, of 100 called a change (goal 5), by how much they clump; once, thrice a month")
    months, missed = ((1, 1), (6, 1), (3, 3), (6, 6), (12, 12)), 0
    for clump in (1.0, 1.5, 2.0):
        for rate in (1.0, 3.0):
            said = [
                sum(went_of(*(year(chance, rate, clump, n) for n in each)) for _ in range(times))
                / times
                for each in months
            ]
            print(f"{clump:>4} {rate:>3}  ", *(f"{share * 100:5.1f}" for share in said))
            missed += clump < 2 and max(said) > FALSE + 4 * sqrt(FALSE / times)
    return missed


def went_of(before: Sequence[tuple[int, int]], since: Sequence[tuple[int, int]]) -> int:
    one, other = (
        Counted(sum(times for times, _ in side), 30 * len(side), side) for side in (before, since)
    )
    return change.counted(one, other).went != "level"


def year(chance: Chance, rate: float, clump: float, months: int) -> list[tuple[int, int]]:
    return [(many(chance, rate, clump), 30) for _ in range(months)]


def many(chance: Chance, rate: float, clump: float) -> int:
    """Poisson; in clumps the rate itself differs from month to month."""
    if clump > 1:
        rate = chance.gammavariate(rate / (clump - 1), clump - 1)
    limit, product, found = exp(-rate), chance.random(), 0
    while product > limit:
        product *= chance.random()
        found += 1
    return found


if __name__ == "__main__":
    sys.exit(main())
