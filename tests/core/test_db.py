"""Transactions: all or nothing, and what follows only what held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select

from app.core import db
from app.core.errors import Conflict
from app.models import Agency, Person
from tests.cast import Cast


def names() -> list[str]:
    with db.transaction() as session:
        return sorted(session.scalars(select(Agency.name)))


def add(name: str) -> None:
    db.session().add(Agency(name=name, agency_type="4"))
    db.session().flush()


def add_and_refuse(name: str, then: Callable[[], None] = lambda: None) -> None:
    add(name)
    db.afterwards(then)
    raise Conflict


def ring_elsewhere(person: Person) -> None:
    person.phone = "0"
    raise Conflict


def test_what_fails_leaves_nothing_behind(database: str) -> None:
    with pytest.raises(Conflict), db.transaction():
        add_and_refuse("Riverside")
    assert names() == []


def test_a_refused_attempt_is_undone_alone(database: str) -> None:
    with db.transaction():
        add("Before")
        with pytest.raises(Conflict), db.attempt():
            add_and_refuse("Inside")
        with db.attempt():
            add("Again")
        add("After")
    assert names() == ["After", "Again", "Before"]


def test_what_an_attempt_changed_on_a_row_reads_as_before(cast: Cast) -> None:
    with db.transaction() as session:
        dan = session.get_one(Person, cast.dan.id)
        with pytest.raises(Conflict), db.attempt():
            ring_elsewhere(dan)
        assert dan.phone == "01632 960001"


def test_a_transaction_inside_another_is_refused(database: str) -> None:
    with (
        db.transaction(),
        pytest.raises(RuntimeError, match="open already"),
        db.transaction(),
    ):
        pass
    with pytest.raises(RuntimeError, match="no transaction"):
        db.session()


def test_what_follows_a_commit_follows_it_once_and_only_then(database: str) -> None:
    done: list[list[str]] = []

    def act() -> None:
        done.append(names())

    with db.transaction():
        db.afterwards(act)
        db.afterwards(act)
        add("Riverside")
        assert done == []
    assert done == [["Riverside"]]
    with pytest.raises(Conflict), db.transaction():
        add_and_refuse("Hillside", then=act)
    assert len(done) == 1


def test_an_instant_comes_back_as_the_same_instant_in_utc(cast: Cast) -> None:
    abroad = datetime(2026, 7, 1, 12, 0, 0, 123456, timezone(timedelta(hours=5, minutes=30)))
    with db.transaction() as session:
        session.get_one(Person, cast.dan.id).created_at = abroad
    with db.transaction() as session:
        kept = session.scalar(select(Person.created_at).where(Person.id == cast.dan.id))
    assert kept == abroad
    assert kept is not None
    assert kept.tzinfo is UTC


@pytest.mark.parametrize("numbers", [[], [1], range(0, 9_000, 2)])
def test_one_value_holds_as_many_numbers_as_there_are(database: str, numbers: list[int]) -> None:
    add_some = [Agency(id=each, name=f"Agency {each}", agency_type="4") for each in (1, 4, 7)]
    among = db.is_among(Agency.id, "numbers", sqlite=db.is_sqlite())
    with db.transaction() as session:
        session.add_all(add_some)
        found = db.rows(select(Agency.id).where(among), {"numbers": numbers})
    assert {row.id for row in found} == {1, 4, 7} & set(numbers)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_set_aside_is_as_before_afterwards(database: str) -> None:
    with db.transaction() as session:
        session.add(Agency(name="Riverside", agency_type="4"))
        with db.aside():
            assert session.scalar(select(func.set_config("lock_timeout", "7s", True))) == "7s"
        assert session.scalar(select(func.current_setting("lock_timeout"))) == "0"
    assert names() == ["Riverside"]
