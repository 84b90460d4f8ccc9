from collections.abc import Iterator

import pytest

from app.core import db
from app.models import Child, ChildName
from search import find
from tests.cast import Cast

NHS_NUMBER = "9434765919"


@pytest.fixture
def open_cast(cast: Cast) -> Iterator[Cast]:
    """The cast, with numbers and another name for Amara, inside one transaction."""
    with db.transaction() as session:
        amara = session.get_one(Child, cast.amara.child_id)
        amara.nhs_number, amara.council_id = NHS_NUMBER, "C-10092"
        session.add(ChildName(child_id=amara.id, name="Mara Okoye"))
        session.flush()
        yield cast


def test_a_child_is_found_by_any_of_their_names_and_numbers(open_cast: Cast) -> None:
    numbers = ["c-100", NHS_NUMBER, "943 476 5919"]

    for words in ["amara", "AMARA o", "mar", "okoye mara", *numbers]:
        assert open_cast.amara.id in _found(open_cast.priya, words), words


def test_a_child_of_strangers_is_never_found(open_cast: Cast) -> None:
    for words in ["amara", "okoye", "c-10092", NHS_NUMBER, "o"]:
        assert open_cast.amara.id in _found(open_cast.ruth, words), "Ruth is in the network"

        assert open_cast.amara.id not in _found(open_cast.olive, words)


def test_leavers_closed_accounts_and_administrators_find_no_child(open_cast: Cast) -> None:
    assert _found(open_cast.ruth, "o")

    for nobody in (open_cast.lee, open_cast.zed, open_cast.ada, open_cast.audrey):
        assert _found(nobody, "o") == []


def test_a_manager_finds_what_she_supervises(open_cast: Cast) -> None:
    assert open_cast.amara.id in _found(open_cast.mo, "amara")


def test_part_of_an_nhs_number_or_nothing_finds_nobody(open_cast: Cast) -> None:
    for words in [NHS_NUMBER[:9], NHS_NUMBER[5:], "9434765918", "", "   ", "%"]:
        assert _found(open_cast.priya, words) == [], words


def test_every_word_must_be_known(open_cast: Cast) -> None:
    assert _found(open_cast.priya, "amara nobody") == []


def test_colleagues_are_found_by_name_role_or_agency(open_cast: Cast) -> None:
    assert [row.name for row in find.people("hillside")] == ["Dan Hughes"]
    assert [row.name for row in find.people("health ruth")] == ["Ruth Bell"]


def test_a_closed_account_is_not_found(open_cast: Cast) -> None:
    assert find.people("Olive")

    assert find.people("Zed") == []


def _found(viewer: object, words: str) -> list[int]:
    return [row.id for row in find.cases(viewer, words)]  # type: ignore[arg-type]
