"""What an open conversation says by itself: that somebody is there, and that they are writing.

Nothing of it is kept, and no word of it is content. Everything else is sent over HTTP.
"""

from __future__ import annotations

from typing import Any

from flask import request
from flask_socketio import SocketIO
from sqlalchemy import select

from app import access, presence, push
from app.core import db
from app.models import Person
from app.notices import choices

LARGEST = 2**53


def register(live: SocketIO) -> None:
    live.on("typing")(typing)
    live.on("here")(here)


def typing(said: Any = None) -> None:
    """Tell the others in the conversation that this person is writing."""
    number, me = _number(said), _me()
    if number is None:
        return
    with db.transaction(durable=False):
        if not access.may(access.writes_in(me, number)):
            return
        others = set(access.those_in(number)) - {me}
    push.tell(others, {"did": "typing", "conversation": number, "by": me})


def here(said: Any = None) -> dict[str, str]:
    """Note whether this person looks at the page; answers the state of the others in it.

    The others are told when that is new, so that their pages ask again.
    """
    number, me = _number(said), _me()
    state = "away" if isinstance(said, dict) and said.get("away") else "here"
    is_new = presence.of([me]).get(me) != state
    presence.seen(me, state)
    if number is None:
        return {}
    with db.transaction(durable=False):
        if not access.may(access.reads_in(me, number)):
            return {}
        others = set(access.those_in(number)) - {me}
        out = set(
            db.session().scalars(
                select(Person.id).where(Person.id.in_(others), Person.out_of_office.is_not(None))
            )
        )
        out |= choices.away(others).keys()
    if is_new:
        push.tell(others, {"did": "here", "conversation": number, "by": me})
    states = presence.of(sorted(others))
    return {str(each): "out" if each in out else states[each] for each in out | states.keys()}


def _number(said: Any) -> int | None:
    number = said.get("conversation") if isinstance(said, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 < number < LARGEST else None


def _me() -> int:
    person: int = request.environ["kith.person"]
    return person
