"""A case from opening to closing: who it is about, where it stands, what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, ScalarSelect, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from app import access, activity, stream
from app.casework import children, networks
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import (
    CATEGORIES,
    CONTENT_ACCOUNTS,
    ETHNICITIES,
    SEEN_IN,
    STATUSES,
    Case,
    CaseHead,
    CaseStatus,
    Child,
    ChildName,
    FamilyLink,
    Follow,
    KeyDate,
    Membership,
    Person,
    Post,
)

PREGNANCY = timedelta(days=300)
# Nothing is planned further ahead than this, and nothing that is due has waited longer.
AHEAD = timedelta(days=3 * 365)
_VIEWER = bindparam("viewer", type_=db.BigKey)


@dataclass(frozen=True)
class ChildDetails:
    """What is known of a child; a name, a council number or an expected date is enough."""

    name: str | None = None
    born_on: date | None = None
    expected_on: date | None = None
    gender: str | None = None
    ethnicity: str | None = None  # a code of `ETHNICITIES`
    school: str | None = None
    address: str | None = None
    postcode: str | None = None
    council_id: str | None = None
    nhs_number: str | None = None
    upn: str | None = None
    other_names: tuple[str, ...] = ()


def open_case(
    actor: Person,
    details: ChildDetails,
    *,
    status: str,
    since: date,
    reason: str,
    category: str | None = None,
) -> Case:
    """Open the work round a child; whoever opens it leads it until it is handed over."""
    if actor.account not in CONTENT_ACCOUNTS:
        raise NotAllowed("Only practitioners and managers open cases.")
    why = text.line(reason, field="reason", needed="Say why the case is opened.")
    case = add(Child(), details, actor)
    record_status(case, actor, status, since=since, category=category, reason=why)
    networks.join(actor, case, actor, role=actor.role, reason=why, is_lead=True, announced=False)
    stream.note(actor, case.id, "status_changed", f"Case opened: {STATUSES[status]}. {why}")
    activity.record(actor, "opened", case_id=case.id)
    return case


def add(child: Child, details: ChildDetails, actor: Person | None = None) -> Case:
    """The rows of a new case, with nobody in its network yet."""
    _describe(child, details, actor)
    session = db.session()
    session.add(child)
    session.flush()
    case = Case(child_id=child.id, opened_at=clock.now())
    session.add(case)
    session.flush()
    session.add(CaseHead(case_id=case.id, position=0))
    session.flush()
    return case


def describe_child(actor: Person, case: Case, details: ChildDetails) -> None:
    """Correct what is known of the child: the lead's to do."""
    access.led_case(actor, case.id)
    child = db.session().get_one(Child, case.child_id)
    _describe(child, details, actor)
    activity.record(actor, "described", case_id=case.id)


def set_before_visit(actor: Person, case: Case, words: str | None) -> None:
    """What a colleague must know before they knock."""
    case = access.led_case(actor, case.id)
    case.before_visit = text.line(words, field="before_visit", longest=300) or None
    activity.record(actor, "described", case_id=case.id)


def change_status(
    actor: Person,
    case: Case,
    status: str,
    *,
    since: date,
    reason: str,
    category: str | None = None,
) -> None:
    """Say how the case stands from a day on; the history before stays."""
    access.led_case(actor, case.id)
    why = text.line(reason, field="reason", needed="Say why the status changes.")
    record_status(case, actor, status, since=since, category=category, reason=why)
    words = f"{STATUSES[status]} from {since.day} {since:%B %Y}"
    if category and status == "child_protection_plan":
        words += f", {CATEGORIES[category].lower()}"
    stream.note(actor, case.id, "status_changed", f"{words}. {why}")
    activity.record(actor, "status_changed", case_id=case.id)


def close(actor: Person, case: Case, *, on: date, reason: str) -> None:
    if status_of(case) == "closed":
        raise Conflict("This case is closed already.")
    _must_be_newest(case, on)
    change_status(actor, case, "closed", since=on, reason=reason)


def reopen(actor: Person, case: Case, status: str, *, on: date, reason: str) -> None:
    if status_of(case) != "closed":
        raise Conflict("This case is open already.")
    if status == "closed":
        raise Invalid(status="Choose how the case stands now.")
    _must_be_newest(case, on)
    change_status(actor, case, status, since=on, reason=reason)


def record_status(
    case: Case,
    actor: Person | None,
    status: str,
    *,
    since: date,
    category: str | None,
    reason: str | None,
    source: str | None = None,
    source_key: str | None = None,
) -> None:
    """One line of the dated history; raises `Invalid` for what cannot be."""
    _check_status(status, since, category if source is None else category or "MUL")
    if source is None:
        _check_not_before_birth(case, since)
    db.session().add(
        CaseStatus(
            case_id=case.id,
            status=status,
            category=category if status == "child_protection_plan" else None,
            since=since,
            reason=reason,
            recorded_by_id=actor.id if actor else None,
            recorded_at=clock.now(),
            source=source,
            source_key=source_key,
        )
    )
    db.session().flush()


def _check_status(status: str, since: date, category: str | None) -> None:
    if status not in STATUSES:
        raise Invalid(status="Choose how the case stands.")
    if category is not None and category not in CATEGORIES:
        raise Invalid(category="Choose a category of abuse from the list.")
    if status == "child_protection_plan" and category is None:
        raise Invalid(category="A child protection plan has a category of abuse.")
    if since > clock.today():
        raise Invalid(since="The day cannot be in the future.")


def _check_not_before_birth(case: Case, since: date) -> None:
    child = db.session().get_one(Child, case.child_id)
    born = child.born_on or child.expected_on
    first = born - PREGNANCY if born else clock.today() - children.OLDEST
    if since < first:
        raise Invalid(since="That is before there was a child to work with. Check the year.")


def status_of(case: Case) -> str | None:
    return db.session().scalar(
        select(CaseStatus.status)
        .where(CaseStatus.case_id == case.id, CaseStatus.since <= clock.today())
        .order_by(CaseStatus.since.desc(), CaseStatus.id.desc())
        .limit(1)
    )


def _must_be_newest(case: Case, day: date) -> None:
    # Dated before the last change it would be history, and leave the case as it stands.
    for last in history(case)[:1]:
        if day < last.since:
            changed = f"{last.since.day} {last.since:%B %Y}"
            raise Invalid(since=f"The case changed on {changed}: choose that day or later.")


def history(case: Case) -> list[CaseStatus]:
    """How the case has stood, newest first."""
    return list(
        db.session().scalars(
            select(CaseStatus)
            .where(CaseStatus.case_id == case.id)
            .order_by(CaseStatus.since.desc(), CaseStatus.id.desc())
        )
    )


def add_key_date(actor: Person, case: Case, what: str, due_at: datetime) -> KeyDate:
    access.led_case(actor, case.id)
    if not clock.now() - AHEAD < due_at < clock.now() + AHEAD:
        raise Invalid(due_at="That is years away. Check the year.")
    due = KeyDate(
        case_id=case.id,
        what=text.line(what, field="what", needed="Say what is due."),
        due_at=due_at,
    )
    db.session().add(due)
    activity.record(actor, "dated", case_id=case.id)
    return due


def finish_key_date(actor: Person, case: Case, key_date_id: int) -> None:
    """It has been held, or is done; said twice, the first time counts."""
    access.led_case(actor, case.id)
    due = db.session().get(KeyDate, key_date_id) if key_date_id <= db.LARGEST else None
    if due is None or due.case_id != case.id:
        raise NotFound(f"key date:{key_date_id}")
    due.done_at = due.done_at or clock.now()
    activity.record(actor, "dated", case_id=case.id)


def other_names(case: Case) -> list[str]:
    """What else the child is or was called."""
    names = select(ChildName.name).where(ChildName.child_id == case.child_id)
    return list(db.session().scalars(names.order_by(ChildName.id)))


def key_dates(case: Case) -> list[KeyDate]:
    """What is still due, soonest first, and then what was done, newest first."""
    rows = (
        db.session()
        .scalars(
            select(KeyDate).where(KeyDate.case_id == case.id).order_by(KeyDate.due_at, KeyDate.id)
        )
        .all()
    )
    due = [row for row in rows if row.done_at is None]
    done = [row for row in reversed(rows) if row.done_at is not None]
    return due + done


def family(viewer: Person, case: Case) -> list[AnyRow]:
    """The child's relatives: how they are related, where they live, how the tie is.

    Another child is shown only to somebody who sees that child's case too.
    """
    return list(db.rows(_family(), {"viewer": viewer.id, "child_id": case.child_id}))


@cache
def _family() -> AnySelect:
    # Built once: it is asked on every page of a case, and building costs more than asking.
    sibling, theirs = aliased(Child), aliased(Case)
    viewer = bindparam("viewer", type_=db.BigKey)
    return (
        select(
            FamilyLink.relation,
            func.coalesce(sibling.label, FamilyLink.relative_name).label("name"),
            FamilyLink.same_household,
            theirs.id.label("case_id"),
            sibling.born_on,
            sibling.gender,
            FamilyLink.id.label("link_id"),
            FamilyLink.strength,
            FamilyLink.is_stressful,
            FamilyLink.contact,
            FamilyLink.contact_reason,
            FamilyLink.said_by,
            FamilyLink.has_died,
        )
        .outerjoin(sibling, sibling.id == FamilyLink.relative_child_id)
        .outerjoin(theirs, theirs.child_id == sibling.id)
        .where(
            FamilyLink.child_id == bindparam("child_id", type_=db.BigKey),
            (FamilyLink.relative_child_id.is_(None)) | access.sees_case(viewer, theirs),
        )
        .order_by(FamilyLink.id)
    )


def mine(viewer: Person) -> list[AnyRow]:
    """Every case she sees, with what its line in the list shows; newest activity first."""
    return list(db.rows(_mine(), {"viewer": viewer.id}))


@cache
def _mine() -> AnySelect:
    newest = aliased(CaseStatus)
    today = bindparam("today", callable_=clock.today, type_=Date, unique=True)
    status_id = (
        select(newest.id)
        .where(newest.case_id == Case.id, newest.since <= today)
        .order_by(newest.since.desc(), newest.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    hers = and_(Post.case_id == Case.id, access.open_to(_VIEWER, Post))
    seen = _of_posts(func.max(Post.occurred_at), hers, Post.kind.in_(SEEN_IN), Post.seen.is_(True))
    due = _of_posts(
        func.min(Post.due_at), hers, Post.kind == "planned_visit", Post.due_at > access.now()
    )
    # Of what she may read: the head of the stream would tell when something hidden was written.
    newest_at = _of_posts(func.max(Post.posted_at), hers, Post.source.is_(None))
    lead, leader = aliased(Membership), aliased(Person)
    return (
        select(
            Case.id,
            Child.label.label("child_name"),
            Child.born_on,
            Child.expected_on,
            Child.council_id,
            CaseStatus.status,
            CaseStatus.category,
            CaseStatus.since,
            newest_at.label("posted_at"),
            seen.label("last_seen_at"),
            due.label("next_at"),
            leader.name.label("lead_name"),
            Follow.following,
            access.is_member(_VIEWER, Case).label("is_member"),
            access.has_broken_glass(_VIEWER, Case).label("in_emergency"),
        )
        .join(Child, Child.id == Case.child_id)
        .outerjoin(CaseStatus, CaseStatus.id == status_id)
        .outerjoin(lead, and_(lead.case_id == Case.id, access.leads_now(lead)))
        .outerjoin(leader, leader.id == lead.person_id)
        .outerjoin(Follow, and_(Follow.case_id == Case.id, Follow.person_id == _VIEWER))
        .where(access.sees_case(_VIEWER, Case))
        .order_by(newest_at.desc().nulls_last(), Case.id)
    )


def _of_posts(what: ColumnElement[Any], *which: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(what).where(*which).correlate(Case).scalar_subquery()


def _describe(child: Child, details: ChildDetails, actor: Person | None) -> None:
    name = text.line(details.name, field="name") or None
    council_id = text.line(details.council_id, field="council_id", longest=40) or None
    if not (name or council_id or details.expected_on):
        raise Invalid(name="Write the child's name, the council's number or the expected date.")
    if details.born_on and details.born_on > clock.today():
        raise Invalid(born_on="A date of birth cannot be in the future. Use the expected date.")
    if details.born_on and details.born_on < clock.today() - children.OLDEST:
        raise Invalid(born_on="That is too long ago for a child. Check the year.")
    if details.expected_on and abs(details.expected_on - clock.today()) > PREGNANCY * 2:
        raise Invalid(expected_on="That is too far from today for a birth. Check the year.")
    if details.ethnicity and details.ethnicity not in ETHNICITIES:
        raise Invalid(ethnicity="Choose one from the list.")
    child.name, child.council_id = name, council_id
    child.born_on, child.expected_on = details.born_on, details.expected_on
    child.gender = text.line(details.gender, field="gender", longest=40) or None
    child.ethnicity = details.ethnicity or None
    child.school = text.line(details.school, field="school") or None
    child.address = text.line(details.address, field="address") or None
    child.postcode = children.postcode(details.postcode)
    child.nhs_number = children.nhs_number(details.nhs_number)
    child.upn = text.line(details.upn, field="upn", longest=20).upper() or None
    if actor is not None:
        _known_to(actor, child)
    db.session().add(child)
    db.session().flush()
    known = set(db.session().scalars(select(ChildName.name).where(ChildName.child_id == child.id)))
    db.session().add_all(
        ChildName(child_id=child.id, name=other)
        for other in dict.fromkeys(
            text.line(each, field="other_names") for each in details.other_names
        )
        if other and other not in known
    )


def _known_to(actor: Person, child: Child) -> None:
    """Refuse a number that stands on another child whose case she sees, and on no other.

    Anything else would answer "is this child known?" to whoever has the number at home.
    """
    with db.session().no_autoflush:
        for field in ("council_id", "nhs_number", "upn"):
            value = getattr(child, field)
            seen = value and db.session().scalar(
                select(Case.id)
                .join(Child, Child.id == Case.child_id)
                .where(
                    getattr(Child, field) == value,
                    Child.id.is_distinct_from(child.id),
                    access.sees_case(actor.id, Case),
                )
                .limit(1)
            )
            if seen:
                raise Invalid(**{field: "Another child whose case you see has this number."})
