"""Alerts: pointing out once what is unusual or overdue, and what a person decided about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select

from app import access, activity, stream
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid
from app.models import (
    ALERTS,
    DISPOSITIONS,
    UNUSUAL,
    Alert,
    AlertAgency,
    AlertPost,
    Disposition,
    Person,
)
from app.monitor import due
from app.monitor.counts import Noted
from app.monitor.parameters import EPISODE_DAYS, WORSE_BY

TOLD, ON_BOARD = 1, 2
# What is overdue stays so until it is done: who decided about it is asked again after a week.
ASK_AGAIN = timedelta(days=7)
# Nobody can know today what will be quiet in half a year.
LONGEST_SNOOZE = timedelta(days=90)


@dataclass(frozen=True)
class Unusual:
    """What the monitor found about one case; the columns of `Alert` say what each is."""

    until_on: date
    window: int
    count: int
    low: int
    high: int
    score: float
    lift: float
    band: int
    is_young: bool
    noted: Sequence[Noted]

    @property
    def first_on(self) -> date:
        return self.until_on - timedelta(days=self.window - 1)

    @property
    def within(self) -> list[Noted]:
        return [each for each in self.noted if self.first_on <= each.on <= self.until_on]


def is_waiting() -> ColumnElement[bool]:
    """Whether an alert wants a look: it stands, and nobody has decided, or it has come back."""
    return and_(
        Alert.ended_at.is_(None),
        or_(Alert.answered_at.is_(None), Alert.again_at <= access.now()),
    )


def keep_busy(case_id: int, found: Unusual | None, today: date) -> None:
    """Point out that a case is busy; one alert an episode."""
    alert = standing(case_id, "busy")
    if found is None:
        if alert and _is_over(alert, today):
            end(alert)
        return
    if alert and _is_another(alert, found, today):
        end(alert)
        alert = None
    _keep_unusual(case_id, "busy", alert, found)


def keep_quiet(case_id: int, found: Unusual | None) -> None:
    """Point out that a case has gone quiet, until anything is recorded."""
    alert = standing(case_id, "quiet")
    if found is not None:
        _keep_unusual(case_id, "quiet", alert, found)
    elif alert:
        end(alert)


def _is_over(alert: Alert, today: date) -> bool:
    """Two weeks after it was last unusual, or after the day somebody said to look again."""
    days = [alert.until_on, alert.again_at and clock.local(alert.again_at).date()]
    last = max((day for day in days if day), default=None)
    return last is not None and (today - last).days >= EPISODE_DAYS


def _is_another(alert: Alert, found: Unusual, today: date) -> bool:
    """Whether what was decided about an episode says nothing of this one."""
    if waits(alert):
        return False
    is_worse = found.score >= alert.score + WORSE_BY
    if alert.again_at is not None:
        return is_worse  # a day was named, for what was known then
    age = today - clock.local(alert.opened_at).date()
    return is_worse or age.days >= EPISODE_DAYS


def _keep_unusual(case_id: int, kind: str, alert: Alert | None, found: Unusual) -> None:
    if alert is None:
        alert = Alert(case_id=case_id, kind=kind, about_id=0, opened_at=clock.now(), band=0)
    elif not waits(alert):
        return  # what was decided was decided about these figures
    was_told, alert.band = alert.band == TOLD, found.band
    if was_told:
        alert.band = TOLD  # of one episode people are told once
    _describe(alert, found)
    if not was_told:
        did = "alerted" if alert.band == TOLD else "pointed_out"
        activity.record(None, did, case_id=case_id)


def _describe(alert: Alert, found: Unusual) -> None:
    session, within = db.session(), found.within
    authors = Counter(each.author_id for each in within)
    alert.since = clock.instant(found.first_on, time())
    alert.until_on, alert.window = found.until_on, found.window
    alert.count, alert.low, alert.high = found.count, found.low, found.high
    alert.score, alert.lift, alert.is_young = found.score, found.lift, found.is_young
    alert.updates = len(within)
    alert.most_by_one = max(authors.values(), default=0)
    session.add(alert)
    session.flush()
    _hold(alert.id, [each.post_id for each in within])
    session.execute(delete(AlertAgency).where(AlertAgency.alert_id == alert.id))
    before = {each.agency_id for each in found.noted if each.on < found.first_on}
    days = {(each.agency_id, each.on) for each in within}
    agencies = Counter(agency_id for agency_id, _ in days)
    if agencies:
        session.execute(
            insert(AlertAgency),
            [
                {
                    "alert_id": alert.id,
                    "agency_id": agency_id,
                    "days": count,
                    "is_new": bool(before) and agency_id not in before,
                }
                for agency_id, count in sorted(agencies.items())
            ],
        )


def _hold(alert_id: int, post_ids: Iterable[int]) -> None:
    session = db.session()
    session.execute(delete(AlertPost).where(AlertPost.alert_id == alert_id))
    if rows := [{"alert_id": alert_id, "post_id": post_id} for post_id in post_ids]:
        session.execute(insert(AlertPost), rows)


def changed(kind: str) -> list[int]:
    """The cases in which something of this kind has become overdue, or is not any more."""
    rows = select(Alert.case_id, Alert.about_id).where(Alert.kind == kind, Alert.ended_at.is_(None))
    known = {tuple(row) for row in db.session().execute(rows)}
    found = {(each.case_id, each.about_id) for each in due.found(kind)}
    return sorted({case_id for case_id, _ in known ^ found})


def keep_due(case_id: int) -> None:
    """Point out what has become overdue in the case, and end what is not any more."""
    rows = select(Alert).where(
        Alert.case_id == case_id, Alert.kind.in_(due.KINDS), Alert.ended_at.is_(None)
    )
    known = {(each.kind, each.about_id): each for each in db.session().scalars(rows)}
    wanted = {(each.kind, each.about_id): each for each in due.found_in(case_id)}
    for key in sorted(known.keys() - wanted.keys()):
        end(known[key])
    for key in sorted(wanted.keys() - known.keys()):
        _open_due(wanted[key])


def _open_due(one: due.Due) -> None:
    # Two processes may have found it; the second has nothing to point out.
    opened = db.session().scalar(
        db.insert(Alert)
        .values(
            case_id=one.case_id,
            kind=one.kind,
            about_id=one.about_id,
            post_id=one.post_id,
            since=one.since,
            opened_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Alert.id)
    )
    if opened is not None:
        activity.record(None, "pointed_out", case_id=one.case_id, post_id=one.post_id)


def standing(case_id: int, kind: str) -> Alert | None:
    return db.session().scalar(
        select(Alert).where(Alert.case_id == case_id, Alert.kind == kind, Alert.ended_at.is_(None))
    )


def end(alert: Alert) -> None:
    """It is over: the card goes from every board."""
    alert.ended_at = clock.now()
    db.session().flush()
    activity.record(None, "alert_ended", case_id=alert.case_id, post_id=alert.post_id)


def end_all(case_id: int) -> None:
    """Nothing about the case needs a look any more: it is closed."""
    rows = select(Alert).where(Alert.case_id == case_id, Alert.ended_at.is_(None))
    for alert in db.session().scalars(rows.order_by(Alert.id)).all():
        end(alert)


def answer(
    actor: Person, alert_id: int, decided: str, reason: str, until_on: date | None = None
) -> Disposition:
    """Say what is done about an alert, and why: its card goes from everybody's board.

    Snoozed until a day, it comes back on that day if it still stands; so does what is overdue,
    after a week.
    """
    alert = access.alert(actor, alert_id)
    db.session().refresh(alert, with_for_update=True)
    if alert.ended_at is not None:
        raise Conflict("This is over already: nothing is left to decide.")
    if not waits(alert):
        raise Conflict("A colleague has looked at this already. See what they decided.")
    disposition = Disposition(
        alert_id=alert.id,
        person_id=actor.id,
        decided=decided,
        reason=_reason(decided, reason, until_on),
        at=clock.now(),
        until_on=until_on if decided == "snoozed" else None,
    )
    db.session().add(disposition)
    alert.answered_at, alert.again_at = disposition.at, _again_at(alert, disposition)
    post_id = alert.post_id
    if post_id is None:
        # What was decided about one post may be for those alone who read it.
        post_id = stream.note(actor, alert.case_id, "looked_into", _words(alert, disposition)).id
    activity.record(actor, "looked_into", case_id=alert.case_id, post_id=post_id)
    return disposition


def decisions(viewer: Person, alert: Alert) -> Sequence[AnyRow]:
    """What was decided about this, and about the like of it in this case before, newest first."""
    of_case = select(Alert.id).where(
        Alert.case_id == alert.case_id,
        Alert.kind == alert.kind,
        access.reads_alert(viewer.id, Alert),
    )
    return db.session().execute(_dispositions().where(Disposition.alert_id.in_(of_case))).all()


def newest_decisions(viewer: Person, alert_ids: Collection[int]) -> dict[int, AnyRow]:
    """Of each alert that is hers to read and was looked at: what was decided last."""
    hers = select(Alert.id).where(
        Alert.id.in_(alert_ids),
        Alert.answered_at.is_not(None),
        access.reads_alert(viewer.id, Alert),
    )
    rows = db.session().execute(_dispositions().where(Disposition.alert_id.in_(hers))).all()
    return {row.alert_id: row for row in reversed(rows)}


def _dispositions() -> AnySelect:
    return (
        select(
            Disposition.id,
            Disposition.alert_id,
            Disposition.decided,
            Disposition.reason,
            Disposition.at,
            Disposition.until_on,
            Person.id.label("person_id"),
            Person.name.label("by"),
        )
        .join(Person, Person.id == Disposition.person_id)
        .order_by(Disposition.at.desc(), Disposition.id.desc())
    )


def _reason(decided: str, reason: str, until_on: date | None) -> str:
    """Why it was decided; everything that is missing is told at once."""
    wrong = {}
    said = text.line(reason, field="reason", longest=500)
    if decided not in DISPOSITIONS:
        wrong["decided"] = "Choose what you have done."
    if decided == "snoozed" and (needed := _needed_day(until_on)):
        wrong["until_on"] = needed
    if not said:
        wrong["reason"] = "Say why."
    if wrong:
        raise Invalid(**wrong)
    return said


def _needed_day(until_on: date | None) -> str | None:
    """What is wrong with the day on which it shall come back, if anything."""
    if until_on is None:
        return "Say on which day it should come back."
    if not clock.today() < until_on <= clock.today() + LONGEST_SNOOZE:
        return "Choose a day from tomorrow on, within 90 days."
    return None


def _again_at(alert: Alert, disposition: Disposition) -> datetime | None:
    if disposition.until_on is not None:
        return clock.instant(disposition.until_on, time())
    return None if alert.kind in UNUSUAL else disposition.at + ASK_AGAIN


def _words(alert: Alert, disposition: Disposition) -> str:
    said = DISPOSITIONS[disposition.decided]
    if disposition.until_on is not None:
        said = f"To be looked at again on {disposition.until_on:%-d %B %Y}"
    return f"{ALERTS[alert.kind]}. {said}: {disposition.reason}"


def waits(alert: Alert) -> bool:
    """The same of one that is at hand: it wants a look."""
    if alert.ended_at is not None:
        return False
    if alert.answered_at is None:
        return True
    return alert.again_at is not None and alert.again_at <= clock.now()
