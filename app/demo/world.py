"""The demo world: built in one go, and the same every time for a given day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, select, update

from app.core import db
from app.core.db import Base
from app.models import Counter, Person
from config.demo import DOMAIN


@dataclass(frozen=True)
class Made:
    agencies: int
    people: int
    children: int
    posts: int


def is_empty() -> bool:
    return not db.session().scalar(select(exists().where(Person.id.is_not(None))))


def is_demo() -> bool:
    """Whether everybody here is invented: nobody real has such an address."""
    real = exists().where(~Person.email.endswith(f"@{DOMAIN}"))
    return not db.session().scalar(select(real))


def clear() -> None:
    """Delete everything there is."""
    session = db.session()
    for table in reversed(Base.metadata.sorted_tables):
        if table.name != Counter.__tablename__:
            session.execute(delete(table))
    session.execute(update(Counter).values(value=0))


def build(today: date) -> Made:
    raise NotImplementedError(today)
