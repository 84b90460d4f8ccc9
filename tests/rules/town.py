"""Towns to ask the rules about: rows in the database, and the same for the policy by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from app.core import clock, db
from app.core.db import Base
from app.models import (
    Agency,
    Audience,
    BreakGlass,
    Case,
    CaseHead,
    Child,
    Comment,
    Conflict,
    Conversation,
    ConversationHead,
    Exclusion,
    Follow,
    Membership,
    Message,
    Participant,
    Person,
    Post,
    Restriction,
    Supervision,
)
from tests.rules.policy import Account, Glass, Member, Seat, Span, Spoken, Talk, Told, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Posts may name the first agency's people and be kept from the second's.
NAMED, SHUT_OUT, NEITHER = 1, 2, 3
AGENCIES = (NAMED, SHUT_OUT, NEITHER)
# How each case is restricted: never, now, no longer, later, until this very instant.
RESTRICTED: tuple[Callable[[datetime], list[Span]], ...] = (
    lambda now: [],
    lambda now: [Span(now - DAY)],
    lambda now: [Span(now - DAY, now - HOUR)],
    lambda now: [Span(now + HOUR)],
    lambda now: [Span(now - DAY, now)],
)
# What somebody was given of the past begins here, and posts lie on both sides and on it.
CUT = 20 * DAY

# Every state a clause of the policy can be in.
MEMBERSHIP = ("none", "now", "later", "over", "ends now", "begins now", "again", "lead", "led")
HISTORY = ("whole", "cut")
LINE = ("none", "member", "former member")
CONFLICT = ("none", "now", "over", "later")
GLASS = ("none", "open", "over", "waiting", "approved", "later")
# Of a place in a conversation: none, since it began, added after some of it, back again, gone.
SEAT = ("none", "always", "always", "added", "added last", "left", "leaves now", "later")
# Messages lie on both sides of each of these positions, and on it.
SAID, ADDED = 6, 3
ACCOUNT = (
    ("practitioner", True),
    ("manager", True),
    ("administrator", True),
    ("auditor", True),
    ("practitioner", False),
)


@dataclass(frozen=True)
class Kind:
    """One sort of person, the same towards every case."""

    membership: str
    history: str
    line: str
    conflict: str
    glass: str
    agency: int
    account: tuple[str, bool] = ("practitioner", True)


def kinds() -> Iterator[Kind]:
    """Every combination for somebody who works with children, and a third of it for the rest."""
    states = itertools.product(MEMBERSHIP, HISTORY, LINE, CONFLICT, GLASS, AGENCIES)
    for number, state in enumerate(states):
        yield Kind(*state)
        if number % 13 < 12 and number % 3 == 0:
            yield Kind(*state, account=ACCOUNT[1 + number // 3 % 4])


def settle(people: Sequence[Kind], posts: int, *, chance: random.Random) -> World:
    """Put these people, a case for each way of being restricted, and posts in the database."""
    world = World(now=clock.now())
    rows = Rows()
    cases = range(1, len(RESTRICTED) + 1)
    # Two whom managers may supervise: one is in every network, one was.
    in_it, was_in_it = len(people) + 1, len(people) + 2
    everybody = [*people, _plain("now"), _plain("over")]
    for number, kind in enumerate(everybody, 1):
        _person(world, rows, number, kind, {"member": in_it, "former member": was_in_it})
        for case in cases:
            _towards(world, rows, number, case, kind)
    for case in cases:
        _case(world, rows, case)
    for number in range(1, posts + 1):
        _post(world, rows, number, cases[number % len(cases)], chance)
    _talks(world, rows, cases, chance)
    rows.write()
    return world


def _plain(membership: str) -> Kind:
    return Kind(membership, "whole", "none", "none", "none", NEITHER)


class Rows:
    """Rows by table, written at one go."""

    def __init__(self) -> None:
        self.kept: dict[type[Base], list[dict[str, Any]]] = {}

    def add(self, noun: type[Base], **values: Any) -> None:
        self.kept.setdefault(noun, []).append(values)

    def write(self) -> None:
        session = db.session()
        for number in AGENCIES:
            self.add(Agency, id=number, name=f"Agency {number}", agency_type="5A")
        order = [Agency, Child, Person, Case, CaseHead, Supervision, Membership, Follow]
        order += [Restriction, Conflict, BreakGlass, Post, Comment, Audience, Exclusion]
        order += [Conversation, ConversationHead, Participant, Message]
        for noun in order:
            if rows := self.kept.get(noun):
                session.execute(insert(noun), rows)
        session.flush()


def _person(world: World, rows: Rows, number: int, kind: Kind, lines: dict[str, int]) -> None:
    account, active = kind.account
    world.accounts[number] = Account(account, active, kind.agency)
    rows.add(
        Person,
        id=number,
        name=f"Person {number}",
        role="Practitioner",
        agency_id=kind.agency,
        email=f"person{number}@kith.example",
        account=account,
        active=active,
        created_at=world.now,
    )
    if kind.line in lines:
        world.supervises[number].add(lines[kind.line])
        rows.add(Supervision, manager_id=number, person_id=lines[kind.line])


def _case(world: World, rows: Rows, case: int) -> None:
    rows.add(Child, id=case, name=f"Child {case}")
    rows.add(Case, id=case, child_id=case, opened_at=world.now)
    rows.add(CaseHead, case_id=case, position=10_000, posted_at=world.now)
    for span in RESTRICTED[case - 1](world.now):
        world.restrictions[case].append(span)
        rows.add(
            Restriction,
            case_id=case,
            from_at=span.from_at,
            until_at=span.until_at,
            reason="A colleague is related",
            decided_by_id=1,
        )


def _towards(world: World, rows: Rows, person: int, case: int, kind: Kind) -> None:
    for member in _members(world.now, person, case, kind):
        world.members[person, case].append(member)
        rows.add(
            Membership,
            case_id=case,
            person_id=person,
            agency_id=kind.agency,
            role="Practitioner",
            is_lead=member.is_lead,
            from_at=member.from_at,
            until_at=member.until_at,
            legal_basis="public_task",
            reason="Works with the family",
            decided_by_id=person,
            history_from=member.history_from,
        )
    # Everybody follows everything: following must grant nobody anything.
    rows.add(Follow, person_id=person, case_id=case, following=True, last_read=0)
    if span := _conflict(world.now, kind.conflict):
        world.conflicts[person, case].append(span)
        rows.add(
            Conflict,
            case_id=case,
            person_id=person,
            from_at=span.from_at,
            until_at=span.until_at,
            reason="Knows the family",
            declared_by_id=person,
        )
    if glass := _glass(world.now, kind.glass):
        world.glasses[person, case].append(glass)
        rows.add(
            BreakGlass,
            reference=f"BG-{person}-{case}",
            person_id=person,
            case_id=case,
            emergency="danger_now",
            reason="The child is not at home",
            asked_at=world.now,
            opened_at=glass.opened_at,
            until_at=glass.until_at,
            approved_by_id=1 if glass.approved else None,
            approved_at=world.now if glass.approved else None,
        )


def _members(now: datetime, person: int, case: int, kind: Kind) -> list[Member]:
    cut = now - CUT if kind.history == "cut" else None
    long_ago, far = now - 60 * DAY, now + 200 * DAY
    spans = {
        "now": [(long_ago, far)],
        "later": [(now + HOUR, far)],
        "over": [(long_ago, now - DAY)],
        "ends now": [(long_ago, now)],
        "begins now": [(now, far)],
        "again": [(long_ago, now - 30 * DAY), (now - 10 * DAY, far)],
        "lead": [(long_ago, far)],
        "led": [(long_ago, now - DAY)],
    }.get(kind.membership, [])
    return [
        Member(person, case, begins, ends, kind.membership in ("lead", "led"), cut)
        for begins, ends in spans
    ]


def _conflict(now: datetime, state: str) -> Span | None:
    return {
        "now": Span(now - DAY),
        "over": Span(now - DAY, now),
        "later": Span(now + HOUR),
    }.get(state)


def _glass(now: datetime, state: str) -> Glass | None:
    return {
        "open": Glass(now, now + HOUR),
        "over": Glass(now - HOUR, now),
        "waiting": Glass(None, None),
        "approved": Glass(now - HOUR / 2, now + HOUR / 2, approved=True),
        "later": Glass(now + HOUR, now + 2 * HOUR),
    }.get(state)


def _post(world: World, rows: Rows, number: int, case: int, chance: random.Random) -> None:
    everybody = list(world.accounts)
    members = [person for person in everybody if world.memberships(person, case)]
    named = chance.random() < 0.6
    told = Told(
        id=number,
        case=case,
        author=chance.choice([chance.choice(members), chance.choice(everybody), None]),
        posted_at=world.now - chance.choice([DAY, CUT, CUT - HOUR, CUT + HOUR, 50 * DAY]),
        withdrawn=chance.random() < 0.15,
        named=named,
        people=frozenset(chance.sample(everybody, min(30, len(everybody) // 5)))
        if named
        else frozenset(),
        agencies=frozenset([NAMED]) if named and chance.random() < 0.5 else frozenset(),
        shut_out=frozenset([SHUT_OUT]) if chance.random() < 0.4 else frozenset(),
        known=chance.random() < 0.7,
    )
    world.posts[number] = told
    words = {
        "agency_id": NEITHER,
        "author_role": "Practitioner",
        "body": "Words",
        "body_html": "<p>Words</p>",
        "posted_at": told.posted_at,
    }
    rows.add(
        Post,
        id=number,
        case_id=case,
        position=number,
        author_id=told.author,
        kind="update",
        worry="urgent",
        cleaner=1,
        version=1,
        significant=False,
        occurred_at=told.posted_at,
        withdrawn_at=world.now if told.withdrawn else None,
        audience="named" if named else "network",
        is_known=told.known,
        **words,
    )
    # There is one comment under each post, and it has the post's own number.
    rows.add(Comment, id=number, post_id=number, case_id=case, author_id=told.author or 1, **words)
    for person in sorted(told.people):
        rows.add(Audience, post_id=number, person_id=person, agency_id=None)
    for agency in told.agencies:
        rows.add(Audience, post_id=number, person_id=None, agency_id=agency)
    for agency in told.shut_out:
        rows.add(Exclusion, post_id=number, agency_id=agency)


def _talks(world: World, rows: Rows, cases: Sequence[int], chance: random.Random) -> None:
    """Of each case the network's own conversation, a direct one and a group; and two of none."""
    about: list[tuple[str, int | None]] = [("direct", None), ("group", None)]
    about += [(kind, case) for case in cases for kind in ("case", "direct", "group")]
    for number, (kind, case) in enumerate(about, 1):
        world.talks[number] = Talk(number, kind, case, by=1)
        rows.add(
            Conversation,
            id=number,
            kind=kind,
            case_id=case,
            created_by_id=1,
            created_at=world.now - 60 * DAY,
        )
        rows.add(ConversationHead, conversation_id=number, position=SAID, said_at=world.now)
        if kind != "case":
            for person in world.accounts:
                _seat(world, rows, person, number, chance.choice(SEAT))
        inside = [each for each in world.accounts if _is_there(world, each, world.talks[number])]
        for position in range(1, SAID + 1):
            _spoken(world, rows, world.talks[number], position, chance.choice(inside), chance)


def _is_there(world: World, person: int, talk: Talk) -> bool:
    if talk.kind == "case" and talk.case is not None:
        return bool(world.memberships(person, talk.case))
    return (person, talk.id) in world.seats


def _seat(world: World, rows: Rows, person: int, talk: int, state: str) -> None:
    now, long_ago = world.now, world.now - 60 * DAY
    seat = {
        "always": Seat(Span(long_ago)),
        "added": Seat(Span(now - DAY), ADDED),
        "added last": Seat(Span(now), SAID - 1),
        "left": Seat(Span(long_ago, now - DAY), ADDED),
        "leaves now": Seat(Span(long_ago, now)),
        "later": Seat(Span(now + HOUR)),
    }.get(state)
    if seat:
        world.seats[person, talk] = seat
        rows.add(
            Participant,
            conversation_id=talk,
            person_id=person,
            added_by_id=1,
            from_at=seat.held.from_at,
            until_at=seat.held.until_at,
            after=seat.after,
        )


def _spoken(
    world: World, rows: Rows, talk: Talk, position: int, author: int, chance: random.Random
) -> None:
    said_at = world.now - sorted([50 * DAY, CUT + HOUR, CUT, CUT - HOUR, DAY, HOUR])[-position]
    spoken = Spoken(
        id=len(world.spoken) + 1,
        talk=talk.id,
        position=position,
        author=author,
        said_at=said_at,
        withdrawn=chance.random() < 0.15,
        by_hand=chance.random() < 0.9,
    )
    world.spoken[spoken.id] = spoken
    rows.add(
        Message,
        id=spoken.id,
        conversation_id=talk.id,
        case_id=talk.case,
        position=position,
        kind="said" if spoken.by_hand else "joined",
        author_id=spoken.author,
        agency_id=NEITHER,
        author_role="Practitioner",
        body="Words",
        body_html="<p>Words</p>",
        cleaner=1,
        said_at=said_at,
        withdrawn_at=world.now if spoken.withdrawn else None,
    )
