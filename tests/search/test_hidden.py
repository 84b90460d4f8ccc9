"""What is hidden from somebody moves nothing she is answered: not an order, not a count."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.core import db
from search import apart, index, indexing
from search.whoosh_index import WhooshIndex
from tests.cast import Cast
from tests.search import asking
from tests.search.hidden import Hidden


@pytest.mark.parametrize("is_behind", [True, False])
def test_what_happens_where_she_does_not_look_changes_nothing_she_finds(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_behind: bool
) -> None:
    monkeypatch.setattr(apart, "MOST_AHEAD", 5)
    hidden = Hidden(cast, random.Random(4))
    with db.transaction():
        hidden.settle(60)
    engine = asking.engine(tmp_path / "search", at_once=20)
    index.use(engine)
    with db.transaction():
        hidden.speak()
    questions = ["visit OR school", "the", *(hidden.question() for _ in range(4))]
    before = hidden.answers(questions)
    with db.transaction():
        for _ in range(12):
            hidden.happen()
    if isinstance(engine, WhooshIndex) and not is_behind:
        while indexing.catch_up(engine):
            pass
    assert hidden.answers(questions) == before
    assert len(before) > 5_000, "little was found: it proves nothing"
