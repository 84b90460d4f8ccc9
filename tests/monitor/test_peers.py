"""The methods the monitor is measured beside say what their papers say, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from benchmarks.monitor import peers
from benchmarks.monitor.figures import Figure, table
from benchmarks.monitor.weekly import found

# The first seven have the mean 3 and the standard deviation 2.
SERIES = np.array([[1, 1, 3, 3, 3, 3, 7, 9, 3, 5, 9]])


def test_c1_counts_deviations_from_the_seven_times_before() -> None:
    scores = peers.ears_c1(SERIES)[0]

    assert (scores[:7] == 0).all()
    assert scores[7] == pytest.approx((9 - 3) / 2)


def test_c2_leaves_two_times_out() -> None:
    scores = peers.ears_c2(SERIES)[0]

    assert (scores[:9] == 0).all()
    assert scores[9] == pytest.approx((5 - 3) / 2)


def test_c3_adds_up_what_is_above_one_in_three_times() -> None:
    c2 = peers.ears_c2(SERIES, baseline=3, guard=1, least=1)[0]
    c3 = peers.ears_c3(SERIES, baseline=3, guard=1, least=1)[0]

    assert c2[6:9] == pytest.approx([4, 6, -(1 + 1 / 3) / (4 / 3**0.5)])
    assert c3[8] == pytest.approx((4 - 1) + (6 - 1) + 0)


def test_a_cusum_adds_up_what_is_above_its_allowance() -> None:
    options = {"baseline": 3, "guard": 1}
    deviations = peers.ears_c2(SERIES, least=1, **options)[0]
    sums = peers.cusum(SERIES, allowance=1.0, least=1, **options)[0]

    by_hand = 0.0
    for time in range(4, SERIES.shape[1]):
        by_hand = max(0.0, by_hand + deviations[time] - 1.0)
        assert sums[time] == pytest.approx(by_hand)
    assert by_hand > 0


def test_a_baseline_that_does_not_vary_makes_nothing_infinite() -> None:
    assert np.isfinite(peers.ears_c2(np.zeros((1, 30), dtype=np.int64))).all()


def test_farrington_asks_how_likely_so_many_are() -> None:
    counts = np.full((2, 320), 6)
    counts[:, 319] = [6, 15]

    scores = peers.farrington(counts, first=318)
    # What never varies has the mean it always has, and is a Poisson.
    assert scores[:, 319] == pytest.approx(-poisson.logsf([5, 14], 6), rel=1e-3)
    assert (scores[:, :318] == 0).all()


def test_farrington_is_negative_binomial_where_counts_are_scattered() -> None:
    chance = peers._chance_of_so_many(np.array([7, 0]), np.array([3.0, 3.0]), np.array([2.0, 2.0]))

    assert chance == pytest.approx([nbinom.sf(6, 3, 0.5), 1])


def test_farrington_puts_each_season_into_its_weeks() -> None:
    weeks, design = peers._farrington_design(400, peers.Farrington())
    seasons = design[:, 2:]

    assert (weeks[0], weeks[-1]) == (400 - 263, 400 - 27)
    assert (seasons.sum(axis=1) <= 1).all()
    assert (seasons[np.isin(weeks, np.arange(345, 352))] == 0).all()
    assert seasons[(weeks >= 192) & (weeks < 348)].sum(axis=0) == pytest.approx([15] * 9)


def test_a_past_outbreak_counts_little_for_farrington() -> None:
    counts = np.random.default_rng(3).poisson(5, (8, 320))
    counts[:, 150:154] += 60
    counts[:, 319] = 16

    trusting = peers.Farrington(outbreak=np.inf)
    hidden = peers.farrington(counts, first=319, choices=trusting)[:, 319]
    found = peers.farrington(counts, first=319)[:, 319]
    assert (found > 1.5 * hidden).all()


def test_found_is_one_alarm_in_a_week_of_the_outbreak_and_nowhere_else() -> None:
    outbreak = np.zeros((3, 200), dtype=np.int64)
    outbreak[:2, 50:52] = 1
    scores = np.zeros((3, 200))
    scores[0, 51] = scores[2, 51] = 9

    assert found(scores, outbreak).tolist() == [True, False]
    assert found(scores, outbreak, at_once=True).tolist() == [False, False]


def test_a_figure_that_misses_its_bar_says_so() -> None:
    lines = table(
        [
            Figure("found", "≥ .5", 0.625, 0.6, 0.65, True, "by hand"),
            Figure("ahead", "42 of 42", 41, 40, 42, False, "by hand"),
        ]
    ).splitlines()

    assert lines[2:] == [
        "| found | ≥ .5 | 0.625 | 0.600 to 0.650 | yes | by hand |",
        "| ahead | 42 of 42 | 41 | 40 to 42 | **no** | by hand |",
    ]
