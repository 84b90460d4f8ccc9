"""What is scored in the demo world: enough to compare, and of different kinds."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.casework import measures
from app.core import db
from app.demo import rows
from app.models import Case, Child, Measure, Post, Reading


def values(name: str, key: str, rater: str) -> list[float]:
    """What was scored of the child, oldest first."""
    query = (
        select(Reading.value)
        .join(Measure, Measure.id == Reading.measure_id)
        .join(Case, Case.id == Reading.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(Child.name == name, Measure.key == key, Reading.rater == rater)
    )
    return list(db.session().scalars(query.order_by(Reading.read_on, Reading.id)))


def test_the_measures_are_numbered_as_the_migration_does(northmoor: None) -> None:
    found = db.session().scalars(select(Measure.key).order_by(Measure.id)).all()
    assert tuple(found) == rows.MEASURES


def test_what_is_scored_of_amara_falls_rises_with_the_plan_and_falls_again(
    northmoor: None,
) -> None:
    child = values("Amara O", "safety_scale", "child")
    social_care = values("Amara O", "safety_scale", "social_care")
    assert child[-2:] == [6, 4]
    assert min(social_care[:3]) == 3
    assert max(social_care) == 7
    assert values("Amara O", "safety_scale", "mother")[-1] == 7, "raters differ"
    attendance = values("Amara O", "attendance", "school")
    assert attendance[0] > min(attendance) + 5 < attendance[-1]
    before, *_, since = values("Amara O", "sdq_total", "mother")
    assert before > since


def test_some_children_do_better_some_worse_and_of_one_there_is_a_single_score(
    northmoor: None,
) -> None:
    assert values("Reuben K", "sdq_total", "carer") == [27, 25, 20, 15]
    worse = values("Skye M", "attendance", "school")
    assert worse[0] - worse[-1] > 10
    steady = values("Yusuf A", "attendance", "school")
    assert max(steady) - min(steady) < 4
    assert len(values("Tobi O", "sdq_total", "mother")) == 1


def test_every_score_is_one_that_could_have_been_taken(northmoor: None) -> None:
    session = db.session()
    known = {each.id: each for each in session.scalars(select(Measure))}
    born = dict(
        session.execute(select(Case.id, Child.born_on).join(Child, Child.id == Case.child_id)).all()
    )
    found = session.scalars(select(Reading)).all()
    assert len(found) > 150
    for row in found:
        score = measures.Score(row.measure_id, row.value, row.rater, row.read_on)
        assert measures._wrong(score, known[row.measure_id], born[row.case_id]) == ""


def test_what_a_post_says_and_what_is_scored_with_it_are_one(northmoor: None) -> None:
    query = select(Reading.value, Post.body).join(Post, Post.id == Reading.post_id)
    told = db.session().execute(query).all()
    assert told
    for value, body in told:
        assert measures.as_number(value) in re.findall(r"\d+(?:\.\d+)?", body)
