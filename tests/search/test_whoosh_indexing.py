"""The index follows what is done: posted, changed, taken back, hidden, shown again, brought in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from app import access, activity
from app.casework import networks, restrictions
from app.core import db, seals
from app.jobs import indexing as job
from app.models import Activity, Attachment, Comment, Counter, Person, Post
from feeds import comments, posts
from feeds.posts import Update
from messaging import conversations, messages
from search import indexing
from search.index import Mark
from search.indexing import Differences
from search.query import Filters, Query, Word
from search.whoosh_index import Damaged, Key, WhooshIndex
from tests.cast import Cast
from tests.realtime.house import eventually


@pytest.fixture
def index(cast: Cast, tmp_path: Path) -> WhooshIndex:
    """A whole index of the cast, of whom nothing was said so far."""
    seals.use("a secret of this installation")
    index = WhooshIndex(tmp_path / "search")
    assert indexing.rebuild(index)
    return index


def found(index: WhooshIndex, viewer: Person, word: str) -> list[str]:
    """What the index finds for her, once it has caught up."""
    while indexing.catch_up(index):
        pass
    return [mark.thing for mark in _marks(index, viewer, Word(word))]


def _marks(index: WhooshIndex, viewer: Person, query: Query) -> list[Mark]:
    with db.transaction():
        scope = access.searchable(viewer)
    return index.find(query, Filters(), scope)


def publish(cast: Cast, body: str, **more: Any) -> int:
    with db.transaction():
        update = Update(body, **more)
        return posts.publish(cast.priya, cast.amara, update).id


def attach(cast: Cast, name: str, **to: int) -> None:
    with db.transaction() as session:
        session.add(
            Attachment(
                author_id=cast.priya.id,
                name=name,
                type="text/plain",
                size=1,
                file="none",
                key=b"",
                verdict="clean",
                kept_at=db.session().scalars(select(Post.posted_at)).first(),
                **to,
            )
        )


def test_what_is_posted_and_changed_is_found_as_it_is_now(cast: Cast, index: WhooshIndex) -> None:
    post_id = publish(cast, "He hid in the larder.")
    assert found(index, cast.priya, "larder") == ["post"]
    with db.transaction() as session:
        posts.edit(cast.priya, session.get_one(Post, post_id), "He hid in the pantry.")
    assert found(index, cast.priya, "larder") == []
    assert found(index, cast.priya, "pantry") == ["post"]
    assert found(index, cast.olive, "pantry") == []


def test_with_a_post_go_its_comments_and_files(cast: Cast, index: WhooshIndex) -> None:
    post_id = publish(cast, "He hid in the larder.")
    attach(cast, "larder.txt", post_id=post_id, case_id=cast.amara.id)
    with db.transaction() as session:
        post = session.get_one(Post, post_id)
        comments.add(cast.dan, post, "Which larder?")
        comments.add(cast.ruth, post, "The larder of his aunt.")
    assert sorted(found(index, cast.priya, "larder")) == ["comment", "comment", "file", "post"]
    with db.transaction() as session:
        first = session.scalars(select(Comment).order_by(Comment.id)).first()
        assert first is not None
        comments.withdraw(cast.dan, first, "Wrong child")
    assert sorted(found(index, cast.priya, "larder")) == ["comment", "file", "post"]
    with db.transaction() as session:
        posts.withdraw(cast.priya, session.get_one(Post, post_id), "Wrong child")
    assert found(index, cast.priya, "larder") == []


def test_what_is_said_is_found_by_those_it_is_said_to(cast: Cast, index: WhooshIndex) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.olive])
        said = messages.say(cast.priya, talk, "Meet me at the larder.")
    assert found(index, cast.olive, "larder") == ["message"]
    assert found(index, cast.dan, "larder") == []
    with db.transaction():
        messages.edit(cast.priya, said, "Meet me at the pantry.")
    assert found(index, cast.olive, "larder") == []
    with db.transaction():
        messages.withdraw(cast.priya, said)
    assert found(index, cast.olive, "pantry") == []


def test_a_restricted_case_leaves_the_index_and_comes_back(cast: Cast, index: WhooshIndex) -> None:
    post_id = publish(cast, "He hid in the larder.")
    with db.transaction() as session:
        comments.add(cast.dan, session.get_one(Post, post_id), "Which larder?")
        talk = conversations.of_case(cast.priya, cast.amara)
        messages.say(cast.priya, talk, "The larder of his aunt.")
    attach(cast, "larder.txt", post_id=post_id, case_id=cast.amara.id)
    everything = ["comment", "file", "message", "post"]
    assert sorted(found(index, cast.priya, "larder")) == everything
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "A colleague is related")
    assert found(index, cast.priya, "larder") == []
    assert list(index.keys()) == []
    with db.transaction():
        restrictions.lift(cast.priya, cast.amara, "No more")
    assert sorted(found(index, cast.priya, "larder")) == everything
    assert found(index, cast.priya, "aunt") == ["message"]


def test_what_is_for_some_alone_is_never_in_it(cast: Cast, index: WhooshIndex) -> None:
    post_id = publish(
        cast,
        "He hid in the larder.",
        audience="named",
        people=(cast.dan.id,),
        sharing_reason="Only he asked",
    )
    with db.transaction() as session:
        comments.add(cast.dan, session.get_one(Post, post_id), "Which larder?")
    attach(cast, "larder.txt", post_id=post_id, case_id=cast.amara.id)
    assert found(index, cast.priya, "larder") == []
    assert list(index.keys()) == []


def test_what_the_system_notes_is_found(cast: Cast, index: WhooshIndex) -> None:
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Gone to the larder")
    assert found(index, cast.priya, "larder") == ["post"]


def test_what_is_brought_in_quietly_is_found(cast: Cast, index: WhooshIndex) -> None:
    publish(cast, "He hid in the larder.")
    with db.transaction() as session:
        session.execute(update(Post).values(body="He hid in the pantry."))
        activity.record(None, "imported", case_id=cast.amara.id, quiet=True)
    assert found(index, cast.priya, "pantry") == ["post"]


def test_what_is_told_again_changes_nothing(cast: Cast, index: WhooshIndex) -> None:
    for number in range(7):
        publish(cast, f"Visit {number} to the larder.")
    before = found(index, cast.priya, "larder")
    reached = index.point()
    with db.transaction() as session:
        first = session.get_one(Activity, 1)
        again = type(reached)(first.position, first.at.isoformat())
    index.write([], [], again)
    assert found(index, cast.priya, "larder") == before
    assert index.point() == reached


def test_of_two_who_index_one_waits(cast: Cast, index: WhooshIndex) -> None:
    publish(cast, "He hid in the larder.")
    with index.leased() as is_ours:
        assert is_ours
        assert indexing.catch_up(WhooshIndex(index.path)) == 0
    assert indexing.catch_up(WhooshIndex(index.path)) == 1


def test_who_is_far_behind_comes_on_step_by_step(
    cast: Cast, index: WhooshIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        publish(cast, f"Visit {number} to the larder.")
    monkeypatch.setattr(indexing, "AT_ONCE", 4)
    steps = []
    while taken := indexing.catch_up(index):
        steps.append(taken)
    assert steps == [4, 4, 1]
    assert len(found(index, cast.priya, "larder")) == 9


@pytest.mark.parametrize("harm", ["older", "another"])
def test_an_index_of_another_database_is_made_anew(
    cast: Cast, index: WhooshIndex, harm: str
) -> None:
    publish(cast, "He hid in the larder.")
    assert found(index, cast.priya, "larder") == ["post"]
    with db.transaction() as session:
        if harm == "older":
            position = index.reached()
            session.execute(update(Counter).values(value=position - 1))
            session.execute(update(Post).values(body="An older text."))
            for table in ("deliveries", "notices"):
                session.execute(delete(db.Base.metadata.tables[table]))
            session.execute(delete(Activity).where(Activity.position == position))
        else:
            session.execute(update(Activity).values(at=cast.amara.opened_at))
    with pytest.raises(Damaged):
        indexing.catch_up(index)
    job.keep(index, lambda _done, _all: None)
    assert indexing.catch_up(index) == 0


def test_a_rebuild_goes_on_where_it_was_left(
    cast: Cast, index: WhooshIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        publish(cast, f"Visit {number} to the larder.")
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    shown = []

    def stop_at_four(done: int, total: int) -> None:
        shown.append((done, total))
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.rebuild(index, stop_at_four)
    assert indexing.rebuild(index, lambda done, total: shown.append((done, total)))
    assert shown == [(2, 9), (4, 9), (6, 9), (8, 9), (9, 9)]
    assert len(_marks(index, cast.priya, Word("larder"))) == 9


def test_what_differs_is_named_without_a_word_and_mended(cast: Cast, index: WhooshIndex) -> None:
    first, second, third = (publish(cast, f"Visit {each} to the larder.") for each in range(3))
    assert len(found(index, cast.priya, "larder")) == 3
    assert indexing.check(index) == Differences([], [])
    with db.transaction() as session:
        session.execute(update(Post).where(Post.id == first).values(body="Pantry."))
        session.execute(
            update(Post).where(Post.id == second).values(withdrawn_at=cast.amara.opened_at)
        )
    index.forget([("post", third)])
    assert indexing.check(index) == Differences(
        [("post", first), ("post", third)], [("post", second)]
    )
    assert indexing.check(index) == Differences([], [])
    assert len(found(index, cast.priya, "larder")) == 1
    assert found(index, cast.priya, "pantry") == ["post"]


def test_no_word_of_what_was_deleted_for_good_is_left(cast: Cast, index: WhooshIndex) -> None:
    publish(cast, "He hid in the larder.")
    gone = publish(cast, "Zanzibar.")
    assert found(index, cast.priya, "zanzibar") == ["post"]
    with db.transaction() as session:
        # As retention will: the row is gone, whatever names it points to nothing.
        for table in ("notices", "deliveries"):
            session.execute(delete(db.Base.metadata.tables[table]))
        session.execute(update(Activity).where(Activity.post_id == gone).values(post_id=None))
        session.execute(delete(Post).where(Post.id == gone))
    assert indexing.erase(index) == Differences([], [("post", gone)])
    kept = b"".join(each.read_bytes() for each in index.path.iterdir())
    assert b"zanzibar" not in kept
    assert b"larder" in kept


@pytest.fixture
def begin(index: WhooshIndex) -> object:
    stops = []
    yield lambda **asked: stops.append(job.begin(index, **asked))
    for stop in stops:
        stop()


def test_a_post_wakes_the_indexer_long_before_the_sweep(
    cast: Cast, index: WhooshIndex, begin: Callable[..., None]
) -> None:
    begin(gather_for=0.01, sweep_every=600)
    publish(cast, "He hid in the larder.")
    eventually(lambda: len(_marks(index, cast.priya, Word("larder"))) == 1, 2)


def test_the_indexer_makes_an_index_where_there_is_none(
    cast: Cast, index: WhooshIndex, begin: Callable[..., None]
) -> None:
    publish(cast, "He hid in the larder.")
    for each in index.path.iterdir():
        each.unlink()
    begin(gather_for=0.01, sweep_every=0.05)
    eventually(index.is_ready, 2)
    assert len(_marks(index, cast.priya, Word("larder"))) == 1


def test_a_server_that_stops_while_it_builds_warns_of_nothing_and_goes_on_there_later(
    cast: Cast, index: WhooshIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        publish(cast, f"Visit {number} to the larder.")
    for each in index.path.iterdir():
        each.unlink()
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    begun, read = threading.Event(), indexing._following

    def once_it_stops(come_to: Key | None) -> Any:
        begun.set()
        eventually(lambda: not activity._wakes)
        return read(come_to)

    monkeypatch.setattr(indexing, "_following", once_it_stops)
    with capture_logs() as lines:
        stop = job.begin(index)
        assert begun.wait(5)
        stop()
    assert lines == []
    assert not index.is_ready(), "it was left in the midst of it"
    job.keep(index, lambda _done, _all: None)
    assert len(_marks(index, cast.priya, Word("larder"))) == 9
