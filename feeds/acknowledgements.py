"""A named person says: I have seen this and I have it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app import access, activity
from app.core import clock, db
from app.core.db import AnyRow
from app.core.errors import Conflict
from app.models import Acknowledgement, Person, Post
from feeds import posts


def add(person: Person, post: Post) -> None:
    """Acknowledge once, in every sibling's stream she reads; doing it again changes nothing."""
    if post.author_id == person.id:
        raise Conflict("Somebody else has to acknowledge what you posted.")
    for copy in posts.copies(post):
        if copy.id == post.id or access.may(access.reads_post(person.id, copy)):
            _add(person, copy)


def _add(person: Person, post: Post) -> None:
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    new = db.session().scalar(
        insert(Acknowledgement)
        .values(post_id=post.id, person_id=person.id, acknowledged_at=clock.now())
        .on_conflict_do_nothing()
        .returning(Acknowledgement.post_id)
    )
    if new is not None:
        activity.record(person, "acknowledged", case_id=post.case_id, post_id=post.id)


def of(post: Post) -> list[AnyRow]:
    """Who acknowledged the post and when, first to last."""
    return list(
        db.session().execute(
            select(Person.id, Person.name, Person.role, Acknowledgement.acknowledged_at)
            .join(Person, Person.id == Acknowledgement.person_id)
            .where(Acknowledgement.post_id == post.id)
            .order_by(Acknowledgement.acknowledged_at)
        )
    )
