"""Who hears of what is said while their page is open, and when they stop hearing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from app import push, relay
from app.casework import conflicts, networks
from app.core import db
from app.models import Conversation, Person
from messaging import conversations, messages
from tests.cast import Cast
from tests.realtime.house import Page

Open = Callable[[Person], Page]
# How somebody loses what is said about Amara.
WAYS: dict[str, Callable[[Cast, Conversation], object]] = {
    "leaves the group": lambda cast, talk: conversations.leave(cast.dan, talk),
    "is taken out of the network": lambda cast, _: networks.remove(
        cast.priya, cast.amara, cast.dan, "Moved school"
    ),
    "has a conflict of interest": lambda cast, _: conflicts.declare(
        cast.priya, cast.amara, cast.dan, "An uncle"
    ),
}


def say(author: Person, talk: Conversation) -> int:
    with db.transaction():
        return messages.say(author, talk, "He ran to the door.").id


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_heard_after_the_commit(cast: Cast, page: Open, way: str) -> None:
    with db.transaction():
        net = conversations.of_case(cast.priya, cast.amara)
        plan = conversations.start(cast.priya, [cast.dan, cast.ruth], case=cast.amara)
    dan, ruth = page(cast.dan), page(cast.ruth)
    before = {say(cast.priya, talk) for talk in (net, plan)}
    assert _messages(dan, before) == before

    with db.transaction():
        WAYS[way](cast, plan)
    after = say(cast.priya, plan)
    if way != "leaves the group":
        say(cast.priya, net)

    assert _messages(ruth, {after})
    assert _messages(dan, set(), seconds=0.3) == set()


def test_a_pointer_to_a_message_says_where_to_look_and_nothing_else(cast: Cast, page: Open) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
    dan, ruth = page(cast.dan), page(cast.ruth)
    number = say(cast.priya, talk)

    heard = dan.hears()
    assert heard
    assert set(heard) == {"at", "did", "conversation", "message", "position", "by", "notices"}
    assert (heard["did"], heard["conversation"], heard["message"]) == ("said", talk.id, number)
    assert ruth.hears(0.3) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_was_added_and_is_kept_apart_before_it_is_told_hears_nothing(cast: Cast) -> None:
    """What is delivered late is told to those who may know it then."""
    told: set[int] = set()

    class Pages:
        def tell(self, person_ids: Iterable[int], pointer: push.Pointer) -> None:
            told.update(person_ids if "conversation" in pointer else ())

    with db.transaction():
        group = conversations.start(cast.priya, [cast.ruth, cast.mo], case=cast.amara)
        conversations.add(cast.priya, group, cast.dan)
        conflicts.declare(cast.priya, cast.amara, cast.dan, "An uncle")
    push.use(Pages())
    relay.deliver()

    assert told == {cast.priya.id, cast.ruth.id, cast.mo.id}


def _messages(page: Page, until: set[int], seconds: float = 5) -> set[int]:
    """The messages a page is pointed to: until all of these, or for so long."""
    found: set[int] = set()
    while not until or until - found:
        pointer = page.hears(seconds)
        if pointer is None:
            return found
        found |= {pointer["message"]} if pointer.get("message") else set()
    return found
