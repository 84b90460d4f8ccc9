"""One case's stream: pages in order, and only what is open to whoever reads."""

from __future__ import annotations

from datetime import timedelta

from app.casework import networks
from app.core import clock, db
from app.models import Case, Person, Post
from feeds import follows, posts, timeline
from feeds.posts import Update
from feeds.timeline import Filter
from tests.cast import MORNING, Cast


def say(author: Person, case: Case, *bodies: str) -> None:
    with db.transaction():
        for body in bodies:
            posts.publish(author, case, Update(body))


def shown(viewer: Person, case: Case, **asked: object) -> list[str]:
    with db.transaction():
        return [row.body for row in timeline.stream(viewer, case, **asked).posts]  # type: ignore[arg-type]


def down(viewer: Person, case: Case, size: int) -> list[int]:
    positions, before = [], None
    while True:
        with db.transaction():
            page = timeline.stream(viewer, case, before=before, size=size)
        positions += [row.position for row in page.posts]
        if not page.older:
            return positions
        before = int(page.older)


def up(viewer: Person, case: Case, size: int, after: int = 0) -> list[int]:
    positions: list[int] = []
    while True:
        with db.transaction():
            page = timeline.stream(viewer, case, after=after, size=size)
        positions += [row.position for row in page.posts]
        if not page.posts:
            return positions
        after = page.posts[-1].position


def test_pages_down_show_every_post_once_and_end(cast: Cast) -> None:
    say(cast.priya, cast.amara, *map(str, range(7)))
    say(cast.olive, cast.noor, "Another child.")
    for size in (1, 2, 3, 6, 7, 8):
        assert down(cast.dan, cast.amara, size) == [7, 6, 5, 4, 3, 2, 1]


def test_pages_up_leave_no_gap_where_posts_are_gone(cast: Cast) -> None:
    say(cast.priya, cast.amara, *map(str, range(7)))
    with db.transaction():
        third = timeline.stream(cast.priya, cast.amara, after=2, size=1).posts[0]
    with db.transaction() as session:
        posts.withdraw(cast.priya, session.get_one(Post, third.id), "Wrong child")
    for size in (1, 2, 3, 10):
        assert up(cast.dan, cast.amara, size) == [1, 2, 4, 5, 6, 7]
    assert up(cast.dan, cast.amara, 2, after=5) == [6, 7]
    assert down(cast.dan, cast.amara, 2) == [7, 6, 5, 4, 2, 1]


def test_an_empty_stream_is_an_empty_page(cast: Cast) -> None:
    with db.transaction():
        page = timeline.stream(cast.priya, cast.amara)
    assert (list(page.posts), page.older, page.ranges) == ([], None, [])


def test_each_filter_leaves_in_what_it_names(cast: Cast) -> None:
    with db.transaction():
        for author, update in (
            (cast.priya, Update("worried", worry="worried", meaning="Not safe at night")),
            (cast.dan, Update("concern", kind="concern")),
            (cast.ruth, Update("words", kind="childs_words")),
            (cast.ruth, Update("well", kind="working_well")),
            (cast.dan, Update("plain", worry="keep_an_eye_on")),
        ):
            posts.publish(author, cast.amara, update)
    for only, left in (
        (Filter(view="worries"), ["concern", "worried"]),
        (Filter(view="childs-words"), ["words"]),
        (Filter(view="working-well"), ["well"]),
        (Filter(kind="concern"), ["concern"]),
        (Filter(agency_id=cast.dan.agency_id), ["plain", "concern"]),
        (Filter(author_id=cast.ruth.id), ["well", "words"]),
        (Filter(view="worries", author_id=cast.dan.id), ["concern"]),
        (Filter(kind="meeting"), []),
    ):
        assert shown(cast.priya, cast.amara, only=only) == left
    assert not Filter().is_set


def test_a_new_member_reads_from_where_their_history_begins(cast: Cast) -> None:
    say(cast.priya, cast.amara, "before")
    with clock.held(MORNING + timedelta(hours=1)):
        with db.transaction():
            networks.add(
                cast.priya,
                cast.amara,
                cast.olive,
                role="Social worker",
                reason="Takes over",
                history_from=MORNING + timedelta(minutes=30),
            )
        say(cast.dan, cast.amara, "after")
        joined = "Olive Reed, Social worker, joined the network."
        assert shown(cast.olive, cast.amara) == ["after", joined]
        assert shown(cast.dan, cast.amara) == ["after", joined, "before"]


def test_what_somebody_wrote_before_they_left_stays_theirs_to_read(cast: Cast) -> None:
    say(cast.ruth, cast.amara, "my own")
    say(cast.dan, cast.amara, "somebody else's")
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "On leave")
    with clock.held(MORNING + timedelta(days=9)), db.transaction():
        networks.add(
            cast.priya,
            cast.amara,
            cast.ruth,
            role="Health visitor",
            reason="Back from leave",
            history_from=clock.now(),
        )
    with clock.held(MORNING + timedelta(days=9)):
        seen = shown(cast.ruth, cast.amara)
    assert "my own" in seen
    assert "somebody else's" not in seen


def test_an_audited_page_names_its_first_and_last_position(cast: Cast) -> None:
    say(cast.priya, cast.amara, "1", "2", "3")
    with db.transaction():
        page = timeline.stream(cast.dan, cast.amara, size=2)
    assert page.ranges == [(cast.amara.id, 2, 3)]
    assert timeline.floor(page) == 1


def test_a_card_counts_the_readers_that_are_named(cast: Cast) -> None:
    with db.transaction() as session:
        post = posts.publish(cast.priya, cast.amara, Update("Seen at home."))
        follows.mark_read(cast.dan, cast.amara, post.position)
        session.flush()
        card = timeline.post(cast.priya, post.id)
        named = {row.name: row.has_read for row in follows.readers_of(post)}
    assert named == {"Dan Hughes": True, "Ruth Bell": False}
    assert (card.read_count, card.reader_count) == (1, 2)
