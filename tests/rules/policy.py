"""The policy written out by hand, apart from `app/access.py`: what the rules must come to.

Plain Python over plain rows, without SQL and without importing the rules: one loop a question,
so that a mistake would have to be made twice, in two languages, to go unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Member:
    person: int
    case: int
    from_at: datetime
    until_at: datetime
    is_lead: bool
    history_from: datetime | None

    def at(self, now: datetime) -> bool:
        return self.from_at <= now < self.until_at


@dataclass(frozen=True)
class Told:
    id: int
    case: int
    author: int | None
    posted_at: datetime
    withdrawn: bool


@dataclass
class World:
    """Everything the policy looks at."""

    now: datetime
    accounts: dict[int, tuple[str, bool]] = field(default_factory=dict)  # account, active
    members: list[Member] = field(default_factory=list)
    lines: set[tuple[int, int]] = field(default_factory=set)  # manager, person
    posts: dict[int, Told] = field(default_factory=dict)

    def works_with_content(self, person: int) -> bool:
        account, active = self.accounts[person]
        return active and account in ("practitioner", "manager")

    def memberships(self, person: int, case: int) -> list[Member]:
        return [m for m in self.members if (m.person, m.case) == (person, case) and m.at(self.now)]

    def oversees(self, person: int, case: int) -> bool:
        return any(
            self.memberships(supervised, case)
            for manager, supervised in self.lines
            if manager == person
        )

    def sees_case(self, person: int, case: int) -> bool:
        if not self.works_with_content(person):
            return False
        return bool(self.memberships(person, case)) or self.oversees(person, case)

    def reads_post(self, person: int, post: int) -> bool:
        told = self.posts[post]
        if told.withdrawn or not self.sees_case(person, told.case):
            return False
        if told.author == person:
            return True
        starts = [m.history_from for m in self.memberships(person, told.case) if m.history_from]
        return all(start <= told.posted_at for start in starts)

    def leads(self, person: int, case: int) -> bool:
        if not self.works_with_content(person):
            return False
        return any(m.is_lead for m in self.memberships(person, case)) or self.oversees(person, case)
