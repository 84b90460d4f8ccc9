"""Searches somebody saves, and those they asked lately: theirs alone, and sealed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.core import db, seals
from app.core.errors import Invalid, NotFound
from app.models import Person, SavedSearch, Search
from search import asked, saved
from search.saved import Saved
from tests.cast import Cast


def save(person: Person, words: str, name: str = "", *, alerts: bool = True) -> int:
    with db.transaction():
        return saved.save(person, words, name, alerts=alerts)


def hers(person: Person) -> list[Saved]:
    with db.transaction():
        return saved.of(person)


def search(person: Person, *written: str) -> None:
    with db.transaction():
        for words in written:
            asked.note(person, words, [], how="page")


def recent(person: Person) -> list[str]:
    with db.transaction():
        return saved.recent(person)


def test_a_saved_search_is_as_it_was_written_and_hers_alone(cast: Cast) -> None:
    number = save(cast.priya, ' "no further  action" -visit', "Closed too soon?", alerts=False)
    (kept,) = hers(cast.priya)
    assert (kept.id, kept.words, kept.name, kept.alerts) == (
        number,
        '"no further action" -visit',
        "Closed too soon?",
        False,
    )
    assert hers(cast.dan) == []
    with db.transaction(), pytest.raises(NotFound):
        saved.one(cast.dan, number)


def test_no_word_of_it_stands_in_the_database(cast: Cast) -> None:
    save(cast.priya, "Amara bruise", "About Amara")
    with db.transaction() as session:
        (row,) = session.scalars(select(SavedSearch))
        assert not any("amara" in str(value).lower() for value in vars(row).values())


def test_the_same_words_are_kept_once_for_each_person(cast: Cast) -> None:
    first = save(cast.priya, "bruise", "Marks")
    assert save(cast.priya, " bruise ", alerts=False) == first
    (kept,) = hers(cast.priya)
    assert (kept.name, kept.alerts) == ("Marks", False)
    assert save(cast.dan, "bruise") != first
    with db.transaction() as session:
        assert len(set(session.scalars(select(SavedSearch.digest)))) == 2


def test_there_are_so_many_of_one_person_and_no_more(cast: Cast) -> None:
    with db.transaction():
        for number in range(saved.MOST):
            saved.save(cast.priya, f"word{number}")
        assert saved.save(cast.priya, "word3")
    with db.transaction(), pytest.raises(Invalid, match="You have 50 saved searches"):
        saved.save(cast.priya, "one more")
    assert save(cast.dan, "one more")


@pytest.mark.parametrize(
    ("words", "name", "field"),
    [("  ", "", "words"), ("x" * 501, "", "words"), ("x", "y" * 81, "name")],
)
def test_what_cannot_be_kept_is_said_of_its_field(
    cast: Cast, words: str, name: str, field: str
) -> None:
    with db.transaction(), pytest.raises(Invalid) as refused:
        saved.save(cast.priya, words, name)
    assert list(refused.value.fields) == [field]


def test_it_is_renamed_silenced_and_forgotten(cast: Cast) -> None:
    number = save(cast.priya, "bruise", "Marks")
    with db.transaction():
        saved.change(cast.priya, number, name="Bruises")
        saved.change(cast.priya, number, alerts=False)
    (kept,) = hers(cast.priya)
    assert (kept.name, kept.alerts) == ("Bruises", False)
    with db.transaction():
        saved.forget(cast.priya, number)
    assert hers(cast.priya) == []


def test_nobody_changes_what_somebody_else_saved(cast: Cast) -> None:
    number = save(cast.priya, "bruise")
    for act in (
        lambda: saved.change(cast.dan, number, alerts=False),
        lambda: saved.forget(cast.dan, number),
        lambda: saved.forget(cast.dan, 2**70),
    ):
        with db.transaction(), pytest.raises(NotFound):
            act()
    assert hers(cast.priya)


def test_under_another_secret_it_has_no_words_and_can_be_deleted(cast: Cast) -> None:
    number = save(cast.priya, "bruise", "Marks")
    search(cast.priya, "bruise")
    seals.use("another secret")
    (kept,) = hers(cast.priya)
    assert (kept.words, kept.name) == (None, None)
    assert recent(cast.priya) == []
    with db.transaction():
        saved.forget(cast.priya, number)


def test_recent_searches_are_her_own_the_newest_first_and_each_once(cast: Cast) -> None:
    search(cast.dan, "not hers")
    search(cast.priya, "school", "bruise", "school", "visit  OR home")
    assert recent(cast.priya) == ["visit OR home", "school", "bruise"]


def test_what_was_not_typed_to_the_end_is_no_recent_search(cast: Cast) -> None:
    search(cast.priya, "vis", "visi", "visit", "bru", "brui", "bruise")
    assert recent(cast.priya) == ["bruise", "visit"]


def test_no_more_than_ten_are_listed(cast: Cast) -> None:
    search(cast.priya, *(f"{number} words" for number in range(20)))
    assert recent(cast.priya) == [f"{number} words" for number in range(19, 9, -1)]


def test_a_cleared_list_leaves_the_record_as_it_was(cast: Cast) -> None:
    search(cast.priya, "bruise", "visit")
    for _ in range(2):
        with db.transaction():
            saved.clear_recent(cast.priya)
        assert recent(cast.priya) == []
    with db.transaction() as session:
        assert session.scalar(select(func.count(Search.id))) == 2
    search(cast.priya, "school")
    assert recent(cast.priya) == ["school"]
