"""A notice of everything for everybody: what each may read of them is what the policy says."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import ColumnElement, and_, exists, false, func, insert, or_, select, true
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.models import (
    Activity,
    Alert,
    Comment,
    Conversation,
    Find,
    Notice,
    Person,
    Post,
    SavedSearch,
)
from app.notices import inbox
from tests.cast import MORNING
from tests.rules import town
from tests.rules.policy import Talk, World

POSTS = 16
# When a case became unusual: before what was given to those whose history is cut.
BEGAN = MORNING - 2 * town.CUT
Rule = Callable[..., ColumnElement[bool]]
# A notice as (person, reason, post, case); of what a search found, the first post of two. Who was
# taken out of a conversation is told as "out", with its number in place of the case's.
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
        session.execute(insert(SavedSearch), [_search(person) for person in sorted(made.accounts)])
        session.execute(insert(Alert), [_alert(case) for case in _cases()])
        session.execute(insert(Notice), rows)
        session.execute(insert(Find), list(_finds(made)))
        for comment in session.scalars(select(Comment).where(Comment.id % 4 == 0)):
            comment.withdrawn_at = MORNING
    with clock.held(MORNING):
        yield made


def everything(world: World) -> list[Told]:
    people = sorted(world.accounts)
    posts = [(p, "urgent", told.id, told.case) for p in people for told in world.posts.values()]
    return [
        *posts,
        *((p, reason, None, case) for p in people for case in _cases() for reason in _ABOUT_CASES),
        *((p, "found", told.id, None) for p in people for told in world.posts.values()),
        *((p, "out", None, talk.id) for p in people for talk in _groups(world)),
    ]


_ABOUT_CASES = ("access", "asked", "unusual")


def _cases() -> range:
    return range(1, len(town.RESTRICTED) + 1)


def _alert(case: int) -> dict[str, Any]:
    return {"id": case, "case_id": case, "kind": "quiet", "since": BEGAN, "opened_at": MORNING}


def _groups(world: World) -> list[Talk]:
    return [talk for talk in world.talks.values() if talk.kind != "case"]


def _search(person: int) -> dict[str, Any]:
    sealed = {"terms": f"sealed {person}", "digest": f"digest {person}", "name": None}
    return {"id": person, "person_id": person, "alerts": True, "saved_at": MORNING, **sealed}


def _finds(world: World) -> Iterator[dict[str, int | None]]:
    for place, (_, reason, post, _) in enumerate(everything(world), 1):
        if reason == "found" and post is not None:
            for each in (post, _next(world, post)):
                yield {"notice_id": place, "post_id": each, "comment_id": _comment(each)}


def _next(world: World, post: int) -> int:
    return post % len(world.posts) + 1


def _comment(post: int) -> int | None:
    """Under every second post it is a comment that somebody was told of."""
    return post if post % 2 == 0 else None


def _row(person: int, reason: str, post: int | None, case: int | None) -> dict[str, Any]:
    is_found, is_out = reason == "found", reason == "out"
    pointed = None if is_found else post
    return {
        "person_id": person,
        "reason": "access" if is_out else reason,
        "case_id": None if is_out else case,
        "alert_id": case if reason == "unusual" else None,
        "conversation_id": case if is_out else None,
        "post_id": pointed,
        "comment_id": None if pointed is None else _comment(pointed),
        "saved_search_id": person if is_found else None,
        "told_at": MORNING,
    }


def expected(world: World) -> set[Told]:
    return {each for each in everything(world) if _holds(world, *each)}


def _holds(world: World, person: int, reason: str, post: int | None, case: int | None) -> bool:
    if post is not None:
        posts = (post, _next(world, post)) if reason == "found" else (post,)
        return any(each % 4 != 0 and world.reads_post(person, each) for each in posts)
    assert case is not None
    if reason == "out":
        return world.is_out_of(person, case)
    if reason == "unusual" and any(
        each.history_from and each.history_from > BEGAN for each in world.memberships(person, case)
    ):
        return False
    return world.leads(person, case) if reason == "asked" else world.sees_case(person, case)


def found() -> set[Told]:
    with db.transaction() as session:
        of_notice = select(Find.post_id).where(Find.notice_id == Notice.id)
        post = of_notice.order_by(Find.id).limit(1).scalar_subquery()
        rows = session.execute(
            select(
                Person.id,
                when((Notice.conversation_id.is_not(None), "out"), else_=Notice.reason),
                func.coalesce(Notice.post_id, post),
                func.coalesce(Notice.case_id, Notice.conversation_id),
            )
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
            hers = sorted(
                ("out", 0, row.conversation_id)
                if row.conversation_id
                else (row.reason, row.post_id or 0, row.case_id or 0)
                for row in rows
            )
        assert hers == sorted(
            (reason, 0 if reason == "found" else post or 0, case or 0)
            for person, reason, post, case in agreed
            if person == number
        )


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
    find: Rule | None = None,
    out: Rule = access.is_out_of,
    alert: Rule = access.reads_alert,
    *,
    said: bool = True,
) -> Rule:
    """The rule as it is, with another in place of one of its parts."""
    row, comment, one = aliased(Post), aliased(Comment), aliased(Find)
    talk, unusual = aliased(Conversation), aliased(Alert)

    def leads_to(person: Any, pointer: Any) -> ColumnElement[bool]:
        reads = exists(1).where(row.id == pointer.post_id, post(person, row)).correlate_except(row)
        stands = (
            exists(1)
            .where(comment.id == pointer.comment_id, comment.withdrawn_at.is_(None))
            .correlate_except(comment)
        )
        return and_(reads, or_(pointer.comment_id.is_(None), stands if said else true()))

    def rule(person: Any, notice: Any) -> ColumnElement[bool]:
        found = (
            exists(1)
            .where(one.notice_id == notice.id, (find or leads_to)(person, one))
            .correlate_except(one)
        )
        of_post, is_asked = notice.post_id.is_not(None), notice.reason == "asked"
        of_alert = notice.alert_id.is_not(None)
        return and_(
            notice.person_id == person.id,
            or_(
                and_(of_post, leads_to(person, notice)),
                and_(notice.saved_search_id.is_not(None), found),
                exists(1)
                .where(unusual.id == notice.alert_id, alert(person, unusual))
                .correlate_except(unusual),
                and_(~of_post, ~of_alert, ~is_asked, case(person, notice.case_id)),
                and_(~of_post, is_asked, asked(person, notice.case_id)),
                exists(1)
                .where(talk.id == notice.conversation_id, out(person, talk))
                .correlate_except(talk),
            ),
        )

    return rule


def _sees(person: Any, post: Any) -> ColumnElement[bool]:
    return access.sees_case(person, post.case_id)


def _heard(person: Any, post: Any) -> ColumnElement[bool]:
    return and_(_sees(person, post), access.shared_with(person, post))


def _of_seen_case(person: Any, alert: Any) -> ColumnElement[bool]:
    return access.sees_case(person, alert.case_id)


def _finds_in_case(person: Any, find: Any) -> ColumnElement[bool]:
    row = aliased(Post)
    return exists(1).where(row.id == find.post_id, _sees(person, row)).correlate_except(row)


def _not_in(person: Any, talk: Any) -> ColumnElement[bool]:
    return and_(access.has_content_account(person), ~access.is_in(person, talk))


def _works_on_it(person: Any, talk: Any) -> ColumnElement[bool]:
    return or_(
        and_(talk.case_id.is_(None), access.has_content_account(person)),
        access.works_on(person, talk.case_id),
    )


def _of_a_case(person: Any, talk: Any) -> ColumnElement[bool]:
    return and_(access.works_on(person, talk.case_id), ~access.is_in(person, talk))


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
    "what was found is told for ever": _about(find=lambda _person, _find: true()),
    "a find is as open as its case": _about(find=_finds_in_case),
    "who is out of a conversation is told whatever keeps them from its case": _about(out=_not_in),
    "who is back in a conversation is told that they are out": _about(out=_works_on_it),
    "only of what is about a case": _about(out=_of_a_case),
    "seeing a case is enough to be told how busy it was": _about(alert=_of_seen_case),
    "who sees no case is told how busy it was": _about(alert=access.is_open_alert),
    "what a search found is told to nobody": _about(find=lambda _person, _find: false()),
}


@contextmanager
def _instead(rule: Rule) -> Iterator[None]:
    kept = access.reads_notice
    access.reads_notice = rule
    try:
        yield
    finally:
        access.reads_notice = kept
