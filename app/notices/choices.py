"""How somebody wants to be told: the way for each reason, quiet hours, and who stands in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow
from app.core.errors import Invalid
from app.models import (
    CONTENT_ACCOUNTS,
    REASONS,
    WAYS,
    Absence,
    Membership,
    NoticeChoice,
    Person,
    QuietHours,
    Supervision,
)

# What nobody chose otherwise: at once what waits for an answer, once a day what is good to know.
# The feed counts every update already, so the rest is not told twice.
USUAL = {
    "urgent": "at_once",
    "question": "at_once",
    "named": "at_once",
    "message": "at_once",
    "unanswered": "at_once",
    "asked": "at_once",
    "unusual": "digest",
    "access": "digest",
    "reply": "kith",
    "followed": "digest",
    "news": "off",
    "found": "digest",
}
# An absence is a holiday or an illness; who is away for good is no member any more.
LONGEST = timedelta(days=366)
WEEK = 7

HOURS = "Write both times, or none."
SOME_DAY = "Leave at least one day on which an email may come."


def ways(person: Person) -> dict[str, str]:
    """The way for each reason."""
    return {reason: way[person.id] for reason, way in of([person.id]).items()}


def of(people: Collection[int]) -> dict[str, dict[int, str]]:
    """For each reason, how each of these people is told."""
    found = {reason: dict.fromkeys(people, way) for reason, way in USUAL.items()}
    for row in db.session().scalars(select(NoticeChoice).where(NoticeChoice.person_id.in_(people))):
        if row.reason in found and row.way in WAYS:
            found[row.reason][row.person_id] = row.way
    return found


def choose(person: Person, chosen: Mapping[str, str]) -> None:
    """These ways for these reasons; the others stay as they are."""
    wrong = {}
    for reason, way in chosen.items():
        if reason not in REASONS or way not in WAYS:
            wrong[reason] = "Choose one of the ways."
        elif reason == "urgent" and way == "off":
            wrong[reason] = "What is urgent always stands in your list."
    if wrong:
        raise Invalid(**wrong)
    session = db.session()
    session.execute(
        delete(NoticeChoice).where(
            NoticeChoice.person_id == person.id, NoticeChoice.reason.in_(list(chosen))
        )
    )
    session.add_all(
        NoticeChoice(person_id=person.id, reason=reason, way=way)
        for reason, way in chosen.items()
        if way != USUAL[reason]
    )
    session.flush()


def quiet(person: Person) -> QuietHours | None:
    return db.session().get(QuietHours, person.id)


def set_quiet(
    person: Person,
    from_time: time | None,
    until_time: time | None,
    days: Collection[int] = (),
    *,
    urgent_passes: bool = True,
) -> None:
    """No email between these times, nor on these days of the week."""
    if (from_time is None) != (until_time is None):
        raise Invalid(until_time=HOURS)
    if from_time is not None and from_time == until_time:
        raise Invalid(until_time="Write two different times. Choose days to be quiet all day.")
    if not set(days) < set(range(WEEK)):
        raise Invalid(days=SOME_DAY)
    db.session().merge(
        QuietHours(
            person_id=person.id,
            from_time=from_time,
            until_time=until_time,
            days=sorted(set(days)),
            urgent_passes=urgent_passes,
        )
    )


def quiet_until(hours: QuietHours | None, at: datetime) -> datetime:
    """The first instant from `at` on at which an email may come; by the clock on the wall."""
    if hours is None:
        return at
    # A day may end in quiet hours, and these on a quiet day: a few turns reach the end.
    for _ in range(2 * WEEK):
        later = _later(hours, at)
        if later == at:
            break
        at = later
    return at


def _later(hours: QuietHours, at: datetime) -> datetime:
    local = clock.local(at)
    today, tomorrow = local.date(), local.date() + timedelta(days=1)
    if local.weekday() in hours.days:
        return clock.instant(tomorrow, time())
    begins, ends = hours.from_time, hours.until_time
    if begins is None or ends is None:
        return at
    now = local.time()
    if begins < ends:
        return clock.instant(today, ends) if begins <= now < ends else at
    if now < ends:
        return clock.instant(today, ends)
    return clock.instant(tomorrow, ends) if now >= begins else at


def absence(person: Person) -> Absence | None:
    """The absence that is coming, or is; one that is over counts no more."""
    kept = db.session().get(Absence, person.id)
    return kept if kept and kept.until_on >= clock.today() else None


def set_absence(
    person: Person, from_on: date | None, until_on: date | None, cover_id: int | None
) -> None:
    """Away from the first day to the last, both included; somebody may stand in."""
    if from_on is None or until_on is None:
        raise Invalid(until_on="Write the first and the last day.")
    if not clock.today() <= until_on or not from_on <= until_on:
        raise Invalid(until_on="Choose a last day that is not before the first, and not past.")
    if until_on - from_on > LONGEST:
        raise Invalid(until_on="That is more than a year. Leave the networks instead.")
    if cover_id is not None and not _may_stand_in(person, cover_id):
        raise Invalid(cover_id="Choose a colleague who works with children’s cases.")
    db.session().merge(
        Absence(person_id=person.id, from_on=from_on, until_on=until_on, cover_id=cover_id)
    )


def end_absence(person: Person) -> None:
    db.session().execute(delete(Absence).where(Absence.person_id == person.id))


def away(people: Collection[int]) -> dict[int, Absence]:
    """Who of these people is away today, and how."""
    today = clock.today()
    rows = db.session().scalars(
        select(Absence).where(
            Absence.person_id.in_(people), Absence.from_on <= today, Absence.until_on >= today
        )
    )
    return {row.person_id: row for row in rows}


def colleagues(person: Person) -> list[AnyRow]:
    """Who could stand in: those she shares a case with, and her managers. (id, name, role)"""
    hers, theirs = aliased(Membership), aliased(Membership)
    beside = (
        select(theirs.person_id)
        .join(hers, hers.case_id == theirs.case_id)
        .where(
            hers.person_id == person.id,
            access.current(hers),
            access.current(theirs),
            ~access.is_conflicted(person.id, hers.case_id),
        )
    )
    above = select(Supervision.manager_id).where(Supervision.person_id == person.id)
    return list(
        db.session().execute(
            select(Person.id, Person.name, Person.role)
            .where(
                or_(Person.id.in_(beside), Person.id.in_(above)),
                Person.id != person.id,
                access.has_content_account(Person),
            )
            .order_by(Person.name, Person.id)
        )
    )


def _may_stand_in(person: Person, cover_id: int) -> bool:
    cover: Any = db.session().get(Person, cover_id) if cover_id <= db.LARGEST else None
    works = cover is not None and cover.active and cover.account in CONTENT_ACCOUNTS
    return bool(works and cover.id != person.id)
