"""Reviews: an auditor asks whether somebody who looked had a reason, and decides."""

from __future__ import annotations

import secrets
from datetime import time, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import REVIEWS, Agency, AuditEntry, BreakGlass, Person, Review, Supervision

WORKING_DAYS = 2
OUTCOMES = {"justified": "Justified", "not justified": "Not justified"}
# How long managers read that somebody of theirs had no reason.
TOLD_FOR = timedelta(days=30)
# Rows of one review that are counted on its page.
MOST = 10_000
# Read out on the phone: no sign that sounds or looks like another, and no word by chance.
_SIGNS = "2346789CDFHJKMPQRTVWXY"


def ask(
    kind: str,
    *,
    person: Person,
    case_id: int | None,
    evidence: dict[str, Any],
    break_glass: BreakGlass | None = None,
) -> Review:
    """Raise a question for an auditor; `evidence` is numbers and codes, and never a name."""
    assert kind in REVIEWS, "every kind has its words"
    raised_at = clock.now()
    review = Review(
        reference=break_glass.reference if break_glass else _new_reference(),
        kind=kind,
        person_id=person.id,
        case_id=case_id,
        break_glass_id=break_glass.id if break_glass else None,
        evidence=evidence,
        raised_at=raised_at,
        due_at=clock.working_days_after(raised_at, WORKING_DAYS),
    )
    db.session().add(review)
    db.session().flush()
    return review


def open_for(auditor: Person) -> list[AnyRow]:
    """What waits for this auditor, what is overdue first: nobody's own case, nobody's own line."""
    _must_audit(auditor)
    waiting = _rows(auditor).where(Review.outcome.is_(None))
    return list(db.session().execute(waiting.order_by(Review.due_at, Review.id)))


def count_open(auditor: Person) -> int:
    """How many wait for this auditor."""
    return (
        db.session().scalar(
            select(func.count(Review.id)).where(
                Review.outcome.is_(None), access.may_review(auditor.id, Review)
            )
        )
        or 0
    )


def decided_for(auditor: Person, *, size: int = 50) -> list[AnyRow]:
    """What was decided lately, newest first."""
    _must_audit(auditor)
    done = _rows(auditor).where(Review.outcome.is_not(None))
    return list(db.session().execute(done.order_by(Review.reviewed_at.desc()).limit(size)))


def find(auditor: Person, review_id: int) -> AnyRow:
    _must_audit(auditor)
    found = db.session().execute(_rows(auditor).where(Review.id == _possible(review_id))).first()
    if found is None:
        raise NotFound(f"review:{review_id}")
    return found


def before(auditor: Person, review: AnyRow) -> list[AnyRow]:
    """Earlier reviews of the same person, newest first, as far as this auditor may know them."""
    earlier = _rows(auditor).where(Review.person_id == review.person_id, Review.id < review.id)
    return list(db.session().execute(earlier.order_by(Review.id.desc()).limit(20)))


def looked_at(auditor: Person, review: AnyRow) -> list[tuple[str, str, int, int]]:
    """What the person did on that day, or in that emergency: (did, outcome, times, posts shown)."""
    _must_audit(auditor)
    since = review.opened_at or clock.instant(clock.local(review.raised_at).date(), time())
    until = review.until_at or review.raised_at + timedelta(minutes=1)
    rows = select(AuditEntry.did, AuditEntry.outcome, AuditEntry.ranges).where(
        AuditEntry.person_id == review.person_id, AuditEntry.at >= since, AuditEntry.at <= until
    )
    if review.case_id is not None:
        rows = rows.where(AuditEntry.case_id == review.case_id)
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    for did, outcome, ranges in db.session().execute(rows.order_by(AuditEntry.id).limit(MOST)):
        times, posts = counted.get((did, outcome), (0, 0))
        shown = sum(last - first + 1 for _, first, last in ranges or [])
        counted[did, outcome] = times + 1, posts + shown
    return [(*what, times, posts) for what, (times, posts) in counted.items()]


def decide(auditor: Person, review_id: int, outcome: str, note: str) -> Review:
    """Record what was found. Nothing is blocked: that is for people to talk about."""
    _must_audit(auditor)
    review = db.session().scalar(_one(auditor, review_id))
    if review is None:
        raise NotFound(f"review:{review_id}")
    wrong = {}
    said = text.line(note, field="note", longest=300)
    if outcome not in OUTCOMES:
        wrong["outcome"] = "Choose whether there was a reason to look."
    if not said:
        wrong["note"] = "Say in a sentence what you found."
    if wrong:
        raise Invalid(**wrong)
    if review.outcome is not None:
        raise Conflict("Somebody has decided this review already.")
    review.outcome, review.note = outcome, said
    review.reviewed_by_id, review.reviewed_at = auditor.id, clock.now()
    return review


def for_manager(manager: Person, *, size: int = 20) -> list[AnyRow]:
    """Whose looking was found not justified lately, among those she manages.

    (reference, kind, reviewed_at, id and name of the person)
    """
    if manager.account != "manager":
        return []
    return list(
        db.session().execute(
            select(Review.reference, Review.kind, Review.reviewed_at, Person.id, Person.name)
            .join(Person, Person.id == Review.person_id)
            .join(Supervision, Supervision.person_id == Review.person_id)
            .where(
                Supervision.manager_id == manager.id,
                Review.outcome == "not justified",
                Review.reviewed_at > clock.now() - TOLD_FOR,
            )
            .order_by(Review.reviewed_at.desc())
            .limit(size)
        )
    )


def _must_audit(viewer: Person) -> None:
    if viewer.account != "auditor":
        raise NotAllowed("Ask an auditor of your organisation to do this.")


def _rows(auditor: Person) -> AnySelect:
    reviewer = aliased(Person)
    return (
        select(
            Review.id,
            Review.reference,
            Review.kind,
            Review.person_id,
            Person.name,
            Person.role,
            Agency.name.label("agency_name"),
            Review.case_id,
            Review.evidence,
            Review.raised_at,
            Review.due_at,
            Review.outcome,
            Review.note,
            Review.reviewed_at,
            reviewer.name.label("reviewed_by"),
            BreakGlass.emergency,
            BreakGlass.reason,
            BreakGlass.opened_at,
            BreakGlass.until_at,
        )
        .join(Person, Person.id == Review.person_id)
        .join(Agency, Agency.id == Person.agency_id)
        .outerjoin(reviewer, reviewer.id == Review.reviewed_by_id)
        .outerjoin(BreakGlass, BreakGlass.id == Review.break_glass_id)
        .where(access.may_review(auditor.id, Review))
    )


def _one(auditor: Person, review_id: int) -> Select[Review]:
    return (
        select(Review)
        .where(Review.id == _possible(review_id), access.may_review(auditor.id, Review))
        .with_for_update()
    )


def _possible(number: int) -> int:
    return number if number <= db.LARGEST else 0


def _new_reference() -> str:
    while True:
        made = "RV-" + "".join(secrets.choice(_SIGNS) for _ in range(6))
        if not db.session().scalar(select(Review.id).where(Review.reference == made)):
            return made
