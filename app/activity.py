"""What happened: one row a thing done, in one order, in the transaction that did it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import insert, update

from app.core import clock, db
from app.models import Activity, Counter, Delivery, Person

# Who is told of every activity after the commit; `app.relay` says what each of them does.
# Notices come first, so that a page which is told can count them; and alerts after them, so that
# they tell nobody of what they have been told of already.
LISTENERS = ("notices", "alerts", "push", "monitor")
# Of these only those who may lead the case are told; others do not learn that they happened.
FOR_LEADS = ("look_up", "look_up_answered")


# With none here, another process finds what is left to do in its next sweep.
_wakes: list[Callable[[], None]] = []


def wakes(wake: Callable[[], None]) -> None:
    """Call this after each commit that left something to deliver."""
    _wakes.append(wake)


def wakes_no_more(wake: Callable[[], None]) -> None:
    _wakes.remove(wake)


def record(
    actor: Person | None,
    did: str,
    *,
    case_id: int | None = None,
    post_id: int | None = None,
    person_id: int | None = None,
    conversation_id: int | None = None,
    message_id: int | None = None,
    quiet: bool = False,
) -> int:
    """Record it and answer its position; the last thing a verb does.

    The counter's lock is held until the commit, so a reader who has seen position 12 can never
    be shown an 11 later. `quiet` tells no listener: for what is brought in from elsewhere.
    """
    session = db.session()
    session.flush()
    position = session.scalars(
        update(Counter)
        .where(Counter.name == "activities")
        .values(value=Counter.value + 1)
        .returning(Counter.value)
    ).one()
    at = clock.now()
    session.execute(
        insert(Activity).values(
            position=position,
            at=at,
            did=did,
            actor_id=actor.id if actor else None,
            case_id=case_id,
            post_id=post_id,
            person_id=person_id,
            conversation_id=conversation_id,
            message_id=message_id,
        )
    )
    if not quiet:
        session.execute(
            insert(Delivery),
            [
                {"activity_position": position, "listener": name, "tries": 0, "due_at": at}
                for name in LISTENERS
            ],
        )
        db.afterwards(_wake_all)
    return position


def record_quietly(actor: Person | None, did: str, case_ids: Sequence[int]) -> None:
    """Record the same of many cases at once, told to no listener: what a file has brought in."""
    if not case_ids:
        return
    session = db.session()
    session.flush()
    last = session.scalars(
        update(Counter)
        .where(Counter.name == "activities")
        .values(value=Counter.value + len(case_ids))
        .returning(Counter.value)
    ).one()
    at = clock.now()
    session.execute(
        insert(Activity),
        [
            {
                "position": position,
                "at": at,
                "did": did,
                "actor_id": actor.id if actor else None,
                "case_id": case_id,
            }
            for position, case_id in enumerate(case_ids, last - len(case_ids) + 1)
        ],
    )


def _wake_all() -> None:
    for wake in tuple(_wakes):
        wake()
