"""The home feed: the newest over everything somebody follows, each post once."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from app.casework import cases, networks
from app.core import clock, db
from app.core.errors import Invalid
from app.models import Case, Child, Person, Post
from feeds import follows, posts, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast


def feed(viewer: Person, size: int = 25) -> list[tuple[int, int]]:
    """(case, position) of everything down to the end, page by page."""
    found, before = [], None
    while True:
        with db.transaction():
            page = timeline.home(viewer, before=before, size=size)
        assert len(page.posts) <= size
        found += [(row.case_id, row.position) for row in page.posts]
        if not page.older:
            return found
        assert len(page.posts) == size, "only the last page may be short"
        before = page.older


def test_the_feed_runs_over_every_case_newest_first(cast: Cast) -> None:
    order = []
    for minute, case in enumerate([cast.amara, cast.tobi, cast.amara, cast.tobi, cast.tobi]):
        with clock.held(MORNING + timedelta(minutes=minute)), db.transaction():
            post = posts.publish(cast.dan, case, Update("x"))
            order.append((case.id, post.position))
    for size in (1, 2, 3, 25):
        assert feed(cast.priya, size) == order[::-1]
    assert feed(cast.olive) == []


def test_posts_of_one_instant_are_neither_lost_nor_repeated(cast: Cast) -> None:
    """Over page ends too, and at instants a floating point number cannot hold."""
    chance, told = random.Random(3), []
    for step in range(12):
        at = MORNING + timedelta(microseconds=333_333 * (step // 4) + 1)
        with clock.held(at), db.transaction():
            case = chance.choice([cast.amara, cast.tobi])
            told.append((case.id, posts.publish(cast.dan, case, Update("x")).position))
    for size in (1, 2, 3, 5):
        seen = feed(cast.priya, size)
        assert len(seen) == 12
        assert set(seen) == set(told)


def test_a_post_about_siblings_comes_once_on_pages_of_any_size(cast: Cast) -> None:
    with db.transaction():
        for number in range(5):
            also = [cast.tobi] if number % 2 == 0 else []
            posts.publish(cast.dan, cast.amara, Update("x"), also=also)
        posts.publish(cast.dan, cast.tobi, Update("x"))
    for size in (1, 2, 3, 4, 25):
        assert len(feed(cast.priya, size)) == len(set(feed(cast.priya, size))) == 6


def test_the_copy_in_the_other_case_comes_when_the_first_is_not_hers(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update("x"), also=[cast.tobi])
        assert [row.case_id for row in timeline.home(cast.priya).posts] == [cast.amara.id]
        follows.unfollow(cast.priya, cast.amara)
        assert [row.case_id for row in timeline.home(cast.priya).posts] == [cast.tobi.id]


def test_what_is_not_followed_or_was_left_or_imported_is_not_there(cast: Cast) -> None:
    with db.transaction():
        for case in (cast.amara, cast.tobi):
            posts.publish(cast.priya, case, Update("x"))
        imported = posts.publish(cast.priya, cast.tobi, Update("From a file"))
        imported.source = "annex-a"
    with db.transaction():
        follows.unfollow(cast.dan, cast.amara)
        assert [row.case_id for row in timeline.home(cast.dan).posts] == [cast.tobi.id]
        networks.leave(cast.dan, cast.tobi, "Changes school")
        follows.follow(cast.dan, cast.tobi)
        assert not timeline.home(cast.dan).posts, "following never grants access"


def test_a_manager_hears_of_what_they_follow_and_may_see(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("x"))
        posts.publish(cast.olive, cast.noor, Update("x"))
        for case in (cast.amara, cast.noor):
            follows.follow(cast.mo, case)
        assert [row.case_id for row in timeline.home(cast.mo).posts] == [cast.amara.id]


def test_many_cases_give_the_same_feed_as_all_their_rows_in_order(cast: Cast) -> None:
    """Against a plain sort, with more cases than a page holds, hidden rows and equal times."""
    chance = random.Random(11)
    with db.transaction():
        town = [_another(cast.priya, number) for number in range(9)]
    for _ in range(40):
        at = MORNING + timedelta(seconds=chance.randrange(12))
        with clock.held(at), db.transaction():
            post = posts.publish(cast.priya, chance.choice(town), Update("x"))
            if chance.random() < 0.2:
                posts.withdraw(cast.priya, post, "Wrong child")
    with db.transaction() as session:
        rows = session.query(Post).filter(Post.withdrawn_at.is_(None)).all()
    rows.sort(key=lambda row: (row.posted_at, row.id), reverse=True)
    wanted = [(row.case_id, row.position) for row in rows]
    for size in (2, 5, 8, 25):
        assert feed(cast.priya, size) == wanted


@pytest.mark.parametrize(
    "marker", ["x", "1", "-1", "1-", "²-1", "9" * 30 + "-1", "1-" + "9" * 30, "1-1;drop"]
)
def test_a_page_marker_of_somebody_else_is_refused(marker: str) -> None:
    with pytest.raises(Invalid, match="not one of ours"):
        timeline._cursor(marker)


def _another(lead: Person, number: int) -> Case:
    case = cases.add(Child(), cases.ChildDetails(name=f"Child {number}"))
    networks.join(lead, case, lead, role="", reason="Leads", is_lead=True, announced=False)
    return case
