"""The whole list of what follows a commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import delete, select, update

from app import access, activity, push
from app.core import clock, db
from app.models import Activity, Conversation, Delivery, Message, Person, Post
from app.monitor import watch
from app.notices import tell
from search import alerts

log = structlog.get_logger()

# While one process delivers, the others leave a row alone for this long.
LEASE = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)


def tell_searchers(done: Activity) -> None:
    """Tell those who have saved a search that finds what was said."""
    found = alerts.of(done)
    if found.searches:
        with db.transaction():
            tell.found(done, found.comment_id, found.searches)


def tell_monitor(done: Activity) -> None:
    """Have the case judged anew, unless it was the monitor that did it."""
    if done.case_id is not None and done.did not in watch.OWN:
        with db.transaction():
            watch.observe(done.case_id)


def tell_pages(done: Activity) -> None:
    """Point the open pages of everybody who may see it now, computed at this moment."""
    if done.conversation_id is not None:
        tell_conversation(done, done.conversation_id)
    if done.case_id is None:
        return
    with db.transaction() as session:
        position = session.scalar(select(Post.position).where(Post.id == done.post_id))
        people = _may_know(done, done.case_id)
        noticed = people & tell.told_of(done)
    pointer: push.Pointer = {
        "at": done.position,
        "did": done.did,
        "case": done.case_id,
        "post": done.post_id,
        "position": position,
        "by": done.actor_id,
    }
    _point(people, noticed, pointer)


def tell_conversation(done: Activity, conversation_id: int) -> None:
    """The same for what was said: to those it was said to, or who are in the conversation."""
    with db.transaction() as session:
        position = session.scalar(select(Message.position).where(Message.id == done.message_id))
        if done.message_id:
            gone = done.did == "message_withdrawn"
            people = set(access.hearers(done.message_id, withdrawn=gone))
        else:
            people = {*access.those_in(conversation_id), *_who_left(done, conversation_id)}
        noticed = people & tell.told_of(done)
    pointer: push.Pointer = {
        "at": done.position,
        "did": done.did,
        "conversation": conversation_id,
        "message": done.message_id,
        "position": position,
        "by": done.actor_id,
    }
    _point(people, noticed, pointer)


def _point(people: set[int], noticed: set[int], pointer: push.Pointer) -> None:
    """Say beside it whether it also stands in their list of notices, for the bell of the page."""
    push.tell(people - noticed, {**pointer, "notices": 0})
    if noticed:
        push.tell(noticed, {**pointer, "notices": 1})


def _who_left(done: Activity, conversation_id: int) -> set[int]:
    """Whoever has just left is told as well, so that what is still on their screen goes."""
    if done.did != "conversation_left" or done.person_id is None:
        return set()
    about = db.session().get_one(Conversation, conversation_id).case_id
    if about is not None and access.may(access.is_conflicted(done.person_id, about)):
        return set()
    return {done.person_id}


def _may_know(done: Activity, case_id: int) -> set[int]:
    if done.did == "access_changed":
        # For nobody but the person who sees it no more, if they ever did.
        return {done.person_id} if done.person_id else set()
    if done.did in activity.FOR_LEADS:
        leads = select(Person.id).where(access.may_lead(Person, case_id))
        return set(db.session().scalars(leads))
    if done.post_id:
        return set(access.readers(done.post_id, withdrawn=done.did == "withdrawn"))
    if done.did in watch.OF_ALERTS:
        return set(access.alerted(case_id))
    people = set(access.viewers(case_id))
    leaver = done.person_id if done.did == "left" else None
    if leaver and not access.may(access.is_conflicted(leaver, case_id)):
        # What is still on their screen goes; who was kept apart had nothing of it.
        people.add(leaver)
    return people


LISTENERS: dict[str, Callable[[Activity], None]] = {
    "notices": tell.of,
    "alerts": tell_searchers,
    "push": tell_pages,
    "monitor": tell_monitor,
}
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
            .order_by(Delivery.activity_position, Delivery.id)
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
