"""What the weekly score notices, what leaves it calm, and that it knows nothing of later weeks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.monitor.weekly import LEAST_PAST, weekly

Counts = NDArray[np.int64]
WEEKS = 300
# Twenty times likelier than the usual; on quiet series about one week in a hundred is above.
HIGH = 3.0


def quiet(mean: float | NDArray[np.float64] = 3.0, series: int = 20) -> Counts:
    return np.random.default_rng(7).poisson(mean, (series, WEEKS))


def test_later_weeks_change_no_earlier_score() -> None:
    counts = quiet()
    later = counts.copy()
    later[:, 250:] = 90

    before, after = weekly(counts, first=230), weekly(later, first=230)
    assert np.array_equal(before[:, :250], after[:, :250])
    assert (before[:, 230:250] > 0).all()
    assert (after[:, 250] > before[:, 250]).all()


def test_a_clear_outbreak_scores_higher_than_every_quiet_week() -> None:
    counts = quiet()
    counts[:, 280] += 14

    scores = weekly(counts, first=230)
    assert (scores[:, 280] > scores[:, :280].max()).all()


def test_two_weeks_that_are_a_little_high_say_more_than_one() -> None:
    one, two = quiet(), quiet()
    one[:, 279:281] = [3, 7]
    two[:, 279:281] = [7, 7]

    assert (weekly(two, first=280)[:, 280] > weekly(one, first=280)[:, 280]).all()


def test_one_odd_week_is_no_alarm_twice() -> None:
    counts = quiet()
    counts[:, 279:281] = [16, 2]

    scores = weekly(counts, first=279)
    assert (scores[:, 279] > HIGH).all()
    assert (scores[:, 280] < HIGH).all()


def test_a_past_outbreak_does_not_hide_the_next() -> None:
    clean = quiet()
    clean[:, 290] = 15
    spoilt = clean.copy()
    spoilt[:, 200:206] += 25

    found, unspoilt = (weekly(each, first=290)[:, 290] for each in (spoilt, clean))
    assert (unspoilt > HIGH).all()
    assert (found > HIGH).all()


@pytest.mark.parametrize("waves", [0, 1, 2])
def test_trend_and_season_are_no_alarm(waves: int) -> None:
    week = np.arange(WEEKS)
    season = sum(0.5 * np.cos(2 * np.pi * wave * week / 52) for wave in range(1, waves + 1))
    counts = quiet(np.exp(1 + 0.003 * week + season), series=100)

    judged = weekly(counts, first=240)[:, 240:]
    assert (judged > HIGH).mean() < 0.02


def test_a_series_alone_is_scored_as_among_others() -> None:
    counts = quiet(series=5)

    assert np.allclose(weekly(counts[3:4], first=250), weekly(counts, first=250)[3:4], atol=1e-9)


def test_where_scoring_begins_hardly_changes_the_scores() -> None:
    counts = quiet(series=3)

    assert np.allclose(weekly(counts, first=250)[:, 250:], weekly(counts)[:, 250:], atol=0.05)


@pytest.mark.parametrize("count", [0, 1, 10_000_000])
def test_a_series_that_never_changes_has_finite_calm_scores(count: int) -> None:
    scores = weekly(np.full((1, 100), count))

    assert np.isfinite(scores).all()
    assert scores.max() < HIGH


def test_a_first_case_after_years_of_none_is_unusual_and_finite() -> None:
    counts = np.zeros((1, WEEKS), dtype=np.int64)
    counts[0, 290] = 3

    scores = weekly(counts, first=270)
    assert np.isfinite(scores).all()
    assert scores[0].argmax() == 290


def test_weeks_without_enough_past_have_no_score() -> None:
    scores = weekly(quiet()[:, :60])

    assert (scores[:, :LEAST_PAST] == 0).all()
    assert (scores[:, LEAST_PAST:] > 0).all()
    assert (weekly(quiet()[:, :10]) == 0).all()
    assert weekly(quiet()[:0]).shape == (0, WEEKS)
