"""Breaking the glass: a case opened in an emergency, for an hour, in the sight of its network."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app import access, activity, stream
from app.casework import children, look_ups, reviews
from app.casework.children import Sought
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Invalid, NotFound, TooFast
from app.models import EMERGENCIES, Agency, BreakGlass, Case, Child, Person

OPEN_FOR = timedelta(minutes=60)
# A second person answers within this time, or not at all.
WAITS_FOR = timedelta(minutes=60)
A_DAY = 10
SHORTEST = 10

ENOUGH = (
    f"You have asked {A_DAY} times today, which is as many as a day allows. "
    "If a child is in danger phone 999, and your children’s services front door."
)

# Read out on the phone: no letter that sounds or looks like another sign, and no vowel, so that
# no word comes about.
_SIGNS = "2346789CDFHJKMPQRTVWXY"


@dataclass(frozen=True)
class Why:
    """What somebody says before the glass breaks."""

    emergency: str
    reason: str


def why(emergency: str, reason: str | None) -> Why:
    """Check the words; the network and a reviewer read them."""
    wrong = {}
    said = text.line(reason, field="reason", longest=300)
    if emergency not in EMERGENCIES:
        wrong["emergency"] = "Choose what has happened."
    if len(said) < SHORTEST:
        wrong["reason"] = f"Say in at least {SHORTEST} characters why it cannot wait."
    if wrong:
        raise Invalid(**wrong)
    return Why(emergency, said)


def break_glass(actor: Person, sought: Sought, because: Why) -> BreakGlass:
    """Open the case that is meant, or ask a second person when it takes two.

    One that is not there, one kept from this person and one that takes two people are answered
    alike: the same row, which opens nothing at once. So is a child of whom they see a case and
    no other. The number of a case they see asks nobody: its row is over as soon as it is written.
    """
    look_ups.must_work_with_children(actor)
    look_ups.hold(actor)
    found = children.find(actor, sought)
    today = BreakGlass.asked_at >= look_ups.midnight()
    asked_today = select(func.count()).where(BreakGlass.person_id == actor.id, today)
    if (db.session().scalar(asked_today) or 0) >= A_DAY:
        raise TooFast(ENOUGH)
    glass = BreakGlass(
        reference=_new_reference(),
        person_id=actor.id,
        case_id=found.case_id,
        emergency=because.emergency,
        reason=because.reason,
        asked_at=clock.now(),
        until_at=clock.now() if sought.case_id in found.seen else None,
    )
    db.session().add(glass)
    db.session().flush()
    if glass.case_id is not None and not found.is_restricted:
        _open(glass, actor)
    return glass


def approve(second: Person, glass_id: int) -> BreakGlass:
    """Be the second person: the hour begins now, if there is a case to open."""
    glass = db.session().scalar(_one(glass_id).where(_may_be_second(second)).with_for_update())
    if glass is None:
        raise NotFound(f"emergency:{glass_id}")
    glass.approved_by_id, glass.approved_at = second.id, clock.now()
    asker = db.session().get_one(Person, glass.person_id)
    if glass.case_id and not access.may(access.is_conflicted(asker.id, glass.case_id)):
        _open(glass, asker, second)
    return glass


def end(actor: Person, glass_id: int) -> None:
    """Close the case again before the hour is over; said twice, the first time counts."""
    glass = db.session().scalar(
        _one(glass_id).where(BreakGlass.person_id == actor.id).with_for_update()
    )
    if glass is None:
        raise NotFound(f"emergency:{glass_id}")
    if glass.until_at is None or glass.until_at <= clock.now():
        return
    glass.until_at = clock.now()
    activity.record(actor, "access_changed", case_id=glass.case_id, person_id=actor.id)


def find(viewer: Person, glass_id: int) -> AnyRow:
    """One request, for who made it; while it waits, for those who may be the second person."""
    found = db.session().execute(_rows(viewer).where(BreakGlass.id == _possible(glass_id))).first()
    if found is None:
        raise NotFound(f"emergency:{glass_id}")
    return found


def mine(person: Person) -> list[AnyRow]:
    """What this person has asked for, newest first."""
    own = _rows(person).where(BreakGlass.person_id == person.id)
    return list(db.session().execute(own.order_by(BreakGlass.id.desc()).limit(50)))


def waiting(viewer: Person) -> list[AnyRow]:
    """Requests that wait for a second person, for those who may be it."""
    others = _rows(viewer).where(_may_be_second(viewer))
    return list(db.session().execute(others.order_by(BreakGlass.id)))


def open_on(case_id: int) -> list[AnyRow]:
    """In which emergencies the case stands open now, and to whom."""
    return list(
        db.session().execute(
            select(
                BreakGlass.id,
                BreakGlass.reference,
                BreakGlass.emergency,
                BreakGlass.until_at,
                Person.id.label("person_id"),
                Person.name,
                Agency.name.label("agency_name"),
            )
            .join(Person, Person.id == BreakGlass.person_id)
            .join(Agency, Agency.id == Person.agency_id)
            .where(
                BreakGlass.case_id == case_id,
                BreakGlass.until_at > access.now(),
                access.has_broken_glass(BreakGlass.person_id, case_id),
                ~access.is_conflicted(BreakGlass.person_id, case_id),
            )
            .order_by(BreakGlass.id)
        )
    )


def _open(glass: BreakGlass, actor: Person, second: Person | None = None) -> None:
    case_id = glass.case_id
    assert case_id is not None, "there is a case to open"
    glass.opened_at, glass.until_at = clock.now(), clock.now() + OPEN_FOR
    agency = db.session().get_one(Agency, actor.agency_id)
    what = EMERGENCIES[glass.emergency]
    words = f"Opened in an emergency by {actor.name}, {agency.name}: {what[0].lower()}{what[1:]}. "
    words += glass.reason
    if second is not None:
        words += f" {second.name} approved it as the second person."
    stream.note(actor, case_id, "break_glass", words)
    evidence = {"emergency": glass.emergency, "people": 2 if second else 1}
    reviews.ask("break_glass", person=actor, case_id=case_id, evidence=evidence, break_glass=glass)
    activity.record(actor, "break_glass", case_id=case_id, person_id=actor.id)


def _is_waiting() -> ColumnElement[bool]:
    return and_(
        BreakGlass.until_at.is_(None),
        BreakGlass.approved_at.is_(None),
        BreakGlass.asked_at > clock.now() - WAITS_FOR,
    )


def _rows(viewer: Person) -> AnySelect:
    """What the pages of a request show; the child is named to whoever sees the case, only."""
    seen = access.sees_case(viewer.id, Case)
    return (
        select(
            BreakGlass.id,
            BreakGlass.reference,
            BreakGlass.person_id,
            BreakGlass.emergency,
            BreakGlass.reason,
            BreakGlass.asked_at,
            BreakGlass.opened_at,
            BreakGlass.until_at,
            BreakGlass.approved_at,
            _is_waiting().label("is_waiting"),
            Case.id.label("case_id"),
            Child.label.label("child_name"),
            Person.name,
            Person.role,
            Person.phone,
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .join(Person, Person.id == BreakGlass.person_id)
        .join(Agency, Agency.id == Person.agency_id)
        .outerjoin(Case, and_(Case.id == BreakGlass.case_id, seen))
        .outerjoin(Child, Child.id == Case.child_id)
        .where(or_(BreakGlass.person_id == viewer.id, _may_be_second(viewer)))
    )


def _may_be_second(viewer: Person) -> ColumnElement[bool]:
    """Only while it waits: one that is answered, over, kept from them or not there is all one.

    Read for longer, it would tell of a conflict found later by being gone.
    """
    return and_(access.may_approve(viewer.id, BreakGlass), _is_waiting())


def _one(glass_id: int) -> Select[BreakGlass]:
    return select(BreakGlass).where(BreakGlass.id == _possible(glass_id))


def _possible(number: int) -> int:
    return number if number <= db.LARGEST else 0


def _new_reference() -> str:
    while True:
        made = "BG-" + "".join(secrets.choice(_SIGNS) for _ in range(6))
        if not db.session().scalar(select(BreakGlass.id).where(BreakGlass.reference == made)):
            return made
