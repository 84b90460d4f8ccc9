"""The policy written out by hand, apart from `app/access.py`: what the rules must come to.

Plain Python over plain rows, without SQL and without importing the rules: one loop a question,
so that a mistake would have to be made twice, in two languages, to go unseen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

Place = tuple[int, int]  # person, case
Chair = tuple[int, int]  # person, conversation


@dataclass(frozen=True)
class Span:
    """From an instant on, until another or for good."""

    from_at: datetime
    until_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.from_at <= now and (self.until_at is None or now < self.until_at)


@dataclass(frozen=True)
class Member:
    person: int
    case: int
    from_at: datetime
    until_at: datetime
    is_lead: bool = False
    history_from: datetime | None = None

    def at(self, now: datetime) -> bool:
        return self.from_at <= now < self.until_at


@dataclass(frozen=True)
class Glass:
    """An emergency: not opened yet while it waits for a second person."""

    opened_at: datetime | None
    until_at: datetime | None
    approved: bool = False

    def opens(self, now: datetime, *, restricted: bool) -> bool:
        if self.opened_at is None or self.until_at is None:
            return False
        if restricted and not self.approved:
            return False
        return self.opened_at <= now < self.until_at


@dataclass(frozen=True)
class Told:
    id: int
    case: int
    author: int | None
    posted_at: datetime
    withdrawn: bool = False
    named: bool = False
    people: frozenset[int] = frozenset()
    agencies: frozenset[int] = frozenset()
    shut_out: frozenset[int] = frozenset()
    known: bool = True


@dataclass(frozen=True)
class Talk:
    """A conversation: "direct", "group", or "case", about a case or about none; who began it."""

    id: int
    kind: str
    case: int | None = None
    by: int | None = None


@dataclass(frozen=True)
class Seat:
    """Somebody's place in a conversation, from an instant and after a position on."""

    held: Span
    after: int = 0


@dataclass(frozen=True)
class Spoken:
    id: int
    talk: int
    position: int
    author: int
    said_at: datetime
    withdrawn: bool = False
    by_hand: bool = True


@dataclass(frozen=True)
class Account:
    kind: str
    active: bool
    agency: int


@dataclass
class World:
    """Everything the policy looks at."""

    now: datetime
    accounts: dict[int, Account] = field(default_factory=dict)
    members: dict[Place, list[Member]] = field(default_factory=lambda: defaultdict(list))
    supervises: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    conflicts: dict[Place, list[Span]] = field(default_factory=lambda: defaultdict(list))
    glasses: dict[Place, list[Glass]] = field(default_factory=lambda: defaultdict(list))
    restrictions: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    posts: dict[int, Told] = field(default_factory=dict)
    talks: dict[int, Talk] = field(default_factory=dict)
    seats: dict[Chair, Seat] = field(default_factory=dict)
    spoken: dict[int, Spoken] = field(default_factory=dict)

    def works_with_content(self, person: int) -> bool:
        account = self.accounts[person]
        return account.active and account.kind in ("practitioner", "manager")

    def memberships(self, person: int, case: int) -> list[Member]:
        return [each for each in self.members.get((person, case), ()) if each.at(self.now)]

    def oversees(self, person: int, case: int) -> bool:
        return any(self.memberships(each, case) for each in self.supervises.get(person, ()))

    def is_restricted(self, case: int) -> bool:
        return any(each.holds(self.now) for each in self.restrictions.get(case, ()))

    def is_conflicted(self, person: int, case: int) -> bool:
        return any(each.holds(self.now) for each in self.conflicts.get((person, case), ()))

    def has_broken_glass(self, person: int, case: int) -> bool:
        restricted = self.is_restricted(case)
        return any(
            each.opens(self.now, restricted=restricted)
            for each in self.glasses.get((person, case), ())
        )

    def sees_case(self, person: int, case: int) -> bool:
        if not self.works_with_content(person) or self.is_conflicted(person, case):
            return False
        if self.memberships(person, case) or self.has_broken_glass(person, case):
            return True
        return not self.is_restricted(case) and self.oversees(person, case)

    def shares_with(self, person: int, told: Told) -> bool:
        """Whether a post is for this person, who is taken to see its case."""
        agency = self.accounts[person].agency
        memberships = self.memberships(person, told.case)
        if agency in told.shut_out:
            return False
        if told.named:
            is_meant = told.author == person or person in told.people or agency in told.agencies
            if not memberships or not is_meant:
                return False
        if told.author == person:
            return True
        starts = [each.history_from for each in memberships if each.history_from]
        return all(start <= told.posted_at for start in starts)

    def reads_post(self, person: int, post: int) -> bool:
        told = self.posts[post]
        if told.withdrawn or not self.sees_case(person, told.case):
            return False
        return self.shares_with(person, told)

    def is_alerted(self, person: int, case: int, since: datetime, post: int | None) -> bool:
        """Whether somebody is told of an alert that began at an instant, about a post or none."""
        if not self.sees_case(person, case):
            return False
        starts = [each.history_from for each in self.memberships(person, case)]
        if any(start is not None and start > since for start in starts):
            return False
        return post is None or self.reads_post(person, post)

    def reads_reading(
        self, person: int, case: int, recorded_at: datetime, by: int | None, post: int | None
    ) -> bool:
        """Whether somebody reads a score of a case that stands, told with a post or with none."""
        if post is not None:
            return self.reads_post(person, post)
        if not self.sees_case(person, case):
            return False
        starts = [each.history_from for each in self.memberships(person, case)]
        is_early = any(start is not None and start > recorded_at for start in starts)
        return by == person or not is_early

    def hears_withdrawal(self, person: int, post: int) -> bool:
        told = self.posts[post]
        return self.sees_case(person, told.case) and self.shares_with(person, told)

    def withheld(self, person: int, case: int) -> int:
        """How many posts a member is told of without reading them."""
        if not self.sees_case(person, case) or not self.memberships(person, case):
            return 0
        agency = self.accounts[person].agency
        starts = [m.history_from for m in self.memberships(person, case) if m.history_from]
        return sum(
            told.case == case
            and told.named
            and told.known
            and not told.withdrawn
            and agency not in told.shut_out
            and agency not in told.agencies
            and person not in told.people
            and told.author != person
            and all(start <= told.posted_at for start in starts)
            for told in self.posts.values()
        )

    def leads(self, person: int, case: int) -> bool:
        if not self.works_with_content(person) or self.is_conflicted(person, case):
            return False
        if any(each.is_lead for each in self.memberships(person, case)):
            return True
        return not self.is_restricted(case) and self.oversees(person, case)

    # What people say to each other.

    def works_on(self, person: int, case: int) -> bool:
        """Sees the case as a member or as a manager; an emergency is not enough."""
        if not self.works_with_content(person) or self.is_conflicted(person, case):
            return False
        if self.memberships(person, case):
            return True
        return not self.is_restricted(case) and self.oversees(person, case)

    def seat(self, person: int, talk: int) -> Seat | None:
        """The place that somebody has now, if they have one."""
        found = self.seats.get((person, talk))
        return found if found and found.held.holds(self.now) else None

    def is_in(self, person: int, talk: int) -> bool:
        case = self.talks[talk].case
        if not self.seat(person, talk) or not self.works_with_content(person):
            return False
        return case is None or self.works_on(person, case)

    def is_out_of(self, person: int, talk: int) -> bool:
        """Told that they are in it no more, as long as they may know of what it was about."""
        case = self.talks[talk].case
        if not self.works_with_content(person) or self.is_in(person, talk):
            return False
        return case is None or self.works_on(person, case)

    def reads_in(self, person: int, talk: int) -> bool:
        about = self.talks[talk]
        if about.kind == "case":
            return about.case is not None and self.sees_case(person, about.case)
        return self.is_in(person, talk)

    def belongs_in(self, person: int, talk: int) -> bool:
        about = self.talks[talk]
        if about.kind != "case":
            return self.is_in(person, talk)
        if about.case is None or not self.memberships(person, about.case):
            return False
        return self.works_with_content(person) and not self.is_conflicted(person, about.case)

    def writes_in(self, person: int, talk: int) -> bool:
        about = self.talks[talk]
        if self.belongs_in(person, talk):
            return True
        return about.kind == "case" and about.case is not None and self.leads(person, about.case)

    def was_said_to(self, person: int, spoken: Spoken) -> bool:
        """Whether a message was said to somebody who is taken to read its conversation."""
        if spoken.author == person:
            return True
        seat = self.seat(person, spoken.talk)
        if seat and spoken.position <= seat.after:
            return False
        case = self.talks[spoken.talk].case
        if case is None:
            return True
        starts = [each.history_from for each in self.memberships(person, case)]
        return all(start is None or spoken.said_at >= start for start in starts)

    def reads_message(self, person: int, message: int) -> bool:
        spoken = self.spoken[message]
        if spoken.withdrawn or not self.reads_in(person, spoken.talk):
            return False
        return self.was_said_to(person, spoken)

    def hears_it_gone(self, person: int, message: int) -> bool:
        """Whether somebody is told of a message that has been taken back."""
        spoken = self.spoken[message]
        return self.reads_in(person, spoken.talk) and self.was_said_to(person, spoken)
