"""Who reads which score: every person, every reading, every path, by the policy."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import false, select, true

from app import access
from app.casework import measures
from app.core import clock, db
from app.core.errors import NotFound
from app.models import Case, Measure, Person, Reading
from feeds import timeline
from tests.cast import MORNING
from tests.rules import town
from tests.rules.policy import World

RECORDED = [MORNING - timedelta(days=days) for days in (1, 40, 400)]


@dataclass(frozen=True)
class Scored:
    case: int
    post: int | None
    at: datetime
    by: int | None
    withdrawn: bool = False


Scores = dict[int, Scored]


@pytest.fixture
def scored(database: str) -> Iterator[tuple[World, Scores]]:
    """The town, with scores of every case at several times, by several people, and of its posts."""
    chance = random.Random(7)
    with clock.held(MORNING):
        with db.transaction():
            world = town.settle(chance.sample(list(town.kinds()), 60), 25, chance=chance)
        people = sorted(world.accounts)
        cases = range(1, len(town.RESTRICTED) + 1)
        told = [
            Scored(case, None, at, by)
            for case in cases
            for at in RECORDED
            for by in (None, *chance.sample(people, 20))
        ]
        told += [Scored(each.case, each.id, each.posted_at, each.author) for each in _posts(world)]
        told += [Scored(case, None, RECORDED[0], None, withdrawn=True) for case in cases]
        with db.transaction() as session:
            measure = session.scalars(select(Measure.id).order_by(Measure.id)).first()
            rows = [_row(each, measure) for each in told]
            session.add_all(rows)
            session.flush()
            scores = {row.id: each for row, each in zip(rows, told, strict=True)}
        yield world, scores


def _posts(world: World) -> list[Any]:
    return list(world.posts.values())


def _row(scored: Scored, measure: int | None) -> Reading:
    return Reading(
        case_id=scored.case,
        measure_id=measure,
        post_id=scored.post,
        value=6,
        read_on=scored.at.date(),
        rater="child",
        recorded_by_id=scored.by,
        recorded_at=scored.at,
        withdrawn_at=MORNING if scored.withdrawn else None,
    )


def test_rules_and_policy_agree_on_every_reading(scored: tuple[World, Scores]) -> None:
    world, scores = scored
    assert differences(world, scores) == []
    decided = [_may(world, person, each) for person in world.accounts for each in scores.values()]
    assert 0 < sum(decided) < len(decided)


def _open(**without: bool) -> Callable[..., Any]:
    """The rule with one of its parts left out."""

    def rule(person: Any, reading: Any) -> Any:
        whole = _whole(person, reading)
        if without.get("withdrawn"):
            return reading.withdrawn_at.is_not(None) | whole
        if without.get("history"):
            return whole | (reading.post_id.is_(None) & reading.withdrawn_at.is_(None))
        if without.get("post"):
            return whole | (reading.post_id.is_not(None) & reading.withdrawn_at.is_(None))
        return whole & ~(reading.recorded_by_id == access._id(person))

    return rule


_whole = access.is_open_reading


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("is_open_reading", _open(withdrawn=True)),
        ("is_open_reading", _open(history=True)),
        ("is_open_reading", _open(post=True)),
        ("is_open_reading", _open(hers=True)),
        ("is_open_reading", lambda _person, _reading: true()),
        ("reads_reading", lambda person, reading: access.sees_case(person, reading.case_id)),
        ("reads_reading", _whole),
        ("reads_reading", lambda _person, _reading: false()),
    ],
)
def test_a_mistake_in_the_rule_would_be_seen(
    scored: tuple[World, Scores],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    mistake: Callable[..., Any],
) -> None:
    monkeypatch.setattr(access, name, mistake)
    access._reading.cache_clear()
    try:
        assert differences(*scored)
    finally:
        monkeypatch.undo()
        access._reading.cache_clear()


def differences(world: World, scores: Scores) -> list[str]:
    """What the reading functions tell anybody otherwise than the policy."""
    found = []
    with db.transaction() as session:
        kept = {case.id: case for case in session.scalars(select(Case))}
        for person in session.scalars(select(Person)).all():
            hers = {number for number, each in scores.items() if _may(world, person.id, each)}
            told = {number for number in hers if scores[number].post is not None}
            seen = {case for case in kept if world.sees_case(person.id, case)}
            of_cases = {r.id for case in seen for r in measures.readings(person, kept[case])}
            rule = select(Reading.id).where(access.reads_reading(person.id, Reading))
            some = sorted(scores)[person.id % 7 :: 7]
            for what, said, expected in (
                ("of cases", of_cases, hers),
                ("by the rule", set(session.scalars(rule)), hers),
                ("one by one", {each for each in some if _opens(person, each)}, hers & set(some)),
                ("under posts", _under_posts(person, [kept[case] for case in seen]), told),
            ):
                if said != expected:
                    found.append(f"{what} of {person.id}: {said ^ expected}")
    return found


def _under_posts(person: Person, cases: list[Case]) -> set[int]:
    shown = [post for case in cases for post in timeline.stream(person, case, size=100).posts]
    return {row.id for rows in measures.told_with(shown).values() for row in rows}


def _may(world: World, person: int, scored: Scored) -> bool:
    is_open = world.reads_reading(person, scored.case, scored.at, scored.by, scored.post)
    return is_open and not scored.withdrawn


def _opens(person: Person, number: int) -> bool:
    try:
        return access.reading(person, number).id == number
    except NotFound:
        return False
