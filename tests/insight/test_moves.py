"""Readings that moved: by the same rater, by more than the noise, in the measure's direction."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core import clock, db
from app.insight import comparison, moves, periods, readings
from app.models import Case, Measure, Person, Reading
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast


@pytest.mark.parametrize(
    ("before", "after", "noise", "better", "word"),
    [
        (3, 7, 1, "up", "better"),
        (7, 3, 1, "up", "worse"),
        (4, 6.9, 1, "up", ""),
        (20, 28, 2.3, "down", "worse"),
        (28, 20, 2.3, "down", "better"),
        (25, 9, 5, "neither", "lower"),
        (9, 25, 5, "neither", "higher"),
        (1, 2, 0, "down", "worse"),
        (1, 1, 0, "down", ""),
    ],
)
def test_a_change_is_a_word_by_the_direction_of_its_measure(
    before: float, after: float, noise: float, better: str, word: str
) -> None:
    assert moves.changed([before], after, noise, better) == word


def test_the_newest_is_held_against_the_same_raters_word(cast: Cast) -> None:
    with db.transaction():
        read(cast.amara, 2, days=200)
        read(cast.amara, 8, days=9, rater="mother")
        read(cast.amara, 6, days=4)
        read(cast.tobi, 2, days=1)
        said = moves.safety(cast.priya, cast.amara)
    assert said
    assert (said.now, said.was, said.by, said.change, said.arrow) == (
        "6 of 10",
        "2 of 10",
        "child",
        "better",
        "↑",
    )


def test_who_was_asked_once_has_not_moved(cast: Cast) -> None:
    with db.transaction():
        read(cast.amara, 4, days=2)
        (said,) = moves.newest(cast.priya, [cast.amara.id])
    assert (said.now, said.was, said.change, said.arrow) == ("4 of 10", "", "", "")


def test_the_few_before_it_count_as_in_the_comparison(cast: Cast) -> None:
    with db.transaction():
        for days, value in ((60, 7), (50, 7), (40, 7), (30, 6)):
            read(cast.amara, value, days=days)
        read(cast.amara, 4, days=2)
        read(cast.amara, 3, days=2)
        read(cast.amara, 3, days=2)
        (said,) = moves.newest(cast.priya, [cast.amara.id])
        among = readings.measures()
        told = readings.told(cast.priya, cast.amara, "", among)
        compared = comparison.of(among, [told], periods.usual("", [], clock.today()), [])
    assert (said.earlier, said.value, said.was) == ([7, 7, 6], 3, "6 of 10")
    ((row,),) = (panel.rows for panel in compared.panels)
    assert (said.change, row.latest, row.moved_word) == ("worse", "3", "worse")


def test_on_one_day_the_childs_own_word_comes_first(cast: Cast) -> None:
    with db.transaction():
        read(cast.amara, 7, days=4, rater="mother")
        read(cast.amara, 3, days=4)
        read(cast.amara, 5, days=4, rater="school")
        said = moves.safety(cast.priya, cast.amara)
    assert said
    assert (said.rater, said.value) == ("child", 3)


def test_a_reading_told_to_some_alone_is_read_by_them_alone(cast: Cast) -> None:
    with db.transaction():
        told = posts.publish(
            cast.priya,
            cast.amara,
            Update("2.", audience="named", people=(cast.dan.id,), sharing_reason="Asked so"),
        )
        read(cast.amara, 2, days=0, post_id=told.id)
        seen = {who.name: moves.safety(who, cast.amara) for who in (cast.dan, cast.ruth)}
    assert seen["Dan Hughes"]
    assert seen["Ruth Bell"] is None


def read(
    case: Case,
    value: float,
    *,
    days: int,
    rater: str = "child",
    key: str = "safety_scale",
    by: Person | None = None,
    post_id: int | None = None,
) -> None:
    at = clock.now() - timedelta(days=days)
    measure_id = db.session().scalars(select(Measure.id).where(Measure.key == key)).one()
    on: date = clock.local(at).date()
    db.session().add(
        Reading(
            case_id=case.id,
            measure_id=measure_id,
            post_id=post_id,
            value=value,
            read_on=on,
            rater=rater,
            recorded_by_id=by.id if by else None,
            recorded_at=at,
        )
    )
    db.session().flush()
