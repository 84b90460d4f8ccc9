"""What the page answers: computed, honest, and about the two times that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.core.errors import Invalid
from app.insight import comparison, figures, periods
from app.insight.comparison import Comparison, Score, Told
from app.insight.periods import Asked, Event
from app.models import Measure

TODAY = date(2026, 11, 23)
PLAN = Event("status-1", date(2026, 3, 1), "child_protection_plan")
INCIDENT = Event("post-7", date(2026, 6, 9), "incident", 7, 3)
BEGINS = date(2025, 1, 1)
USUAL = Asked()


def measure(number: int = 1, **facts: Any) -> Measure:
    usual = {
        "name": "Safety scale",
        "unit": " of 10",
        "better": "up",
        "lowest": 0,
        "highest": 10,
        "step": 1,
        "noise": 1.0,
        "counts_kind": None,
        "threshold": None,
        "threshold_means": None,
        "about": None,
    }
    return Measure(id=number, place=number, **{**usual, **facts})


SAFETY = measure()
ATTENDANCE = measure(
    2, name="School attendance", unit="%", highest=100, step=0.1, noise=4, threshold=90
)
SDQ = measure(3, name="SDQ", unit=" of 40", better="down", highest=40, noise=2.3, threshold=20)
WEIGHT = measure(4, name="Weight centile", unit="", better="neither", highest=100, noise=5)
MISSING = measure(
    5, name="Times missing", unit="", better="down", highest=None, counts_kind="missing"
)


def monthly(of: Measure, first: date, *values: float, rater: str = "school") -> list[Score]:
    days = [first + timedelta(days=30 * at) for at in range(len(values))]
    return [Score(of.id, rater, on, value) for on, value in zip(days, values, strict=True)]


def before_and_since(
    of: Measure, before: Sequence[float], since: Sequence[float], rater: str = "school"
) -> list[Score]:
    return [
        *monthly(of, date(2025, 9, 5), *before, rater=rater),
        *monthly(of, date(2026, 3, 5), *since, rater=rater),
    ]


def compared(
    measures: Sequence[Measure], scores: Sequence[Score], asked: Asked = USUAL, **told: Any
) -> Comparison:
    events = [PLAN, INCIDENT]
    choice = periods.choose(asked, events, TODAY)
    known = sorted(scores, key=lambda score: score.on)
    return comparison.of(measures, [Told("Amara O", BEGINS, known, **told)], choice, events)


def test_the_answer_says_since_when_and_what_is_better() -> None:
    scores = [
        *before_and_since(SAFETY, [3, 3, 4], [7, 7, 8, 7]),
        *before_and_since(ATTENDANCE, [78, 76, 77], [93, 94, 93, 95]),
    ]
    assert compared([SAFETY, ATTENDANCE], scores).sentence == (
        "Since the child protection plan began on 1 March 2026, both measures are better."
    )


def test_better_and_worse_go_by_the_direction_of_the_measure() -> None:
    scores = [
        *before_and_since(SAFETY, [7, 7, 7], [3, 3, 3]),
        *before_and_since(SDQ, [24, 25, 24], [12, 13, 12]),
        *before_and_since(WEIGHT, [20, 22, 21], [60, 61, 62]),
    ]
    shown = compared([SAFETY, SDQ, WEIGHT], scores)
    words = [(panel.rows[0].change.went, panel.rows[0].word) for panel in shown.panels]
    assert words == [("down", "Worse"), ("down", "Better"), ("up", "Higher")]
    assert shown.sentence.endswith(
        "1 measure is better (SDQ), 1 is worse (safety scale) and 1 is higher (weight centile)."
    )


def test_a_month_that_slips_is_said_though_the_whole_is_better() -> None:
    scores = before_and_since(
        ATTENDANCE, [70, 69, 71, 70, 69], [91, 92, 91, 93, 92, 91, 93, 92, 70]
    )
    (panel,) = compared([ATTENDANCE], scores).panels
    shown = compared([ATTENDANCE], scores)
    assert panel.rows[0].word == "Better"
    assert panel.rows[0].moved_word == "worse"
    assert ("But October has slipped:", True) in shown.answer
    assert "school attendance fell to 70%, from 92% in the 3 readings before." in shown.sentence


def test_going_past_the_threshold_is_said_as_what_it_is() -> None:
    scores = before_and_since(ATTENDANCE, [75, 76, 75], [92, 91, 92, 88])
    shown = compared([ATTENDANCE], scores)
    assert "school attendance went below 90%, to 88%" in shown.sentence
    assert not shown.panels[0].rows[0].is_moved


def test_few_readings_are_said_and_so_is_what_cannot_be() -> None:
    scores = [
        *before_and_since(SDQ, [20, 22], [15, 16]),
        *before_and_since(SAFETY, [], [6, 7]),
    ]
    shown = compared([SAFETY, SDQ], scores)
    assert "Few readings of SDQ: treat with care." in shown.sentence
    assert "Of safety scale nothing can be said." in shown.sentence
    safety, sdq = shown.panels
    assert safety.sentences == ["No readings before."]
    assert (safety.rows[0].before, safety.rows[0].since) == ("None", "6.5")
    assert sdq.sentences[0].endswith("Only 2 readings each time: treat with care.")


def test_raters_who_differ_are_named_with_what_they_say() -> None:
    scores = [
        *before_and_since(SAFETY, [3, 3], [4, 4, 4], rater="social_care"),
        *before_and_since(SAFETY, [7, 7], [8, 8, 8], rater="mother"),
    ]
    shown = compared([SAFETY], scores)
    assert "The raters differ on safety scale: " in shown.sentence
    assert "mother says 8" in shown.sentence
    assert "social care says 4" in shown.sentence
    assert [name for _, name, _ in shown.panels[0].legend] == ["Mother", "Social care"]


def test_other_raters_before_than_since_are_not_compared() -> None:
    scores = [
        *before_and_since(SAFETY, [3, 3], [], rater="social_care"),
        *before_and_since(SAFETY, [], [8, 8], rater="mother"),
    ]
    (panel,) = compared([SAFETY], scores).panels
    assert panel.rows[0].word == figures.UNKNOWN
    assert panel.sentences == ["Nobody scored it both times, and raters differ."]


def test_each_rater_has_a_line_of_their_own_when_asked_who_says_what() -> None:
    scores = [
        *before_and_since(SAFETY, [3, 3, 3], [7, 7, 7], rater="social_care"),
        *before_and_since(SAFETY, [7, 7, 7], [7, 7, 7], rater="mother"),
    ]
    (panel,) = compared([SAFETY], scores, Asked(way="raters")).panels
    assert [(row.whose, row.word) for row in panel.rows] == [
        ("Mother", "No real change"),
        ("Social care", "Better"),
    ]


def test_what_is_counted_is_told_by_the_month_and_by_the_days_it_had() -> None:
    days = [date(2025, month, day) for month in (9, 10, 11, 12) for day in (3, 9, 20)]
    shown = compared([MISSING], [], times={5: days})
    (panel,) = shown.panels
    (row,) = panel.rows
    assert (row.word, row.latest) == ("Better", "0")
    assert row.before == f"{figures.plain(12 / 365 * 365.25 / 12)} a month"
    assert panel.readings[0] == ("November 2026", "0")
    assert ("September 2025", "3") in panel.readings


def test_nothing_is_said_of_a_time_in_which_nothing_was_kept() -> None:
    choice = periods.choose(Asked(), [PLAN], TODAY)
    told = Told("Amara O", PLAN.on, (), {5: [date(2026, 5, 1)]})
    (panel,) = comparison.of([MISSING], [told], choice, []).panels
    assert panel.rows[0].word == figures.UNKNOWN
    assert panel.sentences == ["Nothing was kept before."]


def test_brothers_and_sisters_stand_side_by_side() -> None:
    choice = periods.choose(Asked(way="siblings"), [PLAN], TODAY)
    amara = Told("Amara O", BEGINS, before_and_since(SAFETY, [3, 3, 3], [7, 7, 7]))
    tobi = Told("Tobi O", BEGINS, before_and_since(SAFETY, [6, 6, 6], [6, 6, 6]))
    shown = comparison.of([SAFETY], [amara, tobi], choice, [])
    assert [(row.whose, row.word) for row in shown.panels[0].rows] == [
        ("Amara O", "Better"),
        ("Tobi O", "No real change"),
    ]
    assert all(each.endswith("Said by school.") for each in shown.panels[0].sentences)
    assert "for Amara O 1 measure is better (safety scale)." in shown.sentence
    assert "For Tobi O 1 measure has not really changed (safety scale)." in shown.sentence
    alone = comparison.of([SAFETY], [amara, tobi], periods.choose(Asked(), [PLAN], TODAY), [])
    assert len(alone.panels[0].rows) == 1


def test_one_time_is_held_against_another() -> None:
    asked = Asked("periods", "", "", "2025-09-01", "2025-12-31", "2026-03-01", "2026-06-30")
    scores = [
        *monthly(SAFETY, date(2025, 9, 5), 3, 3, 3),
        *monthly(SAFETY, date(2026, 1, 5), 9, 9),
        *monthly(SAFETY, date(2026, 3, 5), 7, 7, 7),
    ]
    (panel,) = compared([SAFETY], scores, asked).panels
    assert (panel.rows[0].before, panel.rows[0].since) == ("3", "7")
    times = [cells[-1] for cells in panel.readings]
    assert times == ["Second time"] * 3 + ["Between"] * 2 + ["First time"] * 3


def said(rater: str, *scores: tuple[date, float]) -> list[Score]:
    return [Score(SAFETY.id, rater, on, value) for on, value in scores]


def days(*values: float) -> list[tuple[date, float]]:
    months = [date(2026, month, 2) for month in (6, 7, 8, 9, 10, 11)]
    return list(zip(months[-len(values) :], values, strict=True))


def test_nobodys_worse_is_hidden_by_who_spoke_later() -> None:
    scores = [
        *said("social_care", *days(7, 7, 6, 3)),
        *said("child", *days(7, 6, 4), (date(2026, 11, 20), 0)),
        *said("mother", *days(7, 7, 7), (date(2026, 11, 22), 7)),
    ]
    shown = compared([SAFETY], scores)
    assert ("But November has slipped:", True) in shown.answer
    assert "safety scale fell to 0 (child), from 4 in the reading before" in shown.sentence
    assert "fell to 3 (social care), from 6.7 in the 3 readings before" in shown.sentence
    (row,) = shown.panels[0].rows
    assert (row.latest, row.latest_by, row.moved_word) == ("7", "mother", "")
    assert [(each.by, each.value) for each in row.worse] == [("child", "0"), ("social care", "3")]
    by_rater = compared([SAFETY], scores, Asked(way="raters"))
    assert "safety scale fell to 0 (child)" in by_rater.sentence


def test_slips_of_several_months_are_each_told_with_theirs() -> None:
    scores = [
        *said("child", *days(7, 7, 2)),
        *said("mother", (date(2026, 4, 2), 8), (date(2026, 5, 2), 3)),
    ]
    shown = compared([SAFETY], scores)
    assert "But not all the latest is as good: safety scale fell to 2 (child, in November), " in (
        shown.sentence
    )
    assert "fell to 3 (mother, in May), from 8 in the reading before" in shown.sentence


def test_the_latest_is_the_same_wherever_the_second_time_begins() -> None:
    scores = said("child", *days(7, 6, 4), (date(2026, 11, 20), 0))
    for on in ("2026-02-01", "2026-10-01", "2026-11-20", "2026-11-23"):
        ((row,),) = (each.rows for each in compared([SAFETY], scores, Asked(on=on)).panels)
        assert (row.latest, row.moved_word) == ("0", "worse")


def test_one_rater_says_of_one_day_one_thing() -> None:
    once = [*said("health", (date(2026, 2, 1), 6), (date(2026, 4, 1), 4))]
    often = [*once, *said("health", *[(date(2026, 4, 1), 4)] * 5)]
    for scores in (once, often):
        (panel,) = compared([SAFETY], scores).panels
        assert (panel.rows[0].word, panel.rows[0].change.many) == ("No real change", (1, 1))
        assert len(panel.readings) == 2
    corrected = [*once, *said("health", (date(2026, 4, 1), 5))]
    assert compared([SAFETY], corrected).panels[0].rows[0].since == "5"


def test_a_line_keeps_its_shape_when_another_speaks() -> None:
    scores = [*said("child", *days(7, 6)), *said("school", *days(7, 6))]
    for more in ([], said("school", (date(2026, 11, 20), 6))):
        (panel,) = compared([SAFETY], [*scores, *more]).panels
        assert [(shape, name) for shape, name, _ in panel.legend] == [
            ("circle", "Child"),
            ("diamond", "School"),
        ]


def test_since_one_of_them_is_not_worse_by_itself() -> None:
    gone = Event("post-8", date(2026, 8, 4), "missing", 8, 4)
    choice = periods.choose(Asked(event="post-8"), [PLAN, gone], TODAY)
    told = Told("Amara O", BEGINS, (), {5: [gone.on]})
    shown = comparison.of([MISSING], [told], choice, [gone])
    assert shown.panels[0].rows[0].word == figures.UNKNOWN
    assert "begins with one of them" in shown.panels[0].sentences[0]
    assert "worse" not in shown.sentence


@pytest.mark.parametrize("on", ["2026-11-21", "2026-11-20", "2026-11-01"])
def test_a_few_days_are_too_short_for_a_rate(on: str) -> None:
    missing = [date(2026, 11, 3), date(2026, 11, 22)]
    (panel,) = compared([MISSING], [], Asked(on=on), times={5: missing}).panels
    (row,) = panel.rows
    assert (row.word, row.since, row.latest) == (figures.UNKNOWN, "Too short", "2")
    assert "since: too short to say how often." in panel.sentences[0]
    assert panel.chart.series[0].end
    assert panel.chart.series[0].end[2] == row.latest
    assert len(panel.chart.means) == 1


def test_the_latest_month_is_judged_alike_wherever_the_time_begins() -> None:
    missing = [date(2026, 11, 3), date(2026, 11, 20)]
    asked = [USUAL, *(Asked(on=on) for on in ("2025-02-01", "2026-10-10", "2026-11-10"))]
    for each in asked:
        shown = compared([MISSING], [], each, times={5: missing})
        (row,) = shown.panels[0].rows
        assert (row.latest, row.moved_word) == ("2", "worse")


def test_once_in_a_month_that_has_just_begun_is_not_worse() -> None:
    choice = periods.choose(Asked(), [PLAN], date(2026, 11, 2))
    told = Told("Amara O", BEGINS, (), {5: [date(2026, 11, 1)]})
    (panel,) = comparison.of([MISSING], [told], choice, []).panels
    assert (panel.rows[0].latest, panel.rows[0].moved_word) == ("1", "")


def test_what_has_happened_is_never_written_as_nought() -> None:
    told = {"times": {5: [date(2023, 11, 5)]}}
    choice = periods.choose(Asked(on="2018-01-01"), [], TODAY)
    shown = comparison.of([MISSING], [Told("Amara O", date(2015, 1, 1), (), **told)], choice, [])
    assert shown.panels[0].rows[0].since == "less than 0.1 a month"
    assert figures.mean(MISSING, 0) == "0 a month"
    assert figures.by(MISSING, 0.0, 0.04) == "by less than 0.1 a month"


@pytest.mark.parametrize(
    ("value", "written"), [(4.25, "4.3"), (4.35, "4.4"), (4.24, "4.2"), (-0.04, "0"), (7, "7")]
)
def test_a_half_is_rounded_up_as_by_hand(value: float, written: str) -> None:
    assert figures.plain(value) == written


def test_a_mean_lies_inside_its_picture_and_no_years_on_each_other() -> None:
    missing = [date(2026, 9, 30), date(2026, 9, 29), date(2026, 10, 1), date(2026, 10, 2)] * 3
    asked = Asked("periods", "", "", "2025-09-01", "2025-12-31", "2026-09-15", "2026-10-14")
    (panel,) = compared([MISSING], [], asked, times={5: sorted(missing)}).panels
    assert panel.chart.high >= (panel.rows[0].change.since or 0) > 6
    for first in (2002, 2008, 2016, 2018, 2020):
        choice = periods.choose(Asked(on=f"{first}-01-01"), [], TODAY)
        told = Told("Amara O", date(1999, 1, 1), (), {5: [date(first, 1, 1)]})
        months = comparison.of([MISSING], [told], choice, []).panels[0].chart.months
        places = [place for place, _ in months]
        assert all(b - a > 36 for a, b in pairwise(places))


def test_any_event_can_be_what_it_begins_with() -> None:
    choice = periods.choose(Asked(event="post-7"), [PLAN, INCIDENT], TODAY)
    assert (choice.second.from_on, choice.opening) == (
        INCIDENT.on,
        "Since 9 June 2026 (incident)",
    )
    assert periods.choose(Asked(), [], TODAY).second.from_on == TODAY - timedelta(days=182)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(on="2031-01-01"), "on"),
        (Asked(on="yesterday"), "on"),
        (Asked(event="post-999"), "event"),
        (Asked("periods", "", "", "2026-01-01", "", "2026-03-01", "2026-04-01"), "until_1"),
        (
            Asked("periods", "", "", "2026-02-01", "2026-01-01", "2026-03-01", "2026-04-01"),
            "until_1",
        ),
        (
            Asked("periods", "", "", "2026-01-01", "2026-03-01", "2026-02-01", "2026-04-01"),
            "from_2",
        ),
    ],
)
def test_what_cannot_be_is_answered_at_its_field(asked: Asked, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        periods.choose(asked, [PLAN], TODAY)
    assert list(refusal.value.fields) == [field]


def test_with_nothing_to_compare_that_is_said() -> None:
    shown = compared([SAFETY], [])
    assert shown.panels == []
    assert "too little to compare" in shown.sentence
