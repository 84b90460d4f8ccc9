"""The network round one child: who joins, who leads, who leaves, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select

from app import access, activity, stream
from app.core import clock, db, text
from app.core.db import AnyRow
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import (
    CONTENT_ACCOUNTS,
    Agency,
    Case,
    CaseHead,
    Child,
    Follow,
    Membership,
    Person,
    Post,
)

# What nobody has looked at for a year is decided anew.
LONGEST = timedelta(days=365)


def add(
    actor: Person,
    case: Case,
    person: Person,
    *,
    role: str,
    reason: str,
    history_from: datetime | None = None,
) -> Membership:
    """Bring somebody into the network, for a reason that stays on record."""
    access.led_case(actor, case.id)
    if not person.active or person.account not in CONTENT_ACCOUNTS:
        raise Invalid(person="Choose somebody who works with children and can sign in.")
    _hold(case)
    if access.may(access.is_member(person.id, case.id)):
        raise Conflict(f"{person.name} is in this network already.")
    why = text.line(reason, field="reason", needed="Say why you are sharing with this person.")
    return join(actor, case, person, role=role, reason=why, history_from=history_from)


def join(
    actor: Person,
    case: Case,
    person: Person,
    *,
    role: str,
    reason: str,
    is_lead: bool = False,
    legal_basis: str = "public_task",
    until: datetime | None = None,
    history_from: datetime | None = None,
    announced: bool = True,
) -> Membership:
    """The rows of a new member, who follows from now on; the rules are the caller's to ask."""
    joined = text.line(role, field="role") or person.role
    member = Membership(
        case_id=case.id,
        person_id=person.id,
        agency_id=person.agency_id,
        role=joined,
        is_lead=is_lead,
        from_at=clock.now(),
        until_at=until or clock.now() + LONGEST,
        legal_basis=legal_basis,
        reason=reason,
        decided_by_id=actor.id,
        history_from=history_from,
    )
    session = db.session()
    session.add(member)
    session.flush()
    kept = session.get(Follow, (person.id, case.id))
    if kept is None:
        session.add(Follow(person_id=person.id, case_id=case.id))
    else:
        kept.following = True
    if announced:
        stream.note(actor, case.id, "joined", f"{person.name}, {joined}, joined the network.")
        activity.record(actor, "joined", case_id=case.id, person_id=person.id)
    return member


def hand_over(actor: Person, case: Case, person: Person, reason: str) -> None:
    """Make another member the lead practitioner."""
    access.led_case(actor, case.id)
    why = text.line(reason, field="reason", needed="Say why the lead changes.")
    _hold(case)
    next_lead = member(case, person.id)
    if not person.active or person.account not in CONTENT_ACCOUNTS:
        raise Invalid(person="Choose somebody who works with children and can sign in.")
    if next_lead.is_lead:
        raise Conflict(f"{person.name} leads this case already.")
    for lead in _current(case, leads=True):
        lead.is_lead = False
    next_lead.is_lead = True
    stream.note(actor, case.id, "lead_changed", f"{person.name} leads the work now. {why}")
    activity.record(actor, "lead_changed", case_id=case.id, person_id=person.id)


def leave(person: Person, case: Case, reason: str) -> None:
    """Step out of the network; a lead hands over first."""
    _hold(case)
    membership = member(case, person.id)
    if membership.is_lead:
        raise Conflict("You lead this case: hand over the lead before you leave.")
    _end(person, case, membership, person, reason)


def remove(actor: Person, case: Case, person: Person, reason: str) -> None:
    """Take somebody out of the network, at once and everywhere."""
    access.led_case(actor, case.id)
    _hold(case)
    membership = member(case, person.id)
    if membership.is_lead:
        raise Conflict(f"{person.name} leads this case: hand over the lead first.")
    if actor.id == person.id:
        raise NotAllowed("Use “Leave the network” to step out yourself.")
    _end(actor, case, membership, person, reason)


def member(case: Case, person_id: int) -> Membership:
    for found in _current(case):
        if found.person_id == person_id:
            return found
    raise NotFound(f"member:{person_id}")


def of(case: Case) -> list[AnyRow]:
    """Who is who round this child: the lead first, then by agency and name.

    `newest` is the position of the last post that is for each of them.
    """
    newest = (
        select(Post.position)
        .where(Post.case_id == Membership.case_id, access.reads_as_member(Membership, Post))
        .order_by(Post.position.desc())
        .limit(1)
        .correlate(Membership)
        .scalar_subquery()
    )
    return list(
        db.session().execute(
            select(
                Person.id,
                Person.name,
                Person.phone,
                Person.email,
                Person.out_of_office,
                Person.active,
                Membership.role,
                Membership.is_lead,
                Membership.from_at,
                Membership.reason,
                Membership.agency_id,
                Agency.name.label("agency_name"),
                Agency.agency_type,
                Follow.last_read,
                Follow.last_read_at,
                func.coalesce(newest, 0).label("newest"),
            )
            .join(Person, Person.id == Membership.person_id)
            .join(Agency, Agency.id == Membership.agency_id)
            .outerjoin(
                Follow,
                and_(
                    Follow.person_id == Membership.person_id,
                    Follow.case_id == Membership.case_id,
                ),
            )
            .where(Membership.case_id == case.id, access.current(Membership))
            .order_by(Membership.is_lead.desc(), Agency.name, Person.name)
        )
    )


def reached(case_ids: Sequence[int]) -> list[AnyRow]:
    """Who is in which of these networks and can sign in: (case_id, id, agency_id)."""
    return list(
        db.session().execute(
            select(Membership.case_id, Person.id, Membership.agency_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.case_id.in_(case_ids), Person.active, access.current(Membership))
            .order_by(Membership.case_id, Person.id)
        )
    )


def shared(viewer: Person, person: Person) -> list[AnyRow]:
    """The cases in whose networks the person is, among those the viewer sees."""
    return list(
        db.session().execute(
            select(Case.id, Child.label.label("child_name"), Membership.role, Membership.is_lead)
            .join(Child, Child.id == Case.child_id)
            .join(Membership, Membership.case_id == Case.id)
            .where(
                Membership.person_id == person.id,
                access.current(Membership),
                access.sees_case(viewer.id, Case),
            )
            .order_by(Child.label, Case.id)
        )
    )


def _current(case: Case, *, leads: bool = False) -> list[Membership]:
    query = select(Membership).where(Membership.case_id == case.id, access.current(Membership))
    if leads:
        query = query.where(Membership.is_lead)
    return list(db.session().scalars(query))


def _hold(case: Case) -> None:
    # Two people who change one network at once take turns, or both could join or lead twice.
    db.session().execute(
        select(CaseHead.case_id).where(CaseHead.case_id == case.id).with_for_update()
    )


def _end(actor: Person, case: Case, membership: Membership, person: Person, reason: str) -> None:
    why = text.line(reason, field="reason", needed="Say why, in a few words.")
    membership.until_at = clock.now()
    membership.ended_by_id = actor.id
    membership.ended_reason = why
    follow = db.session().get(Follow, (person.id, case.id))
    if follow is not None:
        follow.following = False
    stream.note(
        actor, case.id, "left", f"{person.name}, {membership.role}, left the network. {why}"
    )
    activity.record(actor, "left", case_id=case.id, person_id=person.id)
