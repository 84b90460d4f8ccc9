"""Who can see a case, on what ground, and who has looked: for everybody who sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, literal, null, select, union_all

from app import access
from app.casework import emergencies, restrictions
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.models import Agency, AuditEntry, Case, Look, Membership, Person, Supervision

KEPT_IN_SIGHT = timedelta(days=90)
AT_ONCE = 500
# No looks: an auditor learns nothing of a child, and an administrator brought in numbers.
NOT_LOOKS = ("read audit", "imported", "allocated")


@dataclass(frozen=True)
class Viewer:
    """Somebody who sees the case now, and each ground on which they do."""

    id: int
    name: str
    role: str
    agency_name: str
    membership: AnyRow | None
    manages: list[str]
    opened: AnyRow | None


@dataclass(frozen=True)
class Looks:
    """Rows newest first, and from where the older ones go on."""

    rows: list[AnyRow]
    older: datetime | None


def viewers(viewer: Person, case: Case) -> list[Viewer]:
    """Everybody who sees the case now: members first, then by name."""
    access.case(viewer, case.id)
    members = {row.person_id: row for row in _members(case)}
    glass = {row.person_id: row for row in emergencies.open_on(case.id)}
    # Managers of a restricted case who see it do so for another reason.
    lines = {} if restrictions.stands(case) else _lines(case)
    found = [
        Viewer(
            row.id,
            row.name,
            members[row.id].role if row.id in members else row.role,
            row.agency_name,
            members.get(row.id),
            [] if row.id in members else lines.get(row.id, []),
            glass.get(row.id),
        )
        for row in _people(access.viewers(case.id))
    ]
    return sorted(found, key=lambda each: each.membership is None)


def of(
    viewer: Person,
    case: Case,
    *,
    person_id: int | None = None,
    before: datetime | None = None,
    size: int = AT_ONCE,
) -> Looks:
    """Who has looked in the last 90 days; those who were refused are an auditor's to know.

    (at, person_id, name, role, agency_name, did, how, why, was_member)
    """
    access.case(viewer, case.id)
    rows = list(db.session().execute(_looks(case, person_id, before, size + 1)))
    if len(rows) <= size:
        return Looks(rows, None)
    # What happened at one instant stays together, so that the next page begins before it.
    shown = [row for row in rows if row.at > rows[-1].at] or rows[:size]
    return Looks(shown, shown[-1].at)


def lookers(viewer: Person, case: Case) -> list[AnyRow]:
    """Everybody who has looked in the last 90 days: (id, name)."""
    access.case(viewer, case.id)
    since = clock.now() - KEPT_IN_SIGHT
    seen = exists(1).where(AuditEntry.person_id == Person.id, *_shown(case), AuditEntry.at > since)
    listed = exists(1).where(Look.person_id == Person.id, Look.case_id == case.id, Look.at > since)
    rows = select(Person.id, Person.name).where(seen | listed).order_by(Person.name, Person.id)
    return list(db.session().execute(rows))


def day(row: AnyRow) -> date:
    return clock.local(row.at).date()


def _looks(case: Case, person_id: int | None, before: datetime | None, size: int) -> AnySelect:
    since, until = clock.now() - KEPT_IN_SIGHT, before or clock.now() + timedelta(days=1)

    def part(source: type[AuditEntry] | type[Look], *only: ColumnElement[bool]) -> AnySelect:
        why = AuditEntry.why if source is AuditEntry else null()
        rows = select(source.at, source.person_id, source.did, source.how, why.label("why")).where(
            source.case_id == case.id, source.at > since, source.at < until, *only
        )
        if person_id is not None:
            rows = rows.where(source.person_id == person_id)
        newest = rows.order_by(source.at.desc()).limit(size).subquery()
        return select(newest)

    both = union_all(part(AuditEntry, *_shown(case)), part(Look)).subquery()
    was_member = exists(1).where(
        Membership.case_id == literal(case.id),
        Membership.person_id == both.c.person_id,
        Membership.from_at <= both.c.at,
        Membership.until_at > both.c.at,
    )
    return (
        select(
            both.c.at,
            both.c.person_id,
            Person.name,
            Person.role,
            Agency.name.label("agency_name"),
            both.c.did,
            both.c.how,
            both.c.why,
            was_member.label("was_member"),
        )
        .join(Person, Person.id == both.c.person_id)
        .join(Agency, Agency.id == Person.agency_id)
        .order_by(both.c.at.desc())
        .limit(size)
    )


def _shown(case: Case) -> list[ColumnElement[bool]]:
    return [
        AuditEntry.case_id == case.id,
        AuditEntry.outcome == "shown",
        AuditEntry.did.not_in(NOT_LOOKS),
    ]


def _people(ids: list[int]) -> list[AnyRow]:
    return list(
        db.session().execute(
            select(Person.id, Person.name, Person.role, Agency.name.label("agency_name"))
            .join(Agency, Agency.id == Person.agency_id)
            .where(Person.id.in_(ids))
            .order_by(Person.name, Person.id)
        )
    )


def _members(case: Case) -> list[AnyRow]:
    decider = Person
    return list(
        db.session().execute(
            select(
                Membership.person_id,
                Membership.role,
                Membership.is_lead,
                Membership.from_at,
                Membership.until_at,
                Membership.legal_basis,
                decider.name.label("decided_by"),
            )
            .join(decider, decider.id == Membership.decided_by_id)
            .where(Membership.case_id == case.id, access.current(Membership))
        )
    )


def _lines(case: Case) -> dict[int, list[str]]:
    """Whom in the network each manager manages, by name."""
    rows = db.session().execute(
        select(Supervision.manager_id, Person.name)
        .join(Membership, Membership.person_id == Supervision.person_id)
        .join(Person, Person.id == Supervision.person_id)
        .where(Membership.case_id == case.id, access.current(Membership))
        .order_by(Person.name)
        .distinct()
    )
    lines: dict[int, list[str]] = {}
    for manager_id, name in rows:
        lines.setdefault(manager_id, []).append(name)
    return lines
