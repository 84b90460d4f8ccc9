"""Following and reading: what is new to whom, and who has read how far."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import select

from app import access
from app.casework import networks
from app.core import clock, db
from app.models import Follow, Person, Post
from feeds import follows, news, posts, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast


def counted(viewer: Person) -> dict[int, int]:
    """Unread by looking at each row, as a person would with a list."""
    news: dict[int, int] = {}
    for follow in db.session().scalars(
        select(Follow).where(Follow.person_id == viewer.id, Follow.following)
    ):
        for post in db.session().scalars(select(Post).where(Post.case_id == follow.case_id)):
            if (
                post.position > follow.last_read
                and post.author_id != viewer.id
                and post.source is None
                and access.may(access.reads_post(viewer.id, post))
            ):
                news[post.case_id] = news.get(post.case_id, 0) + 1
    return news


def test_unread_equals_the_rows_whatever_has_happened(cast: Cast) -> None:
    chance = random.Random(5)
    people = [cast.priya, cast.dan, cast.ruth, cast.mo, cast.olive]
    for step in range(36):
        with clock.held(MORNING + timedelta(minutes=step)), db.transaction():
            _something(chance, cast, people)
    with clock.held(MORNING + timedelta(hours=2)), db.transaction():
        for person in cast.people:
            unread = follows.unread(person)
            assert unread == counted(person), person.name
            assert {row.id: row.unread for row in news.of(person)} == unread
        assert follows.unread(cast.dan) or follows.unread(cast.ruth)


def _something(chance: random.Random, cast: Cast, people: list[Person]) -> None:
    person, case = chance.choice(people), chance.choice(cast.cases)
    sees = access.may(access.sees_case(person.id, case.id))
    match chance.randrange(8):
        case 0 | 1 | 2 | 3 if sees:
            posts.publish(person, case, Update("x"))
        case 4 if sees:
            follows.mark_read(person, case, chance.randrange(12))
        case 5:
            (follows.follow if chance.random() < 0.7 else follows.unfollow)(person, case)
        case 6 if sees:
            rows = timeline.stream(person, case).posts
            mine = [row for row in rows if row.author_id == person.id and row.kind == "update"]
            for row in mine[:1]:
                posts.withdraw(person, access.post(person, row.id), "Wrong child")
        case 7 if not access.may(access.is_member(person.id, case.id)):
            lead = cast.olive if case is cast.noor else cast.priya
            networks.add(
                lead, case, person, role="", reason="Needed", history_from=clock.now()
            ) if person.id != lead.id else None


def test_reading_never_goes_back_and_never_past_the_newest(cast: Cast) -> None:
    with db.transaction():
        for _ in range(3):
            posts.publish(cast.priya, cast.amara, Update("x"))
        for position, kept in ((2, 2), (1, 2), (3, 3), (0, 3), (10**9, 3)):
            follows.mark_read(cast.dan, cast.amara, position)
            assert follows.last_read(cast.dan, cast.amara) == kept
        posts.publish(cast.priya, cast.amara, Update("x"))
        assert follows.unread(cast.dan) == {cast.amara.id: 1}


def test_marking_read_does_not_follow(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("x"))
        follows.mark_read(cast.mo, cast.amara, post.position)
        assert not follows.is_following(cast.mo, cast.amara)
        assert follows.last_read(cast.mo, cast.amara) == 1
        follows.follow(cast.mo, cast.amara)
        assert follows.last_read(cast.mo, cast.amara) == 1
        assert follows.unread(cast.mo) == {}


def test_nobodys_own_post_and_no_import_is_news(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update("x"))
        imported = posts.publish(cast.priya, cast.amara, Update("From a file"))
        imported.source = "annex-a"
    with db.transaction():
        assert follows.unread(cast.dan) == {}
        assert follows.unread(cast.ruth) == {cast.amara.id: 1}


def test_whoever_unfollows_or_leaves_has_no_news(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("x"))
        follows.unfollow(cast.dan, cast.amara)
        networks.leave(cast.ruth, cast.amara, "Changes post")
        follows.follow(cast.ruth, cast.amara)
        assert follows.unread(cast.dan) == follows.unread(cast.ruth) == {}


def test_readers_are_the_network_without_the_author_and_who_cannot_read(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("x"))
    with clock.held(MORNING + timedelta(hours=1)), db.transaction():
        networks.add(
            cast.priya,
            cast.amara,
            cast.olive,
            role="Social worker",
            reason="Takes over",
            history_from=clock.now(),
        )
        follows.mark_read(cast.ruth, cast.amara, post.position)
        rows = follows.readers_of(post)
    assert [(row.name, row.has_read) for row in rows] == [
        ("Dan Hughes", False),
        ("Ruth Bell", True),
    ]


def test_one_update_about_two_siblings_is_one_piece_of_news(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("Both seen."), also=[cast.tobi])
    with db.transaction():
        assert follows.unread(cast.dan) == {cast.amara.id: 1, cast.tobi.id: 1}
        assert follows.news(cast.dan) == 1


def test_what_was_read_of_one_sibling_has_been_read_of_the_other(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("Both seen."), also=[cast.tobi])
        posts.publish(cast.priya, cast.tobi, Update("Tobi alone."))
    with db.transaction():
        follows.mark_read(cast.dan, cast.amara, 1)
    with db.transaction():
        assert follows.unread(cast.dan) == {cast.tobi.id: 1}
        assert follows.last_read(cast.dan, cast.tobi) == 1
