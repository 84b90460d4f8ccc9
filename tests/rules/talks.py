"""What people say to each other in a town that lives, by the real verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app import access
from app.core import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Conversation, Message, Person
from messaging import conversations, messages, unread
from tests.rules.deed import Deed, first
from tests.rules.life import DAY, HOUR, Life
from tests.rules.policy import Seat, Span, Spoken, Talk


def start(life: Life) -> Deed:
    """A direct conversation, which there is once between two about one thing, or a group."""
    case = life.case() if life.maybe(0.6) else None
    actor = life.actor(lambda each: _is_able(life, each, case))
    able = [each for each in life.people if each != actor and _is_able(life, each, case)]
    others = life.some(able if life.maybe(0.8) else life.people, 3)
    name = "Those who go" if life.maybe(0.5) else None
    meant = sorted(set(others) - {actor})
    refused = first(
        (case is not None and not life.world.sees_case(actor, case), NotFound),
        (not meant, Invalid),
        (not life.world.works_with_content(actor), NotAllowed),
        (not _is_able(life, actor, case), NotAllowed),
        (not all(_is_able(life, each, case) for each in meant), Invalid),
    )

    def act() -> tuple[int, Sequence[Message]]:
        who = life.row(Person, actor)
        about = access.case(who, case) if case is not None else None
        others = [life.row(Person, each) for each in meant]
        made = conversations.start(who, others, case=about, name=name)
        return made.id, () if made.id in life.world.talks else _said_in(life, made.id)

    def effect(made: tuple[int, Sequence[Message]]) -> None:
        number, written = made
        if number not in life.world.talks:
            is_direct = len(meant) == 1 and not name
            life.world.talks[number] = Talk(
                number, "direct" if is_direct else "group", case, by=actor
            )
            for each in {actor, *meant}:
                life.world.seats[each, number] = Seat(Span(life.world.now))
        _keep(life, number, written)

    return Deed(f"{actor} talks with {meant} about {case}, named {name}", refused, act, effect)


def open_network(life: Life) -> Deed:
    """The network's own conversation is there once somebody has opened it."""
    case = life.case()
    actor = life.viewer(case)
    refused = first((not life.world.sees_case(actor, case), NotFound))

    def act() -> int:
        who = life.row(Person, actor)
        return conversations.of_case(who, access.case(who, case)).id

    def effect(number: int) -> None:
        life.world.talks.setdefault(number, Talk(number, "case", case))

    return Deed(f"{actor} opens the conversation of {case}", refused, act, effect)


def say(life: Life) -> Deed:
    talk = _talk(life)
    if talk is None:
        return open_network(life)
    author = life.actor(lambda each: life.world.writes_in(each, talk))
    answered = life.one(life.world.spoken) if life.world.spoken and life.maybe(0.2) else None
    is_network = life.world.talks[talk].kind == "case"
    others = [each for each in life.people if each != author and life.world.reads_in(each, talk)]
    elsewhere = answered is not None and life.world.spoken[answered].talk != talk
    refused = first(
        (not life.world.reads_in(author, talk), NotFound),
        (not life.world.writes_in(author, talk), NotAllowed),
        (not is_network and not others, Conflict),
        (answered is not None and not life.world.reads_message(author, answered), NotFound),
        (elsewhere, Invalid),
    )

    def act(who: Person, there: Conversation) -> None:
        messages.say(who, there, "Words for those who hear them", reply_to_id=answered)

    words = f"{author} says something in {talk}, answering {answered}"
    return _in_talk(life, author, talk, words, refused, act)


def add(life: Life) -> Deed:
    talk = _talk(life, "group")
    if talk is None:
        return start(life)
    about, now = life.world.talks[talk], life.world.now
    actor = life.actor(lambda each: life.world.writes_in(each, talk))
    able = [each for each in life.people if _is_able(life, each, about.case)]
    person = life.one(able if life.maybe(0.8) else [], life.people)
    history = life.chance.choice([None, now, now - HOUR, now - 20 * DAY])
    seat = life.world.seats.get((person, talk))
    refused = first(
        (not life.world.reads_in(actor, talk), NotFound),
        (about.kind != "group", NotAllowed),
        (not _is_able(life, person, about.case), Invalid),
        (seat is not None and seat.held.until_at is None, Conflict),
    )
    earlier = [
        each.position
        for each in _said(life, talk)
        if history is not None and each.said_at < history
    ]

    def act(who: Person, there: Conversation) -> None:
        conversations.add(who, there, life.row(Person, person), history_from=history)

    def joins() -> None:
        hers = life.world.seats[actor, talk].after
        life.world.seats[person, talk] = Seat(Span(now), max([hers, *earlier]))

    words = f"{actor} adds {person} to conversation {talk} from {history}"
    return _in_talk(life, actor, talk, words, refused, act, joins)


def leave(life: Life) -> Deed:
    talk = _talk(life, "group")
    if talk is None:
        return start(life)
    person = life.actor(lambda each: life.world.is_in(each, talk))
    refused = first(
        (not life.world.reads_in(person, talk), NotFound),
        (life.world.talks[talk].kind != "group", NotAllowed),
    )

    def goes() -> None:
        seat = life.world.seats[person, talk]
        life.world.seats[person, talk] = replace(seat, held=Span(seat.held.from_at, life.world.now))

    words = f"{person} leaves conversation {talk}"
    return _in_talk(life, person, talk, words, refused, conversations.leave, goes)


def remove(life: Life) -> Deed:
    """Somebody is taken out by who started the group, or leads the case it is about."""
    talk = _talk(life, "group")
    if talk is None:
        return start(life)
    about = life.world.talks[talk]
    actor = life.actor(lambda each: life.world.is_in(each, talk) and _takes_out(life, each, about))
    seated = [each for each in life.people if life.world.seat(each, talk)]
    person = life.one(seated if life.maybe(0.8) else [], life.people)
    refused = first(
        (not life.world.reads_in(actor, talk), NotFound),
        (not _takes_out(life, actor, about), NotAllowed),
        (actor == person, NotAllowed),
        (life.world.seat(person, talk) is None, NotFound),
    )

    def act(who: Person, there: Conversation) -> None:
        conversations.remove(who, there, life.row(Person, person))

    def goes() -> None:
        seat = life.world.seats[person, talk]
        life.world.seats[person, talk] = replace(seat, held=Span(seat.held.from_at, life.world.now))

    words = f"{actor} takes {person} out of conversation {talk}"
    return _in_talk(life, actor, talk, words, refused, act, goes)


def rename(life: Life) -> Deed:
    talk = _talk(life, "group")
    if talk is None:
        return start(life)
    actor = life.actor(lambda each: life.world.is_in(each, talk))
    refused = first(
        (not life.world.reads_in(actor, talk), NotFound),
        (life.world.talks[talk].kind != "group", NotAllowed),
    )
    name = f"Group {len(life.steps)}"

    def act(who: Person, there: Conversation) -> None:
        conversations.rename(who, there, name)

    return _in_talk(life, actor, talk, f"{actor} names {talk}", refused, act)


def withdraw(life: Life) -> Deed:
    if not life.world.spoken:
        return say(life)
    by_hand = [each.id for each in life.world.spoken.values() if each.by_hand]
    number = life.one(by_hand if life.maybe(0.9) else [], life.world.spoken)
    spoken = life.world.spoken[number]
    case = life.world.talks[spoken.talk].case

    def may(each: int) -> bool:
        return spoken.author == each or (case is not None and life.world.leads(each, case))

    actor = life.actor(lambda each: may(each) and life.world.reads_message(each, number))
    refused = first(
        (not life.world.reads_message(actor, number), NotFound),
        (not spoken.by_hand, Conflict),
        (not may(actor), NotAllowed),
    )

    def act() -> None:
        who = life.row(Person, actor)
        messages.withdraw(who, access.message(who, number))

    def effect(_: object) -> None:
        life.world.spoken[number] = replace(spoken, withdrawn=True)

    return Deed(f"{actor} takes back message {number}", refused, act, effect)


def better(life: Life) -> Deed:
    """An edit or a short answer changes nothing of who hears a message."""
    if not life.world.spoken:
        return say(life)
    number, edits = life.one(life.world.spoken), life.maybe(0.5)
    spoken = life.world.spoken[number]
    mine = [spoken.author] if edits and life.maybe(0.8) else []
    actor = life.one(
        set(mine).intersection(life.signed_in()),
        [life.actor(lambda each: life.world.reads_message(each, number))],
    )
    refused = first(
        (not life.world.reads_message(actor, number), NotFound),
        (edits and (spoken.author != actor or not spoken.by_hand), NotAllowed),
        (not life.world.writes_in(actor, spoken.talk), NotAllowed),
    )
    body = f"Words said better, {len(life.steps)}"

    def act() -> None:
        who = life.row(Person, actor)
        message = access.message(who, number)
        if edits:
            messages.edit(who, message, body)
        else:
            messages.react(who, message, "seen")

    did = "edits" if edits else "answers"
    return Deed(f"{actor} {did} message {number}", refused, act, lambda _: None)


def mark_read(life: Life) -> Deed:
    talk = _talk(life)
    if talk is None:
        return say(life)
    person = life.actor(lambda each: life.world.reads_in(each, talk))
    up_to = life.chance.randint(0, len(_said(life, talk)) + 2)
    refused = first((not life.world.reads_in(person, talk), NotFound))

    def act(who: Person, there: Conversation) -> None:
        unread.mark(who, there, up_to)

    def reads() -> None:
        hers = [each for each in _said(life, talk) if life.world.reads_message(person, each.id)]
        newest = max((each.position for each in hers), default=0)
        last, muted = life.marks.get((person, talk), (0, False))
        life.marks[person, talk] = max(last, min(up_to, newest)), muted

    words = f"{person} has read {talk} up to {up_to}"
    return _in_talk(life, person, talk, words, refused, act, reads)


def mute(life: Life) -> Deed:
    talk = _talk(life)
    if talk is None:
        return say(life)
    person, muted = life.actor(lambda each: life.world.belongs_in(each, talk)), life.maybe(0.6)
    refused = first((not life.world.reads_in(person, talk), NotFound))

    def act(who: Person, there: Conversation) -> None:
        conversations.mute(who, there, muted=muted)

    def silences() -> None:
        life.marks[person, talk] = life.marks.get((person, talk), (0, False))[0], muted

    words = f"{person} {'mutes' if muted else 'hears'} {talk}"
    return _in_talk(life, person, talk, words, refused, act, silences)


def _in_talk(
    life: Life,
    actor: int,
    talk: int,
    words: str,
    refused: Any,
    act: Callable[[Person, Conversation], object],
    effect: Callable[[], None] = lambda: None,
) -> Deed:
    """Something done in a conversation that comes from its getter; what it wrote is kept."""

    def done() -> Sequence[Message]:
        who = life.row(Person, actor)
        act(who, access.conversation(who, talk))
        return _said_in(life, talk)

    def keep(written: Sequence[Message]) -> None:
        effect()
        _keep(life, talk, written)

    return Deed(words, refused, done, keep)


def _talk(life: Life, kind: str | None = None) -> int | None:
    """A conversation, mostly of this kind; more often a late one."""
    known = [each.id for each in life.world.talks.values() if kind in (None, each.kind)]
    if not known or life.maybe(0.1):
        known = list(life.world.talks)
    return life.one(known[-4:] if life.maybe(0.5) else [], known) if known else None


def _said_in(life: Life, talk: int) -> Sequence[Message]:
    """The rows that a deed has just written there: all that may be read back are their numbers."""
    db.session().flush()
    new = Message.position > len(_said(life, talk))
    query = select(Message).where(Message.conversation_id == talk, new).order_by(Message.position)
    return db.session().scalars(query).all()


def _keep(life: Life, talk: int, written: Sequence[Message]) -> None:
    for each in written:
        life.world.spoken[each.id] = Spoken(
            each.id,
            talk,
            len(_said(life, talk)) + 1,
            each.author_id,
            life.world.now,
            by_hand=each.kind == "said",
        )


def _said(life: Life, talk: int) -> list[Spoken]:
    return [each for each in life.world.spoken.values() if each.talk == talk]


def _is_able(life: Life, person: int, case: int | None) -> bool:
    if case is None:
        return life.world.works_with_content(person)
    return life.world.works_on(person, case)


def _takes_out(life: Life, actor: int, about: Talk) -> bool:
    leads = about.case is not None and life.world.leads(actor, about.case)
    return about.kind == "group" and (about.by == actor or leads)


CHANCES: dict[Callable[[Life], Deed], int] = {
    start: 8,
    open_network: 2,
    say: 14,
    add: 5,
    leave: 3,
    remove: 3,
    rename: 1,
    withdraw: 2,
    better: 2,
    mark_read: 5,
    mute: 1,
}
