"""The family map: nothing on top of anything, and picture, sentence and lists say the same."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from jinja2 import Environment, FileSystemLoader

from app.insight import family_map
from app.insight.family_map import RING, FamilyMap
from app.web import filters
from tests.insight import families
from tests.insight.families import Child, Relative

AMARA = Child("Amara O", date(2017, 5, 4), "F")


def a_map(seed: int, *, many: int | None = None) -> FamilyMap:
    random = Random(seed)
    people = families.relatives(random, random.randint(0, 25) if many is None else many)
    round_ = families.members(random, random.randint(0, 16))
    return family_map.of(families.child(random), 7, people, round_)


def relative(number: int, relation: str, **more: Any) -> Relative:
    plain: dict[str, Any] = {"case_id": None, "name": f"N{number}", "same_household": False}
    return Relative(
        **{**plain, "link_id": number, "relation": relation, "born_on": None, "gender": None} | more
    )


def node(drawn: FamilyMap, number: int) -> family_map.Node:
    return next(each for each in drawn.nodes if each.name == f"N{number}")


@pytest.mark.parametrize("many", range(1, 26))
def test_no_words_touch_other_words_or_symbols_and_all_is_inside(many: int) -> None:
    for seed in range(20):
        drawn = a_map(seed * 100 + many, many=many)
        wide, high = drawn.size
        words = [line.box for each in drawn.nodes for line in each.lines]
        symbols = [(e.x - RING, e.y - RING, e.x + RING, e.y + RING) for e in drawn.nodes]
        boxes = [*words, *symbols]
        assert all(
            x >= 0 and y >= 0 and right <= wide and foot <= high for x, y, right, foot in boxes
        )
        assert not [pair for pair in combinations(boxes, 2) if touch(*pair)], (many, seed)


def touch(one: Sequence[float], other: Sequence[float]) -> bool:
    beside = one[2] <= other[0] or other[2] <= one[0]
    above = one[3] <= other[1] or other[3] <= one[1]
    return not (beside or above)


def test_the_same_family_is_always_drawn_the_same() -> None:
    assert a_map(4).nodes == a_map(4).nodes


def test_older_generations_stand_above_and_older_sisters_to_the_left() -> None:
    drawn = family_map.of(
        AMARA,
        7,
        [
            relative(1, "maternal grandmother"),
            relative(2, "mother"),
            relative(3, "sister", born_on=date(2010, 1, 1)),
            relative(4, "brother", born_on=date(2020, 1, 1)),
            relative(5, "child"),
        ],
        [],
    )
    nana, mother, older, younger, own = (node(drawn, number) for number in range(1, 6))
    child = next(each for each in drawn.nodes if each.kind == "child")
    assert nana.y < mother.y < child.y == older.y == younger.y < own.y
    assert older.x < child.x < younger.x


@pytest.mark.parametrize(
    ("relation", "gender", "shape", "generation"),
    [
        ("mother", None, "circle", 1),
        ("step-father", None, "square", 1),
        ("mother’s partner", None, "diamond", 1),
        ("mother’s partner", "M", "square", 1),
        ("mother’s brother", None, "square", 1),
        ("maternal grandmother", None, "circle", 2),
        ("great-grandfather", None, "square", 2),
        ("half-sister", None, "circle", 0),
        ("cousin", "Female", "circle", 0),
        ("foster carer", None, "diamond", 1),
        ("support person", None, "diamond", 1),
        ("son", None, "square", -1),
        ("", None, "diamond", 1),
    ],
)
def test_who_somebody_is_says_shape_and_row(
    relation: str, gender: str | None, shape: str, generation: int
) -> None:
    assert family_map.shape(relation, gender) == shape
    assert family_map.generation(relation) == generation


def test_the_sentence_says_who_lives_there_how_ties_are_and_whom_nobody_contacts() -> None:
    people = [
        relative(1, "mother", same_household=True, strength="strong", is_stressful=True),
        relative(2, "uncle", contact="none"),
        relative(3, "father", contact="supervised", strength="weak"),
    ]
    assert family_map.of(AMARA, 7, people, []).sentence == (
        "Amara O lives with 1 of 3 relatives. 1 strong tie, 1 weak tie and 1 stressful tie. "
        "1 must not be contacted and 1 with somebody there only."
    )
    assert family_map.of(AMARA, 7, [], []).sentence == (
        "Nobody of Amara O’s family is recorded yet."
    )


def test_who_has_died_lives_with_nobody() -> None:
    people = [relative(1, "mother", same_household=True, has_died=True)]
    drawn = family_map.of(AMARA, 7, people, [])
    assert drawn.sentence == "Amara O lives with none of 1 relative."
    assert not node(drawn, 1).at_home
    assert node(drawn, 1).title == "N1, mother, has died"


@pytest.mark.parametrize(
    ("contact", "note"),
    [("none", "has died, no contact"), ("supervised", "has died, supervised")],
)
def test_that_somebody_has_died_hides_no_limit_of_contact(contact: str, note: str) -> None:
    drawn = family_map.of(AMARA, 7, [relative(1, "mother", has_died=True, contact=contact)], [])
    picture = _picture(drawn)
    assert note in picture
    assert "kith-node__mark" in picture
    assert ('class="kith-node__no"' in picture) == (contact == "none")


def test_sentence_picture_and_lists_agree_on_a_thousand_families() -> None:
    differing = [seed for seed in range(1000) if not agree(a_map(seed))]
    assert differing == []


def test_a_picture_that_leaves_somebody_out_would_be_seen() -> None:
    drawn = a_map(3)
    assert agree(drawn)
    object.__setattr__(drawn, "ties", drawn.ties[1:])
    assert not agree(drawn)


def agree(drawn: FamilyMap) -> bool:
    """What is counted in the picture, in the lists and in the sentence is the same."""
    svg = ElementTree.fromstring(_picture(drawn))
    people = [a for a in svg.iter("a") if "kith-node--relative" in a.attrib["class"]]
    ties = [p for p in svg.iter("path") if p.attrib.get("class", "").split(" ")[0] == "kith-tie"]
    home = sum("kith-node__home" in c.attrib.get("class", "") for a in people for c in a)
    no = sum(c.attrib.get("class") == "kith-node__no" for a in people for c in a)
    died = sum(c.attrib.get("class") == "kith-node__mark" for a in people for c in a)
    round_ = [a for a in svg.iter("a") if "kith-node--professional" in a.attrib["class"]]
    said = drawn.sentence
    cells = [row for _, row in drawn.people]
    return (
        len(people) == len(ties) == len(cells) == _said(r"of (\d+) relative|with (\d+) rel", said)
        and home == sum(row[2] == "Yes" for row in cells) == _home(said, len(people))
        and _ties(ties, "stressful")
        == sum("stressful" in row[3] for row in cells)
        == _said(r"(\d+) stressful", said)
        and _ties(ties, "strong")
        == sum(row[3].startswith("Strong") for row in cells)
        == _said(r"(\d+) strong", said)
        and _ties(ties, "weak")
        == sum(row[3].startswith("Weak") for row in cells)
        == _said(r"(\d+) weak", said)
        and died == sum(row[1].endswith("has died") for row in cells)
        and no
        == sum(row[4] == "Must not be contacted" for row in cells)
        == _said(r"(\d+) must not", said)
        and len(round_) == len(drawn.round) == _said(r"(\d+) professional", said)
    )


def _ties(ties: list[ElementTree.Element], how: str) -> int:
    return sum(f"kith-tie--{how}" in each.attrib["class"] for each in ties)


def _said(pattern: str, said: str) -> int:
    found = re.search(pattern, said)
    return int(next(filter(None, found.groups()))) if found else 0


def _home(said: str, many: int) -> int:
    if "all who are recorded" in said:
        return many
    return _said(r"lives with (\d+) of", said)


def _picture(drawn: FamilyMap) -> str:
    return str(_PICTURE(drawn))


def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader("app/web/templates"), autoescape=True)
    made.filters.update(agency_group=filters.agency_group, agency_letter=filters.agency_letter)
    return made


_PICTURE = vars(_environment().get_template("components/family_map.html").module)["picture"]


def test_a_usual_family_is_a_light_picture() -> None:
    random = Random(1)
    people, round_ = families.relatives(random, 6), families.members(random, 9)
    drawn = family_map.of(AMARA, 7, people, round_)
    assert len(gzip.compress(_picture(drawn).encode())) <= 2 * 1024
