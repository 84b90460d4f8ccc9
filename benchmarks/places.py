"""A database of the size that is measured: the same rows every time, made in seconds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from app.core import db, schema
from app.models import (
    KINDS,
    Acknowledgement,
    Agency,
    Case,
    CaseHead,
    CaseStatus,
    Child,
    Comment,
    Counter,
    Follow,
    Membership,
    Person,
    Post,
    Supervision,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(days=400)
VIEWER = 1
WORDS = (
    "home school visit nurse sleep breakfast calm worried mother father brother clinic "
    "attendance meeting plan bed clothes smiling tired quiet garden reading neighbour agreed"
).split()
AGENCY_KINDS = ("5A", "2A", "3B", "6", "4", "8", "5D", "3A", "2B", "5B", "3C", "8")


def words(dice: random.Random) -> str:
    return " ".join(dice.choices(WORDS, k=dice.randint(20, 70)))


def fill(
    url: str,
    *,
    cases: int,
    posts: int,
    people: int = 400,
    members: int = 7,
    followed: int = 35,
    write: Callable[[random.Random], str] = words,
) -> None:
    """A viewer who is in and follows `followed` cases, among many more that are not hers."""
    dice = random.Random(1)
    engine = db.use(url)
    schema.upgrade(engine)
    with engine.begin() as connection:
        _people(connection, people)
        networks = _cases(connection, dice, cases, people, members, followed)
        heads = _posts(connection, dice, networks, posts, write)
        _reading(connection, dice, networks, heads)
        connection.execute(Counter.__table__.update().values(value=posts))
        if not db.is_sqlite():
            _count_on(connection)


def _count_on(connection: Connection) -> None:
    """The next number is the one after those given here, which PostgreSQL does not see."""
    for noun in (Agency, Person, Child, Case, CaseStatus, Membership, Post, Comment):
        name = noun.__tablename__
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")
        )


def _people(connection: Connection, people: int) -> None:
    _put(
        connection,
        Agency,
        (
            {"id": place + 1, "name": f"Agency {place + 1}", "agency_type": kind}
            for place, kind in enumerate(AGENCY_KINDS)
        ),
    )
    _put(
        connection,
        Person,
        (
            {
                "id": number,
                "name": f"Person {number}",
                "role": "Social worker",
                "agency_id": number % len(AGENCY_KINDS) + 1,
                "email": f"person{number}@kith.example",
                "account": "practitioner",
                "active": True,
                "created_at": BEGAN,
            }
            for number in range(1, people + 1)
        ),
    )
    _put(
        connection,
        Supervision,
        ({"manager_id": 2, "person_id": number} for number in range(3, 10)),
    )


def _cases(
    connection: Connection,
    dice: random.Random,
    cases: int,
    people: int,
    members: int,
    followed: int,
) -> dict[int, list[int]]:
    networks = {}
    hers = set(dice.sample(range(1, cases + 1), followed))
    for number in range(1, cases + 1):
        others = dice.sample(range(2, people + 1), members - 1)
        networks[number] = [*([VIEWER] if number in hers else []), *others]
    _put(
        connection,
        Child,
        (
            {"id": number, "name": f"Child {number}", "born_on": date(2016, 1, number % 28 + 1)}
            for number in networks
        ),
    )
    _put(
        connection,
        Case,
        ({"id": number, "child_id": number, "opened_at": BEGAN} for number in networks),
    )
    _put(
        connection,
        CaseStatus,
        (
            {
                "case_id": number,
                "status": "child_in_need",
                "since": BEGAN.date(),
                "recorded_at": BEGAN,
            }
            for number in networks
        ),
    )
    _put(
        connection,
        Membership,
        (
            {
                "case_id": number,
                "person_id": person,
                "agency_id": person % len(AGENCY_KINDS) + 1,
                "role": "Social worker",
                "is_lead": place == 0,
                "from_at": BEGAN,
                "until_at": NOW + timedelta(days=90),
                "reason": "Works with the family",
                "decided_by_id": network[0],
                "history_from": NOW - timedelta(days=200) if person % 7 == 0 else None,
            }
            for number, network in networks.items()
            for place, person in enumerate(network)
        ),
    )
    return networks


def _posts(
    connection: Connection,
    dice: random.Random,
    networks: dict[int, list[int]],
    posts: int,
    write: Callable[[random.Random], str],
) -> dict[int, int]:
    heads = dict.fromkeys(networks, 0)
    newest: dict[int, datetime] = {}
    kinds = list(KINDS)
    step = (NOW - BEGAN) / posts
    numbers = list(networks)

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1, posts + 1):
            case_id = dice.choice(numbers)
            author = dice.choice(networks[case_id])
            at = BEGAN + step * number
            heads[case_id] += 1
            newest[case_id] = at
            body = write(dice)
            yield {
                "id": number,
                "case_id": case_id,
                "position": heads[case_id],
                "author_id": author,
                "agency_id": author % len(AGENCY_KINDS) + 1,
                "author_role": "Social worker",
                "kind": dice.choice(kinds),
                "worry": dice.choices(
                    ("none", "keep_an_eye_on", "worried", "urgent"), (80, 12, 6, 2)
                )[0],
                "body": body,
                "body_html": f"<p>{body}</p>",
                "cleaner": 1,
                "version": 1,
                "occurred_at": at - timedelta(hours=2),
                "posted_at": at,
                "edited_at": None,
                "significant": False,
                "meaning": None,
                "withdrawn_at": at if number % 101 == 0 else None,
            }

    _put(connection, Post, rows())
    _put(
        connection,
        CaseHead,
        (
            {"case_id": number, "position": heads[number], "posted_at": newest.get(number)}
            for number in networks
        ),
    )
    places = [
        (number, case_id)
        for number, case_id in connection.execute(
            Post.__table__.select().with_only_columns(Post.id, Post.case_id)
        )
    ]
    _put(
        connection,
        Comment,
        (
            {
                "post_id": post_id,
                "case_id": case_id,
                "author_id": networks[case_id][0],
                "agency_id": 1,
                "author_role": "Social worker",
                "body": "Seen, thank you.",
                "body_html": "<p>Seen, thank you.</p>",
                "posted_at": NOW,
            }
            for post_id, case_id in places
            if post_id % 4 == 0
        ),
    )
    _put(
        connection,
        Acknowledgement,
        (
            {"post_id": post_id, "person_id": networks[case_id][-1], "acknowledged_at": NOW}
            for post_id, case_id in places
            if post_id % 5 == 0
        ),
    )
    return heads


def _reading(
    connection: Connection,
    dice: random.Random,
    networks: dict[int, list[int]],
    heads: dict[int, int],
) -> None:
    _put(
        connection,
        Follow,
        (
            {
                "person_id": person,
                "case_id": number,
                "following": True,
                "last_read": max(0, heads[number] - dice.choice((0, 0, 1, 3, 6))),
                "last_read_at": NOW,
            }
            for number, network in networks.items()
            for person in network
        ),
    )


def _put(connection: Connection, noun: Any, rows: Iterator[dict[str, Any]]) -> None:
    pile: list[dict[str, Any]] = []
    for row in rows:
        pile.append(row)
        if len(pile) == 5000:
            connection.execute(insert(noun.__table__), pile)
            pile = []
    if pile:
        connection.execute(insert(noun.__table__), pile)
