"""Every person, every conversation and message, asked three ways, against a policy by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.core import clock, db
from app.models import Person
from tests.cast import MORNING
from tests.rules import heard, town
from tests.rules.heard import Answer
from tests.rules.planted import TALK_BUGS
from tests.rules.policy import World


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """Some of every kind of person, each in one conversation and not in another."""
    chance = random.Random(5)
    plain = [
        town.Kind(state, history, line, "none", "none", town.NEITHER)
        for state in town.MEMBERSHIP
        for history in town.HISTORY
        for line in ("none", "member")
    ]
    people = [*plain, *chance.sample(list(town.kinds()), 30)]
    with clock.held(MORNING), db.transaction():
        made = town.settle(people, 0, chance=chance)
    with clock.held(MORNING):
        yield made


def test_rules_and_policy_agree_on_every_message(world: World) -> None:
    decisions, differences = 0, []
    with db.transaction():
        for asked, found, expected, many in _everything(world):
            decisions += many
            if found != expected:
                differences.append(f"{asked}: {found} is not {expected}")
    assert differences == []
    assert decisions > 15_000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_world_could_show_a_difference(world: World) -> None:
    """Each clause decides something here, or agreeing would prove nothing."""
    chairs = [(person, talk) for person in world.accounts for talk in world.talks]
    of_network = {each.id for each in world.talks.values() if each.kind == "case"}
    about = {each.id: each.case for each in world.talks.values() if each.case is not None}
    seated = [(person, talk) for person, talk in chairs if world.seat(person, talk)]
    assert [1 for p, t in seated if t in about and not world.works_on(p, about[t])]
    assert [1 for p, t in seated if t in about and world.has_broken_glass(p, about[t])]
    assert [1 for p, t in seated if t in about and world.is_conflicted(p, about[t])]
    assert [1 for p, t in seated if t not in about and not world.works_with_content(p)]
    reads = [(p, t) for p, t in chairs if world.reads_in(p, t)]
    assert [1 for p, t in reads if t in of_network and not world.belongs_in(p, t)]
    assert [1 for p, t in reads if not world.writes_in(p, t)]
    silent = [
        (p, each)
        for p, t in reads
        for each in world.spoken.values()
        if each.talk == t and not world.was_said_to(p, each)
    ]
    assert {each.talk in of_network for _, each in silent} == {True, False}
    assert {world.seat(p, each.talk) is None for p, each in silent} == {True, False}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_planted_bug_is_caught(world: World) -> None:
    assert not _differs(world), "without a mistake nothing differs"
    missed = []
    for name, plant in TALK_BUGS.items():
        with plant():
            if not _differs(world):
                missed.append(name)
    assert not _differs(world), "and each mistake is gone again"
    assert len(TALK_BUGS) >= 12
    assert missed == []


def _differs(world: World) -> bool:
    heard.build_anew()
    with db.transaction():
        return any(found != expected for _, found, expected, _ in heard.tables(world))


def _everything(world: World) -> Iterator[Answer]:
    yield from heard.tables(world)
    yield from heard.who_may(world, world.talks, list(world.spoken)[::4])
    for person in db.session().scalars(select(Person).order_by(Person.id)):
        some = person.id % 5
        spoken, talks = list(world.spoken)[some::15], list(world.talks)[some::5]
        yield from heard.one_by_one(world, person, talks, spoken)
        # What is built anew for each person takes as long as all the rest.
        if some < 2:
            yield from heard.lists(world, person, {})
            for talk in [each for each in world.talks if world.reads_in(person.id, each)][:2]:
                yield from heard.inside(world, person, talk, {})
