"""Looking after the index: in sentences, without a word of what is in it."""

from __future__ import annotations

import pytest

from app.core import db
from app.models import Post
from feeds import posts
from feeds.posts import Update
from tests.cast import Cast
from tests.cli.conftest import Kith


@pytest.fixture
def whoosh(kith: Kith, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Kith:
    """An installation that has an index, and two posts."""
    monkeypatch.setenv("KITH_SEARCH", "whoosh")
    with db.transaction():
        for body in ("He hid in the larder.", "He hid in the pantry."):
            posts.publish(cast.priya, cast.amara, Update(body))
    return kith


def test_it_is_built_compared_and_erased(whoosh: Kith) -> None:
    for word, said in (
        ("rebuild", "The index is built: 2 things can be found.\n"),
        ("check", "2 things can be found: all are as in the database.\n"),
    ):
        done = whoosh("search", word)
        assert (done.exit_code, done.output) == (0, said)
    with db.transaction() as session:
        session.get_one(Post, 2).body = "He hid in the cellar."
    done = whoosh("search", "erase")
    assert done.output == (
        "post 2 was wrong\n"
        "2 things can be found: 1 differed and are mended.\n"
        "No word is left of what cannot be found.\n"
    )


def test_what_is_not_there_is_built_first(whoosh: Kith) -> None:
    done = whoosh("search", "check")
    assert done.exit_code == 0
    assert done.output.startswith("There is no index yet")
    assert done.output.endswith("2 things can be found: all are as in the database.\n")


def test_without_an_index_there_is_nothing_to_do(
    kith: Kith, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_SEARCH", "off")
    for word in ("rebuild", "check", "erase"):
        done = kith("search", word)
        assert done.exit_code == 0
        assert done.output.startswith("There is no index to look after")
