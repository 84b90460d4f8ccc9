"""What the rules answer about conversations and messages, beside what the policy says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import select, true

from app import access
from app.core import db
from app.core.db import AnySelect
from app.core.errors import NotFound
from app.models import Conversation, Message, Person
from messaging import conversations, reading, unread
from tests.rules.policy import Chair, Spoken, World

# What was asked, what the rules answered, what the policy says, and how many decisions that is.
Answer = tuple[str, object, object, int]
# How far somebody has read a conversation, and whether they have muted it.
Marks = dict[Chair, tuple[int, bool]]


def tables(world: World) -> Iterator[Answer]:
    """Every person, conversation and message at one go."""
    people, talks, spoken = list(world.accounts), list(world.talks), list(world.spoken)
    chairs = [(person, talk) for person in people for talk in talks]
    about_talks = (
        ("reads in", _all_read_in, world.reads_in),
        ("belongs in", _all_belong_in, world.belongs_in),
        ("writes in", _all_write_in, world.writes_in),
    )
    for asked, rows, holds in about_talks:
        yield asked, _set(rows()), {chair for chair in chairs if holds(*chair)}, len(chairs)
    inside = {chair for chair in chairs if world.reads_in(*chair)}
    heard = {
        (person, message)
        for message in spoken
        for person in people
        if (person, world.spoken[message].talk) in inside
        and world.was_said_to(person, world.spoken[message])
    }
    many = len(people) * len(spoken)
    yield "hears it withdrawn", _set(_all_said_to()), heard, many
    stands = {(person, message) for person, message in heard if not world.spoken[message].withdrawn}
    yield "reads messages", _set(_all_messages()), stands, many


def who_may(world: World, talks: Iterable[int], spoken: Iterable[int]) -> Iterator[Answer]:
    """From the other side: who reads there, who hears this, who hears that it is gone."""
    people = list(world.accounts)
    for talk in talks:
        inside = [person for person in people if world.reads_in(person, talk)]
        yield f"those in {talk}", sorted(access.those_in(talk)), inside, len(people)
        found = [row.id for row in conversations.people(db.session().get_one(Conversation, talk))]
        belong = [person for person in people if world.belongs_in(person, talk)]
        yield f"people of {talk}", sorted(found), belong, len(people)
    for message in spoken:
        hear = [person for person in people if world.reads_message(person, message)]
        yield f"hearers of {message}", sorted(access.hearers(message)), hear, len(people)
        gone = [person for person in people if world.hears_it_gone(person, message)]
        told = sorted(access.hearers(message, withdrawn=True))
        yield f"who is told that {message} is gone", told, gone, len(people)


def one_by_one(
    world: World, person: Person, talks: Iterable[int], spoken: Iterable[int]
) -> Iterator[Answer]:
    """May she? Asked of one thing at a time, by the getters of the doors."""
    for talk in talks:
        found = given(access.conversation, person, talk)
        yield f"conversation {talk} for {person.id}", found, world.reads_in(person.id, talk), 1
        writes = world.writes_in(person.id, talk)
        yield f"{person.id} writes in {talk}", access.writes(person, talk), writes, 1
    for message in spoken:
        reads = world.reads_message(person.id, message)
        yield f"message {message} for {person.id}", given(access.message, person, message), reads, 1


def lists(world: World, person: Person, marks: Marks) -> Iterator[Answer]:
    """What she is shown over all her conversations, and how much of it is new."""
    who = person.id
    hers = [talk for talk in world.talks if world.belongs_in(who, talk)]
    spoken_in = {each.talk for each in world.spoken.values()}
    mine = sorted(row.id for row in conversations.mine(person, size=500))
    yield (
        f"conversations of {who}",
        mine,
        sorted(spoken_in.intersection(hers)),
        len(world.talks),
    )
    counted = {talk: len(new) for talk in hers if (new := news(world, who, talk, marks))}
    yield f"unread messages of {who}", unread.counts(person), counted, len(world.talks)
    loud = [many for talk, many in counted.items() if not marks.get((who, talk), (0, False))[1]]
    yield f"news of messages for {who}", unread.total(person), sum(loud), 1


def inside(world: World, person: Person, talk: int, marks: Marks) -> Iterator[Answer]:
    """What one conversation that she reads shows her."""
    who, row = person.id, db.session().get_one(Conversation, talk)
    hears = [
        each.position
        for each in sorted(world.spoken.values(), key=lambda each: each.position)
        if each.talk == talk and world.reads_message(who, each.id)
    ]
    shown = [each.position for each in reading.newest(person, row, size=500).messages]
    yield f"messages of {talk} for {who}", shown, hears, len(hears)
    after = [each.position for each in reading.after(person, row, 3, size=500).messages]
    yield f"{talk} after 3 for {who}", after, [each for each in hears if each > 3], len(hears)
    first = min((each.position for each in news(world, who, talk, marks)), default=None)
    yield f"first unread of {talk} for {who}", unread.first(person, row), first, 1


def news(world: World, person: int, talk: int, marks: Marks) -> list[Spoken]:
    """What others have said there since somebody last read it."""
    return [
        each
        for each in world.spoken.values()
        if each.talk == talk
        and each.by_hand
        and each.author != person
        and each.position > marks.get((person, talk), (0, False))[0]
        and world.reads_message(person, each.id)
    ]


def given(ask: Callable[[Person, int], object], person: Person, thing: int) -> bool:
    try:
        ask(person, thing)
    except NotFound:
        return False
    return True


def build_anew() -> None:
    """A planted mistake must be built into the questions, and out of them again."""
    for each in (*globals().values(), *vars(unread).values()):
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def _set(asked: AnySelect) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in db.rows(asked)}


@cache
def _all_read_in() -> AnySelect:
    return _of_talks(access.reads_in)


@cache
def _all_belong_in() -> AnySelect:
    return _of_talks(access.belongs_in)


@cache
def _all_write_in() -> AnySelect:
    return _of_talks(access.writes_in)


@cache
def _all_messages() -> AnySelect:
    return (
        select(Person.id, Message.id)
        .join(Message, true())
        .where(access.reads_message(Person, Message))
    )


@cache
def _all_said_to() -> AnySelect:
    return (
        select(Person.id, Message.id)
        .select_from(Person)
        .join(Conversation, true())
        .join(Message, Message.conversation_id == Conversation.id)
        .where(access.reads_in(Person, Conversation), access.said_to(Person, Message))
    )


def _of_talks(rule: Callable[..., Any]) -> AnySelect:
    return (
        select(Person.id, Conversation.id)
        .join(Conversation, true())
        .where(rule(Person, Conversation))
    )
