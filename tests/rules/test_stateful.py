"""Days of a town that lives: after every deed the rules and the policy still agree."""

from __future__ import annotations

import pytest

from tests.cast import MORNING
from tests.rules import compared
from tests.rules.life import Life
from tests.rules.planted import BUGS

LIVES, STEPS = 8, 40

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_is_done_the_rules_and_the_policy_agree(database: str, seed: int) -> None:
    life = Life(seed, MORNING)
    wrong = compared.live(life, STEPS, dear=0.05)
    assert wrong is None, f"seed {seed}, {wrong}: " + "; ".join(life.steps)


@pytest.mark.parametrize(
    "name",
    [
        "a conflict is forgotten",
        "an excluded agency reads",
    ],
)
def test_a_mistake_in_the_rules_shows_as_the_town_lives(database: str, name: str) -> None:
    life = Life(1, MORNING)
    with BUGS[name]():
        compared.build_anew()
        found = compared.live(life, 200, dear=0)
    compared.build_anew()
    assert found is not None
