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

from app.core import clock, db
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
    session = db.session()
    began = clock.now() - timedelta(days=30)
    agencies = {
        name: Agency(name=name, agency_type=kind)
        for name, kind in {
            "North team": "5A",
            "Hillside Primary": "2A",
            "Vale health visitors": "3B",
            "Riverside Housing": "4",
            "South team": "5A",
            "Kith office": "5B",
        }.items()
    }
    session.add_all(agencies.values())
    session.flush()

    def person(name: str, role: str, agency: str, account: str = "practitioner") -> Person:
        made = Person(
            name=name,
            role=role,
            agency_id=agencies[agency].id,
            email=f"{name.split(maxsplit=1)[0].lower()}@kith.example",
            phone="01632 960001",
            account=account,
            created_at=began,
        )
        session.add(made)
        session.flush()
        return made

    def case(name: str, born_on: date, status: str) -> Case:
        child = Child(name=name, born_on=born_on)
        session.add(child)
        session.flush()
        opened = Case(child_id=child.id, opened_at=began)
        session.add(opened)
        session.flush()
        session.add(CaseHead(case_id=opened.id, position=0))
        session.add(
            CaseStatus(
                case_id=opened.id,
                status=status,
                category="NEG" if status == "child_protection_plan" else None,
                since=began.date(),
                recorded_at=began,
            )
        )
        session.flush()
        return opened

    def member(who: Person, of: Case, *, lead: bool = False, left: bool = False) -> None:
        session.add(
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
            )
        )
        session.add(Follow(person_id=who.id, case_id=of.id, following=not left))
        session.flush()

    cast = Cast(
        priya=person("Priya Shah", "Social worker", "North team"),
        dan=person("Dan Hughes", "Safeguarding lead", "Hillside Primary"),
        ruth=person("Ruth Bell", "Health visitor", "Vale health visitors"),
        mo=person("Mo Akram", "Team manager", "North team", "manager"),
        lee=person("Lee Park", "Housing officer", "Riverside Housing"),
        olive=person("Olive Reed", "Social worker", "South team"),
        otto=person("Otto Lind", "Team manager", "South team", "manager"),
        zed=person("Zed Cole", "Social worker", "North team"),
        ada=person("Ada West", "Administrator", "Kith office", "administrator"),
        audrey=person("Audrey Finch", "Information governance", "Kith office", "auditor"),
        amara=case("Amara O", date(2017, 5, 4), "child_protection_plan"),
        tobi=case("Tobi O", date(2020, 2, 11), "child_in_need"),
        noor=case("Noor R", date(2023, 8, 30), "early_help"),
    )
    member(cast.priya, cast.amara, lead=True)
    member(cast.dan, cast.amara)
    member(cast.ruth, cast.amara)
    member(cast.lee, cast.amara, left=True)
    member(cast.zed, cast.amara)
    member(cast.priya, cast.tobi, lead=True)
    member(cast.dan, cast.tobi)
    member(cast.olive, cast.noor, lead=True)
    cast.zed.active = False
    session.add_all(
        [
            Supervision(manager_id=cast.mo.id, person_id=cast.priya.id),
            Supervision(manager_id=cast.otto.id, person_id=cast.olive.id),
        ]
    )
    for one, other, relation in (
        (cast.amara, cast.tobi, "brother"),
        (cast.tobi, cast.amara, "sister"),
    ):
        session.add(
            FamilyLink(
                child_id=one.child_id,
                relative_child_id=other.child_id,
                relation=relation,
                same_household=True,
            )
        )
    session.flush()
    return cast
