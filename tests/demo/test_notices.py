"""Somebody has told the people of the demo world what is for them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core import db
from app.models import REASONS, Notice, Person
from app.notices import inbox

pytestmark = pytest.mark.usefixtures("northmoor")


def test_the_people_to_try_have_notices_they_may_read() -> None:
    def waiting(name: str) -> int:
        person = db.session().scalars(select(Person).where(Person.name == name)).one()
        rows = inbox.of(person).rows
        assert len(rows) <= inbox.AT_ONCE
        return inbox.unread(person)

    assert waiting("Priya Shah") > 0
    assert waiting("Dan Hughes") > 0
    assert waiting("Chris Vale") == 0, "an administrator sees no case"


def test_there_are_several_reasons_and_some_are_read() -> None:
    reasons = set(db.session().scalars(select(Notice.reason)))
    assert len(reasons & set(REASONS)) >= 4
    assert db.session().scalar(select(Notice.id).where(Notice.read_at.is_not(None)).limit(1))
