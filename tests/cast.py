"""The people and children the tests speak of, always the same.

Amara and Tobi   brother and sister; Priya leads both, Dan and Ruth are in Amara's network,
                 Dan in Tobi's
Noor             another child; Olive leads, and nobody of Amara's network is in hers
Priya            social worker        Dan    safeguarding lead of a school
Ruth             health visitor       Mo     manager who supervises Priya
Lee              was in Amara's network, and has left
Olive            practitioner of another agency      Otto   manager who supervises Olive
Zed              was in Amara's network; his account is closed
Ada              administrator        Audrey auditor
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from app.core import clock, db
from app.core.db import Base
from app.models import (
    Agency,
    Case,
    CaseHead,
    CaseStatus,
    Child,
    FamilyLink,
    Follow,
    Membership,
    Person,
    Supervision,
)

# A Monday morning in November, in the middle of a school term.
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough password"

Noun = TypeVar("Noun", bound=Base)


@dataclass(frozen=True)
class Cast:
    priya: Person
    dan: Person
    ruth: Person
    mo: Person
    lee: Person
    olive: Person
    otto: Person
    zed: Person
    ada: Person
    audrey: Person
    amara: Case
    tobi: Case
    noor: Case

    @property
    def people(self) -> list[Person]:
        values = [getattr(self, field.name) for field in fields(self)]
        return [each for each in values if isinstance(each, Person)]

    @property
    def cases(self) -> list[Case]:
        return [self.amara, self.tobi, self.noor]


def settle() -> Cast:
    """Put everybody in the database of the open transaction."""
    began = clock.now() - timedelta(days=30)
    north, hillside, vale, riverside, south, office = kept(
        Agency(name="North team", agency_type="5A"),
        Agency(name="Hillside Primary", agency_type="2A"),
        Agency(name="Vale health visitors", agency_type="3B"),
        Agency(name="Riverside Housing", agency_type="4"),
        Agency(name="South team", agency_type="5A"),
        Agency(name="Kith office", agency_type="5B"),
    )

    def person(name: str, role: str, agency: Agency, account: str = "practitioner") -> Person:
        return Person(
            name=name,
            role=role,
            agency_id=agency.id,
            email=f"{name.split(maxsplit=1)[0].lower()}@kith.example",
            phone="01632 960001",
            account=account,
            active=not name.startswith("Zed"),
            created_at=began,
        )

    def status(case: Case, status: str, category: str | None = None) -> list[Base]:
        return [
            CaseHead(case_id=case.id, position=0),
            CaseStatus(
                case_id=case.id,
                status=status,
                category=category,
                since=began.date(),
                recorded_at=began,
            ),
        ]

    def member(who: Person, of: Case, *, lead: bool = False, left: bool = False) -> list[Base]:
        return [
            Membership(
                case_id=of.id,
                person_id=who.id,
                agency_id=who.agency_id,
                role=who.role,
                is_lead=lead,
                from_at=began,
                until_at=clock.now() + timedelta(days=-1 if left else 335),
                reason="Works with the family",
                decided_by_id=who.id,
            ),
            Follow(person_id=who.id, case_id=of.id, following=not left),
        ]

    def link(one: Case, other: Case, relation: str) -> FamilyLink:
        return FamilyLink(
            child_id=one.child_id,
            relative_child_id=other.child_id,
            relation=relation,
            same_household=True,
        )

    people = kept(
        person("Priya Shah", "Social worker", north),
        person("Dan Hughes", "Safeguarding lead", hillside),
        person("Ruth Bell", "Health visitor", vale),
        person("Mo Akram", "Team manager", north, "manager"),
        person("Lee Park", "Housing officer", riverside),
        person("Olive Reed", "Social worker", south),
        person("Otto Lind", "Team manager", south, "manager"),
        person("Zed Cole", "Social worker", north),
        person("Ada West", "Administrator", office, "administrator"),
        person("Audrey Finch", "Information governance", office, "auditor"),
    )
    children = kept(
        Child(name="Amara O", born_on=date(2017, 5, 4)),
        Child(name="Tobi O", born_on=date(2020, 2, 11)),
        Child(name="Noor R", born_on=date(2023, 8, 30)),
    )
    cases = kept(*(Case(child_id=child.id, opened_at=began) for child in children))
    named: list[Any] = [*people, *cases]  # in the order of the fields
    cast = Cast(*named)
    kept(
        *status(cast.amara, "child_protection_plan", "NEG"),
        *status(cast.tobi, "child_in_need"),
        *status(cast.noor, "early_help"),
        *member(cast.priya, cast.amara, lead=True),
        *member(cast.dan, cast.amara),
        *member(cast.ruth, cast.amara),
        *member(cast.lee, cast.amara, left=True),
        *member(cast.zed, cast.amara),
        *member(cast.priya, cast.tobi, lead=True),
        *member(cast.dan, cast.tobi),
        *member(cast.olive, cast.noor, lead=True),
        Supervision(manager_id=cast.mo.id, person_id=cast.priya.id),
        Supervision(manager_id=cast.otto.id, person_id=cast.olive.id),
        link(cast.amara, cast.tobi, "brother"),
        link(cast.tobi, cast.amara, "sister"),
    )
    return cast


def kept(*nouns: Noun) -> tuple[Noun, ...]:
    """All of them in one go: the cast is put there for every test."""
    session = db.session()
    session.add_all(nouns)
    session.flush()
    return nouns
