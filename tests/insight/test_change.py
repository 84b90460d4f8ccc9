"""Better, worse, no real change: what the rule says of readings whose truth is known."""

from __future__ import annotations

import random

import pytest

from app.insight import change
from app.insight.change import Counted

TIMES = 1_000


def test_a_mean_beyond_the_noise_is_a_change() -> None:
    found = change.between({"school": [78, 80, 79]}, {"school": [90, 91, 92]}, noise=4)
    assert (found.went, found.before, found.since, found.many) == ("up", 79, 91, (3, 3))


def test_within_the_noise_there_is_no_real_change() -> None:
    found = change.between({"school": [78, 80, 79]}, {"school": [81, 82, 80]}, noise=4)
    assert found.went == "level"


def test_readings_that_scatter_more_than_the_measure_should_are_not_a_change() -> None:
    calm = change.between({"child": [2, 3, 2, 3]}, {"child": [5, 6, 5, 6]}, noise=1)
    wild = change.between({"child": [0, 5, 0, 5]}, {"child": [10, 1, 10, 1]}, noise=1)
    assert (calm.went, wild.went) == ("up", "level")


def test_what_goes_on_getting_better_is_a_change_and_not_scatter() -> None:
    rising = change.between({"mother": [4, 3]}, {"mother": [4, 5, 6, 6, 7, 8]}, noise=1)
    wavering = change.between({"mother": [4, 3]}, {"mother": [9, 2, 8, 3, 9, 5]}, noise=1)
    assert (rising.went, wavering.went) == ("up", "level")


def test_one_reading_each_is_held_against_the_noise_alone() -> None:
    near = change.between({"mother": [19]}, {"mother": [14]}, noise=2.3)
    far = change.between({"mother": [19]}, {"mother": [11]}, noise=2.3)
    assert (near.went, far.went) == ("level", "down")
    assert far.is_few


def test_raters_are_never_mixed() -> None:
    """The mother scores low and social care high: who scores more often then is no change."""
    before = {"mother": [3, 3, 3, 3], "social_care": [7]}
    since = {"mother": [3], "social_care": [7, 7, 7, 7]}
    mixed = change.between({"": [3, 3, 3, 3, 7]}, {"": [3, 7, 7, 7, 7]}, noise=1)
    assert change.between(before, since, noise=1).went == "level"
    assert mixed.since is not None
    assert mixed.before is not None
    assert mixed.since - mixed.before > 2


def test_whom_nobody_scored_both_times_nothing_can_be_said_of() -> None:
    found = change.between({"mother": [3, 4]}, {"school": [8, 9]}, noise=1)
    assert (found.went, found.before, found.since) == ("unknown", 3.5, 8.5)
    assert change.between({}, {"school": [8]}, noise=1).went == "unknown"


def test_raters_who_say_opposite_things_are_both_named() -> None:
    before = {"father": [2, 2, 2], "mother": [8, 8, 8]}
    since = {"father": [8, 8, 8], "mother": [2, 2, 2]}
    found = change.between(before, since, noise=1)
    assert (found.went, found.apart) == ("unknown", ("father", "mother"))


def test_ties_and_a_measure_without_noise_are_no_trouble() -> None:
    same = change.between({"school": [5] * 6}, {"school": [5] * 6}, noise=0)
    other = change.between({"school": [5] * 6}, {"school": [6] * 6}, noise=0)
    assert (same.went, other.went) == ("level", "up")


def test_the_newest_is_held_against_the_few_before_it() -> None:
    assert change.latest([60, 61, 93, 91, 90], 71, noise=4).went == "down"
    assert change.latest([93, 91, 90], 86, noise=4).went == "level"


def test_a_fall_that_has_begun_already_is_not_hidden_by_its_own_scatter() -> None:
    assert change.latest([7, 6, 4], 0, noise=1).went == "down"
    assert change.latest([7, 6, 4], 3, noise=1).went == "level"


def test_seldom_is_a_newest_worse_or_better_that_has_not_changed() -> None:
    chance, false = random.Random(11), 0
    for _ in range(TIMES):
        *earlier, newest = _noise(chance, 4, 0)
        false += change.latest(earlier, newest, noise=1).went != "level"
    assert false / TIMES <= 0.065


def test_counts_are_compared_by_the_days_they_had() -> None:
    often = Counted(14, 182, [(2, 30), (3, 31), (2, 30), (2, 30), (3, 31), (2, 30)])
    seldom = Counted(1, 182, [(0, 30), (1, 31), (0, 30), (0, 30), (0, 31), (0, 30)])
    found = change.counted(often, seldom)
    assert found.went == "down"
    assert found.before == pytest.approx(14 / 182 * 365.25 / 12)
    as_often = Counted(2, 26, [(2, 26)])
    assert change.counted(often, as_often).went == "level"
    assert change.counted(Counted(0, 0), seldom).went == "unknown"


def test_times_that_come_in_clumps_are_sooner_chance() -> None:
    evenly = Counted(12, 180, [(2, 30)] * 6)
    clumped = Counted(12, 180, [(12, 30), *[(0, 30)] * 5])
    none = Counted(1, 180, [(1, 30), *[(0, 30)] * 5])
    assert change.counted(evenly, none).went == "down"
    assert change.counted(clumped, none).went == "level"


@pytest.mark.parametrize(("before", "since"), [(1, 1), (2, 6), (6, 6), (12, 3)])
@pytest.mark.parametrize("alike", [0.0, 0.3])
def test_seldom_is_a_change_found_where_there_is_none(
    before: int, since: int, alike: float
) -> None:
    """5 of 100 at most, and some that chance adds; benchmarks/change.py asks far more often."""
    chance = random.Random(before * 100 + since)
    false = 0
    for _ in range(TIMES):
        values = _noise(chance, before + since, alike)
        found = change.between({"": values[:before]}, {"": values[before:]}, noise=1)
        false += found.went != "level"
    assert false / TIMES <= 0.065


def test_a_change_of_twice_the_noise_is_found_with_six_readings_each() -> None:
    chance, found = random.Random(3), 0
    for _ in range(TIMES):
        values = _noise(chance, 12, 0)
        since = [value + 2 for value in values[6:]]
        found += change.between({"": values[:6]}, {"": since}, noise=1).went == "up"
    assert found / TIMES >= 0.77


def _noise(chance: random.Random, many: int, alike: float) -> list[float]:
    values = [chance.gauss(0, 1)]
    while len(values) < many:
        values.append(alike * values[-1] + (1 - alike**2) ** 0.5 * chance.gauss(0, 1))
    return values
