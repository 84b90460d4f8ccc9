from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app.core import db
from feeds import acknowledgements, comments, posts
from feeds.posts import Update
from search import engines, indexing
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/cases/1",
        "/posts/1",
        "/quick",
        "/quick/1",
        "/search?q=update+agency:1",
        "/search?q=update+from:priya",
        "/search?q=update+case:amara",
        "/search/suggestions?q=amara",
        "/people?words=priya",
        "/hotspots",
        "/hotspots?as=table",
        "/team",
        "/cases/1/compare",
        "/cases/1/compare?way=siblings",
        "/cases/1/chronology",
        "/cases/1/family-map",
    ],
)
def test_a_page_asks_the_database_as_often_whatever_it_holds(
    browser: Browser, cast: Cast, page: str
) -> None:
    dan, kept = browser(cast.dan), engines.kept()
    if kept is not None:
        indexing.rebuild(kept)
    _talk(cast, 1)
    dan.get(page)
    with _counted() as few:
        assert dan.get(page).status_code == 200
    _talk(cast, 8)

    with _counted() as many:
        assert dan.get(page).status_code == 200

    assert len(few) == len(many) <= 37


def _talk(cast: Cast, times: int) -> None:
    with db.transaction():
        for number in range(times):
            for author, case in ((cast.priya, cast.amara), (cast.priya, cast.tobi)):
                said = posts.publish(author, case, Update(f"update {number}"))
                comments.add(cast.dan, said, "Thank you.")
                acknowledgements.add(cast.dan, said)
            posts.publish(cast.ruth, cast.amara, Update("gone", worry="urgent", phoned=True))


@contextmanager
def _counted() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(connection, cursor, statement, *_rest) -> None:
        if not statement.startswith("SET"):  # how the transaction commits, not a question
            asked.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
