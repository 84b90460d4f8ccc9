"""Families made up by chance: names, relations, homes and ties of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

RELATIONS = (
    *("mother", "father", "grandmother", "maternal grandfather", "aunt", "mother’s brother"),
    *("mother’s partner", "stepfather", "foster carer", "brother", "sister", "half-brother"),
    *("twin", "cousin", "child", "a friend of the family", "great-grandmother"),
)
NAMES = (
    *("Efe O", "Uncle K", "Maria-Magdalena Featherstonehaugh-Cholmondeley", "Ng", "Bo"),
    *("Oluwaseun Adebayo-Ogunleye", "WWWWWWWWWWWWWWWWWWWWWWWW", "Nan", "Joseph Okonkwo"),
)
ROLES = ("Social worker", "Safeguarding lead", "Independent reviewing officer", "GP")
AGENCIES = (
    *((1, "Northmoor Children’s Social Care", "5A"), (2, "Hillside Primary School", "2A")),
    *((3, "Old Mill Surgery", "3A"), (4, "Northmoor Police, Child Protection", "6")),
    *((5, "Northmoor Homes", "4"), (6, "Hope", "8")),
)


@dataclass(frozen=True)
class Child:
    label: str
    born_on: date | None
    gender: str | None


@dataclass(frozen=True)
class Relative:
    link_id: int
    case_id: int | None
    name: str
    relation: str
    same_household: bool
    born_on: date | None
    gender: str | None
    strength: str | None = None
    is_stressful: bool = False
    contact: str = "ordinary"
    contact_reason: str | None = None
    said_by: str | None = None
    has_died: bool = False


@dataclass(frozen=True)
class Member:
    id: int
    name: str
    role: str
    is_lead: bool
    agency_id: int
    agency_name: str
    agency_type: str


def child(random: Random) -> Child:
    born = random.choice([None, date(2017, 5, 4)])
    return Child(random.choice(NAMES), born, random.choice([None, "F", "Male"]))


def relatives(random: Random, many: int) -> list[Relative]:
    return [_relative(random, number) for number in range(1, many + 1)]


def members(random: Random, many: int) -> list[Member]:
    return [
        Member(
            number,
            random.choice(NAMES),
            random.choice(ROLES),
            number == 1,
            *random.choice(AGENCIES),
        )
        for number in range(1, many + 1)
    ]


def _relative(random: Random, number: int) -> Relative:
    contact = random.choice(["ordinary"] * 4 + ["supervised", "none"])
    return Relative(
        number,
        1000 + number if random.random() < 0.3 else None,
        random.choice(NAMES),
        random.choice(RELATIONS),
        random.random() < 0.5,
        random.choice([None, date(2017, 5, 4) + timedelta(days=random.randint(-4000, 3000))]),
        random.choice([None, None, "F", "M"]),
        random.choice([None, "strong", "ordinary", "weak"]),
        random.random() < 0.3,
        contact,
        "Not safe" if contact != "ordinary" else None,
        "A court" if contact != "ordinary" else None,
        random.random() < 0.1,
    )
