"""Scores of a child over time: what is taken, from whom, and who reads it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import access
from app.casework import measures
from app.casework.measures import Scale, Score
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Activity, Case, Measure, Membership, Person, Reading
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

TODAY = MORNING.date()
DAY = timedelta(days=1)


def measure(key: str) -> Measure:
    found = measures.called(key)
    assert found
    return found


def score(value: Any, key: str = "safety_scale", rater: str = "mother", on: date = TODAY) -> Score:
    return Score(measure(key).id, value, rater, on)


def wrong(by: Person, case: Case, *scores: Score) -> list[str]:
    return list(measures.wrong(by, case, scores).values())


def values(viewer: Person, case: Case) -> list[float]:
    return [row.value for row in measures.readings(viewer, case)]


def test_scores_are_kept_in_one_go_each_by_its_rater(cast: Cast) -> None:
    with db.transaction():
        made = measures.record(
            cast.priya, cast.amara, [score(7), score(4, rater="child"), score(92.4, "attendance")]
        )
        assert [(each.value, each.rater) for each in made][:2] == [(7, "mother"), (4, "child")]
        rows = measures.readings(cast.dan, cast.amara)
        assert [(row.name, row.value, row.recorded_by) for row in rows] == [
            ("Safety scale", 7, "Priya Shah"),
            ("Safety scale", 4, "Priya Shah"),
            ("School attendance", 92.4, "Priya Shah"),
        ]


@pytest.mark.parametrize(
    ("value", "key", "sentence"),
    [
        (11, "safety_scale", "Safety scale goes from 0 to 10."),
        (-1, "missing_episodes", "Times missing is counted from the updates"),
        (6.5, "safety_scale", "Write a whole number for Safety scale."),
        (92.44, "attendance", "School attendance goes in steps of 0.1."),
        (None, "sdq_total", "Write the score for Strengths and difficulties (SDQ) as a number."),
        (float("nan"), "sdq_total", "as a number"),
        (float("inf"), "weight_centile", "as a number"),
    ],
)
def test_a_value_its_measure_does_not_know_is_refused(
    cast: Cast, value: Any, key: str, sentence: str
) -> None:
    with db.transaction():
        (said,) = wrong(cast.priya, cast.amara, score(value, key))
        assert sentence in said
        assert wrong(cast.priya, cast.amara, score(6)) == []


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (TODAY + DAY, "cannot be in the future"),
        (date(2017, 5, 3), "was not born on that day"),
        (date(1990, 1, 1), "too long ago"),
    ],
)
def test_a_day_that_cannot_be_is_refused(cast: Cast, day: date, sentence: str) -> None:
    with db.transaction():
        assert sentence in wrong(cast.priya, cast.amara, score(6, on=day))[0]
        assert wrong(cast.priya, cast.amara, score(6, on=date(2017, 5, 4))) == []


def test_each_wrong_score_has_its_own_sentence_and_none_is_kept(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(Invalid) as refused, db.attempt():
            measures.record(
                cast.priya, cast.amara, [score(6), score(12), score(5, rater="neighbour")]
            )
        assert set(refused.value.fields) == {"score_1", "score_2"}
        assert values(cast.priya, cast.amara) == []


def test_the_same_score_of_one_day_is_kept_once(cast: Cast) -> None:
    with db.transaction():
        measures.record(cast.priya, cast.amara, [score(6)])
        with pytest.raises(Invalid) as refused, db.attempt():
            measures.record(cast.priya, cast.amara, [score(6)])
        assert refused.value.fields == {"score_0": measures.KEPT_ALREADY}
        assert wrong(cast.dan, cast.amara, score(6)) == []
        assert wrong(cast.priya, cast.tobi, score(6)) == []
        assert wrong(cast.priya, cast.amara, score(6, rater="child")) == []
        measures.record(cast.priya, cast.amara, [score(5)])
        assert values(cast.priya, cast.amara) == [6, 5]


def test_two_scores_of_one_day_by_one_rater_do_not_come_together(cast: Cast) -> None:
    with db.transaction():
        assert wrong(cast.priya, cast.amara, score(5), score(6)) == [measures.TWICE]
        assert wrong(cast.priya, cast.amara, score(5), score(6, on=TODAY - DAY)) == []


def test_what_was_taken_back_can_be_kept_again(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("At home."))
        measures.record(cast.priya, cast.amara, [score(7)], post)
        posts.withdraw(cast.priya, post, "Wrong words")
        (again,) = measures.record(cast.priya, cast.amara, [score(7)])
        measures.withdraw(cast.priya, again, "Wrong after all")
        assert wrong(cast.priya, cast.amara, score(7)) == []


def test_a_score_told_with_a_post_is_read_by_those_who_read_the_post(cast: Cast) -> None:
    with db.transaction():
        told = Update(
            "Mum says it is calmer.", audience="named", people=(cast.dan.id,), sharing_reason="Hers"
        )
        post = posts.publish(cast.priya, cast.amara, told)
        measures.record(cast.priya, cast.amara, [score(7)], post)
        assert values(cast.dan, cast.amara) == [7]
        assert values(cast.ruth, cast.amara) == []
        posts.withdraw(cast.priya, post, "Wrong child")
        assert values(cast.dan, cast.amara) == []


def test_nobody_tells_a_score_with_somebody_elses_post(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("At home."))
        with pytest.raises(NotAllowed), db.attempt():
            measures.record(cast.dan, cast.amara, [score(7)], post)


def test_a_score_of_a_post_in_two_cases_belongs_to_one(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Both at home."), also=[cast.tobi])
        measures.record(cast.priya, cast.amara, [score(7)], post)
        assert values(cast.priya, cast.amara) == [7]
        assert values(cast.priya, cast.tobi) == []


def test_whose_history_begins_later_reads_no_earlier_score(cast: Cast) -> None:
    with db.transaction() as session:
        measures.record(cast.priya, cast.amara, [score(7)])
        assert values(cast.dan, cast.amara) == [7]
        his = session.scalars(
            select(Membership).where(
                Membership.person_id == cast.dan.id, Membership.case_id == cast.amara.id
            )
        ).one()
        his.history_from = MORNING + DAY
        session.flush()
        assert values(cast.dan, cast.amara) == []
        assert values(cast.ruth, cast.amara) == [7]


def test_who_recorded_it_or_leads_takes_it_back_with_a_reason(cast: Cast) -> None:
    with db.transaction():
        (dans, other) = measures.record(cast.dan, cast.amara, [score(7), score(5, rater="child")])
        with pytest.raises(NotAllowed):
            measures.withdraw(cast.ruth, dans, "Not what she said")
        with pytest.raises(Invalid):
            measures.withdraw(cast.dan, dans, " ")
        measures.withdraw(cast.dan, dans, "Not what she said")
        measures.withdraw(cast.priya, other, "Another day")
        assert values(cast.ruth, cast.amara) == []
        with pytest.raises(NotFound):
            access.reading(cast.dan, dans.id)
        with pytest.raises(Conflict):
            measures.withdraw(cast.dan, dans, "Twice")


def test_what_comes_with_a_post_is_told_with_it_and_its_going_too(cast: Cast) -> None:
    with db.transaction() as session:
        post = posts.publish(cast.priya, cast.amara, Update("At home."))
        (with_post,) = measures.record(cast.priya, cast.amara, [score(7)], post)
        (alone,) = measures.record(cast.priya, cast.amara, [score(6)])
        measures.withdraw(cast.priya, with_post, "Wrong")
        measures.withdraw(cast.priya, alone, "Wrong")
        done = session.execute(
            select(Activity.did, Activity.post_id).order_by(Activity.position)
        ).all()
        assert done == [
            ("published", post.id),
            ("reading_recorded", None),
            ("reading_withdrawn", post.id),
        ]


def test_of_shown_posts_the_standing_scores_are_told(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("At home."))
        assert measures.told_with([post]) == {}
        _, gone = measures.record(cast.priya, cast.amara, [score(7), score(4, rater="child")], post)
        measures.withdraw(cast.priya, gone, "Misheard")
        (row,) = measures.told_with([post])[post.id]
        assert (row.value, row.rater, row.unit) == (7, "mother", " of 10")
        assert measures.told_with([]) == {}


def test_days_missing_are_counted_from_the_posts_she_reads(cast: Cast) -> None:
    with db.transaction():
        for told in (
            Update("Not home by ten.", kind="missing", occurred_at=MORNING - 9 * DAY),
            Update("School says so too.", kind="missing", occurred_at=MORNING - 9 * DAY),
            Update("Again.", kind="missing", occurred_at=MORNING - 2 * DAY),
            Update("Not at school.", kind="attendance", occurred_at=MORNING - DAY),
            Update(
                "For Dan alone.",
                kind="missing",
                audience="named",
                people=(cast.dan.id,),
                sharing_reason="His",
            ),
        ):
            posts.publish(cast.priya, cast.amara, told)
        number = measure("missing_episodes").id
        assert measures.counted(cast.ruth, cast.amara, TODAY - 30 * DAY) == {
            number: [TODAY - 9 * DAY, TODAY - 2 * DAY]
        }
        assert measures.counted(cast.dan, cast.amara, TODAY - 2 * DAY) == {
            number: [TODAY - 2 * DAY, TODAY]
        }


def bring_in(case: Case, value: float = 92, **more: Any) -> str:
    said: dict[str, Any] = {"read_on": TODAY - DAY, "rater": "school", "as_at": TODAY}
    return measures.import_reading(
        case.id, "attendance", value, source="school", source_key="2026-10", **said | more
    )


def test_a_score_from_another_system_is_kept_once_however_often_it_comes(cast: Cast) -> None:
    with db.transaction() as session:
        assert bring_in(cast.amara) == "new"
        assert bring_in(cast.amara) == "same"
        assert bring_in(cast.tobi) == "new"
        assert bring_in(cast.amara, 90.5) == "changed"
        assert values(cast.dan, cast.amara) == [90.5]
        assert session.scalars(select(Activity)).all() == []


def test_what_a_person_took_back_stays_so_until_the_source_says_otherwise(cast: Cast) -> None:
    with db.transaction() as session:
        bring_in(cast.amara)
        measures.withdraw(cast.priya, session.scalars(select(Reading)).one(), "Of her brother")
        assert bring_in(cast.amara) == "same"
        assert values(cast.priya, cast.amara) == []
        assert bring_in(cast.amara, 88) == "changed"
        assert values(cast.priya, cast.amara) == [88]


def test_a_score_from_elsewhere_is_refused_as_one_that_is_typed(cast: Cast) -> None:
    with db.transaction():
        for more in ({"value": 101.0}, {"read_on": date(2016, 1, 1)}, {"rater": "cat"}):
            with pytest.raises(Invalid):
                bring_in(cast.amara, **more)
        with pytest.raises(Invalid, match="no measure"):
            measures.import_reading(cast.amara.id, "luck", 1, TODAY, "school", "school", "1", TODAY)


OWN = Scale("Days in care placement", unit="days", better="up", lowest=0, step=1)


def test_an_administrator_adds_a_measure_of_the_organisations_own(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(NotAllowed):
            measures.define(cast.priya, OWN)
        made = measures.define(cast.ada, OWN)
        assert (made.unit, made.key) == (" days", None)
        assert measures.offered()[-1] is made
        assert measures.called("days in care  placement") is made
        with pytest.raises(Invalid, match="already"):
            measures.define(cast.ada, OWN)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"better": "sideways"}, "better"),
        ({"lowest": 5, "highest": 5}, "highest"),
        ({"step": 0}, "step"),
        ({"noise": -1}, "noise"),
        ({"noise": float("nan")}, "noise"),
        ({"threshold": -1, "threshold_means": "bad"}, "threshold"),
        ({"threshold": 3}, "threshold_means"),
        ({"counts_kind": "gossip"}, "counts_kind"),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused(
    cast: Cast, more: dict[str, Any], field: str
) -> None:
    said: dict[str, Any] = {"name": "Meals", "lowest": 0, "highest": 7}
    with db.transaction():
        with pytest.raises(Invalid) as refused:
            measures.define(cast.ada, Scale(**said | more))
        assert set(refused.value.fields) == {field}


def test_a_scale_with_scores_on_it_stays_and_its_words_may_change(cast: Cast) -> None:
    with db.transaction():
        made = measures.define(cast.ada, OWN)
        measures.change(cast.ada, made, Scale("Days in placement", unit="nights", lowest=0))
        measures.record(cast.priya, cast.amara, [Score(made.id, 30, "social_care", TODAY)])
        with pytest.raises(Conflict, match="scores on this scale"):
            measures.change(cast.ada, made, Scale("Days in placement", unit="weeks", lowest=0))
        measures.change(cast.ada, made, Scale("Nights", unit="nights", lowest=0, noise=2))
        assert (made.name, made.noise) == ("Nights", 2)


def as_it_is(one: Measure, **more: Any) -> Scale:
    return Scale(**{name: getattr(one, name) for name in Scale.__dataclass_fields__} | more)


def test_of_what_comes_with_kith_the_threshold_alone_is_changed(cast: Cast) -> None:
    with db.transaction():
        attendance = measure("attendance")
        moved = as_it_is(attendance, threshold=95, threshold_means="below our own goal")
        measures.change(cast.ada, attendance, moved)
        assert attendance.threshold == 95
        with pytest.raises(Conflict, match="comes with Kith"):
            measures.change(cast.ada, attendance, as_it_is(attendance, name="Luck"))


def test_a_retired_measure_takes_no_scores_and_what_there_is_stays(cast: Cast) -> None:
    with db.transaction():
        measures.record(cast.priya, cast.amara, [score(7)])
        scale = measure("safety_scale")
        measures.retire(cast.ada, scale)
        assert "not used any more" in wrong(cast.priya, cast.amara, score(6))[0]
        assert scale not in measures.offered()
        assert values(cast.priya, cast.amara) == [7]
        measures.offer_again(cast.ada, scale)
        assert wrong(cast.priya, cast.amara, score(6)) == []


@pytest.mark.parametrize(("value", "said"), [(6.0, "6"), (92.4, "92.4"), (0.1 + 0.2, "0.3")])
def test_a_number_is_written_as_by_hand(value: float, said: str) -> None:
    assert measures.as_number(value) == said


def test_tenths_are_on_their_steps_although_a_computer_holds_them_nearly(cast: Cast) -> None:
    with db.transaction():
        assert [
            wrong(cast.priya, cast.amara, score(each / 10, "attendance")) for each in range(1001)
        ] == ([[]] * 1001)
        assert clock.today() == TODAY
