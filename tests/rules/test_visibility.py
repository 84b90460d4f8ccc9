"""Every person, every thing, every read path, asked three ways, against a policy by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam, select, true

from app import access
from app.casework import cases
from app.core import clock, db
from app.core.errors import NotFound
from app.models import Case, Person, Post
from feeds import facts, follows, timeline
from search import apart, find
from tests.cast import MORNING
from tests.rules import town
from tests.rules.planted import BUGS
from tests.rules.policy import World

POSTS = 60


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """A small town: some of every kind of person, and posts for every kind of reader."""
    chance = random.Random(7)
    with clock.held(MORNING), db.transaction():
        made = town.settle(_some_of_each(chance), POSTS, chance=chance)
    with clock.held(MORNING):
        yield made


def _some_of_each(chance: random.Random) -> list[town.Kind]:
    """Few people, and yet each state of each clause of the policy several times."""
    plain = town.Kind("none", "whole", "none", "none", "none", town.NEITHER)
    members = [
        town.Kind(state, history, "none", "none", "none", agency)
        for state in town.MEMBERSHIP
        for history in town.HISTORY
        for agency in town.AGENCIES
    ]
    return [plain, *members, *chance.sample(list(town.kinds()), 60)]


def test_rules_and_policy_agree_on_every_decision(world: World) -> None:
    decisions, differences = compare(world)
    assert decisions > 25_000
    assert differences == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_world_could_show_a_difference(world: World) -> None:
    """Each clause of the policy decides something here, or agreeing would prove nothing."""
    people = list(world.accounts)
    restricted = {case for case in world.restrictions if world.is_restricted(case)}
    glass = [(p, c) for p, c in world.glasses if world.has_broken_glass(p, c)]
    reads = {(p, post) for p in people for post in world.posts if world.reads_post(p, post)}
    assert restricted
    assert len(restricted) < len(town.RESTRICTED)
    assert [c for p, c in glass if c in restricted and not world.memberships(p, c)]
    assert [c for p, c in glass if world.is_conflicted(p, c)], "a conflict beats an emergency"
    assert [1 for p, c in world.members if world.is_conflicted(p, c)], "and membership"
    assert [1 for p in people for c in restricted if world.oversees(p, c)]
    named = [told for told in world.posts.values() if told.named and not told.withdrawn]
    assert any((p, told.id) in reads for p in people for told in named)
    assert any(world.withheld(p, told.case) for p in people for told in named)
    assert any(told.shut_out and told.agencies for told in named)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_planted_bug_is_caught(world: World) -> None:
    """The table above is worth something: each of these mistakes in the rules turns it red."""
    assert not _differs(world), "without a mistake nothing differs"
    missed = []
    for name, plant in BUGS.items():
        with plant():
            if not _differs(world):
                missed.append(name)
    assert len(BUGS) >= 35
    assert missed == []


def _differs(world: World) -> bool:
    """Whether the rules answer anything about anybody otherwise than the policy."""
    people, cases_ = list(world.accounts), range(1, len(town.RESTRICTED) + 1)
    with db.transaction():
        about_cases = ((access.sees_case, world.sees_case), (access.may_lead, world.leads))
        for rule, holds in about_cases:
            asked = select(Person.id, Case.id).join(Case, true()).where(rule(Person, Case))
            if _pairs(asked) != {(p, c) for p in people for c in cases_ if holds(p, c)}:
                return True
        about_posts = (
            (access.open_to, world.reads_post),
            (access.shared_with, world.hears_withdrawal),
        )
        for allows, is_allowed in about_posts:
            if _pairs(_seen(Post.id, allows)) != {
                (p, post) for p in people for post in world.posts if is_allowed(p, post)
            }:
                return True
        if _for_some_alone() != {
            (p, post)
            for p in people
            for post, told in world.posts.items()
            if told.named and world.reads_post(p, post)
        }:
            return True
        told = Counter(db.session().execute(_seen(Post.case_id, access.is_withheld)).all())
    return told != Counter(
        {(p, c): n for p in people for c in cases_ if (n := world.withheld(p, c))}
    )


def _for_some_alone() -> set[tuple[int, int]]:
    """Who reads which posts with a named audience, as a search looks for them."""
    rule = access.is_open_when_joined(bindparam("viewer", type_=db.BigKey))
    asked = select(Post.id, Post.case_id).where(rule)
    return {
        (person.id, post_id)
        for person in db.session().scalars(select(Person)).all()
        for scope in [access.searchable(person)]
        for post_id, case_id in db.rows(asked, {"viewer": person.id})
        if case_id in scope.joined_case_ids
    }


def _seen(what: Any, rule: Callable[..., Any]) -> Any:
    return (
        select(Person.id, what)
        .join(Post, true())
        .where(access.sees_case(Person, Post.case_id), rule(Person, Post))
    )


def _pairs(asked: Any) -> set[tuple[int, int]]:
    return set(db.session().execute(asked).all())


def compare(world: World) -> tuple[int, list[str]]:
    """Ask everything of both; answers how many decisions were compared and what differed."""
    differences: list[str] = []
    decisions = 0

    def hold(what: str, found: object, expected: object, count: int = 1) -> None:
        nonlocal decisions
        decisions += count
        if found != expected:
            differences.append(f"{what}: {found} is not {expected}")

    cases_ = range(1, len(town.RESTRICTED) + 1)
    with db.transaction() as session:
        people = {p.id: p for p in session.scalars(select(Person))}
        kept = {c.id: c for c in session.scalars(select(Case))}
        for case_id in cases_:  # who may?
            expected = {p for p in people if world.sees_case(p, case_id)}
            hold(f"viewers {case_id}", set(access.viewers(case_id)), expected, len(people))
            leads = set(session.scalars(select(Person.id).where(access.may_lead(Person, case_id))))
            hold(f"leads {case_id}", leads, {p for p in people if world.leads(p, case_id)})
        for post_id in world.posts:
            expected = {p for p in people if world.reads_post(p, post_id)}
            hold(f"readers {post_id}", set(access.readers(post_id)), expected, len(people))
            heard = {p for p in people if world.hears_withdrawal(p, post_id)}
            hold(f"hears {post_id}", set(access.readers(post_id, withdrawn=True)), heard)
        for person in people.values():  # what may she?
            readable = {p for p in world.posts if world.reads_post(person.id, p)}
            found = set(session.scalars(select(Post.id).where(access.reads_post(person.id, Post))))
            hold(f"posts of {person.id}", found, readable, len(world.posts))
            seen = {c for c in cases_ if world.sees_case(person.id, c)}
            hold(
                f"cases of {person.id}", {c.id for c in session.scalars(access.cases(person))}, seen
            )
            _read_paths(world, person, kept, readable, seen, hold)
            _one_by_one(world, person, hold)
    return decisions, differences


def _read_paths(
    world: World,
    person: Person,
    kept: dict[int, Case],
    readable: set[int],
    seen: set[int],
    hold: Callable[..., None],
) -> None:
    """Every function that shows content, for one person."""
    shown = {row.id: row.reader_count for row in timeline.posts(person, list(world.posts))}
    counted = {post: _readers(world, post) for post in readable}
    hold(f"timeline.posts {person.id}", shown, counted, len(world.posts))
    home = {row.id for row in timeline.home(person, size=500).posts}
    hold(f"home {person.id}", home, readable)
    mine = {row.id: row.posted_at for row in cases.mine(person)}
    newest = {c: _newest(world, [p for p in readable if world.posts[p].case == c]) for c in seen}
    hold(f"my cases {person.id}", mine, newest, len(kept))
    unread: dict[int, int] = {}
    for post_id in readable:
        told = world.posts[post_id]
        if told.author != person.id:
            unread[told.case] = unread.get(told.case, 0) + 1
    hold(f"unread {person.id}", follows.unread(person), unread, len(kept))
    found = {row.id for row in find.cases(person, "Child")}
    hold(f"search {person.id}", found, seen, len(kept))
    scope, shut = access.searchable(person), {c for c in seen if world.is_restricted(c)}
    hold(f"scope {person.id}", (scope.case_ids, scope.restricted_case_ids), (seen - shut, shut))
    apart_from_all = {p for p in readable if world.posts[p].named or world.posts[p].case in shut}
    beside = [each.mark for each in apart.beside(person, scope, None)]
    of_posts = {each.id for each in beside if each.thing == "post"}
    hold(f"in no index for {person.id}", of_posts, apart_from_all, len(world.posts))
    for case_id in seen:
        stream = timeline.stream(person, kept[case_id], size=500).posts
        expected = {p for p in readable if world.posts[p].case == case_id}
        hold(f"stream {case_id} of {person.id}", {row.id for row in stream}, expected, len(stream))
        top = facts.of(person, kept[case_id])
        hold(f"urgent {case_id} of {person.id}", set(top.unacknowledged), expected, len(expected))
        hold(
            f"withheld {case_id} of {person.id}",
            access.withheld(person, case_id),
            world.withheld(person.id, case_id),
        )


def _readers(world: World, post: int) -> int:
    """How many members other than the author are told of beside it."""
    told = world.posts[post]
    return sum(
        person != told.author
        and bool(world.memberships(person, told.case))
        and world.reads_post(person, post)
        for person in world.accounts
    )


def _newest(world: World, posts: list[int]) -> object:
    return max((world.posts[post].posted_at for post in posts), default=None)


def _one_by_one(world: World, person: Person, hold: Callable[..., None]) -> None:
    """May she? Asked of one thing at a time, through the doors' own getters."""
    for post_id in list(world.posts)[person.id % 10 :: 10]:
        hold(
            f"post {post_id} for {person.id}",
            _answers(access.post, person, post_id),
            world.reads_post(person.id, post_id),
        )
        # There is one comment under each post, and it has the post's own number.
        hold(
            f"comment {post_id} for {person.id}",
            _answers(access.comment, person, post_id),
            world.reads_post(person.id, post_id),
        )
    cases_ = len(town.RESTRICTED)
    for case_id in range(1, cases_ + 2):
        expected = case_id <= cases_ and world.sees_case(person.id, case_id)
        hold(f"case {case_id} for {person.id}", _answers(access.case, person, case_id), expected)


def _answers(ask: Callable[[Person, int], object], person: Person, thing: int) -> bool:
    try:
        ask(person, thing)
    except NotFound:
        return False
    return True
