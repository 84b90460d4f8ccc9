"""Ways to say in one line who recorded what on which day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import access
from app.core import clock, db
from app.models import Alert, Case, Person
from app.monitor import watch
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

DAY = timedelta(days=1)


def tell(
    author: Person, case: Case, days_ago: float = 0, *, noted: float | None = None, **said: Any
) -> int:
    """Something that happened so many days ago; written down then, or `noted` days ago."""
    happened = MORNING - days_ago * DAY
    at = happened if noted is None else MORNING - noted * DAY
    with clock.held(at), db.transaction():
        update = Update("Something.", occurred_at=happened, **said)
        return posts.publish(author, case, update).id


def take_back(author: Person, post_id: int) -> None:
    with db.transaction():
        posts.withdraw(author, access.post(author, post_id), "Wrong child")


def burst(cast: Cast, until: float = 0) -> list[int]:
    """Three agencies a day for five days."""
    return [
        tell(who, cast.amara, until + ago)
        for ago in range(5)
        for who in (cast.priya, cast.dan, cast.ruth)
    ]


def look(case: Case, at: datetime = MORNING) -> None:
    with clock.held(at), db.transaction():
        watch.observe(case.id)


def standing(case: Case, kind: str) -> list[Alert]:
    with db.transaction() as session:
        rows = select(Alert).where(
            Alert.case_id == case.id, Alert.kind == kind, Alert.ended_at.is_(None)
        )
        return list(session.scalars(rows.order_by(Alert.id)))
