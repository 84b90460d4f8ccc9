"""Who is told that a case needs a look: every person, every alert, every path, by the policy."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import false, select

from app import access
from app.core import clock, db
from app.core.errors import NotFound
from app.models import Alert, Case, Person
from app.monitor import board
from tests.cast import MORNING
from tests.rules import town
from tests.rules.policy import World

SINCE = [MORNING - timedelta(days=days) for days in (1, 40, 400)]


@dataclass(frozen=True)
class Pointed:
    case: int
    post: int | None
    since: datetime


Alerts = dict[int, Pointed]


@pytest.fixture
def alerted(database: str) -> Iterator[tuple[World, Alerts]]:
    """The town, where something unusual began in each case at several times, and posts wait."""
    chance = random.Random(5)
    with clock.held(MORNING):
        with db.transaction():
            world = town.settle(chance.sample(list(town.kinds()), 60), 25, chance=chance)
        cases = range(1, len(town.RESTRICTED) + 1)
        pointed = [Pointed(case, None, since) for case in cases for since in SINCE]
        pointed += [Pointed(each.case, each.id, each.posted_at) for each in world.posts.values()]
        with db.transaction() as session:
            rows = [_row(number, each) for number, each in enumerate(pointed, 1)]
            session.add_all(rows)
            session.flush()
            alerts = {row.id: each for row, each in zip(rows, pointed, strict=True)}
        yield world, alerts


def _row(number: int, pointed: Pointed) -> Alert:
    return Alert(
        case_id=pointed.case,
        kind="unacknowledged" if pointed.post else "busy",
        about_id=number,  # so that several may stand
        post_id=pointed.post,
        since=pointed.since,
        opened_at=MORNING,
        window=7,
        count=9,
        updates=9,
        low=1,
        high=3,
    )


def test_rules_and_policy_agree_on_every_alert(alerted: tuple[World, Alerts]) -> None:
    world, alerts = alerted
    told = differences(world, alerts)
    assert told == []
    decided = [_may(world, person, each) for person in world.accounts for each in alerts.values()]
    assert 0 < sum(decided) < len(decided)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("is_open_alert", lambda _person, alert: alert.post_id.is_(None)),
        ("is_open_alert", lambda _person, alert: alert.id > 0),
        ("reads_alert", lambda person, alert: access.sees_case(person, alert.case_id)),
        ("reads_alert", lambda _person, _alert: false()),
        ("seen_cases", lambda _person: select(Case.id)),
    ],
)
def test_a_mistake_in_the_rule_would_be_seen(
    alerted: tuple[World, Alerts],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    mistake: Callable[..., Any],
) -> None:
    monkeypatch.setattr(access, name, mistake)
    _ask_anew()
    try:
        assert differences(*alerted)
    finally:
        monkeypatch.undo()
        _ask_anew()


def _ask_anew() -> None:
    """Questions are built once; with another rule they are others."""
    for question in (
        board._needing_of,
        board._among_of,
        board._of_case,
        board._mine,
        board._count,
        board._one,
    ):
        question.cache_clear()
    access._alert.cache_clear()


def differences(world: World, alerts: Alerts) -> list[str]:
    """What the reading functions tell anybody otherwise than the policy."""
    found = []
    with db.transaction() as session:
        kept = {case.id: case for case in session.scalars(select(Case))}
        for person in session.scalars(select(Person)).all():
            hers = {number for number, each in alerts.items() if _may(world, person.id, each)}
            seen = {case for case in kept if world.sees_case(person.id, case)}
            board_of = board.of(person)
            shown = [
                reason.alert.id
                for card in board_of.cards
                for child in card.children
                for reason in child.reasons
            ]
            of_case = {r.alert.id for case in seen for r in board.of_case(person, kept[case])}
            rule = select(Alert.id).where(access.reads_alert(person.id, Alert))
            by_rule = set(session.scalars(rule))
            some = sorted(alerts)[person.id % 7 :: 7]
            one_by_one = {number for number in some if _opens(person, number)}
            mine = {alerts[number].case for number in hers}
            mine = {case for case in mine if world.memberships(person.id, case)}
            for what, said, expected in (
                ("board", sorted(shown), sorted(hers)),
                ("children", board_of.children, len({alerts[each].case for each in hers})),
                ("of all", board_of.of, len(seen)),
                ("of cases", of_case, hers),
                ("by the rule", by_rule, hers),
                ("one by one", one_by_one, hers & set(some)),
                ("her own", {each.case_id for each in board.mine(person)}, mine),
                ("how many", board.count(person), len({alerts[each].case for each in hers})),
            ):
                if said != expected:
                    found.append(f"{what} of {person.id}: {said} is not {expected}")
    return found


def _may(world: World, person: int, pointed: Pointed) -> bool:
    return world.is_alerted(person, pointed.case, pointed.since, pointed.post)


def _opens(person: Person, number: int) -> bool:
    try:
        return access.alert(person, number).id == number
    except NotFound:
        return False
