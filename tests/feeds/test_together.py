"""Many writers and readers at once: everybody is told everything, once and in order."""

from __future__ import annotations

from collections import Counter as Count
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import select

from app import access
from app.casework import networks
from app.core import db
from app.core.errors import Conflict
from app.models import Activity, Case, CaseHead, Post
from feeds import posts, timeline
from feeds.posts import Update
from tests.cast import Cast

WRITERS, EACH = 8, 9


def follow_stream(cast: Cast, case: Case, over: Event) -> list[int]:
    """What a page that asks for all after its newest position is shown."""
    seen: list[int] = []
    while True:
        last_look = over.is_set()
        with db.transaction():
            page = timeline.stream(cast.priya, case, after=seen[-1] if seen else 0, size=5)
        seen += [row.position for row in page.posts]
        if last_look and not page.posts:
            return seen
        over.wait(0.02)


def follow_activity(over: Event) -> list[int]:
    seen: list[int] = []
    while True:
        last_look = over.is_set()
        with db.transaction() as session:
            new = session.scalars(
                select(Activity.position)
                .where(Activity.position > (seen[-1] if seen else 0))
                .order_by(Activity.position)
                .limit(7)
            ).all()
        seen += new
        if last_look and not new:
            return seen
        over.wait(0.02)


def test_writers_at_once_leave_no_gap_and_readers_miss_nothing(cast: Cast) -> None:
    with db.transaction():
        networks.add(cast.olive, cast.noor, cast.priya, role="", reason="Joint work")
    over = Event()

    def write(number: int) -> None:
        for turn in range(EACH):
            with db.transaction():
                case = cast.cases[(number + turn) % 3]
                also = [cast.amara] if turn == 4 else []
                posts.publish(cast.priya, case, Update("x"), also=also)

    with ThreadPoolExecutor(WRITERS) as writers, ThreadPoolExecutor(3) as readers:
        streams = [readers.submit(follow_stream, cast, case, over) for case in cast.cases[:2]]
        activities = readers.submit(follow_activity, over)
        for written in [writers.submit(write, number) for number in range(WRITERS)]:
            written.result(60)
        over.set()
        read = [each.result(60) for each in streams]
        heard = activities.result(60)
    with db.transaction() as session:
        heads = {row.case_id: row.position for row in session.scalars(select(CaseHead))}
        rows = Count(session.scalars(select(Post.case_id)))
        newest = session.scalars(select(Activity.position).order_by(Activity.position)).all()
    assert heads == rows
    assert read == [list(range(1, heads[case.id] + 1)) for case in cast.cases[:2]]
    assert heard == list(newest) == list(range(1, len(newest) + 1))
    assert sum(rows.values()) == len(newest) >= WRITERS * EACH


def test_siblings_posted_to_from_both_sides_never_wait_for_each_other(cast: Cast) -> None:
    def write(number: int) -> None:
        here, there = (cast.amara, cast.tobi)[:: 1 if number % 2 else -1]
        with db.transaction():
            post = posts.publish(cast.priya, here, Update("x"), also=[there])
        with db.transaction():
            posts.edit(cast.priya, access.post(cast.priya, post.id), "y")
        with db.transaction():
            posts.withdraw(cast.priya, access.post(cast.priya, post.id), "Wrong child")

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(12)))
    with db.transaction() as session:
        heads = session.scalars(select(CaseHead).where(CaseHead.position > 0)).all()
    assert [(head.position, head.posted_at) for head in heads] == [(12, None)] * 2


def test_two_who_edit_one_post_at_once_each_keep_what_the_other_wrote(cast: Cast) -> None:
    with db.transaction():
        post_id = posts.publish(cast.priya, cast.amara, Update("start")).id

    def edit(number: int) -> None:
        with db.transaction():
            posts.edit(cast.priya, access.post(cast.priya, post_id), f"edit {number}")

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(edit, range(5)))
    with db.transaction():
        post = access.post(cast.priya, post_id)
        said = [post.body, *(each.body for each in posts.versions(post))]
    assert post.version == 6
    assert sorted(said) == [*(f"edit {number}" for number in range(5)), "start"]


def test_somebody_added_twice_at_once_joins_once(cast: Cast) -> None:
    def add(_: int) -> bool:
        try:
            with db.transaction():
                networks.add(cast.priya, cast.amara, cast.olive, role="", reason="Takes over")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(add, range(4))) == [False, False, False, True]
    with db.transaction():
        assert [row.name for row in networks.of(cast.amara)].count("Olive Reed") == 1


def test_the_lead_handed_over_twice_at_once_leaves_one_lead(cast: Cast) -> None:
    def hand_over(to: int) -> None:
        with db.transaction():
            person = (cast.dan, cast.ruth)[to]
            try:
                networks.hand_over(cast.mo, cast.amara, person, "New job")
            except Conflict:
                pytest.fail("neither led the case before")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(hand_over, range(2)))
    with db.transaction():
        assert len([row for row in networks.of(cast.amara) if row.is_lead]) == 1
