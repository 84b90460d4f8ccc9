"""What a child is known by, and finding the case of one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.casework import cases, children, conflicts
from app.casework.cases import ChildDetails
from app.core import db
from app.core.errors import Invalid
from app.models import Child
from tests.casework.known import (
    BORN,
    NHS_NUMBER,
    NOOR,
    POSTCODE,
    keep_apart,
    open_duplicate,
    restrict,
    town,
)
from tests.cast import Cast

__all__ = ["town"]


def meant(cast: Cast, *described: Any) -> bool:
    """Whether this description leads Dan, who does not see Noor's case, to it."""
    with db.transaction():
        found = children.find(cast.dan, children.sought(*described))
    assert found.case_id in (None, cast.noor.id)
    return found.case_id is not None


def test_a_postcode_is_kept_in_capitals_with_one_space(cast: Cast) -> None:
    with db.transaction():
        for written, kept in (
            ("ls14ap", "LS1 4AP"),
            (" sw1a  1aa ", "SW1A 1AA"),
            ("M1 1AE", "M1 1AE"),
            ("", None),
        ):
            cases.describe_child(
                cast.priya,
                cast.amara,
                ChildDetails("Amara O", address=" 4 Mill Lane,\n Northmoor", postcode=written),
            )
            child = db.session().get_one(Child, cast.amara.child_id)
            assert (child.address, child.postcode) == ("4 Mill Lane, Northmoor", kept)


@pytest.mark.parametrize("written", ["LS1", "12345", "LS1 4A", "75001 Paris", "LS1 4AP x"])
def test_what_is_no_postcode_is_refused_in_a_sentence(cast: Cast, written: str) -> None:
    with pytest.raises(Invalid, match="whole UK postcode") as refused, db.transaction():
        cases.describe_child(cast.priya, cast.amara, ChildDetails("Amara O", postcode=written))
    assert set(refused.value.fields) == {"postcode"}


@pytest.mark.parametrize(
    "name",
    [
        "Noor R",
        "  NOOR   r ",
        "Nour O’Reilly-Smith",
        "nour o'reilly smith",
        "Nour OReilly‐Smith",
    ],
)
@pytest.mark.parametrize("known_by", [POSTCODE, "ls14ap", NHS_NUMBER])
def test_a_child_is_found_by_name_birthday_and_number_or_postcode(
    town: Cast, name: str, known_by: str
) -> None:
    assert meant(town, name, BORN, known_by)


@pytest.mark.parametrize(
    "described",
    [
        ("Nora R", BORN, POSTCODE),
        ("Noor", BORN, POSTCODE),
        ("Noor R", date(2023, 8, 29), POSTCODE),
        ("Noor R", BORN, "LS1 4AQ"),
        ("Noor R", BORN, "450 557 7104"),
    ],
)
def test_all_three_must_be_right(town: Cast, described: tuple[str, date, str]) -> None:
    if len(described[0].split()) < 2:
        with pytest.raises(Invalid):
            meant(town, *described)
    else:
        assert not meant(town, *described)


def test_a_child_nobody_described_is_not_found_by_what_is_missing(town: Cast) -> None:
    with db.transaction() as session:
        child = session.get_one(Child, town.noor.child_id)
        child.nhs_number = child.postcode = None
    assert not meant(town, *NOOR)
    assert not meant(town, "Noor R", BORN, NHS_NUMBER)


def test_each_thing_that_is_missing_has_its_sentence(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused, db.transaction():
        children.sought("Noor", None, " ")
    assert set(refused.value.fields) == {"name", "born_on", "number_or_postcode"}
    for born in (date(2030, 1, 1), date(1923, 8, 30)):
        with pytest.raises(Invalid) as refused, db.transaction():
            children.sought("Noor R", born, POSTCODE)
        assert set(refused.value.fields) == {"born_on"}


def test_a_conflict_hides_the_case_and_a_restriction_is_told_apart(town: Cast) -> None:
    assert meant(town, *NOOR)
    restrict(town, town.dan)
    with db.transaction():
        assert children.find(town.dan, children.sought(*NOOR)).is_restricted
    keep_apart(town, town.dan)
    assert not meant(town, *NOOR)


def test_a_conflict_hides_the_case_it_was_declared_on_and_no_other(town: Cast) -> None:
    """Or whoever opens a duplicate could shut a colleague out of the true one with it."""
    other = open_duplicate(town.priya)
    with db.transaction():
        conflicts.declare(town.priya, other, town.dan, "Their uncle")
    assert meant(town, *NOOR)
    keep_apart(town, town.dan)
    assert not meant(town, *NOOR)


def test_a_case_they_see_is_never_the_one_that_is_meant(town: Cast) -> None:
    own = open_duplicate(town.dan)
    with db.transaction():
        found = children.find(town.dan, children.sought(*NOOR))
        by_number = children.find(town.dan, children.of_case(str(own.id)))
        hers = children.find(town.olive, children.sought(*NOOR))
    assert (found.case_id, found.seen) == (town.noor.id, (own.id,))
    assert (by_number.case_id, by_number.seen) == (None, (own.id,))
    assert (hers.case_id, hers.seen) == (own.id, (town.noor.id,))


def test_the_number_of_a_case_is_read_from_its_link(cast: Cast) -> None:
    for written in ("7", " /cases/7 ", "https://kith.example/cases/7/network", "/cases/7#post-3"):
        assert children.of_case(written).case_id == 7
    for wrong in ("", "seven", "/posts/7", "٧", "7 8"):
        with pytest.raises(Invalid):
            children.of_case(wrong)
