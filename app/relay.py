"""The whole list of what follows a commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import delete, select, update

from app import access, activity, push
from app.core import clock, db
from app.models import Activity, Delivery, Person, Post

log = structlog.get_logger()

# While one process delivers, the others leave a row alone for this long.
LEASE = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)


def tell_pages(done: Activity) -> None:
    """Point the open pages of everybody who may see it now, computed at this moment."""
    if done.case_id is None:
        return
    with db.transaction() as session:
        position = session.scalar(select(Post.position).where(Post.id == done.post_id))
        if done.did == "access_changed":
            # For nobody but the person who sees it no more, if they ever did.
            people = {done.person_id} if done.person_id else set()
        elif done.did in activity.FOR_LEADS:
            leads = access.may_lead(Person, done.case_id)
            people = set(session.scalars(select(Person.id).where(leads)))
        elif done.post_id:
            people = set(access.readers(done.post_id, withdrawn=done.did == "withdrawn"))
        else:
            people = set(access.viewers(done.case_id))
    if done.did == "left" and done.person_id:
        people.add(done.person_id)  # so that what is still on their screen goes
    push.tell(
        people,
        {
            "at": done.position,
            "did": done.did,
            "case": done.case_id,
            "post": done.post_id,
            "position": position,
            "by": done.actor_id,
        },
    )


LISTENERS: dict[str, Callable[[Activity], None]] = {"push": tell_pages}
assert tuple(LISTENERS) == activity.LISTENERS


def deliver(most: int = 100) -> int:
    """Tell the listeners of what is due; answers how many rows were handled.

    At least once: a process that dies in between leaves the row to the next sweep. A listener
    that fails stops nobody and is tried again, later each time.
    """
    with db.transaction() as session:
        due = session.execute(
            select(Delivery, Activity)
            .join(Activity, Activity.position == Delivery.activity_position)
            .where(Delivery.due_at <= clock.now())
            .order_by(Delivery.activity_position)
            .limit(most)
            .with_for_update(skip_locked=True, of=Delivery)
        ).all()
        if not due:
            return 0
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_([delivery.id for delivery, _ in due]))
            .values(due_at=clock.now() + LEASE)
        )
    told = [delivery.id for delivery, done in due if _told(delivery, done)]
    with db.transaction() as session:
        session.execute(delete(Delivery).where(Delivery.id.in_(told)))
        for delivery, _ in due:
            if delivery.id not in told:
                wait = min(timedelta(seconds=2 ** min(delivery.tries, 9)), LONGEST_WAIT)
                session.execute(
                    update(Delivery)
                    .where(Delivery.id == delivery.id)
                    .values(tries=delivery.tries + 1, due_at=clock.now() + wait)
                )
    return len(due)


def _told(delivery: Delivery, done: Activity) -> bool:
    try:
        LISTENERS[delivery.listener](done)
    except Exception as error:  # whatever a listener does, the others must still be told
        log.warning("delivery failed", listener=delivery.listener, error=type(error).__name__)
        return False
    return True
