"""What people say to each other in the demo world, beside what they write down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.core import clock, mentions, text
from app.core.db import Base
from app.demo.people import AGENCIES, Worker
from app.demo.rows import Row
from app.demo.works import Work
from app.models import (
    Conversation,
    ConversationHead,
    Message,
    MessageMention,
    Participant,
    Reaction,
    ReadMark,
)


@dataclass(frozen=True)
class Said:
    """Who says what, how many days before today, and who answers with a word."""

    who: str
    days: int
    clock_time: str
    words: str
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Talk:
    """`child` is whom it is about; without `people` it is the whole network’s."""

    said: tuple[Said, ...]
    people: tuple[str, ...] = ()
    child: str | None = None
    name: str | None = None
    unread_by: tuple[str, ...] = ()


TALKS = (
    Talk(
        child="Amara O",
        unread_by=("Priya Shah", "Grace Adeyemi"),
        said=(
            Said(
                "Dan Hughes", 6, "15:40", "She was in for the whole of today, and ate with Maisie."
            ),
            Said(
                "Priya Shah",
                5,
                "09:05",
                "Good to read. I see the family tomorrow. @Ruth Bell, may I say that you asked "
                "about sleep, or would you rather tell them yourself?",
            ),
            Said(
                "Ruth Bell",
                5,
                "12:30",
                "Please leave it to me, she asked me to wait. I will ring you.",
                (("Priya Shah", "thank_you"),),
            ),
            Said(
                "Priya Shah",
                3,
                "16:10",
                "Core group: can everybody do the afternoon? I will book the room at school.",
                (("Dan Hughes", "on_it"), ("PC Amy Stott", "seen")),
            ),
            Said("Dan Hughes", 1, "08:50", "Room 4 is ours from two. Who brings the plan?"),
        ),
    ),
    Talk(
        child="Amara O",
        people=("Priya Shah", "Dan Hughes"),
        unread_by=("Priya Shah",),
        said=(
            Said(
                "Priya Shah", 4, "11:15", "Could you ring me about the list of who may fetch her?"
            ),
            Said("Dan Hughes", 4, "11:40", "In ten minutes, between two lessons."),
            Said("Dan Hughes", 1, "16:20", "Mum has changed the list. Uncle K is off it."),
        ),
    ),
    Talk(
        people=("Priya Shah", "Helen Moss"),
        said=(
            Said("Helen Moss", 2, "09:30", "Supervision on Thursday at ten, as usual?"),
            Said("Priya Shah", 2, "09:42", "Yes. I would like to bring two of mine."),
        ),
    ),
    Talk(
        people=("Priya Shah", "Tom Reid", "Lucy Tran", "Helen Moss"),
        name="Duty this week",
        unread_by=("Priya Shah", "Helen Moss"),
        said=(
            Said("Tom Reid", 3, "08:45", "I can take Wednesday if somebody has Friday afternoon."),
            Said("Lucy Tran", 3, "09:10", "Friday is mine.", (("Tom Reid", "thank_you"),)),
            Said("Tom Reid", 1, "17:05", "Handover is on the shelf by the door, all quiet."),
        ),
    ),
)


def write(
    works: Sequence[Work], workers: dict[str, Worker], end: datetime
) -> dict[type[Base], list[Row]]:
    """The rows of all of it, as they would stand had people typed it."""
    found: dict[type[Base], list[Row]] = {
        noun: []
        for noun in (
            Conversation,
            ConversationHead,
            Participant,
            Message,
            MessageMention,
            Reaction,
            ReadMark,
        )
    }
    named = {work.child.name: work for work in works}
    for number, talk in enumerate(TALKS, 1):
        work = named[talk.child] if talk.child else None
        _one(found, number, talk, work, workers, end)
    return found


def _one(
    found: dict[type[Base], list[Row]],
    number: int,
    talk: Talk,
    work: Work | None,
    workers: dict[str, Worker],
    end: datetime,
) -> None:
    first, last = talk.said[0], talk.said[-1]
    inside = [workers[name] for name in talk.people]
    if not inside:
        assert work is not None
        inside = list(work.members(end))
    begun = _at(first, end) - timedelta(minutes=1)
    found[Conversation].append(_conversation(number, talk, work, inside, begun, workers))
    found[ConversationHead].append(
        {"conversation_id": number, "position": len(talk.said), "said_at": _at(last, end)}
    )
    if talk.people:
        found[Participant] += [
            {
                "conversation_id": number,
                "person_id": each.id,
                "added_by_id": workers[first.who].id,
                "from_at": begun,
                "until_at": None,
                "after": 0,
            }
            for each in inside
        ]
    for position, said in enumerate(talk.said, 1):
        _say(found, number, position, said, work, inside, workers, end)
    found[ReadMark] += [
        {
            "conversation_id": number,
            "person_id": each.id,
            "last_read": len(talk.said) - (each.name in talk.unread_by),
            "last_read_at": _at(last, end),
            "muted": False,
        }
        for each in inside
    ]


def _conversation(
    number: int,
    talk: Talk,
    work: Work | None,
    inside: Sequence[Worker],
    begun: datetime,
    workers: dict[str, Worker],
) -> Row:
    kind = "case" if not talk.people else "group" if talk.name or len(inside) > 2 else "direct"
    low, high = sorted(each.id for each in inside)[:2]
    about = f"-about-{work.case_id}" if work else ""
    return {
        "id": number,
        "kind": kind,
        "case_id": work.case_id if work else None,
        "name": talk.name,
        "pair": f"{low}-{high}{about}" if kind == "direct" else None,
        "created_by_id": workers[talk.said[0].who].id,
        "created_at": begun,
    }


def _say(
    found: dict[type[Base], list[Row]],
    number: int,
    position: int,
    said: Said,
    work: Work | None,
    inside: Sequence[Worker],
    workers: dict[str, Worker],
    end: datetime,
) -> None:
    author, message_id = workers[said.who], len(found[Message]) + 1
    names = {each.name.casefold(): each.id for each in inside}
    cleaned = text.clean(said.words)
    found[Message].append(
        {
            "id": message_id,
            "conversation_id": number,
            "case_id": work.case_id if work else None,
            "position": position,
            "kind": "said",
            "author_id": author.id,
            "agency_id": list(AGENCIES).index(author.agency) + 1,
            "author_role": author.role,
            "body": cleaned.source,
            "body_html": text.clean(mentions.marked(said.words, names)).html,
            "cleaner": text.CLEANER,
            "version": 1,
            "said_at": _at(said, end),
        }
    )
    found[MessageMention] += [
        {"message_id": message_id, "person_id": names[name]}
        for name in sorted(mentions.of(said.words, names))
    ]
    found[Reaction] += [
        {
            "message_id": message_id,
            "person_id": workers[name].id,
            "reaction": reaction,
            "reacted_at": _at(said, end) + timedelta(minutes=20),
        }
        for name, reaction in said.answers
    ]


def _at(said: Said, end: datetime) -> datetime:
    day = clock.local(end).date() - timedelta(days=said.days)
    return clock.instant(day, time.fromisoformat(said.clock_time))
