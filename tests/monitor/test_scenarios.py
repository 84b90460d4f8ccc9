"""The counts the monitor is judged on are as the papers describe them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.monitor.scenarios import (
    JUDGED,
    PAST,
    WEEKS,
    Scenario,
    draw,
    sample,
    scenarios,
)


def test_there_are_42_each_with_a_number() -> None:
    assert [each.number for each in scenarios()] == list(range(1, 43))
    assert len({(each.level, each.trend, each.harmonics) for each in scenarios()}) == 42


def test_a_mean_is_the_formula_by_hand() -> None:
    scenario = Scenario(1, 0.1, 0.0025, 0.6, 0.5, 1.5, harmonics=2)

    # In week 13 the first wave is at its sine, the second at minus its cosine.
    assert scenario.means()[12] == pytest.approx(np.exp(0.1 + 0.0025 * 13 + 0.5 - 0.6))
    assert scenario.means().shape == (WEEKS,)


@pytest.mark.parametrize("dispersion", [1.0, 2.0, 5.0])
def test_counts_have_the_mean_and_the_variance_they_should(dispersion: float) -> None:
    means = np.array([0.5, 4.0, 60.0])
    counts = draw(means, dispersion, np.random.default_rng(1), series=40_000)

    assert counts.mean(axis=0) == pytest.approx(means, rel=0.03)
    assert counts.var(axis=0) == pytest.approx(dispersion * means, rel=0.06)


def test_outbreaks_fall_where_they_should_and_grow_with_their_strength() -> None:
    scenario = next(scenarios())
    drawn = sample(scenario, np.random.default_rng(1), repetitions=100)
    sizes = drawn.judged().sum(axis=1).reshape(100, 10).mean(axis=0)

    assert (drawn.outbreak[:, :PAST] == 0).all()
    assert drawn.outbreak[:, PAST:JUDGED].any()
    # A mean of k standard deviations, but for the few cases that fall after the last week.
    deviation = np.sqrt(scenario.dispersion * scenario.means()[0])
    assert sizes == pytest.approx(deviation * np.arange(1, 11), rel=0.25)


def test_the_same_seed_draws_the_same_series() -> None:
    scenario = next(scenarios())
    one, two = (sample(scenario, np.random.default_rng(5), repetitions=1) for _ in range(2))

    assert np.array_equal(one.counts, two.counts)
