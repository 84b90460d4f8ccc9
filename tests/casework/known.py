"""Noor as everybody round her knows her, for the tests in which somebody else looks for her."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from app.casework import cases, children
from app.casework.cases import ChildDetails
from app.casework.children import Sought
from app.core import clock, db
from app.models import Case, Child, ChildName, Conflict, Person, Restriction
from tests.cast import MORNING, Cast

BORN, NHS_NUMBER, POSTCODE = date(2023, 8, 30), "943 476 5919", "LS1 4AP"
NOBODY = ("Nora Absent", BORN, POSTCODE)
NOOR = ("Noor R", BORN, POSTCODE)

Change = Callable[[Cast, Person], None]


def make_known(cast: Cast) -> None:
    with db.transaction() as session:
        child = session.get_one(Child, cast.noor.child_id)
        child.nhs_number, child.postcode = children.nhs_number(NHS_NUMBER), POSTCODE
        session.add(ChildName(child_id=child.id, name="Nour O’Reilly-Smith"))


def restrict(cast: Cast, _asker: Person) -> None:
    with db.transaction() as session:
        session.add(
            Restriction(
                case_id=cast.noor.id,
                from_at=clock.now(),
                reason="Known to staff",
                decided_by_id=cast.olive.id,
            )
        )


def keep_apart(cast: Cast, asker: Person) -> None:
    with db.transaction() as session:
        session.add(
            Conflict(
                case_id=cast.noor.id,
                person_id=asker.id,
                from_at=clock.now(),
                reason="Her uncle",
                declared_by_id=cast.olive.id,
            )
        )


def move_away(cast: Cast, _asker: Person) -> None:
    """As if nobody had ever opened a case for her."""
    with db.transaction() as session:
        session.get_one(Child, cast.noor.child_id).born_on = date(2020, 1, 1)


def leave_alone(_cast: Cast, _asker: Person) -> None:
    """There is a case that they do not see, and nothing more to it."""


def open_duplicate(opener: Person) -> Case:
    """A second case of the same child, for its opener alone."""
    details = ChildDetails("Noor R", born_on=BORN, postcode=POSTCODE)
    with db.transaction():
        return cases.open_case(
            opener, details, status="contact", since=MORNING.date(), reason="Moved here"
        )


def noor() -> Sought:
    return children.sought(*NOOR)


def nobody() -> Sought:
    return children.sought(*NOBODY)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database was asked meanwhile."""
    asked: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine(), "before_cursor_execute", keep)
    try:
        yield asked
    finally:
        event.remove(db.engine(), "before_cursor_execute", keep)


@pytest.fixture
def town(cast: Cast) -> Cast:
    make_known(cast)
    return cast
