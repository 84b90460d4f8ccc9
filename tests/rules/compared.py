"""What the rules answer about a town that lives, beside what the policy makes of its world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import func, select, true

from app import access
from app.casework import cases, emergencies, networks, restrictions
from app.core import clock, db
from app.core.db import AnySelect
from app.models import Case, Person, Post
from feeds import facts, follows, timeline
from tests.rules import heard
from tests.rules.deeds import row_of, step
from tests.rules.heard import given
from tests.rules.life import Life, Written

# What was asked, what the rules answered, what the policy says.
Answer = tuple[str, object, object]


def difference(life: Life, dear: float) -> str | None:
    """The first thing the rules and the policy do not agree on now.

    What takes long to ask is asked with the chance `dear`.
    """
    with clock.held(life.world.now), db.transaction(durable=False):
        for asked, found, expected in _answers(life, dear):
            if found != expected:
                return f"{asked}: {_apart(found, expected)}"
    return None


def live(life: Life, steps: int, *, dear: float = 0.1) -> str | None:
    """So many deeds, everything compared after each; answers the first difference."""
    for _ in range(steps):
        wrong = step(life) or difference(life, dear)
        if wrong:
            return wrong
    return None


def _apart(found: object, expected: object) -> str:
    if isinstance(found, set | frozenset) and isinstance(expected, set | frozenset):
        return f"{sorted(found - expected)} too many, {sorted(expected - found)} missing"
    return f"{found} is not {expected}"


def _answers(life: Life, dear: float) -> Iterator[Answer]:
    yield from _everybody(life)
    post = life.post(life.one(life.world.posts))
    yield from _who(life, post)
    person = life.row(Person, life.one(life.people))
    seen = {case for case in life.cases if life.world.sees_case(person.id, case)}
    yield from _one_by_one(life, person, seen, post)
    yield from _lists(life, person)
    if seen:
        yield from _in_case(life, person, life.row(Case, life.one(seen)))
    for asked, found, expected, many in _said(life, person, dear):
        life.decisions += many
        yield asked, found, expected
    if life.maybe(dear):
        yield from _now_and_then(life, person, seen, post)


def _everybody(life: Life) -> Iterator[Answer]:
    """Every person, case and post at one go."""
    world = life.world
    places = [(person, case) for person in life.people for case in life.cases]
    sees = {place for place in places if world.sees_case(*place)}
    yield "sees", _set(_all_sees()), sees
    yield "leads", _set(_all_lead()), {place for place in places if world.leads(*place)}
    yield (
        "reads",
        _set(_all_read()),
        {
            (person, post.case, post.position)
            for post in life.posts()
            for person in life.people
            if (person, post.case) in sees and world.reads_post(person, post.id)
        },
    )
    told = {(*place, many) for place in sees if (many := world.withheld(*place))}
    yield "is told of and does not read", _set(_all_withheld()), told
    life.decisions += len(life.people) * (2 * len(life.cases) + len(world.posts))
    standing = {(post.case, post.position, post.withdrawn) for post in life.posts()}
    yield "stands in the streams", _set(_all_posts()), standing


def _who(life: Life, post: Written) -> Iterator[Answer]:
    """From the other side: who sees this case, who reads this post, who hears it withdrawn."""
    world, number, case = life.world, row_of(post), post.case
    see = [each for each in life.people if world.sees_case(each, case)]
    yield f"viewers of {case}", sorted(access.viewers(case)), see
    readers = [each for each in see if world.reads_post(each, post.id)]
    yield f"readers of {post.id}", sorted(access.readers(number)), readers
    hear = [each for each in see if world.hears_withdrawal(each, post.id)]
    found = sorted(access.readers(number, withdrawn=True))
    yield f"who hears {post.id} withdrawn", found, hear
    yield (
        f"{case} is restricted",
        restrictions.stands(life.row(Case, case)),
        world.is_restricted(case),
    )


def _one_by_one(life: Life, person: Person, seen: set[int], post: Written) -> Iterator[Answer]:
    """May she? Asked of one thing at a time, by the getters of the doors."""
    for case in life.cases:
        yield f"case {case} for {person.id}", given(access.case, person, case), case in seen
    reads = life.world.reads_post(person.id, post.id)
    yield f"post {post.id} for {person.id}", given(access.post, person, row_of(post)), reads
    for said in list(life.said.values())[-3:]:
        expected = not said.withdrawn and life.world.reads_post(person.id, said.post)
        found = given(access.comment, person, said.id)
        yield f"comment {said.id} for {person.id}", found, expected


def _lists(life: Life, person: Person) -> Iterator[Answer]:
    """What she is shown over all her cases."""
    world, who = life.world, person.id
    readable = [post for post in life.posts() if world.reads_post(who, post.id)]
    news = {case: len(new) for case in life.cases if (new := life.news(who, case))}
    yield f"unread of {who}", follows.unread(person), news
    once = {post.first for case in news for post in life.news(who, case)}
    yield f"news of {who}", follows.news(person), len(once)
    followed = [post for post in readable if _is_followed(life, who, post.case)]
    home = Counter((row.case_id, row.position) for row in timeline.home(person, size=500).posts)
    firsts: dict[int, Written] = {}
    for post in sorted(followed, key=lambda each: each.case):
        firsts.setdefault(post.first, post)
    yield f"home of {who}", home, Counter((post.case, post.position) for post in firsts.values())


def _in_case(life: Life, person: Person, case: Case) -> Iterator[Answer]:
    """What the pages of one case show her."""
    world, who = life.world, person.id
    readable = [post for post in life.posts(case.id) if world.reads_post(who, post.id)]
    stream = timeline.stream(person, case, size=500).posts
    newest_first = sorted((post.position for post in readable), reverse=True)
    yield f"stream {case.id} of {who}", [row.position for row in stream], newest_first
    counted = {row.position: (row.reader_count, row.comment_count) for row in stream}
    expected = {
        post.position: (
            sum(_is_told(life, each, post) for each in life.people),
            _comments(life, post),
        )
        for post in readable
    }
    yield f"counts in {case.id} of {who}", counted, expected
    top = facts.of(person, case)
    urgent = sum(post.urgent for post in readable)
    yield f"urgent in {case.id} of {who}", len(top.unacknowledged), urgent
    yield f"withheld in {case.id} of {who}", top.withheld, world.withheld(who, case.id)
    starts = [each.history_from for each in world.memberships(who, case.id) if each.history_from]
    yield f"{who} reads {case.id} from", top.reads_from, max(starts, default=None)
    members = {
        (row.id, row.is_lead, row.conflicted, row.newest) for row in networks.of(case, person)
    }
    yield f"network of {case.id} for {who}", members, set(_members(life, case.id, readable))


def _now_and_then(life: Life, person: Person, seen: set[int], post: Written) -> Iterator[Answer]:
    """What is built anew each time it is asked, which takes longer than all the rest."""
    world, who, case = life.world, person.id, post.case
    newest: dict[int, datetime] = {}
    for each in life.posts():
        if world.reads_post(who, each.id):
            newest[each.case] = max(newest.get(each.case, each.posted_at), each.posted_at)
    mine = [
        (
            each,
            newest.get(each),
            bool(world.memberships(who, each)),
            world.has_broken_glass(who, each),
        )
        for each in sorted(seen)
    ]
    found = [(row.id, row.posted_at, row.is_member, row.in_emergency) for row in cases.mine(person)]
    yield f"cases of {who}", sorted(found, key=lambda row: row[0]), mine
    broken = {
        each
        for each in life.people
        if world.has_broken_glass(each, case) and not world.is_conflicted(each, case)
    }
    yield f"open on {case}", {row.person_id for row in emergencies.open_on(case)}, broken
    if not post.withdrawn:
        shown = follows.readers_of(life.row(Post, row_of(post)))
        told = [each for each in life.people if _is_told(life, each, post)]
        yield f"readers shown under {post.id}", sorted(row.id for row in shown), told


def _said(life: Life, person: Person, dear: float) -> Iterator[heard.Answer]:
    """What people say to each other, and to whom."""
    world = life.world
    yield from heard.tables(world)
    talks, spoken = list(world.talks), list(world.spoken)
    some, newest = [life.one(talks)] if talks else [], spoken[-1:]
    yield from heard.one_by_one(world, person, some, newest)
    if life.maybe(3 * dear):
        yield from heard.lists(world, person, life.marks)
    reads = [talk for talk in talks if world.reads_in(person.id, talk)]
    if life.maybe(3 * dear):
        yield from heard.who_may(world, some, newest)
        for talk in reads[-2:]:
            yield from heard.inside(world, person, talk, life.marks)


def _members(life: Life, case: int, readable: list[Written]) -> Iterator[tuple[int, ...]]:
    """Each member, and how far what both may read goes."""
    world = life.world
    for each in life.people:
        if world.memberships(each, case):
            shared = [post.position for post in readable if world.reads_post(each, post.id)]
            is_apart = world.is_conflicted(each, case)
            yield each, life.leads_it(each, case), is_apart, max(shared, default=0)


def _is_told(life: Life, person: int, post: Written) -> bool:
    """Whether a member other than the author reads it, and counts among its readers."""
    is_member = bool(life.world.memberships(person, post.case))
    return is_member and person != post.author and life.world.reads_post(person, post.id)


def _comments(life: Life, post: Written) -> int:
    return sum(said.post == post.id and not said.withdrawn for said in life.said.values())


def _is_followed(life: Life, person: int, case: int) -> bool:
    return (person, case) in life.follows and life.follows[person, case].following


def _set(asked: AnySelect) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in db.rows(asked)}


# Each is asked after every step, and built once. A planted mistake must be built anew.


@cache
def _all_sees() -> AnySelect:
    return select(Person.id, Case.id).join(Case, true()).where(access.sees_case(Person, Case))


@cache
def _all_lead() -> AnySelect:
    return select(Person.id, Case.id).join(Case, true()).where(access.may_lead(Person, Case))


@cache
def _all_read() -> AnySelect:
    return (
        select(Person.id, Post.case_id, Post.position)
        .join(Post, true())
        .where(access.reads_post(Person, Post))
    )


@cache
def _all_withheld() -> AnySelect:
    return (
        select(Person.id, Post.case_id, func.count())
        .join(Post, true())
        .where(access.sees_case(Person, Post.case_id), access.is_withheld(Person, Post))
        .group_by(Person.id, Post.case_id)
    )


@cache
def _all_posts() -> AnySelect:
    return select(Post.case_id, Post.position, Post.withdrawn_at.is_not(None))


def build_anew() -> None:
    for each in (_all_sees, _all_lead, _all_read, _all_withheld):
        each.cache_clear()
    heard.build_anew()
