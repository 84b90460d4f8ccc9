"""Who needed to know: a case for members alone, somebody kept apart, emergencies and requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from app.casework.emergencies import OPEN_FOR
from app.core import clock, text
from app.demo.networks import working_day
from app.demo.people import AGENCIES, Worker
from app.demo.rows import Act, Row, Written, note
from app.demo.works import Work
from app.models import EMERGENCIES, BreakGlass, Conflict, LookUp, Restriction, Review

WORKING_DAYS = 2


@dataclass(frozen=True)
class Emergency:
    """The child, who opened the case when and why, and what the auditor made of it."""

    child: str
    who: str
    days: int
    clock_time: str
    reference: str
    emergency: str
    reason: str
    found: str | None = None


EMERGENCIES_THEN = (
    Emergency(
        "Jayden P",
        "Femi Ojo",
        23,
        "22:50",
        "BG-7KTM4Q",
        "arrived",
        "He came in alone with a cut hand and will not say whom we may ring.",
        "The hospital’s notes say that he was there at that hour, and she read that case alone.",
    ),
    Emergency(
        "Oskar H",
        "Dr Isla Kerr",
        1,
        "18:40",
        "BG-3RWX9C",
        "arrived",
        "He has a broken arm, and his mother and the neighbour tell it differently.",
    ),
)
RESTRICTED = ("Lena H", 26, "A manager of this team is related to the family.")
APART = ("Lena H", "Oskar H")
NEIGHBOUR = "Lives next door to the family, and has said so herself."
CLOSED = ("Amina G", "Mary Okoro", 1, "RV-4HQ8TD")
ADDED = ("Amara O", "PC Amy Stott", "She was missing last night and I coordinate what we do.")
WAITING = (
    "Ellis R",
    "Lily Barnes",
    "We have been asked for play therapy, and I want to know who works with him.",
)


@dataclass(frozen=True)
class Needs:
    """Says who, about which child and when, by name."""

    works: Sequence[Work]
    workers: dict[str, Worker]
    today: date

    def of(self, child: str) -> Work:
        return next(each for each in self.works if each.child.name == child)

    def at(self, days: int, clock_time: str) -> datetime:
        return clock.instant(self.today - timedelta(days=days), time.fromisoformat(clock_time))

    def office_at(self, days: int, clock_time: str) -> datetime:
        day = working_day(self.today - timedelta(days=days))
        return clock.instant(day, time.fromisoformat(clock_time))

    def closed_seen_at(self) -> datetime:
        return self.office_at(CLOSED[2], "15:20")

    def neighbour(self) -> Worker:
        """Somebody of the landlord who is in none of the family's networks."""
        members = [place.worker for child in APART for place in self.of(child).places]
        return next(
            each
            for each in self.workers.values()
            if each.agency == "housing" and each not in members
        )


def acts(needs: Needs, written: Written) -> Iterator[Act]:
    """What is to be written, and when."""
    child, days, why = RESTRICTED
    yield needs.office_at(days, "10:15"), partial(_restrict, written, needs.of(child), why)
    for each in APART:
        at = needs.office_at(40, "13:05")
        yield at, partial(_keep_apart, written, needs.of(each), needs.neighbour())
    for emergency in EMERGENCIES_THEN:
        at = needs.at(emergency.days, emergency.clock_time)
        yield at, partial(_break_glass, written, needs, emergency)
    yield needs.closed_seen_at() + timedelta(minutes=1), partial(_ask_why, written, needs)
    yield _joined(needs) - timedelta(hours=3), partial(_look_up_added, written, needs)
    yield needs.office_at(1, "11:20"), partial(_look_up_waiting, written, needs)


def _restrict(written: Written, work: Work, why: str, at: datetime) -> None:
    lead = work.lead(at)
    note(written, work, lead, "restricted", f"Managers of members do not see it. {why}", at)
    written.add(
        Restriction, case_id=work.case_id, from_at=at, reason=why, decided_by_id=lead.id, **_ENDLESS
    )
    written.did(lead, "restricted", at, work.case_id)


def _keep_apart(written: Written, work: Work, who: Worker, at: datetime) -> None:
    lead = work.lead(at)
    written.add(
        Conflict,
        case_id=work.case_id,
        person_id=who.id,
        from_at=at,
        reason=NEIGHBOUR,
        declared_by_id=lead.id,
        **_ENDLESS,
    )
    written.did(lead, "access_changed", at, work.case_id)


def _break_glass(written: Written, needs: Needs, told: Emergency, at: datetime) -> None:
    work, who = needs.of(told.child), needs.workers[told.who]
    what, agency = EMERGENCIES[told.emergency], AGENCIES[who.agency][0]
    words = f"Opened in an emergency by {who.name}, {agency}: {what[0].lower()}{what[1:]}. "
    note(written, work, who, "break_glass", words + told.reason, at)
    glass = written.add(
        BreakGlass,
        reference=told.reference,
        person_id=who.id,
        case_id=work.case_id,
        emergency=told.emergency,
        reason=told.reason,
        asked_at=at,
        opened_at=at,
        until_at=at + OPEN_FOR,
        approved_by_id=None,
        approved_at=None,
    )
    review = _review(written, "break_glass", told.reference, who, work, at)
    review.update(break_glass_id=glass["id"], evidence={"emergency": told.emergency, "people": 1})
    if told.found:
        review.update(
            outcome="justified",
            note=told.found,
            reviewed_by_id=needs.workers["Noor Aziz"].id,
            reviewed_at=review["due_at"] - timedelta(hours=6),
        )
    written.did(who, "break_glass", at, work.case_id, person_id=who.id)


def _ask_why(written: Written, needs: Needs, at: datetime) -> None:
    """A rule has noticed that somebody looked at a case closed long ago."""
    child, name, _, reference = CLOSED
    work, day = needs.of(child), clock.local(at).date()
    review = _review(written, "closed_case", reference, needs.workers[name], work, at)
    days = (day - work.standings[-1].since).days
    review["evidence"] = {"day": day.isoformat(), "closed_days": days}


def _review(
    written: Written, kind: str, reference: str, who: Worker, work: Work, at: datetime
) -> Row:
    return written.add(
        Review,
        reference=reference,
        kind=kind,
        person_id=who.id,
        case_id=work.case_id,
        break_glass_id=None,
        evidence={},
        raised_at=at,
        due_at=clock.working_days_after(at, WORKING_DAYS),
        outcome=None,
        note=None,
        reviewed_by_id=None,
        reviewed_at=None,
    )


def _look_up_added(written: Written, needs: Needs, at: datetime) -> None:
    child, name, reason = ADDED
    asked = _look_up(written, needs.of(child), needs.workers[name], reason, at)
    joined = _joined(needs)
    lead = needs.of(child).lead(joined)
    asked.update(outcome="added", answered_by_id=lead.id, answered_at=joined)


def _look_up_waiting(written: Written, needs: Needs, at: datetime) -> None:
    child, name, reason = WAITING
    _look_up(written, needs.of(child), needs.workers[name], reason, at)


def _look_up(written: Written, work: Work, who: Worker, reason: str, at: datetime) -> Row:
    written.did(None, "look_up", at, work.case_id)
    return written.add(
        LookUp,
        person_id=who.id,
        case_id=work.case_id,
        reason=text.line(reason, field="reason"),
        asked_at=at,
        outcome=None,
        answer=None,
        answered_by_id=None,
        answered_at=None,
    )


def _joined(needs: Needs) -> datetime:
    child, name, _ = ADDED
    places = needs.of(child).places
    return next(each.from_at for each in places if each.worker.name == name)


_ENDLESS = {"until_at": None, "ended_by_id": None, "ended_reason": None}
