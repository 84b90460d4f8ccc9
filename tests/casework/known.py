"""Noor as everybody round her knows her, for the tests in which somebody else looks for her."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from app.casework import children
from app.casework.children import Sought
from app.core import clock, db
from app.models import Child, ChildName, Conflict, Person, Restriction
from tests.cast import Cast

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
