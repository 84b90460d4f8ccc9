"""A town that lives, kept by hand: the policy's world, and what chance picks from it.

Nothing here is read back from the database but the number a new row was given.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.casework import cases, networks, people
from app.casework.cases import ChildDetails
from app.core import clock, db
from app.core.db import Base
from app.models import Person
from tests.rules.policy import Account, Chair, Glass, Member, Place, Span, Told, World

LONDON = ZoneInfo("Europe/London")
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
INSTANT = timedelta(microseconds=1)
WHY = "It is needed for the child"
BORN, POSTCODE = date(2018, 3, 2), "LS1 4AP"
POSITIONS = 10_000
BEFORE = datetime(1900, 1, 1, tzinfo=UTC)

PEOPLE = ["administrator", "auditor", "manager", "manager", "manager"] + 9 * ["practitioner"]
AGENCIES = 4
# The last two are known by the same name, birth and postcode: one child, opened twice.
CHILDREN = ["Amara Oak", "Tobi Oak", "Noor Reed", "Noor Reed"]


@dataclass(frozen=True)
class Joined(Member):
    agency: int = 0
    order: int = 0


@dataclass(frozen=True)
class Asked(Glass):
    """An emergency as it was asked for; of no case, when none was found for this person."""

    id: int = 0
    person: int = 0
    case: int | None = None
    asked_at: datetime = BEFORE


@dataclass(frozen=True)
class Written(Told):
    position: int = 0
    first: int = 0  # of the copies in several siblings' cases
    by_hand: bool = True
    urgent: bool = False


@dataclass(frozen=True)
class Said:
    id: int
    post: int
    author: int
    withdrawn: bool = False


@dataclass(frozen=True)
class Followed:
    following: bool
    last_read: int = 0


class Life:
    """The world, what the policy does not need to know of it, and chance."""

    def __init__(self, seed: int, began: datetime) -> None:
        self.chance = random.Random(seed)
        self.world = World(now=began)
        self.steps: list[str] = []
        self.refused = self.decisions = 0
        self.asked: dict[int, Asked] = {}
        self.kept_apart: dict[Place, list[int]] = {}
        self.said: dict[int, Said] = {}
        self.follows: dict[Place, Followed] = {}
        self.positions: dict[int, int] = {}
        # How far somebody has read a conversation, and whether they have muted it.
        self.marks: dict[Chair, tuple[int, bool]] = {}
        self.looked_up: dict[int, list[datetime]] = {}
        self.agencies: list[int] = []
        self.cases: list[int] = []
        with clock.held(began), db.transaction(durable=False):
            self._settle()

    @property
    def people(self) -> list[int]:
        return list(self.world.accounts)

    # Who was there first.

    def _settle(self) -> None:
        for number in range(AGENCIES):
            self.agencies.append(people.add_agency(None, f"Agency {number}", "5A").id)
        for number, account in enumerate(PEOPLE):
            agency = self.chance.choice(self.agencies)
            person = people.add(
                None,
                name=f"Person {number}",
                email=f"person{number}@kith.example",
                role="Worker",
                agency_id=agency,
                account=account,
            )
            self.world.accounts[person.id] = Account(account, active=True, agency=agency)
        for name in CHILDREN:
            lead, *others = self.chance.sample(self.of_kind("practitioner"), 5)
            self._open(name, lead, others)
        for manager in self.of_kind("manager"):
            line = self.chance.sample(self.of_kind("practitioner"), 3)
            people.supervise(
                self.row(Person, self.administrator()), self.row(Person, manager), line
            )
            self.world.supervises[manager] = set(line)

    def _open(self, name: str, lead: int, others: list[int]) -> None:
        leader = self.row(Person, lead)
        case = cases.open_case(
            leader,
            ChildDetails(name=name, born_on=BORN, postcode=POSTCODE),
            status="child_in_need",
            since=self.today(),
            reason=WHY,
        )
        self.cases.append(case.id)
        self.join(lead, case.id, self.world.now + YEAR, is_lead=True)
        self.note(lead, case.id)
        for each in others:
            last = self.today() + self.chance.choice([30, 182, 300]) * DAY
            member = self.row(Person, each)
            networks.add(leader, case, member, role="Worker", reason=WHY, until_on=last)
            self.join(each, case.id, self.end_of(last))
            self.note(lead, case.id)

    # What the world looks like.

    def of_kind(self, kind: str) -> list[int]:
        return [each for each, account in self.world.accounts.items() if account.kind == kind]

    def administrator(self) -> int:
        return self.people[0]

    def leads_it(self, person: int, case: int) -> bool:
        return any(each.is_lead for each in self.world.memberships(person, case))

    def led_by(self, case: int) -> list[int]:
        return [each for each in self.people if self.leads_it(each, case)]

    def is_led(self, case: int) -> bool:
        return any(self.is_able(each, case) for each in self.led_by(case))

    def is_able(self, person: int, case: int) -> bool:
        world = self.world
        return world.works_with_content(person) and not world.is_conflicted(person, case)

    def able_members(self, case: int) -> dict[int, int]:
        """Members who see the case, and the agency each works for now."""
        return {
            each: self.world.accounts[each].agency
            for each in self.people
            if self.world.memberships(each, case) and self.is_able(each, case)
        }

    def copies(self, number: int) -> list[Written]:
        origin = self.post(number).first
        return [each for each in self.posts() if each.first == origin]

    def post(self, number: int) -> Written:
        told = self.world.posts[number]
        assert isinstance(told, Written)
        return told

    def posts(self, case: int | None = None) -> list[Written]:
        return [self.post(each) for each in self.world.posts if case in (None, each // POSITIONS)]

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), LONDON).astimezone(UTC)

    def today(self) -> date:
        return self.world.now.astimezone(LONDON).date()

    def todays(self, instants: Iterable[datetime]) -> int:
        return sum(each >= self.midnight(self.today()) for each in instants)

    def end_of(self, day: date) -> datetime:
        return min(self.midnight(day + DAY), self.world.now + YEAR)

    def ends(self) -> list[datetime]:
        """When a membership or an emergency ends by itself."""
        spans = [each for found in self.world.members.values() for each in found]
        until = [each.until_at for each in spans] + [each.until_at for each in self.asked.values()]
        return sorted(at for at in until if at is not None and at > self.world.now)

    # What a deed changes of it.

    def join(
        self,
        person: int,
        case: int,
        until: datetime,
        *,
        is_lead: bool = False,
        history: datetime | None = None,
    ) -> None:
        now, agency = self.world.now, self.world.accounts[person].agency
        order = sum(map(len, self.world.members.values()))
        joined = Joined(person, case, now, until, is_lead, history, agency, order)
        self.world.members[person, case].append(joined)
        read = self.follows.get((person, case), Followed(True))
        self.follows[person, case] = replace(read, following=True)

    def member(self, person: int, case: int, **changed: Any) -> None:
        """Change the membership that holds now, if one does."""
        self.world.members[person, case] = [
            replace(each, **changed) if each.at(self.world.now) else each
            for each in self.world.members[person, case]
        ]

    def leave(self, person: int, case: int) -> None:
        self.member(person, case, until_at=self.world.now)
        if read := self.follows.get((person, case)):
            self.follows[person, case] = replace(read, following=False)

    def lead(self, person: int, case: int) -> None:
        for each in self.led_by(case):
            self.member(each, case, is_lead=False)
        self.member(person, case, is_lead=True)

    def note(self, author: int, case: int) -> None:
        self.write(author, [case], by_hand=False)

    def write(
        self,
        author: int,
        places: Sequence[int],
        of: Callable[[int], Any] = lambda _: {},
        **rest: Any,
    ) -> None:
        origin = None
        for case in places:
            position = self.positions[case] = self.positions.get(case, 0) + 1
            number = case * POSITIONS + position
            origin = origin or number
            self.world.posts[number] = Written(
                id=number,
                case=case,
                author=author,
                posted_at=self.world.now,
                position=position,
                first=origin,
                **rest,
                **of(case),
            )

    def keep(self, asked: Asked) -> None:
        self.asked[asked.id] = asked
        if asked.case is not None:
            mine = [
                each
                for each in self.asked.values()
                if (each.person, each.case) == (asked.person, asked.case)
            ]
            self.world.glasses[asked.person, asked.case] = list[Glass](mine)

    def end_span(self, spans: list[Span], which: int) -> None:
        spans[which] = replace(spans[which], until_at=self.world.now)

    def read(self, person: int, case: int, up_to: int) -> None:
        """Read the stream up to there, and what was read here has been read in copies too."""
        newest = max((each.position for each in self.open_posts(person, case)), default=0)
        kept = self.follows.get((person, case), Followed(False))
        read = max(kept.last_read, min(newest, up_to))
        self.follows[person, case] = replace(kept, last_read=read)
        ahead = {each: self._read_elsewhere(person, each) for each in self.cases}
        for each, position in ahead.items():
            if there := self.follows.get((person, each)):
                read = max(there.last_read, position)
                self.follows[person, each] = replace(there, last_read=read)

    def open_posts(self, person: int, case: int) -> list[Written]:
        return [
            each
            for each in self.posts(case)
            if not each.withdrawn and self.world.shares_with(person, each)
        ]

    def news(self, person: int, case: int) -> list[Written]:
        """What others wrote in a case she follows and sees since she last read it."""
        follow = self.follows.get((person, case), Followed(False))
        if not follow.following or not self.world.sees_case(person, case):
            return []
        return [
            each
            for each in self.open_posts(person, case)
            if each.position > follow.last_read and each.author != person
        ]

    def _read_elsewhere(self, person: int, case: int) -> int:
        fresh: list[int] = []
        known: list[int] = []
        for each in self.news(person, case):
            (known if self._knows_copy(person, each) else fresh).append(each.position)
        if not known:
            return 0
        return min(fresh) - 1 if fresh else max(known)

    def _knows_copy(self, person: int, post: Written) -> bool:
        return any(
            each.id != post.id
            and not each.withdrawn
            and self.world.shares_with(person, each)
            and (person, each.case) in self.follows
            and self.follows[person, each.case].last_read >= each.position
            for each in self.copies(post.id)
        )

    # Chance, leaning to what is worth doing.

    def maybe(self, likely: float) -> bool:
        return self.chance.random() < likely

    def one(self, *lists: Iterable[int]) -> int:
        """Somebody of the first list that has any."""
        return self.chance.choice(next(filter(None, map(sorted, lists))))

    def case(self) -> int:
        led = [each for each in self.cases if self.is_led(each)]
        return self.one(led if self.maybe(0.6) else [], self.cases)

    def signed_in(self) -> list[int]:
        return [each for each in self.people if self.world.accounts[each].active]

    def actor(self, may: Callable[[int], bool]) -> int:
        """Mostly somebody who may, or the deed would mostly be refused."""
        able = [each for each in self.signed_in() if may(each)] if self.maybe(0.75) else []
        return self.one(able, self.signed_in())

    def leader(self, case: int) -> int:
        return self.actor(lambda each: self.world.leads(each, case))

    def viewer(self, case: int) -> int:
        return self.actor(lambda each: self.world.sees_case(each, case))

    def officer(self) -> int:
        return self.actor(lambda each: self.world.accounts[each].kind == "administrator")

    def colleague(self, case: int) -> int:
        members = [each for each in self.people if self.world.memberships(each, case)]
        return self.one(members if self.maybe(0.75) else [], self.people)

    def some(self, of: Iterable[int], most: int) -> tuple[int, ...]:
        able = sorted(of)
        return tuple(self.chance.sample(able, self.chance.randint(0, min(most, len(able)))))

    def row(self, noun: type[Base], number: int) -> Any:
        return db.session().get_one(noun, number)
