"""Of what a comparison is made for somebody: of what she may read, and of nothing else."""

from __future__ import annotations

from datetime import date, timedelta

from app import access
from app.core import clock, db
from app.insight import compare, readings
from app.insight.comparison import Comparison
from app.insight.periods import Asked
from app.models import Case, Membership, Person
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast
from tests.readings import missing, read

ON = date(2026, 11, 20)


def shown(viewer: Person, case: Case) -> Comparison:
    with db.transaction():
        return compare.of(viewer, (access.case(viewer, case.id), "Amara O"), [], Asked()).comparison


def values(viewer: Person, case: Case) -> list[float]:
    with db.transaction():
        kept = readings.measures()
        told = readings.told(viewer, access.case(viewer, case.id), "Amara O", kept)
        return [score.value for score in told.scores]


def test_readings_come_in_the_order_of_their_days(cast: Cast) -> None:
    with db.transaction():
        for days, value in ((2, 6), (9, 4), (5, 5)):
            read(cast.amara, "safety_scale", ON - timedelta(days=days), value)
        read(cast.noor, "safety_scale", ON, 9)
    assert values(cast.dan, cast.amara) == [4, 5, 6]


def test_a_reading_that_was_withdrawn_is_not_compared(cast: Cast) -> None:
    with db.transaction():
        read(cast.amara, "safety_scale", ON, 6)
        read(cast.amara, "safety_scale", ON, 1, withdrawn_at=clock.now())
    assert values(cast.dan, cast.amara) == [6]


def test_a_reading_told_to_some_alone_is_in_nobody_elses_picture(cast: Cast) -> None:
    with db.transaction():
        only = Update(
            "For Ruth.", audience="named", people=(cast.ruth.id,), sharing_reason="Health"
        )
        post = posts.publish(cast.priya, cast.amara, only)
        read(cast.amara, "safety_scale", ON, 2, post_id=post.id, recorded_by_id=cast.priya.id)
        read(cast.amara, "safety_scale", ON, 7)
    assert values(cast.ruth, cast.amara) == [2, 7]
    assert values(cast.dan, cast.amara) == [7]
    assert [row.latest for row in shown(cast.dan, cast.amara).panels[0].rows] == ["7"]


def test_who_was_given_a_later_part_is_told_of_no_months_before_it(cast: Cast) -> None:
    given = clock.now() - timedelta(days=5)
    with db.transaction() as session:
        for days in (1, 10):
            missing(cast.amara, cast.priya, clock.now() - timedelta(days=days), 100 + days)
        kept = session.query(Membership).filter_by(case_id=cast.amara.id, person_id=cast.dan.id)
        kept.one().history_from = given
    with db.transaction():
        amara = access.case(cast.dan, cast.amara.id)
        told = readings.told(cast.dan, amara, "Amara O", readings.measures())
    assert told.begins == clock.local(given).date()
    assert [len(days) for days in told.times.values()] == [1]
    with db.transaction():
        amara = access.case(cast.ruth, cast.amara.id)
        whole = readings.told(cast.ruth, amara, "Amara O", readings.measures())
    assert [len(days) for days in whole.times.values()] == [2]


def test_what_is_missing_and_withdrawn_is_not_counted(cast: Cast) -> None:
    with db.transaction():
        missing(cast.amara, cast.priya, clock.now(), 100)
        missing(cast.amara, cast.priya, clock.now(), 101, withdrawn_at=clock.now())
        missing(cast.amara, cast.priya, clock.now(), 102, kind="returned")
        missing(cast.amara, cast.dan, clock.now(), 103)  # the same day, told by another
    (panel,) = shown(cast.dan, cast.amara).panels
    assert (panel.measure.name, panel.rows[0].latest) == ("Times missing", "1")


def test_a_comparison_can_begin_at_what_she_may_read(cast: Cast) -> None:
    with db.transaction():
        update = Update("Hit.", kind="incident", significant=True)
        told = posts.publish(cast.dan, cast.amara, update)
        only = Update(
            "For Ruth.",
            kind="incident",
            significant=True,
            audience="named",
            people=(cast.ruth.id,),
            sharing_reason="Health",
        )
        hidden = posts.publish(cast.priya, cast.amara, only)
    with db.transaction():
        codes = {
            who.name: {each.code for each in readings.events(who, access.case(who, cast.amara.id))}
            for who in (cast.dan, cast.ruth)
        }
    assert f"post-{told.id}" in codes[cast.dan.name] & codes[cast.ruth.name]
    assert f"post-{hidden.id}" in codes[cast.ruth.name] - codes[cast.dan.name]
    assert {each for each in codes[cast.dan.name] if each.startswith("status-")}
