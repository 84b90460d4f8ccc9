"""The words of a text: what folds, what divides, and that PostgreSQL makes the same of it."""

from __future__ import annotations

import random
from itertools import product

import pytest
from sqlalchemy import text

from app.core import db
from search import words

EVERYDAY = (
    """
Siobhán’s mum didn't open the door; the flat was cold (4°C), no food in. Visited 12/11/2026 at
10.30am, Tobi not brought again - no further action?! Ünlü, Łukasz & Zoë: “Strasse/Straße” №5,
½ an hour, O'Connor, step-father, e-mail a.b@example.org or https://kith.example/x?y=1e5&z=2 …
Наталья, Ἀθηνᾶ, ﬁle_name-2026.pdf, £3.50, 1e5 1e5a 7e7e7 3a LE2 1AB, ΟΔΟΣ, مُحَمَّد, हिन्दी, 好
"""
    + "a" * 3000
)
WORK = """
visit visits visited visiting child childs children worried worries worry seen alone school
attendance attended missing emergency strategy discussion neighbours bruises bruised carers
allocation referral referred safeguarding professionals happy happier unhappily evenings
generously organisations added adding was his its this during meetings met lying dies crying
"""
ENDINGS = """
s es ies ied ing ying edly abli ational enci izer alism aliti fulness ousli iveness iviti biliti
ability bli ogi icate iciti ative ement ion ously ally ibly ably
"""


def test_case_accents_and_apostrophes_make_no_difference() -> None:
    for one, other in (
        ("Zoë", "zoe"),
        ("STRASSE", "Straße"),
        ("the child’s", "the child"),
        ("O'Connor", "oconnor"),
        ("don't", "DONT"),
        ("ﬁle", "file"),
        ("Łukasz", "lukasz"),
    ):
        assert words.tokens(one) == words.tokens(other)


def test_punctuation_divides_and_no_word_is_too_common() -> None:
    assert words.tokens("No further action: step-father, 12/11.") == (
        "no further action step father 12 11".split()
    )
    assert words.tokens("… ’s – 😀") == []


def test_a_stem_begins_as_its_word_does_but_for_an_ending() -> None:
    endings = ["", *ENDINGS.split()]
    short = product(("", *"adlsy"), "iey", endings)
    long = product("adsvy", "aelty", "bdlnt", endings)
    made = ("".join(letters) for letters in (*short, *long))
    for word in (*made, *words.tokens(EVERYDAY), *WORK.split()):
        stem = words.stem(word)
        for many in range(1, min(len(stem), 20) + 1):
            assert word.startswith(words.opening(stem[:many])), (word, stem)


def test_the_forms_of_a_word_have_one_stem() -> None:
    assert {words.stem(each) for each in words.tokens("visit visits visited visiting")} == {"visit"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_makes_the_same_words(database: str) -> None:
    chance = random.Random(4)
    hostile = [scribble(chance) for _ in range(300)]
    for each in [EVERYDAY, WORK, *hostile]:
        assert _by_postgresql(each) == _by_python(each), each


def scribble(chance: random.Random) -> str:
    odd = "eE019.-+/'’s éßÆœøłİıςΣЯйﬁ½№…ñم好िʼ`\u0301K\xad‰ǆʰ😀\n"
    return "".join(chance.choice(odd + " ab") for _ in range(chance.randint(1, 60)))


def _by_python(written: str) -> tuple[set[str], list[str]]:
    tokens = words.tokens(written)
    stems = [words.stem(each) for each in tokens]
    return {*tokens, *stems}, stems


def _by_postgresql(written: str) -> tuple[set[str], list[str]]:
    with db.transaction() as session:
        held = session.scalars(_HELD, {"written": written})
        return set(held), list(session.scalars(_PLACED, {"written": written}))


_VECTOR = "unnest(kith_vector(kith_words(:written)))"
_HELD = text(f"SELECT lexeme FROM {_VECTOR}")
_PLACED = text(f"SELECT lexeme FROM {_VECTOR}, unnest(positions) AS place ORDER BY place")
