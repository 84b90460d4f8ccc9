"""Who hears of a post that is not for everybody, while their page is open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.core import db
from app.models import Person, Post
from feeds import comments, posts
from feeds.posts import Update
from tests.cast import Cast
from tests.realtime.house import Page

Open = Callable[[Person], Page]
WHY = "Mum has not been told yet"


def not_for_ruth(cast: Cast) -> Update:
    return Update("Kept apart.", excluded=(cast.ruth.agency_id,), sharing_reason=WHY)


def for_dan(cast: Cast) -> Update:
    return Update("Between us.", audience="named", people=(cast.dan.id,), sharing_reason=WHY)


@pytest.mark.parametrize("choice", [not_for_ruth, for_dan])
def test_who_does_not_read_a_post_hears_of_nothing_that_is_done_to_it(
    cast: Cast, page: Open, choice: Callable[[Cast], Update]
) -> None:
    dan, ruth = page(cast.dan), page(cast.ruth)
    with db.transaction():
        post_id = posts.publish(cast.priya, cast.amara, choice(cast)).id
    steps: list[tuple[str, Callable[[Post], object]]] = [
        ("commented", lambda post: comments.add(cast.dan, post, "I have it.")),
        ("edited", lambda post: posts.edit(cast.priya, post, "Better said.")),
        ("withdrawn", lambda post: posts.withdraw(cast.priya, post, "Wrong child")),
    ]

    assert _did(dan) == "published"
    for did, act in steps:
        with db.transaction() as session:
            act(session.get_one(Post, post_id))
        assert _did(dan) == did
    assert ruth.hears(0.3) is None


def _did(page: Page) -> object:
    return (page.hears() or {}).get("did")
