"""What raises a review by itself: each is a question for a person, and blocks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.casework import looks, reviews
from app.core import clock, db
from app.core.db import AnyRow
from app.models import (
    CONTENT_ACCOUNTS,
    AuditEntry,
    Case,
    CaseStatus,
    Child,
    Counter,
    FamilyLink,
    LookUp,
    Membership,
    Person,
    Review,
)

# Rows of the audit looked into at once: a minute of a large installation.
BATCH = 5_000
# Work on a case goes on for some weeks after it is closed: letters, a return, a question.
CLOSED_FOR = timedelta(days=30)
# What somebody supervises is within their line, however many. Outside it there are emergencies,
# and of those hardly anybody has three in a day.
MANY_CASES = 3
# A mistyped number happens. Five children in a week who are not there is looking around.
MANY_LOOK_UPS, LOOK_UPS_WITHIN = 5, timedelta(days=7)
# An old bookmark is one refusal. Ten in a day are tries.
MANY_REFUSED = 10


class Asked(NamedTuple):
    """What a rule found: the kind of review, about which case if one, and the numbers."""

    kind: str
    case_id: int | None
    evidence: dict[str, Any]


def run() -> int:
    """Look into what is new in the audit since the last time; answers how many rows that was."""
    session = db.session()
    done = session.scalars(
        select(Counter).where(Counter.name == "reviewed").with_for_update()
    ).one()
    rows = session.execute(
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.person_id,
            AuditEntry.did,
            AuditEntry.outcome,
            AuditEntry.case_id,
            AuditEntry.ranges,
            AuditEntry.why,
        )
        .where(AuditEntry.id > done.value)
        .order_by(AuditEntry.id)
        .limit(BATCH)
    ).all()
    by_person: dict[tuple[int, date], list[AnyRow]] = {}
    for row in rows:
        if row.person_id is not None:
            by_person.setdefault((row.person_id, clock.local(row.at).date()), []).append(row)
    for (person_id, day), hers in by_person.items():
        _look_into(session.get_one(Person, person_id), day, hers)
    if rows:
        done.value = rows[-1].id
    return len(rows)


def _look_into(person: Person, day: date, rows: list[AnyRow]) -> None:
    if person.account not in CONTENT_ACCOUNTS:
        return
    found = [*_of_family(person, rows), *_of_closed(person, rows), *_of_many(person, day, rows)]
    for asked in found:
        if not _is_asked(person, asked, day):
            evidence = {"day": day.isoformat(), **asked.evidence}
            reviews.ask(asked.kind, person=person, case_id=asked.case_id, evidence=evidence)


def _of_family(person: Person, rows: list[AnyRow]) -> Iterator[Asked]:
    """Who looked at a child they live with, or may be related to."""
    cases = {row.case_id for row in rows if _is_look(row)}
    cases |= {each[0] for row in rows if row.outcome == "shown" for each in row.ranges or []}
    children = select(Case.id, Child).join(Child, Child.id == Case.child_id)
    for case_id, child in db.session().execute(children.where(Case.id.in_(cases - {None}))):
        if _same_household(person, child):
            yield Asked("same_household", case_id, {})
        elif _same_surname(person, child) and _same(person.home_postcode, child.postcode):
            yield Asked("surname_and_address", case_id, {})


def _of_closed(person: Person, rows: list[AnyRow]) -> Iterator[Asked]:
    for case_id in sorted({row.case_id for row in rows if _is_look(row)}):
        since = _closed_since(case_id)
        if since is None or _leads(person, case_id):
            continue
        closed_for = clock.today() - since
        if closed_for > CLOSED_FOR:
            yield Asked("closed_case", case_id, {"closed_days": closed_for.days})


def _of_many(person: Person, day: date, rows: list[AnyRow]) -> Iterator[Asked]:
    """What is only noticed over a day or a week, counted when something new is added to it."""
    if any(row.why == "break-glass" for row in rows):
        cases = _count(person, day, func.count(AuditEntry.case_id.distinct()), _outside(person))
        if cases >= MANY_CASES:
            yield Asked("outside_line", None, {"cases": cases})
    if any(row.did in ("look up", "refused") for row in rows):
        refused = _count(person, day, func.count(), AuditEntry.did == "refused")
        failed = _failed_look_ups(person)
        if failed >= MANY_LOOK_UPS or refused >= MANY_REFUSED:
            yield Asked("failed_look_ups", None, {"look_ups": failed, "refused": refused})


def _is_look(row: AnyRow) -> bool:
    return bool(row.case_id and row.outcome == "shown" and row.did not in looks.NOT_LOOKS)


def _same_household(person: Person, child: Child) -> bool:
    if _same(person.home_address, child.address) and _same(person.home_postcode, child.postcode):
        return True
    relatives = db.session().scalars(
        select(FamilyLink.relative_name).where(
            FamilyLink.child_id == child.id, FamilyLink.same_household
        )
    )
    return any(_same(person.name, name) for name in relatives)


def _same_surname(person: Person, child: Child) -> bool:
    return bool(child.name) and _same(person.name.split()[-1], (child.name or "").split()[-1])


def _same(one: str | None, other: str | None) -> bool:
    """Whether two are written alike, save for capitals, spaces and marks; nothing is like none."""
    mine, theirs = _signs(one), _signs(other)
    return bool(mine) and mine == theirs


def _signs(written: str | None) -> str:
    return "".join(sign for sign in (written or "").casefold() if sign.isalnum())


def _closed_since(case_id: int) -> date | None:
    stands = (
        db.session()
        .execute(
            select(CaseStatus.status, CaseStatus.since)
            .where(CaseStatus.case_id == case_id, CaseStatus.since <= clock.today())
            .order_by(CaseStatus.since.desc(), CaseStatus.id.desc())
            .limit(1)
        )
        .first()
    )
    return stands.since if stands and stands.status == "closed" else None


def _leads(person: Person, case_id: int) -> bool:
    lead = select(Membership.id).where(
        Membership.case_id == case_id,
        Membership.person_id == person.id,
        Membership.is_lead,
        Membership.until_at > clock.now(),
    )
    return db.session().scalar(lead) is not None


def _outside(person: Person) -> ColumnElement[bool]:
    member = exists(1).where(
        Membership.case_id == AuditEntry.case_id, Membership.person_id == person.id
    )
    return (AuditEntry.why == "break-glass") & ~member


def _count(person: Person, day: date, what: Any, which: ColumnElement[bool]) -> int:
    begins, ends = _begins(day), _begins(day + timedelta(days=1))
    rows = select(what).where(
        AuditEntry.person_id == person.id, AuditEntry.at >= begins, AuditEntry.at < ends, which
    )
    return db.session().scalar(rows) or 0


def _failed_look_ups(person: Person) -> int:
    rows = select(func.count(LookUp.id)).where(
        LookUp.person_id == person.id,
        LookUp.asked_at > clock.now() - LOOK_UPS_WITHIN,
        or_(LookUp.case_id.is_(None), LookUp.outcome == "declined"),
    )
    return db.session().scalar(rows) or 0


def _is_asked(person: Person, asked: Asked, day: date) -> bool:
    """Whether it was asked that day, or waits for an answer still: once is enough."""
    same = select(Review.id).where(
        Review.kind == asked.kind,
        Review.person_id == person.id,
        Review.case_id.is_not_distinct_from(asked.case_id),
        or_(Review.raised_at >= _begins(day), Review.outcome.is_(None)),
    )
    return db.session().scalar(same.limit(1)) is not None


def _begins(day: date) -> datetime:
    return clock.instant(day, time())
