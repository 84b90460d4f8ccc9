"""A notice of everything for everybody: what each may read of them is what the policy says."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, true
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.models import Activity, Comment, Notice, Person, Post
from app.notices import inbox
from tests.cast import MORNING
from tests.rules import town
from tests.rules.policy import World

POSTS = 16
Rule = Callable[..., ColumnElement[bool]]
# A notice as (person, reason, post, case).
Told = tuple[int, str, int | None, int | None]


@pytest.fixture
def world(database: str) -> Iterator[World]:
    chance = random.Random(11)
    members = [
        town.Kind(state, history, "none", "none", "none", agency)
        for state in ("none", "now", "over", "lead")
        for history in town.HISTORY
        for agency in town.AGENCIES
    ]
    with clock.held(MORNING), db.transaction() as session:
        made = town.settle([*members, *chance.sample(list(town.kinds()), 30)], POSTS, chance=chance)
        # An activity for each: a person is told once of one.
        rows = [
            {"activity_position": place, **_row(*each)}
            for place, each in enumerate(everything(made), 1)
        ]
        places = [each["activity_position"] for each in rows]
        done = [{"position": place, "at": MORNING, "did": "published"} for place in places]
        session.execute(insert(Activity), done)
        session.execute(insert(Notice), rows)
        for comment in session.scalars(select(Comment).where(Comment.id % 4 == 0)):
            comment.withdrawn_at = MORNING
    with clock.held(MORNING):
        yield made


def everything(world: World) -> list[Told]:
    people = sorted(world.accounts)
    posts = [(p, "urgent", told.id, told.case) for p in people for told in world.posts.values()]
    cases = range(1, len(town.RESTRICTED) + 1)
    return [
        *posts,
        *((p, reason, None, case) for p in people for case in cases for reason in _ABOUT_CASES),
    ]


_ABOUT_CASES = ("access", "asked")


def _row(person: int, reason: str, post: int | None, case: int | None) -> dict[str, Any]:
    # Under every second post it is a comment that she was told of.
    comment = post if post is not None and post % 2 == 0 else None
    return {
        "person_id": person,
        "reason": reason,
        "case_id": case,
        "post_id": post,
        "comment_id": comment,
        "told_at": MORNING,
    }


def expected(world: World) -> set[Told]:
    return {each for each in everything(world) if _holds(world, *each)}


def _holds(world: World, person: int, reason: str, post: int | None, case: int | None) -> bool:
    assert case is not None
    if post is not None:
        is_said = post % 4 != 0
        return is_said and world.reads_post(person, post)
    return world.leads(person, case) if reason == "asked" else world.sees_case(person, case)


def found() -> set[Told]:
    with db.transaction() as session:
        rows = session.execute(
            select(Person.id, Notice.reason, Notice.post_id, Notice.case_id)
            .join(Notice, true())
            .where(access.reads_notice(Person, Notice))
        )
        return {(row[0], row[1], row[2], row[3]) for row in rows}


def test_rule_and_policy_agree_on_every_notice(world: World) -> None:
    agreed = expected(world)
    assert found() == agreed
    assert len(agreed) > 100, "some are read"
    assert len(everything(world)) - len(agreed) > 1000, "and many are not"


def test_what_is_counted_is_what_is_listed(world: World) -> None:
    agreed = expected(world)
    for number in sorted(world.accounts)[::5]:
        with db.transaction() as session:
            person = session.get_one(Person, number)
            rows = inbox.of(person, size=1000).rows
            assert inbox.unread(person) == len(rows)
            hers = {(number, row.reason, row.post_id, row.case_id) for row in rows}
        assert hers == {each for each in agreed if each[0] == number}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_planted_mistake_is_caught(world: World) -> None:
    agreed = expected(world)
    missed = []
    for name, rule in MISTAKES.items():
        with _instead(rule):
            if found() == agreed:
                missed.append(name)
    assert missed == []


def _about(
    post: Rule = access.reads_post,
    case: Rule = access.sees_case,
    asked: Rule = access.may_lead,
    *,
    said: bool = True,
) -> Rule:
    """The rule as it is, with another in place of one of its parts."""
    row, comment = aliased(Post), aliased(Comment)

    def rule(person: Any, notice: Any) -> ColumnElement[bool]:
        reads = exists(1).where(row.id == notice.post_id, post(person, row)).correlate_except(row)
        stands = (
            exists(1)
            .where(comment.id == notice.comment_id, comment.withdrawn_at.is_(None))
            .correlate_except(comment)
        )
        of_post, is_asked = notice.post_id.is_not(None), notice.reason == "asked"
        return and_(
            notice.person_id == person.id,
            or_(
                and_(of_post, reads, or_(notice.comment_id.is_(None), stands if said else true())),
                and_(~of_post, ~is_asked, case(person, notice.case_id)),
                and_(~of_post, is_asked, asked(person, notice.case_id)),
            ),
        )

    return rule


def _sees(person: Any, post: Any) -> ColumnElement[bool]:
    return access.sees_case(person, post.case_id)


def _heard(person: Any, post: Any) -> ColumnElement[bool]:
    return and_(_sees(person, post), access.shared_with(person, post))


MISTAKES: dict[str, Rule] = {
    "whoever it is for reads it for ever": lambda person, notice: notice.person_id == person.id,
    "whose it is is forgotten": lambda person, notice: access.sees_case(person, notice.case_id),
    "seeing the case is enough": _about(post=_sees),
    "the case is not asked for": _about(post=access.open_to),
    "a withdrawn post is still told of": _about(post=_heard),
    "a withdrawn comment is still told of": _about(said=False),
    "members read who asks": _about(asked=access.sees_case),
    "only leads read who asks": _about(asked=access.is_lead),
    "only members read of a case": _about(case=access.is_member),
}


@contextmanager
def _instead(rule: Rule) -> Iterator[None]:
    kept = access.reads_notice
    access.reads_notice = rule
    try:
        yield
    finally:
        access.reads_notice = kept
