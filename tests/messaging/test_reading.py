"""Reading a conversation in order, and counting what is new."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import select

from app import access
from app.core import clock, db
from app.models import Conversation, Message, Person, ReadMark
from messaging import conversations, messages, reading, unread
from tests.cast import MORNING, Cast


def counted(viewer: Person) -> dict[int, int]:
    """Unread by looking at each row, as a person would with a list."""
    news: dict[int, int] = {}
    for message in db.session().scalars(select(Message)):
        mark = db.session().get(ReadMark, (message.conversation_id, viewer.id))
        if (
            message.position > (mark.last_read if mark else 0)
            and message.author_id != viewer.id
            and message.kind == "said"
            and access.may(access.belongs_in(viewer.id, message.conversation_id))
            and access.may(access.reads_message(viewer.id, message))
        ):
            news[message.conversation_id] = news.get(message.conversation_id, 0) + 1
    return news


def test_unread_equals_the_rows_whatever_has_happened(cast: Cast) -> None:
    chance = random.Random(7)
    people = [cast.priya, cast.dan, cast.ruth, cast.mo, cast.olive]
    with db.transaction():
        talks = [
            conversations.of_case(cast.dan, cast.amara),
            conversations.start(cast.priya, [cast.dan, cast.mo], case=cast.amara, name="Plan"),
            conversations.start(cast.olive, [cast.dan, cast.ruth], name="Heads"),
            conversations.start(cast.ruth, [cast.priya]),
        ]
    for step in range(60):
        with clock.held(MORNING + timedelta(minutes=step)), db.transaction():
            _something(chance, talks, people)
    with clock.held(MORNING + timedelta(hours=2)), db.transaction():
        for person in cast.people:
            assert unread.counts(person) == counted(person), person.name
            assert unread.total(person) == sum(counted(person).values())
        assert unread.total(cast.dan) or unread.total(cast.ruth)


def test_a_page_goes_on_both_ways_without_a_gap(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        for number in range(1, 31):
            messages.say(cast.priya, talk, f"{number}")
        page = reading.newest(cast.dan, talk, size=10)
        assert _said(page) == list(range(21, 31))
        assert (page.older, page.newer) == (21, None)
        assert _said(reading.before(cast.dan, talk, 21, size=10)) == list(range(11, 21))
        assert _said(reading.after(cast.dan, talk, 4, size=3)) == [5, 6, 7]
        assert reading.after(cast.dan, talk, 28).newer is None


def test_it_opens_a_little_above_the_first_unread(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        for number in range(1, 31):
            messages.say(cast.priya, talk, f"{number}")
        unread.mark(cast.dan, talk, 20)
        first = unread.first(cast.dan, talk)
        assert first == 21
        assert _said(reading.around(cast.dan, talk, first, size=10))[:9] == list(range(13, 22))
        messages.say(cast.dan, talk, "31")
        unread.mark(cast.dan, talk, 31)
        assert unread.first(cast.dan, talk) is None


def test_a_short_page_holds_the_place_it_was_asked_for(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        for number in range(1, 31):
            messages.say(cast.priya, talk, f"{number}")
        for size in (1, 2, reading.ABOVE, reading.ABOVE + 1):
            page = reading.around(cast.dan, talk, 20, size=size)
            assert _said(page) == list(range(21 - size, 21))
            assert (page.older, page.newer) == (21 - size, 20)


def test_a_day_leads_to_the_first_thing_said_on_it(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
    for days in (0, 1, 5):
        with clock.held(MORNING + timedelta(days=days)), db.transaction():
            messages.say(cast.priya, talk, f"Day {days}")
    with db.transaction():
        day = MORNING.date()
        assert reading.on(cast.dan, talk, day) == 1
        assert reading.on(cast.dan, talk, day + timedelta(days=2)) == 3
        assert reading.on(cast.dan, talk, day + timedelta(days=9)) is None


def _said(page: reading.Page) -> list[int]:
    return [int(each.body) for each in page.messages]


def _something(chance: random.Random, talks: list[Conversation], people: list[Person]) -> None:
    talk, person = chance.choice(talks), chance.choice(people)
    if not access.writes(person, talk.id):
        return
    kind = chance.random()
    if kind < 0.6:
        messages.say(person, talk, f"Message {kind}")
    elif kind < 0.8:
        unread.mark(person, talk, chance.randrange(20))
    else:
        own = db.session().scalar(
            select(Message).where(
                Message.conversation_id == talk.id,
                Message.author_id == person.id,
                Message.kind == "said",
                Message.withdrawn_at.is_(None),
            )
        )
        if own is not None:
            messages.withdraw(person, own)
