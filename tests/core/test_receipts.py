"""The same write sent again: one row, and the first answer for everybody who asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import func, select

from app import receipts
from app.core import db
from app.core.errors import Conflict, Invalid
from app.models import Post
from app.receipts import Answer
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast

REQUEST = b"POST /cases/1/posts {}"


def send(cast: Cast, key: str = "one", request: bytes = REQUEST) -> Answer:
    """What a door does with a write."""
    with db.transaction():
        kept = receipts.claim(cast.priya, key, request)
        if kept is not None:
            return kept
        post = posts.publish(cast.priya, cast.amara, Update("Rang Mum."))
        answer = Answer(201, f'{{"id": {post.id}}}')
        receipts.keep(cast.priya, key, answer)
        return answer


def how_many() -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(Post)) or 0


def test_the_same_write_again_gets_the_first_answer(cast: Cast) -> None:
    assert send(cast) == send(cast)
    assert how_many() == 1
    assert send(cast, key="two") != send(cast)
    assert how_many() == 2


def test_another_write_with_the_same_key_is_refused(cast: Cast) -> None:
    send(cast)
    with pytest.raises(Invalid, match="used for something else"):
        send(cast, request=b"POST /cases/2/posts {}")


def test_two_people_may_use_the_same_key(cast: Cast) -> None:
    send(cast)
    with db.transaction():
        assert receipts.claim(cast.dan, "one", REQUEST) is None


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused(cast: Cast, key: str) -> None:
    with pytest.raises(Invalid, match="200 visible characters"), db.transaction():
        receipts.claim(cast.priya, key, REQUEST)


def test_a_refused_write_gives_its_key_back(cast: Cast) -> None:
    def refused() -> None:
        receipts.claim(cast.priya, "one", REQUEST)
        raise Conflict

    with pytest.raises(Conflict), db.transaction():
        refused()
    assert send(cast).status == 201
    assert how_many() == 1


def test_whoever_comes_while_the_first_is_at_work_waits_for_its_answer(cast: Cast) -> None:
    claimed, begun = Event(), Event()

    def first() -> Answer:
        with db.transaction():
            assert receipts.claim(cast.priya, "one", REQUEST) is None
            claimed.set()
            begun.wait(5)
            receipts.keep(cast.priya, "one", Answer(201, "first"))
        return Answer(201, "first")

    with ThreadPoolExecutor(5) as threads:
        leading = threads.submit(first)
        claimed.wait(5)
        following = [threads.submit(send, cast) for _ in range(4)]
        begun.set()
        assert {each.result(20) for each in (leading, *following)} == {Answer(201, "first")}
    assert how_many() == 0


def test_many_equal_writes_at_once_leave_one_row_and_equal_answers(cast: Cast) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: send(cast), range(16)))
    assert len(set(answers)) == 1
    assert how_many() == 1
