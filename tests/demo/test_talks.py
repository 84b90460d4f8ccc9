"""The demo world talks, and keeps to the rules while it does."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import access
from app.core import db
from app.models import Conversation, Message, Person
from messaging import conversations, unread

pytestmark = pytest.mark.usefixtures("northmoor")


def test_everybody_who_says_something_may_and_it_is_in_order() -> None:
    talks = db.session().scalars(select(Conversation)).all()
    assert {talk.kind for talk in talks} == {"case", "direct", "group"}
    for talk in talks:
        said = db.session().scalars(
            select(Message).where(Message.conversation_id == talk.id).order_by(Message.position)
        )
        rows = list(said)
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert rows == sorted(rows, key=lambda row: row.said_at)
        for row in rows:
            author = db.session().get_one(Person, row.author_id)
            assert access.may(access.belongs_in(author.id, talk.id)), (talk.id, author.name)


def test_priya_has_messages_waiting_and_who_is_away_from_it_has_none() -> None:
    def person(name: str) -> Person:
        return db.session().scalars(select(Person).where(Person.name == name)).one()

    assert unread.total(person("Priya Shah")) == 3
    assert unread.total(person("Femi Ojo")) == 0
    assert conversations.mine(person("Helen Moss"))
