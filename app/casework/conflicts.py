"""Who must know nothing of a case: a relative, a neighbour, the person it is about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app import access, activity
from app.casework import networks
from app.core import clock, db, text
from app.core.db import AnyRow
from app.core.errors import Conflict as AlreadySo
from app.core.errors import NotFound
from app.models import Agency, Case, Conflict, Person


def declare(actor: Person, case: Case, person: Person, reason: str) -> Conflict:
    """From now on the person sees nothing of the case, whatever else would open it.

    Anybody says it of themself; of anybody else, in the network or not, whoever leads says it.
    """
    if actor.id == person.id:
        access.case(actor, case.id)
    else:
        access.led_case(actor, case.id)
    why = text.line(reason, field="reason", needed="Say what the conflict of interest is.")
    networks.hold(case)
    if access.may(access.is_conflicted(person.id, case.id)):
        raise AlreadySo(f"{person.name} is kept apart from this case already.")
    declared = Conflict(
        case_id=case.id,
        person_id=person.id,
        from_at=clock.now(),
        reason=why,
        declared_by_id=actor.id,
    )
    with networks.telling_who_loses(actor, case):
        db.session().add(declared)
        db.session().flush()
    activity.record(actor, "access_changed", case_id=case.id)
    return declared


def lift(actor: Person, case: Case, conflict_id: int, reason: str) -> None:
    """The person sees again what they would see without it; whoever leads decides so."""
    access.led_case(actor, case.id)
    why = text.line(reason, field="reason", needed="Say why this person may see the case again.")
    networks.hold(case)
    stands = find(case, conflict_id)
    if stands.until_at is not None:
        raise AlreadySo("This conflict of interest was lifted before.")
    stands.until_at = clock.now()
    stands.ended_by_id = actor.id
    stands.ended_reason = why
    activity.record(actor, "access_changed", case_id=case.id)


def find(case: Case, conflict_id: int) -> Conflict:
    found = db.session().get(Conflict, conflict_id) if conflict_id <= db.LARGEST else None
    if found is None or found.case_id != case.id:
        raise NotFound(f"conflict:{conflict_id}")
    return found


def kept_apart(case: Case) -> set[int]:
    """Everybody for whom one stands; for whoever leads, who is told of nobody in vain."""
    standing = select(Conflict.person_id).where(
        Conflict.case_id == case.id, Conflict.until_at.is_(None)
    )
    return set(db.session().scalars(standing))


def of(actor: Person, case: Case) -> list[AnyRow]:
    """All that were ever declared and why, those that stand first: for whoever leads."""
    access.led_case(actor, case.id)
    declarer, ender = aliased(Person), aliased(Person)
    return list(
        db.session().execute(
            select(
                Conflict.id,
                Conflict.person_id,
                Person.name,
                Person.role,
                Agency.name.label("agency_name"),
                Conflict.from_at,
                Conflict.until_at,
                Conflict.reason,
                Conflict.ended_reason,
                declarer.name.label("declared_by"),
                ender.name.label("ended_by"),
            )
            .join(Person, Person.id == Conflict.person_id)
            .join(Agency, Agency.id == Person.agency_id)
            .join(declarer, declarer.id == Conflict.declared_by_id)
            .outerjoin(ender, ender.id == Conflict.ended_by_id)
            .where(Conflict.case_id == case.id)
            .order_by(Conflict.until_at.is_not(None), Conflict.id.desc())
        )
    )
