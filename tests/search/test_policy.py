"""What somebody finds is what the policy, written by hand, lets them read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.core import clock, db
from search import index
from tests.cast import MORNING
from tests.rules import town
from tests.search import asking, said


@pytest.mark.usefixtures("database")
def test_everybody_finds_what_the_policy_lets_them_read_and_nothing_else(tmp_path: Path) -> None:
    chance, some = random.Random(5), 0
    with clock.held(MORNING):
        with db.transaction():
            settled = said.settle(chance.sample(list(town.kinds()), 50), 60, chance)
        index.use(asking.engine(tmp_path / "search", at_once=40))
        for _ in range(15):
            viewer, asked = settled.somebody(), settled.asked()
            assert said.compare(settled, viewer, asked) == ("", 0), (viewer.id, asked.written)
            some += bool(settled.found(viewer.id, asked))
    assert some > 3, "most questions find nothing: it proves nothing"
