"""How a conversation is drawn: its title, its days, the news, what stands round a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core import clock, db
from app.core.db import AnyRow
from app.models import REACTIONS, Case, Child, Conversation, Person
from app.web.filters import long_day
from messaging import conversations, messages, unread

Block = tuple[str, Any]


@dataclass(frozen=True)
class Drawn:
    """One message, as the template draws it."""

    row: AnyRow
    mine: bool
    new: bool
    round: messages.Round
    reactions: list[dict[str, Any]] = field(default_factory=list)
    read: int = 0
    readers: int = 0


def blocks(
    viewer: Person,
    conversation: Conversation,
    rows: Sequence[AnyRow],
    *,
    last_read: int | None = None,
    people: Sequence[AnyRow] | None = None,
) -> list[Block]:
    """Under a heading a day, with a line where she stopped reading, if there is news below it."""
    everybody = conversations.people(conversation) if people is None else people
    stands = messages.round_them(viewer, rows)
    drawn: list[Block] = []
    day, is_new = None, False
    for row in rows:
        news = last_read is not None and row.position > last_read and row.author_id != viewer.id
        if news and not is_new and row.kind == "said":
            is_new = True
            drawn.append(("unread_line", None))
        said_on = clock.local(row.said_at).date()
        if said_on != day:
            day = said_on
            drawn.append(("day", long_day(day)))
        if row.kind == "said":
            drawn.append(("message", _drawn(viewer, row, stands[row.id], everybody, new=news)))
        else:
            drawn.append(("turn", row))
    return drawn


def title(viewer: Person, conversation: Conversation, case: Case | None) -> str:
    if conversation.kind == "case":
        assert case is not None
        return f"Network of {db.session().get_one(Child, case.child_id).label}"
    others = conversations.names([conversation.id], viewer)[conversation.id]
    return conversation.name or _names(others)


def listed_title(row: AnyRow, others: Sequence[str]) -> str:
    """The same for a row of the list."""
    if row.kind == "case":
        return f"Network of {row.child_name}"
    return row.name or _names(others)


def _names(names: Sequence[str]) -> str:
    """Dan Hughes, Ruth Bell and 3 others."""
    if not names:
        return "Nobody else is here"
    if len(names) <= 3:
        return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{', '.join(names[:2])} and {len(names) - 2} others"


def _drawn(
    viewer: Person,
    row: AnyRow,
    stands: messages.Round,
    everybody: Sequence[AnyRow],
    *,
    new: bool,
) -> Drawn:
    read, not_yet = unread.receipts(everybody, row)
    return Drawn(
        row=row,
        mine=row.author_id == viewer.id,
        new=new,
        round=stands,
        reactions=_reactions(viewer, stands),
        read=len(read),
        readers=len(read) + len(not_yet),
    )


def _reactions(viewer: Person, stands: messages.Round) -> list[dict[str, Any]]:
    """Each of the short answers, who gave it, and whether she did."""
    given: dict[str, list[AnyRow]] = {each: [] for each in REACTIONS}
    for row in stands.reactions:
        given[row.reaction].append(row)
    return [
        {
            "value": value,
            "word": REACTIONS[value],
            "names": [row.name for row in rows],
            "mine": any(row.person_id == viewer.id for row in rows),
        }
        for value, rows in given.items()
    ]
