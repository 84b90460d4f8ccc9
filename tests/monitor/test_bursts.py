"""Bursts and silences: what the arithmetic says of invented cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.monitor import bursts, calendar
from app.monitor.parameters import (
    DISPERSIONS,
    LEAST_SCALE,
    LEAST_SCALE_SETTLED,
    NEW_ARE_BUSIER,
    SHAPES,
    WINDOWS,
)
from app.monitor.tails import at_least, at_most, quantile
from tests.monitor import slowly

# Two contacts a week for half a year: Monday and Thursday.
TWICE_A_WEEK = [1, 0, 0, 1, 0, 0, 0] * 26


def verdict_on(days, exposure=None, **options):
    state = bursts.follow(np.array([days]), exposure, **options)
    return bursts.judge(state).pick(0)


def silence_on(days):
    return bursts.quiet(bursts.follow(np.array([days]))).pick(0)


def cases(number, days, pace=0.3, seed=1, alike=1.5):
    """As many cases as differ like those of the cohort."""
    dice = np.random.default_rng(seed)
    paces = dice.gamma(alike, pace / alike, (number, 1))
    return dice.poisson(paces * np.ones(days))


def test_a_usual_week_is_no_burst():
    verdict = verdict_on(TWICE_A_WEEK)
    assert verdict.p > 0.3
    assert not verdict.is_enough


def test_contacts_every_day_of_a_week_are_a_burst_where_two_are_usual():
    verdict = verdict_on([*TWICE_A_WEEK, 2, 1, 2, 3, 3, 1, 2])
    assert verdict.p < 0.001
    assert verdict.is_enough
    assert (verdict.window, verdict.count) == (7, 14)
    assert verdict.low <= 2 <= verdict.high < 6


def test_the_same_week_is_usual_for_a_case_that_is_always_like_that():
    week = [2, 1, 2, 3, 3, 1, 2]
    assert verdict_on(week * 26).p > 0.3
    assert verdict_on([*TWICE_A_WEEK, *week]).p < 0.001


def test_much_on_one_day_is_found_on_that_day():
    verdict = verdict_on([*TWICE_A_WEEK, 6])
    assert verdict.window == 1
    assert verdict.p < 0.05


def test_a_meeting_after_which_everybody_writes_is_no_burst():
    """Of its busiest day a window counts no more than one contact and three ordinary days."""
    meeting, visits = [1, 0, 0, 7, 0, 1, 1], [1, 2, 1, 2, 1, 2, 1]
    verdict = verdict_on([*TWICE_A_WEEK, *meeting])
    assert (verdict.window, verdict.count) == (14, 12)
    assert verdict.evened == pytest.approx(5 + 1 + 3 * 2 / 7, abs=0.05)
    assert verdict.p > 0.1 > verdict_on([*TWICE_A_WEEK, *visits]).p


def test_what_a_case_was_like_lately_says_more_than_what_it_was_like_long_ago():
    usual, busy = TWICE_A_WEEK * 2, [1] * 60
    always, long_ago, lately = (
        verdict_on(days).mean for days in (usual, [*busy, *usual], [*usual, *busy])
    )
    assert always < long_ago < always + (lately - always) / 4


def test_a_past_burst_does_not_hide_the_next():
    burst = [3] * 14
    once = verdict_on([*TWICE_A_WEEK, *TWICE_A_WEEK[:56], *burst])
    again = verdict_on([*TWICE_A_WEEK, *burst, *TWICE_A_WEEK[:42], *burst])
    assert once.p < again.p < 1e-5


def test_a_slow_beginning_is_not_part_of_what_is_usual():
    steps = [1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 2, 1, 2, 2]
    assert verdict_on([*TWICE_A_WEEK, *steps]).p < 0.001


def test_a_change_of_stage_alone_never_alarms():
    """Three times as much is written of a child on a plan, as the cohort shows."""
    dice = np.random.default_rng(2)
    pace, expected = dice.gamma(1.5, 0.2, (500, 1)), np.repeat((1.0, 3.0), (150, 28))
    counts = dice.poisson(pace * expected)
    assert (bursts.judge(bursts.follow(counts)).p < 0.001).sum() > 25
    knowing = bursts.judge(bursts.follow(counts, expected * np.ones((500, 1))))
    assert (knowing.p < 0.001).sum() == 0


def test_a_case_without_history_is_judged_by_the_cohort_and_more_widely():
    new = verdict_on([1, 1, 1, 1, 1, 1, 1])
    known = verdict_on([*[0, 0, 1, 0, 0, 1, 0, 0, 0, 1] * 30, 1, 1, 1, 1, 1, 1, 1])
    assert new.mean == pytest.approx(NEW_ARE_BUSIER * 7 * 0.3)
    assert known.mean == pytest.approx(7 * 0.3, rel=0.1)
    assert new.p > known.p
    assert new.high > known.high


def test_a_new_case_may_be_in_a_burst_from_its_first_week():
    assert verdict_on([5, 4, 5, 5, 5, 4, 5]).p < 0.001


def test_where_nothing_came_nothing_is_unusual():
    verdict = verdict_on([0] * 100)
    assert (verdict.p, verdict.score, verdict.count) == (1, 0, 0)


def test_a_closed_case_is_not_judged_whatever_is_recorded_in_it():
    verdict = verdict_on([3] * 60, np.zeros((1, 60)))
    assert (verdict.p, verdict.count, verdict.low, verdict.high) == (1, 0, 0, 0)
    assert not verdict.is_enough


def test_the_days_a_case_was_closed_are_not_quiet_ones():
    closed = np.ones((1, 182 + 28))
    closed[:, -28:] = 0
    silence = bursts.quiet(bursts.follow(np.array([[*TWICE_A_WEEK, *[0] * 28]]), closed))
    assert silence.p == 1
    assert silence_on([*TWICE_A_WEEK, *[0] * 28]).p < 0.05


def test_days_on_which_little_is_written_weigh_less():
    holidays = np.ones((1, 182 + 3))
    holidays[:, -3:] = 0.2
    on_workdays = verdict_on([*TWICE_A_WEEK, 1, 1, 1])
    on_holidays = verdict_on([*TWICE_A_WEEK, 1, 1, 1], holidays)
    assert on_holidays.p < on_workdays.p


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ([*[0] * 182, 0, 1, 1], "two contacts"),
        ([*[0] * 182, 0, 0, 9], "one day's"),
        ([*TWICE_A_WEEK, 0, 1, 1, 0, 1, 0, 0], "less than twice the usual"),
    ],
)
def test_less_than_the_minimum_of_evidence_is_never_told(days, why):
    verdict = verdict_on(days)
    assert not verdict.is_enough, why
    assert bursts.evidence(verdict) == 1


def test_a_family_that_was_always_there_and_is_no_more_is_found_quiet():
    verdict = silence_on([*TWICE_A_WEEK, *[0] * 28])
    assert verdict.p < 0.05
    assert (verdict.window, verdict.count) == (28, 0)
    assert verdict.low > 2


def test_of_a_case_of_which_little_is_heard_silence_says_nothing():
    seldom = [*[1, *[0] * 13] * 13, *[0] * 28]
    assert silence_on(seldom).p == 1
    assert not silence_on(seldom).is_enough


def test_one_contact_after_long_ends_no_silence_and_many_do():
    silent = [*TWICE_A_WEEK, *TWICE_A_WEEK, *[0] * 27]
    assert silence_on([*silent, 1]).p < 0.1
    assert silence_on([*silent, *TWICE_A_WEEK[:28]]).p > 0.3


def test_tails_are_what_adding_up_gives():
    dice = np.random.default_rng(3)
    counts, means = dice.integers(1, 40, 60).astype(float), dice.gamma(1, 6, 60)
    widths = dice.gamma(1, 0.8, 60) + 0.02
    each = list(zip(counts.astype(int).tolist(), means, widths, strict=True))
    assert at_least(counts, means, widths) == pytest.approx(
        [slowly.at_least(*one) for one in each], rel=1e-6
    )
    assert at_most(counts, means, widths) == pytest.approx(
        [slowly.at_most(*one) for one in each], rel=1e-6
    )


def test_nothing_or_more_is_certain_and_something_of_nothing_is_not_judged():
    zero, one = np.zeros(1), np.ones(1)
    assert at_least(zero, one, one) == 1
    assert at_least(one, zero, one) == 1


def test_a_quantile_is_the_smallest_count_with_as_much_below():
    dice = np.random.default_rng(4)
    means, widths = dice.gamma(0.7, 8, 300), dice.gamma(1, 0.8, 300) + 0.02
    for share in (0.1, 0.5, 0.9):
        count = quantile(share, means, widths)
        assert (at_most(count, means, widths) >= share).all()
        some = count > 0
        assert (at_most(count[some] - 1, means[some], widths[some]) < share).all()


def test_many_cases_and_days_at_once_are_each_judged_as_one_by_one():
    dice = np.random.default_rng(5)
    counts, exposure = cases(12, 120, seed=5), dice.choice([0.1, 1.0, 1.6], (12, 120))
    counts[:4, 90:] += 2
    exposure[4:6, :70] = 0
    exposure[6:8, 100:] = 0
    cohort = bursts.Cohort(0.4, 1.2, 1.3, ((0.1,) * 4, (0.2,) * 4), ((1.1,) * 4, (1.4,) * 4))
    busy = bursts.daily(counts, exposure, cohort=cohort).p
    quiet = bursts.quiet(bursts.follow(counts, exposure, cohort), cohort).p
    for row in range(12):
        case = slowly.Case(cohort)
        for day in range(120):
            case.day(int(counts[row, day]), float(exposure[row, day]))
            assert busy[row, day] == pytest.approx(case.busy(), rel=1e-4)
        assert quiet[row] == pytest.approx(case.quiet(), rel=1e-4)
    assert (busy < 0.001).any()
    assert (quiet < 1).any()


def test_a_glance_at_one_case_says_what_judging_all_says():
    counts = cases(300, 70, seed=6)
    counts[:30, 60:] += 1
    state = bursts.follow(counts[:, :-1], ages=np.arange(300) // 5)
    for exposure in (0.7, 0.0):
        all_of_them = bursts.judge(bursts.advance(state, counts[:, -1], exposure)).p
        glances = [bursts.glance(state, row, counts[row, -1], exposure) for row in range(300)]
        assert glances == pytest.approx(all_of_them, rel=1e-4)


def test_each_day_is_judged_without_knowing_the_next():
    counts = cases(20, 60)
    whole = bursts.daily(counts)
    assert whole.p.shape == whole.score.shape == whole.low.shape == whole.high.shape == (20, 60)
    assert (whole.p[:, 39] == bursts.judge(bursts.follow(counts[:, :40])).p).all()


def test_a_state_is_not_changed_by_the_days_that_follow():
    state = bursts.follow(cases(5, 40))
    before = state.seen.copy(), state.tamed.copy()
    bursts.advance(state, [9, 9, 9, 9, 9])
    assert (before[0] == state.seen).all()
    assert (before[1] == state.tamed).all()


def test_where_nothing_happens_hardly_anybody_is_pointed_at():
    counts = cases(1_500, 150, seed=7)
    p = bursts.daily(counts, cohort=bursts.fit(counts)).p
    assert (p < 0.01).mean() < 0.01
    assert (p < 0.001).mean() < 0.001


def test_the_usual_range_holds_eight_in_ten():
    counts = cases(1_000, 120, seed=8)
    verdict = bursts.judge(bursts.follow(counts, cohort=bursts.fit(counts)))
    means, widths = np.full(1, 4.0), np.full(1, 0.5)
    low, high = quantile(0.1, means, widths), quantile(0.9, means, widths)
    assert at_most(high, means, widths) - at_most(low - 1, means, widths) >= 0.8
    assert (verdict.low <= verdict.high).all()


def test_how_far_above_the_usual_is_said_with_care():
    little = verdict_on([*TWICE_A_WEEK, 2, 2, 2])
    much = verdict_on([*TWICE_A_WEEK, *[2] * 14])
    assert 1 < little.eb05 < little.count / little.mean
    assert much.eb05 > little.eb05


def test_how_far_below_the_usual_is_said_with_care():
    little = silence_on([*TWICE_A_WEEK, *[0] * 28])
    much = silence_on([*TWICE_A_WEEK * 2, *[1] * 30, *[0] * 28])
    assert 1 < little.below < little.mean
    assert much.below > little.below


# What is learnt of all cases together


def test_of_few_cases_too_little_is_learnt_and_the_usual_numbers_stand():
    assert bursts.fit(cases(20, 100)) == bursts.USUAL
    assert bursts.fit(np.zeros((1_000, 100))) == bursts.USUAL


def test_pace_and_difference_of_cases_are_learnt_from_them():
    cohort = bursts.fit(cases(2_000, 120, pace=0.5, seed=9, alike=0.6))
    assert cohort.mean == pytest.approx(0.5, rel=0.1)
    assert cohort.shape == pytest.approx(0.6, rel=0.2)


def test_cases_are_never_taken_for_more_alike_nor_days_for_more_even_than_is_safe():
    cohort = bursts.fit(cases(2_000, 120, pace=0.5, seed=9, alike=20))
    assert (cohort.shape, cohort.dispersion) == (max(SHAPES), min(DISPERSIONS))


def test_contacts_that_come_in_heaps_are_learnt_as_such():
    heaps = 3 * cases(2_000, 120, pace=0.1, seed=10)
    cohort = bursts.fit(heaps)
    assert cohort.dispersion > 2
    assert bursts.fit(cases(2_000, 120, seed=10)).dispersion == min(DISPERSIONS)


def test_small_whole_numbers_are_counted_right():
    counts = cases(200, 120)
    assert bursts.fit(counts.astype(np.uint8)) == bursts.fit(counts)


def test_where_paces_wander_the_tails_are_taken_wider():
    dice = np.random.default_rng(11)
    wander = np.exp(np.cumsum(dice.normal(0, 0.12, (1_000, 150)), axis=1))
    wandering = bursts.fit(dice.poisson(0.5 * wander))
    steady = bursts.fit(cases(1_000, 150, pace=0.5))
    assert max(steady.scales[0]) < max(wandering.scales[0])
    assert min(steady.scales[0]) >= LEAST_SCALE_SETTLED


def test_new_cases_are_never_taken_for_surer_than_predicted():
    cohort = bursts.fit(cases(1_000, 80, seed=13))
    assert min(cohort.scales[0]) < LEAST_SCALE
    young = bursts.fit(cases(1_000, 27, seed=13)).scales[1]
    assert LEAST_SCALE <= min(young) < bursts.USUAL.scales[1][0]


def test_too_few_young_cases_keep_the_wider_tails():
    cohort = bursts.fit(cases(400, 120), ages=200)
    assert cohort.scales[1] == bursts.USUAL.scales[1]
    assert cohort.scales[0] != bursts.USUAL.scales[0]


def test_exposure_is_no_pace():
    dice = np.random.default_rng(12)
    counts = dice.poisson(0.3 * np.tile([1, 1, 1, 1, 1, 0.1, 0.1], 20), (1_000, 140))
    types = np.tile(np.arange(7), 20)
    ratios = calendar.fit(counts, types, np.zeros(counts.shape, dtype=int))
    cohort = bursts.fit(counts, ratios.exposure(types, np.zeros(counts.shape, dtype=int)))
    assert cohort.mean == pytest.approx(counts.mean(), rel=0.02)


# Who is told


def test_the_share_of_false_ones_is_that_of_the_book():
    p = np.array([0.04, 0.001, 0.03, 0.005, 0.8])
    slow = [min(1, *(r * 5 / (p <= r).sum() for r in p if r >= one)) for one in p]
    assert bursts.false_discovery(p) == pytest.approx(slow)
    assert bursts.false_discovery([]).size == 0


def test_among_few_cases_one_in_a_thousand_is_told():
    cut = bursts.cut_offs(np.linspace(0.0001, 1, 499))
    assert (cut.notify, cut.board) == (0.001, 0.002)


def test_among_many_cases_the_cut_is_where_one_more_would_be_found():
    p = np.ones(1_000)
    p[:9] = 1e-5
    assert bursts.cut_offs(p).notify == pytest.approx(0.05 * 10 / 1_000)
    assert bursts.cut_offs(np.ones(1_000)).notify == pytest.approx(0.05 / 1_000)
    p[9] = 0.05 * 10 / 1_000
    assert (bursts.false_discovery(p) <= 0.05).sum() == 10


def told(score_now, **before):
    verdict = verdict_on([*TWICE_A_WEEK, *[3] * 14])
    unusual = replace(verdict, p=np.array([10.0**-score_now]), is_enough=np.array([True]))
    return bursts.decide(unusual, bursts.Cut(0.001, 0.002), **before)


def test_an_episode_is_told_once():
    assert told(4).notify
    assert not told(4, days_since=[13], score_then=[3.5]).notify
    assert told(4, days_since=[14], score_then=[3.5]).notify


def test_an_episode_that_becomes_much_worse_is_told_again():
    assert told(5.6, days_since=[3], score_then=[3.5]).notify
    assert not told(5.4, days_since=[3], score_then=[3.5]).notify


def test_what_stands_on_the_board_stays_there_a_little_longer():
    told_before = {"days_since": [3], "score_then": [3.5]}
    assert told(2.8, **told_before).board
    assert not told(2.8, **told_before).notify
    assert not told(2.6, **told_before).board


def test_the_surest_come_first_then_the_farthest_above_then_the_most_new_agencies():
    q = np.array([0.04, 0.001, 0.04, 0.08, 0.04])
    eb05, agencies = np.array([2.0, 1.5, 3.0, 9.0, 2.0]), np.array([0, 0, 0, 4, 2])
    assert bursts.rank(q, eb05, agencies).tolist() == [1, 2, 4, 0, 3]


def test_of_many_some_can_be_picked():
    counts = cases(10, 50)
    state = bursts.follow(counts)
    some = bursts.judge(state.pick([2, 5]))
    assert (some.p == bursts.judge(state).pick([2, 5]).p).all()
    assert some.window.tolist() == bursts.judge(state).window[[2, 5]].tolist()
    assert set(some.window.tolist()) <= set(WINDOWS)
