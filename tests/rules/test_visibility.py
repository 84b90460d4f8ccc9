"""Every person, every thing, every read path, asked three ways, against a policy by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import access
from app.casework import cases
from app.core import clock, db
from app.core.errors import NotFound
from app.models import (
    Agency,
    Case,
    CaseHead,
    Child,
    Comment,
    Follow,
    Membership,
    Person,
    Post,
    Supervision,
)
from feeds import facts, follows, timeline
from search import find
from tests.cast import MORNING
from tests.rules.planted import BUGS
from tests.rules.policy import Member, Told, World

PEOPLE, CASES, POSTS = 30, 8, 48


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """A small town: every mix of account, membership, line, history and withdrawal."""
    with clock.held(MORNING), db.transaction():
        made = _settle(random.Random(7))
    with clock.held(MORNING):
        yield made


def test_rules_and_policy_agree_on_every_decision(world: World) -> None:
    decisions, differences = _compare(world)
    assert decisions > 6_000
    assert differences == []


def test_the_world_could_show_a_difference(world: World) -> None:
    """Each clause of the policy decides something here, or agreeing would prove nothing."""
    everyone, cases_ = world.accounts, {told.case for told in world.posts.values()}
    sees = [(p, c) for p in everyone for c in cases_ if world.sees_case(p, c)]
    assert sees, "somebody sees something"
    assert any(not world.memberships(p, c) for p, c in sees), "a manager sees without membership"
    assert any(m.until_at <= world.now for m in world.members), "somebody has left"
    assert any(m.from_at > world.now for m in world.members), "somebody has not begun"
    assert any(m.history_from for m in world.members if m.at(world.now)), "a history is cut"
    assert any(told.withdrawn for told in world.posts.values()), "a post is withdrawn"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_planted_bug_is_caught(world: World) -> None:
    """The table above is worth something: each of these mistakes in the rules turns it red."""
    missed = []
    for name, plant in BUGS.items():
        with plant():
            if not _differs(world):
                missed.append(name)
    assert len(BUGS) >= 10
    assert missed == []


def _differs(world: World) -> bool:
    """Whether any of the three directions gives the mistake away, asking as little as will do."""
    with db.transaction() as session:
        for case_id in range(1, CASES + 1):
            if set(access.viewers(case_id)) != {
                p for p in world.accounts if world.sees_case(p, case_id)
            }:
                return True
            leads = set(session.scalars(select(Person.id).where(access.may_lead(Person, case_id))))
            if leads != {p for p in world.accounts if world.leads(p, case_id)}:
                return True
        for person in world.accounts:
            found = set(session.scalars(select(Post.id).where(access.reads_post(person, Post))))
            if found != {p for p in world.posts if world.reads_post(person, p)}:
                return True
    return False


def _compare(world: World) -> tuple[int, list[str]]:
    """Ask everything of both; answers how many decisions were compared and what differed."""
    differences: list[str] = []
    decisions = 0

    def hold(what: str, found: object, expected: object, count: int = 1) -> None:
        nonlocal decisions
        decisions += count
        if found != expected:
            differences.append(f"{what}: {found} is not {expected}")

    cases_ = range(1, CASES + 1)
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
    shown = {row.id for row in timeline.posts(person, list(world.posts))}
    hold(f"timeline.posts {person.id}", shown, readable, len(world.posts))
    home = {row.id for row in timeline.home(person, size=500).posts}
    hold(f"home {person.id}", home, {p for p in readable if world.posts[p].case in seen})
    hold(f"my cases {person.id}", {row.id for row in cases.mine(person)}, seen, CASES)
    unread: dict[int, int] = {}
    for post_id in readable:
        told = world.posts[post_id]
        if told.author != person.id:
            unread[told.case] = unread.get(told.case, 0) + 1
    hold(f"unread {person.id}", follows.unread(person), unread, CASES)
    found = {row.id for row in find.cases(person, "Child")}
    hold(f"search {person.id}", found, seen if len(seen) <= 20 else found, CASES)
    for case_id in seen:
        stream = timeline.stream(person, kept[case_id], size=500).posts
        expected = {p for p in readable if world.posts[p].case == case_id}
        hold(f"stream {case_id} of {person.id}", {row.id for row in stream}, expected, len(stream))
        top = facts.of(person, kept[case_id])
        hold(f"urgent {case_id} of {person.id}", set(top.unacknowledged), expected, len(expected))
        relatives = {row.case_id for row in cases.family(person, kept[case_id])} - {None}
        hold(f"family {case_id} of {person.id}", relatives <= seen, True)


def _one_by_one(world: World, person: Person, hold: Callable[..., None]) -> None:
    """May she? Asked of one thing at a time, through the doors' own getters."""
    for post_id in list(world.posts)[person.id % 4 :: 4]:
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
    for case_id in range(1, CASES + 2):
        expected = case_id <= CASES and world.sees_case(person.id, case_id)
        hold(f"case {case_id} for {person.id}", _answers(access.case, person, case_id), expected)


def _answers(ask: Callable[[Person, int], object], person: Person, thing: int) -> bool:
    try:
        ask(person, thing)
    except NotFound:
        return False
    return True


def _settle(chance: random.Random) -> World:
    session, now = db.session(), clock.now()
    world = World(now=now)
    session.add(Agency(id=1, name="An agency", agency_type="5A"))
    session.flush()
    accounts = ["practitioner"] * 6 + ["manager"] * 3 + ["administrator", "auditor"]
    for number in range(1, PEOPLE + 1):
        account, active = chance.choice(accounts), chance.random() > 0.1
        world.accounts[number] = (account, active)
        session.add(
            Person(
                id=number,
                name=f"Person {number}",
                role="Practitioner",
                agency_id=1,
                email=f"person{number}@kith.example",
                account=account,
                active=active,
                created_at=now,
            )
        )
    session.flush()
    for number in range(1, CASES + 1):
        session.add(Child(id=number, name=f"Child {number}"))
        session.flush()
        session.add(Case(id=number, child_id=number, opened_at=now))
        session.flush()
        session.add(CaseHead(case_id=number, position=POSTS, posted_at=now))
        for person in chance.sample(range(1, PEOPLE + 1), 9):
            _member(world, chance, person, number)
    for manager in range(1, PEOPLE + 1, 3):
        for person in chance.sample(range(1, PEOPLE + 1), 2):
            if person != manager:
                world.lines.add((manager, person))
                session.add(Supervision(manager_id=manager, person_id=person))
    # Everybody follows everything: following must grant nobody anything.
    session.add_all(
        Follow(person_id=person, case_id=case)
        for person in world.accounts
        for case in range(1, CASES + 1)
    )
    for number in range(1, POSTS + 1):
        _post(world, chance, number)
    session.flush()
    return world


def _member(world: World, chance: random.Random, person: int, case: int) -> None:
    now = world.now
    begins = now - timedelta(days=chance.choice([400, 60, 60, 60, -2]))
    ends = chance.choice(
        [*[now + timedelta(days=300)] * 3, now + timedelta(days=9), now - timedelta(days=1), now]
    )
    cut = chance.choice([None, None, now - timedelta(days=20)])
    member = Member(person, case, begins, ends, chance.random() < 0.2, cut)
    world.members.append(member)
    db.session().add(
        Membership(
            case_id=case,
            person_id=person,
            agency_id=1,
            role="Practitioner",
            is_lead=member.is_lead,
            from_at=begins,
            until_at=ends,
            reason="Works with the family",
            decided_by_id=person,
            history_from=cut,
        )
    )


def _post(world: World, chance: random.Random, number: int) -> None:
    told = Told(
        id=number,
        case=chance.randint(1, CASES),
        author=chance.randint(1, PEOPLE),
        posted_at=world.now - timedelta(days=chance.choice([1, 5, 19, 20, 21, 50])),
        withdrawn=chance.random() < 0.15,
    )
    world.posts[number] = told
    session = db.session()
    session.add(
        Post(
            id=number,
            case_id=told.case,
            position=number,
            author_id=told.author,
            agency_id=1,
            author_role="Practitioner",
            kind="update",
            worry="urgent",
            body="Words",
            body_html="<p>Words</p>",
            cleaner=1,
            occurred_at=told.posted_at,
            posted_at=told.posted_at,
            withdrawn_at=world.now if told.withdrawn else None,
        )
    )
    session.flush()
    session.add(
        Comment(
            id=number,
            post_id=number,
            case_id=told.case,
            author_id=told.author,
            agency_id=1,
            author_role="Practitioner",
            body="Words",
            body_html="<p>Words</p>",
            posted_at=told.posted_at,
        )
    )
