from collections.abc import Iterator
from datetime import date

import pytest

from app.casework import cases as casework
from app.casework import families
from app.core import db
from app.models import Case, Child, ChildName, Person
from search import find, names
from tests.cast import Cast
from tests.search.scribbled import scribbled

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


def test_a_number_or_single_letters_are_no_name_of_a_colleague(open_cast: Cast) -> None:
    for words in ("R204037", "r2040", "a u", "a"):
        assert "Ruth Bell" not in [row.name for row in find.people(words)], words

    assert find.people("R")[0].why == "initial only"
    assert find.people("Ruth 7")[0].name == "Ruth Bell"


def test_those_who_left_take_no_place_of_those_who_stay(
    open_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "CANDIDATES", 1)
    assert open_cast.dan.id < open_cast.ruth.id
    leaver = db.session().get_one(Person, open_cast.dan.id)
    leaver.name, leaver.active = open_cast.ruth.name, False
    db.session().flush()

    assert [row.id for row in find.people("Rooth Bel")] == [open_cast.ruth.id]


def test_a_closed_account_is_not_found(open_cast: Cast) -> None:
    assert find.people("Olive")

    assert find.people("Zed") == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Siobhan Bell", "Shivaun"),
        ("Mohammed Iqbal", "muhammad iqbal"),
        ("Niamh Walsh", "Neve Walsh"),
        ("Catherine Dunn", "Kathryn"),
        ("Zainab Malik", "Zeinab Malik"),
        ("Jo McDonald", "MacDonald"),
        ("Linh Nguyen", "Nugyen"),
        ("William Hall", "Bill Hall"),
        ("Anne-Marie Dunn", "Annemarie Dunn"),
        ("Maria de Souza", "Desouza"),
        ("Łukasz Wójcik", "Lukasz Wojcik"),
        ("Femi Obande", "obande, f"),
        ("Femi Obande", "femi ob"),
    ],
)
def test_a_child_and_a_colleague_are_found_however_the_name_is_written(
    open_cast: Cast, name: str, written: str
) -> None:
    _call(open_cast.amara, name)
    db.session().get_one(Person, open_cast.ruth.id).name = name

    assert _found(open_cast.priya, written)[:1] == [open_cast.amara.id]
    assert find.people(written)[0].id == open_cast.ruth.id
    assert _found(open_cast.olive, written) == []


def test_it_says_why_a_case_is_there(open_cast: Cast) -> None:
    _call(open_cast.amara, "Saoirse Bell")
    families.link_adult(
        open_cast.priya, open_cast.amara, "Kathleen Doyle", "grandmother", same_household=True
    )

    for written, why in [
        ("saoirse bell", ""),
        ("Seersha", "another spelling of Seersha"),
        ("Saoirse 9", "same age"),
        ("Saoirse 4/5/2017", "same date of birth"),
        ("bell born 5 April 2017", "day and month of birth exchanged"),
        ("C-100", "number begins so"),
        (NHS_NUMBER, "same number"),
        ("Mara Okoye", "also Mara Okoye"),
        ("Doyle", "grandmother Kathleen Doyle"),
        ("Saoirse Pugh 4/5/2017", "only Saoirse fits, same date of birth"),
        ("Kathleen Doile", "grandmother Kathleen Doyle, sounds like Doile"),
    ]:
        first = find.cases(open_cast.priya, written)[0]
        assert (first.id, first.why) == (open_cast.amara.id, why), written


def test_who_is_born_on_the_day_comes_before_who_is_only_called_so(open_cast: Cast) -> None:
    for case, born_on in ((open_cast.amara, date(2015, 3, 9)), (open_cast.tobi, date(2019, 7, 2))):
        _call(case, "Mohammed Ali")
        db.session().get_one(Child, case.child_id).born_on = born_on

    for written, first in [
        ("Muhammad Ali born 2019", open_cast.tobi.id),
        ("Muhammad Ali 09.03.2015", open_cast.amara.id),
        ("born 2 July 2019", open_cast.tobi.id),
        ("aged 11", open_cast.amara.id),
    ]:
        assert _found(open_cast.priya, written)[0] == first, written


def test_a_name_given_or_taken_a_moment_ago_counts_at_once(open_cast: Cast) -> None:
    assert open_cast.amara.id in _found(open_cast.priya, "Okoye")
    other = db.session().query(ChildName).one()
    other.name = "Wanjiru"

    assert open_cast.amara.id in _found(open_cast.priya, "Wanjiru")
    assert open_cast.amara.id not in _found(open_cast.priya, "Okoye")

    db.session().delete(other)
    assert _found(open_cast.priya, "Wanjiru") == []
    _call(open_cast.amara, "Ngozi")
    assert _found(open_cast.priya, "Ngozi") == [open_cast.amara.id]


def test_names_of_others_change_nothing_that_is_shown(open_cast: Cast) -> None:
    """However many share every key: not even who is compared, or in which order they stand."""
    _call(open_cast.amara, "Mohammed Ali")
    _call(open_cast.tobi, "Muhamad Aly")
    before = find.cases(open_cast.priya, "Muhammad Ali")
    assert {row.id for row in before} >= {open_cast.amara.id, open_cast.tobi.id}

    for number in range(250):
        casework.add(Child(), casework.ChildDetails(name="Muhammad Ali", council_id=f"C-2{number}"))

    assert find.cases(open_cast.priya, "Muhammad Ali") == before
    assert _found(open_cast.priya, "C-2") == []


def test_a_colleague_whose_name_sounds_so_is_told_from_one_who_is_called_so(
    open_cast: Cast,
) -> None:
    people = find.people("Daniel Hughes")

    assert (people[0].name, people[0].why) == ("Dan Hughes", "short for Daniel")
    assert [row.name for row in find.people("Dan Hughes", ("manager",))] == []


@pytest.mark.parametrize(
    ("written", "name", "is_known"),
    [
        ("bell", "Saoirse Bell", True),
        ("Seersha Bell", "Saoirse Bell", True),
        ("Bell, Kate", "Katherine Bell", True),
        ("Skye Mitchell", "Skye M", True),
        ("Anne Marie", "Annemarie Dunn", True),
        ("open", "Owen Price", False),
        ("edit", "Edith Shaw", False),
        ("bruise", "Ali Price", False),
        ("M", "Skye Mitchell", False),
        ("Skye Bell", "Skye Mitchell", False),
        ("Daniel", "Danielle Price", False),
        ("", "Skye Mitchell", False),
    ],
)
def test_what_is_only_heard_or_spelt_alike_is_not_known(
    written: str, name: str, is_known: bool
) -> None:
    assert find.is_known(written, name) is is_known


def test_a_number_or_the_day_of_birth_makes_a_child_known(open_cast: Cast) -> None:
    _call(open_cast.amara, "Saoirse Bell")
    for written, is_known in [
        ("C-100", True),
        ("Saoirse Pugh 4/5/2017", True),
        ("Saoirsa Bel 4/5/2017", True),
        ("Saoirsa Bel", False),
        ("Saoirsa Bel 2017", False),
    ]:
        assert find.cases(open_cast.priya, written)[0].is_known is is_known, written


def test_whatever_is_written_finds_without_an_error(open_cast: Cast) -> None:
    for written in scribbled(200):
        find.cases(open_cast.priya, written)
        find.people(written)


def _call(case: Case, name: str) -> None:
    db.session().get_one(Child, case.child_id).name = name


def _found(viewer: object, words: str) -> list[int]:
    return [row.id for row in find.cases(viewer, words)]  # type: ignore[arg-type]
