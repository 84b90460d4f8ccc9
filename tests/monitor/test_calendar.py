"""Kinds of days, and what is recorded on them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from app.monitor import calendar
from app.monitor.calendar import DayType

TERMS = [
    (date(2026, 9, 1), date(2026, 10, 23)),
    (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 4), date(2027, 2, 12)),
]


def type_of(*day, **place):
    return DayType(calendar.day_types([date(*day)], TERMS, **place)[0])


def test_a_day_is_its_weekday():
    week = [date(2026, 11, 23) + timedelta(ahead) for ahead in range(7)]
    assert calendar.day_types(week, TERMS).tolist() == list(range(7))


def test_between_terms_weekdays_are_school_holidays_and_weekends_stay_weekends():
    assert type_of(2026, 10, 28) == DayType.SCHOOL_HOLIDAY
    assert type_of(2026, 10, 31) == DayType.SATURDAY
    assert type_of(2026, 10, 23) == DayType.FRIDAY


def test_beyond_the_terms_given_nothing_is_known_of_school():
    assert type_of(2027, 3, 3) == DayType.WEDNESDAY
    assert type_of(2026, 8, 26) == DayType.WEDNESDAY
    assert calendar.day_types([date(2026, 10, 28)]).tolist() == [DayType.WEDNESDAY]


def test_terms_may_be_given_in_any_order():
    days = [date(2026, 10, 20) + timedelta(ahead) for ahead in range(30)]
    assert (calendar.day_types(days, TERMS) == calendar.day_types(days, TERMS[::-1])).all()


def test_christmas_week_is_of_its_own_kind_even_where_it_is_a_bank_holiday():
    for day in (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 27), date(2027, 1, 1)):
        assert type_of(day.year, day.month, day.day) == DayType.CHRISTMAS_WEEK
    assert type_of(2026, 12, 23) == DayType.SCHOOL_HOLIDAY
    assert type_of(2027, 1, 2) == DayType.SATURDAY


def test_bank_holidays_are_those_of_the_country():
    assert type_of(2026, 8, 31) == DayType.BANK_HOLIDAY
    assert type_of(2026, 11, 30) == DayType.MONDAY
    assert type_of(2026, 11, 30, subdivision="SCT") == DayType.BANK_HOLIDAY
    assert type_of(2026, 10, 3, country="DE", subdivision=None) == DayType.BANK_HOLIDAY


def test_days_of_several_years_are_known():
    new = calendar.day_types([date(year, 5, 1) for year in (2026, 2028, 2029)])
    assert new.tolist() == [DayType.FRIDAY, DayType.BANK_HOLIDAY, DayType.TUESDAY]


def test_stage_and_age_make_one_kind_and_closed_is_none():
    kinds = calendar.kinds([0, 0, 1, 1, -1], [0, 300, 0, 300, 50])
    assert len(set(kinds.tolist())) == 5
    assert kinds[-1] == -1
    assert (kinds[:-1] >= 0).all()


def year(seed=1, cases=400):
    """Children on a plan (1) are heard of twice as often as others (0), nobody at weekends."""
    dice = np.random.default_rng(seed)
    types = np.arange(364) % 7
    kinds = np.repeat(dice.integers(0, 2, (cases, 1)), 364, axis=1)
    pace = 0.2 * np.where(kinds == 1, 2, 1) * np.where(types < 5, 1, 0.1)
    return dice.poisson(pace), types, kinds


def test_ratios_are_found_again_in_what_they_made():
    ratios = calendar.fit(*year())
    assert ratios.by_kind[1] / ratios.by_kind[0] == pytest.approx(2, rel=0.05)
    assert ratios.by_day[:5] / ratios.by_day[6] == pytest.approx(np.full(5, 10), rel=0.2)


def test_a_kind_that_is_open_in_holidays_only_is_not_taken_for_a_quiet_one():
    counts, types, kinds = year()
    weekends_only = (kinds == 1) & (types < 5)
    kinds[weekends_only] = -1
    ratios = calendar.fit(counts, types, kinds)
    assert ratios.by_kind[1] / ratios.by_kind[0] == pytest.approx(2, rel=0.15)
    assert counts[kinds == 1].mean() < counts[kinds == 0].mean()


def test_what_is_recorded_while_closed_says_nothing():
    counts, types, kinds = year()
    kinds[:, 200:] = -1
    before = calendar.fit(counts, types, kinds)
    counts[:, 200:] = 50
    after = calendar.fit(counts, types, kinds)
    assert np.array_equal(before.by_day, after.by_day)


def test_a_day_that_never_came_is_rare_and_not_impossible():
    counts, types, kinds = year()
    counts[:, types == 6] = 0
    ratios = calendar.fit(counts, types, kinds)
    assert 0 < ratios.by_day[DayType.SUNDAY] < 0.01
    assert ratios.by_day[DayType.CHRISTMAS_WEEK] > 0


def test_one_burst_among_few_cases_is_not_what_is_usual_of_their_kind():
    counts, types, kinds = year()
    kinds[0, -7:] = 2
    counts[0, -7:] = 3
    ratios = calendar.fit(counts, types, kinds)
    assert ratios.by_kind[2] < 4
    assert counts[kinds == 2].mean() > 8 * counts.mean()


def test_from_few_case_days_nothing_is_learnt_of_days():
    counts, types, kinds = year(cases=13)
    assert set(calendar.fit(counts, types, kinds).by_day) == {1.0}


def test_without_any_contact_all_days_are_alike():
    _, types, kinds = year()
    ratios = calendar.fit(np.zeros(kinds.shape), types, kinds)
    assert set(ratios.by_day) == set(ratios.by_kind) == {1.0}


def test_exposure_is_the_day_times_the_kind_and_none_while_closed():
    ratios = calendar.fit(*year())
    exposure = ratios.exposure([0, 6], [[0, 1], [-1, 1]])
    assert exposure[0, 0] == ratios.by_kind[0] * ratios.by_day[0]
    assert exposure[0, 1] == ratios.by_kind[1] * ratios.by_day[6]
    assert exposure[1, 0] == 0


def test_a_kind_the_year_before_did_not_know_is_like_the_average():
    ratios = calendar.fit(*year())
    assert ratios.exposure([0], [[7]])[0, 0] == ratios.by_day[0]
    assert calendar.EVEN.exposure([0, 6], [[3, -1]]).tolist() == [[1, 0]]
