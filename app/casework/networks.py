"""The network round one child: who joins, until when, who leads, who leaves, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app import access, activity, stream
from app.casework import look_ups, people
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import (
    CONTENT_ACCOUNTS,
    LEGAL_BASES,
    Agency,
    Case,
    CaseHead,
    CaseStatus,
    Child,
    Follow,
    Membership,
    Person,
    Post,
    Supervision,
)
from app.models import Conflict as Apart

# What nobody has looked at for a year is decided anew.
LONGEST = timedelta(days=365)
# What the form offers: six months.
USUAL = timedelta(days=182)
# Who leads is reminded from so long before an end, and shown it for as long after.
NEAR = timedelta(days=30)


def add(
    actor: Person,
    case: Case,
    person: Person,
    *,
    role: str,
    reason: str,
    legal_basis: str = "public_task",
    until_on: date | None = None,
    history_from: datetime | None = None,
) -> Membership:
    """Bring somebody into the network, for a reason that stays on record.

    They are in it to the end of `until_on`, six months unless another day is chosen, and read
    what was posted from `history_from` on: the whole stream when it is none.
    """
    access.led_case(actor, case.id)
    _must_be_able(case, person)
    hold(case)
    if access.may(access.is_member(person.id, case.id)):
        raise Conflict(f"{person.name} is in this network already.")
    why = text.line(reason, field="reason", needed="Say why you are sharing with this person.")
    if legal_basis not in LEGAL_BASES:
        raise Invalid(legal_basis="Choose the legal basis on which you share.")
    if history_from is not None and history_from > clock.now():
        raise Invalid(history_from="That day has not come yet. Choose today or an earlier one.")
    return join(
        actor,
        case,
        person,
        role=role,
        reason=why,
        legal_basis=legal_basis,
        until=_end_of(until_on or clock.today() + USUAL),
        history_from=history_from,
    )


def renew(actor: Person, case: Case, person: Person, *, until_on: date, reason: str) -> None:
    """Decide that somebody stays, for a year at most; whose time is over joins anew."""
    access.led_case(actor, case.id)
    hold(case)
    if not access.may(access.is_member(person.id, case.id)) and _was_member(case, person):
        raise Conflict(f"{person.name}’s time in this network is over: add them again.")
    membership = member(case, person.id)
    why = text.line(reason, field="reason", needed="Say why this person still needs to know.")
    membership.until_at = _end_of(until_on)
    membership.renewed_at = clock.now()
    membership.renewed_by_id = actor.id
    membership.renewed_reason = why
    activity.record(actor, "renewed", case_id=case.id, person_id=person.id)


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
    look_ups.answer_by_adding(actor, case, person)
    if announced:
        stream.note(actor, case.id, "joined", f"{person.name}, {joined}, joined the network.")
        activity.record(actor, "joined", case_id=case.id, person_id=person.id)
    return member


def hand_over(actor: Person, case: Case, person: Person, reason: str) -> None:
    """Make another member the lead practitioner."""
    access.led_case(actor, case.id)
    why = text.line(reason, field="reason", needed="Say why the lead changes.")
    hold(case)
    next_lead = member(case, person.id)
    _must_be_able(case, person)
    if next_lead.is_lead:
        raise Conflict(f"{person.name} leads this case already.")
    for lead in _current(case, leads=True):
        lead.is_lead = False
    next_lead.is_lead = True
    stream.note(actor, case.id, "lead_changed", f"{person.name} leads the work now. {why}")
    activity.record(actor, "lead_changed", case_id=case.id, person_id=person.id)


def leave(person: Person, case: Case, reason: str) -> None:
    """Step out of the network; a lead hands over first."""
    hold(case)
    membership = member(case, person.id)
    if membership.is_lead:
        raise Conflict("You lead this case: hand over the lead before you leave.")
    _end(person, case, membership, person, reason)


def remove(actor: Person, case: Case, person: Person, reason: str) -> None:
    """Take somebody out of the network, at once and everywhere."""
    access.led_case(actor, case.id)
    hold(case)
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


def of(case: Case, viewer: Person | None = None) -> Sequence[AnyRow]:
    """Who is who round this child: the lead first, then by agency and name.

    `newest` is the position of the last post that is for each of them, `last_read` how far they
    have read; both count only what a `viewer` reads too. Who is `conflicted` is kept apart from
    the case and sees nothing of it.
    """
    return db.rows(
        _round(for_viewer=viewer is not None),
        {"case_id": case.id, "viewer": viewer.id if viewer else None},
    )


def lead_name(case: Case) -> str | None:
    """Whom to ask."""
    return next((row.name for row in of(case) if row.is_lead and not row.conflicted), None)


def ending(viewer: Person, case: Case | None = None) -> list[AnyRow]:
    """Whose time ends soon, soonest first: her own, and everybody's where she may lead.

    (case_id, child_name, id, name, agency_name, until_at, leads), of one case or of all of hers.
    """
    asked = {"viewer": viewer.id, "soon": clock.now() + NEAR, "case_id": case.id if case else None}
    return list(db.rows(_ending(of_one=case is not None), asked))


def lapsed(case: Case) -> list[AnyRow]:
    """Whose time ended lately without anybody deciding so: (id, name, role, agency_name, until_at).

    For who leads: they add again whoever still needs to know.
    """
    rows = (
        select(
            Person.id,
            Person.name,
            Membership.role,
            Agency.name.label("agency_name"),
            func.max(Membership.until_at).label("until_at"),
        )
        .join(Person, Person.id == Membership.person_id)
        .join(Agency, Agency.id == Membership.agency_id)
        .where(
            Membership.case_id == case.id,
            Membership.until_at <= clock.now(),
            Membership.until_at > clock.now() - NEAR,
            Membership.ended_by_id.is_(None),
            access.has_content_account(Membership.person_id),
            ~access.is_conflicted(Membership.person_id, Membership.case_id),
            ~access.is_member(Membership.person_id, Membership.case_id),
        )
        .group_by(Person.id, Person.name, Membership.role, Agency.name)
        .order_by(func.max(Membership.until_at).desc(), Person.name)
    )
    return list(db.session().execute(rows))


def last_day(until_at: datetime) -> date:
    """The last day of which somebody is a member for at least a part."""
    return clock.local(until_at - timedelta(microseconds=1)).date()


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


def orphans(actor: Person, *, closed: bool = False, skip: int = 0, size: int = 100) -> list[AnyRow]:
    """Cases that nobody who sees them leads: (id, since, agency_id, agency_name), and no more.

    For an administrator, who learns neither whose case it is nor why. `since` is none when it
    was not kept; the agency is the last lead's. Closed cases are asked for apart.
    """
    people.must_administer(actor)
    rows = _orphans(closed).order_by(Case.id).offset(skip).limit(size)
    return list(db.session().execute(rows))


def count_orphans(actor: Person, *, closed: bool = False) -> int:
    people.must_administer(actor)
    return db.session().scalar(select(func.count()).select_from(_orphans(closed).subquery())) or 0


def orphan(actor: Person, case_id: int) -> AnyRow:
    """One case that nobody leads, open or closed."""
    people.must_administer(actor)
    number = case_id if case_id <= db.LARGEST else 0
    found = db.session().execute(_orphans(None).where(Case.id == number)).first()
    if found is None:
        raise NotFound(f"case without a lead:{case_id}")
    return found


def may_take_on(found: AnyRow) -> list[Person]:
    """Who is offered as lead of a case that has none: colleagues of the last lead, or anybody.

    Also who is kept apart from it: their absence would tell an administrator of a conflict.
    """
    able = select(Person).where(access.has_content_account(Person))
    if found.agency_id is not None:
        able = able.where(Person.agency_id == found.agency_id)
    return list(db.session().scalars(able.order_by(Person.name, Person.id)))


def appoint_lead(actor: Person, case_id: int, person: Person, reason: str) -> None:
    """Give a case that nobody leads to a colleague of its last lead: an administrator's to do."""
    found = orphan(actor, case_id)
    case = db.session().get_one(Case, found.id)
    hold(case)
    orphan(actor, case_id)  # somebody else may have been first
    why = text.line(reason, field="reason", needed="Say why this person is to lead.")
    offered = person.id in [each.id for each in may_take_on(found)]
    if not offered or access.may(access.is_conflicted(person.id, case_id)):
        raise Invalid(person_id="This colleague cannot lead this case. Choose somebody else.")
    for lead in _current(case, leads=True):
        lead.is_lead = False
    for membership in _current(case):
        if membership.person_id == person.id:
            membership.is_lead = True
            break
    else:
        join(actor, case, person, role="", reason=why, is_lead=True, announced=False)
    stream.note(actor, case_id, "lead_changed", f"{person.name} leads the work now. {why}")
    activity.record(actor, "lead_changed", case_id=case_id, person_id=person.id)


def is_led(case: access.Thing) -> ColumnElement[bool]:
    """Whether somebody leads the case and sees it."""
    lead = aliased(Membership)
    return (
        exists(1)
        .where(
            lead.case_id == case,
            lead.is_lead,
            access.current(lead),
            access.has_content_account(lead.person_id),
            ~access.is_conflicted(lead.person_id, lead.case_id),
        )
        .correlate_except(lead)
    )


@contextmanager
def telling_who_loses(actor: Person, case: Case, *, but: Person | None = None) -> Iterator[None]:
    """Tell whoever sees the case before and not after: what is on their screens goes.

    Nobody else is told, and they are not told why; `but` is somebody who hears it otherwise.
    """
    before = set(access.viewers(case.id)) - ({but.id} if but else set())
    yield
    for person_id in sorted(before.difference(access.viewers(case.id))):
        activity.record(actor, "access_changed", case_id=case.id, person_id=person_id)


def hold(case: Case) -> None:
    """Two people who change one network at once take turns, or both could join or lead twice."""
    db.session().execute(
        select(CaseHead.case_id).where(CaseHead.case_id == case.id).with_for_update()
    )


def _must_be_able(case: Case, person: Person) -> None:
    if not person.active or person.account not in CONTENT_ACCOUNTS:
        raise Invalid(person="Choose somebody who works with children and can sign in.")
    if access.may(access.is_conflicted(person.id, case.id)):
        raise Invalid(
            person=f"A conflict of interest keeps {person.name} apart from this case. "
            "While it stands they cannot be in the network."
        )


def _was_member(case: Case, person: Person) -> bool:
    return access.may(
        exists(1).where(Membership.case_id == case.id, Membership.person_id == person.id)
    )


def _end_of(day: date) -> datetime:
    """The end of a day that is not past, a year away at most."""
    latest = clock.today() + LONGEST
    if day < clock.today():
        raise Invalid(until_on="That day is past. Choose today or a later one.")
    if day > latest:
        last = f"{latest.day} {latest:%B %Y}"
        raise Invalid(until_on=f"Twelve months at most: choose {last} or an earlier day.")
    midnight = clock.instant(day + timedelta(days=1), time())
    return min(midnight, clock.now() + LONGEST)


def _orphans(closed: bool | None) -> AnySelect:
    last, apart, status = aliased(Membership), aliased(Apart), aliased(CaseStatus)
    last_id = (
        select(last.id)
        .where(last.case_id == Case.id, last.is_lead)
        .order_by(last.until_at.desc(), last.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    apart_since = (
        select(func.max(apart.from_at))
        .where(
            apart.case_id == Case.id,
            apart.person_id == Membership.person_id,
            apart.until_at.is_(None),
        )
        .correlate(Case, Membership)
        .scalar_subquery()
    )
    since = when(
        (Membership.id.is_(None), Case.opened_at),
        (Membership.until_at <= access.now(), Membership.until_at),
        else_=apart_since,
    )
    rows = (
        select(
            Case.id,
            since.label("since"),
            Membership.agency_id,
            Agency.name.label("agency_name"),
        )
        .select_from(Case)
        .outerjoin(Membership, Membership.id == last_id)
        .outerjoin(Agency, Agency.id == Membership.agency_id)
        .where(~is_led(Case.id))
    )
    if closed is None:
        return rows
    stands = (
        select(status.status)
        .where(status.case_id == Case.id, status.since <= clock.today())
        .order_by(status.since.desc(), status.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return rows.where((func.coalesce(stands, "") == "closed") == closed)


def _current(case: Case, *, leads: bool = False) -> list[Membership]:
    query = select(Membership).where(Membership.case_id == case.id, access.current(Membership))
    if leads:
        query = query.where(Membership.is_lead)
    return list(db.session().scalars(query))


def _end(actor: Person, case: Case, membership: Membership, person: Person, reason: str) -> None:
    why = text.line(reason, field="reason", needed="Say why, in a few words.")
    with telling_who_loses(actor, case, but=person):
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


@cache
def _round(*, for_viewer: bool) -> AnySelect:
    decider, renewer = aliased(Person), aliased(Person)
    viewer = bindparam("viewer", type_=db.BigKey)
    theirs = [Post.case_id == Membership.case_id, access.reads_as_member(Membership, Post)]
    # How far a colleague has read in what the viewer does not would tell that it is there.
    hers = [access.open_to(viewer, Post)] if for_viewer else []
    last = select(Post.position).order_by(Post.position.desc()).limit(1)
    newest = last.where(*theirs, *hers).correlate(Membership)
    read = last.where(
        Post.case_id == Membership.case_id, Post.position <= Follow.last_read, *hers
    ).correlate(Membership, Follow)
    last_read = when(
        (Follow.last_read.is_not(None), func.coalesce(read.scalar_subquery(), 0)), else_=None
    )
    return (
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
            Membership.until_at,
            Membership.legal_basis,
            Membership.reason,
            Membership.history_from,
            Membership.renewed_at,
            Membership.renewed_reason,
            decider.name.label("decided_by"),
            renewer.name.label("renewed_by"),
            access.is_conflicted(Membership.person_id, Membership.case_id).label("conflicted"),
            Membership.agency_id,
            Agency.name.label("agency_name"),
            Agency.agency_type,
            (last_read if for_viewer else Follow.last_read).label("last_read"),
            Follow.last_read_at,
            func.coalesce(newest.scalar_subquery(), 0).label("newest"),
        )
        .join(Person, Person.id == Membership.person_id)
        .join(Agency, Agency.id == Membership.agency_id)
        .join(decider, decider.id == Membership.decided_by_id)
        .outerjoin(renewer, renewer.id == Membership.renewed_by_id)
        .outerjoin(
            Follow,
            and_(
                Follow.person_id == Membership.person_id,
                Follow.case_id == Membership.case_id,
            ),
        )
        .where(
            Membership.case_id == bindparam("case_id", type_=db.BigKey), access.current(Membership)
        )
        .order_by(Membership.is_lead.desc(), Agency.name, Person.name)
    )


@cache
def _ending(*, of_one: bool) -> AnySelect:
    viewer, mine = bindparam("viewer", type_=db.BigKey), aliased(Membership)
    line = select(Supervision.person_id).where(Supervision.manager_id == viewer)
    # Asked on every page of a case and on the feed: so it begins with the few rows near her.
    near = select(mine.case_id).where(or_(mine.person_id == viewer, mine.person_id.in_(line)))
    leads = access.may_lead(viewer, Membership.case_id)
    one = Membership.case_id == bindparam("case_id", type_=db.BigKey)
    return (
        select(
            Membership.case_id,
            Child.label.label("child_name"),
            Person.id,
            Person.name,
            Agency.name.label("agency_name"),
            Membership.until_at,
            leads.label("leads"),
        )
        .join(Person, Person.id == Membership.person_id)
        .join(Agency, Agency.id == Membership.agency_id)
        .join(Case, Case.id == Membership.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(
            one if of_one else Membership.case_id.in_(near),
            Membership.until_at <= bindparam("soon", type_=db.Instant),
            access.current(Membership),
            access.has_content_account(Membership.person_id),
            or_(Membership.person_id == viewer, leads),
            access.sees_case(viewer, Membership.case_id),
        )
        .order_by(Membership.until_at, Person.name)
    )
