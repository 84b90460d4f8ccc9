"""The work round one child of the demo world, before it becomes rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from app.demo.families import Born, Family
from app.demo.people import Worker
from feeds.posts import Update


@dataclass
class Place:
    """One person's place in one network, when it is to end, and when it did."""

    worker: Worker
    from_at: datetime
    reason: str
    decided_by: Worker
    ends_at: datetime
    until_at: datetime | None = None
    left_because: str | None = None
    history_from: datetime | None = None


@dataclass
class Standing:
    """How the case stands from a day on, and when that was recorded."""

    at: datetime
    since: date
    status: str
    category: str | None
    reason: str


@dataclass
class Due:
    """A day the network must not miss, and when it was noted."""

    what: str
    due_at: datetime
    noted_at: datetime
    done_at: datetime | None = None


@dataclass
class Reply:
    at: datetime
    author: Worker
    words: str
    accepted_at: datetime | None = None


@dataclass(frozen=True)
class Scored:
    """A score of the first child a post is about; of the day it happened, unless it has its own."""

    key: str
    value: float
    rater: str
    on: date | None = None


@dataclass(eq=False)
class Told:
    """A post to be, in one case or in several siblings' cases, and what came of it.

    `only` has the people it is for, when not for everyone, `not_for` the agencies kept out.
    """

    at: datetime
    author: Worker
    about: list[Work]
    update: Update
    only: list[Worker] = field(default_factory=list)
    not_for: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    acknowledged: list[tuple[datetime, Worker]] = field(default_factory=list)
    edited: tuple[datetime, str] | None = None
    withdrawn: tuple[datetime, str] | None = None
    scores: list[Scored] = field(default_factory=list)


@dataclass(eq=False)
class Work:
    case_id: int
    child: Born
    family: Family
    born_on: date
    opened_at: datetime
    leads: list[tuple[datetime, Worker]]
    random: Random
    places: list[Place] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    key_dates: list[Due] = field(default_factory=list)
    imported: list[tuple[str, date, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return (self.child.name or "The child").split()[0]

    def age(self, at: datetime) -> float:
        return (at.date() - self.born_on) / timedelta(days=365.25)

    def members(self, at: datetime) -> list[Worker]:
        return [
            place.worker
            for place in self.places
            if place.from_at <= at and (place.until_at is None or place.until_at > at)
        ]

    def lead(self, at: datetime) -> Worker:
        return [worker for since, worker in self.leads if since <= at][-1]

    def status(self, day: date) -> str:
        return next(
            (each.status for each in reversed(self.standings) if each.since <= day),
            self.standings[0].status,
        )

    def closed_at(self) -> datetime | None:
        last = self.standings[-1]
        return last.at if last.status == "closed" else None
