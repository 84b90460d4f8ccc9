"""Readings put where tests want them, and a child whose year has something to tell."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from app.core import clock, db
from app.models import Case, CaseStatus, Measure, Person, Post, Reading
from tests.cast import Cast, kept

ATTENDANCE = {9: 88, 10: 86, 11: 81, 12: 76, 13: 71, 14: 68, 15: 74, 16: 79, 17: 85, 18: 88, 19: 90}
ATTENDANCE |= {21: 93, 22: 91, 23: 71}
SAFETY = {13: 4, 14: 3, 15: 4, 17: 5, 19: 6, 20: 6, 22: 7, 23: 6}
PLAN_BEGAN = date(2026, 3, 1)


def measure(key: str) -> Measure:
    found = db.session().scalar(select(Measure).where(Measure.key == key))
    assert found is not None
    return found


def read(case: Case, key: str, on: date, value: float, **more: Any) -> Reading:
    """One reading, as if it had been recorded on its day."""
    (made,) = kept(
        Reading(
            case_id=case.id,
            measure_id=measure(key).id,
            value=value,
            read_on=on,
            recorded_at=more.pop("recorded_at", clock.now()),
            **{"rater": "social_care", **more},
        )
    )
    return made


def missing(case: Case, author: Person, at: datetime, position: int, **more: Any) -> Post:
    (made,) = kept(
        Post(
            case_id=case.id,
            position=position,
            author_id=author.id,
            agency_id=author.agency_id,
            author_role=author.role,
            kind=more.pop("kind", "missing"),
            body="Away.",
            body_html="<p>Away.</p>",
            cleaner=1,
            occurred_at=at,
            posted_at=at,
            **more,
        )
    )
    return made


def in_month(number: int, day: int = 12) -> date:
    """A day of the month so many months after the beginning of 2025."""
    return date(2025 + (number - 1) // 12, (number - 1) % 12 + 1, day)


def a_year(cast: Cast) -> None:
    """Amara's plan began in March 2026; her readings of a year, and what her brother's were."""
    for case in (cast.amara, cast.tobi):
        case.opened_at = datetime(2025, 9, 1, 9, tzinfo=UTC)
        db.session().merge(case)
        kept(
            CaseStatus(
                case_id=case.id,
                status="child_protection_plan",
                category="NEG",
                since=PLAN_BEGAN,
                recorded_at=clock.now(),
            )
        )
    for month, value in ATTENDANCE.items():
        read(cast.amara, "attendance", in_month(month), value, rater="school")
        read(cast.tobi, "attendance", in_month(month), min(value + 9, 97), rater="school")
    for month, score in SAFETY.items():
        read(cast.amara, "safety_scale", in_month(month, 20), score)
    for month, score in {13: 6, 15: 7, 18: 7, 22: 9}.items():
        read(cast.amara, "safety_scale", in_month(month, 21), score, rater="mother")
    for month, score in {10: 19, 14: 22, 17: 18, 22: 15}.items():
        read(cast.amara, "sdq_total", in_month(month, 2), score, rater="mother")
    times = {11: [3], 12: [8], 13: [4, 19], 14: [2, 12, 25], 15: [20], 23: [6, 15]}
    places = [(month, day) for month, days in times.items() for day in days]
    for position, (month, day) in enumerate(places, 101):
        at = datetime.combine(in_month(month, day), datetime.min.time(), UTC)
        missing(cast.amara, cast.dan, at, position, significant=day == 12)
