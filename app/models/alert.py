"""What the monitor counts, what it points out, and what a person decided about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

# How a card is headed. The first two compare a case with its own usual; the others are days that
# have passed.
ALERTS = {
    "busy": "Busier than usual",
    "quiet": "Gone quiet",
    "unacknowledged": "Urgent, and nobody has it",
    "unanswered": "Question without an answer",
    "not_seen": "Not seen for some time",
    "no_outcome": "Planned visit without an outcome",
    "not_brought": "Not brought twice in 30 days",
    "no_lead": "Nobody leads",
    "review_due": "Date passed",
}
UNUSUAL = ("busy", "quiet")
DISPOSITIONS = {
    "expected": "This was expected",
    "contacted_lead": "I have contacted the lead practitioner",
    "strategy_discussion": "I have asked for a strategy discussion",
    "snoozed": "Look again later",
}


class CaseCounts(Base):
    """How many agencies recorded something that occurred on each day of a case, a byte a day.

    It is made from the posts and may be thrown away. Days after the last byte had nothing.
    """

    __tablename__ = "case_counts"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id"), primary_key=True, autoincrement=False
    )
    first_on: Mapped[date]
    days: Mapped[bytes]


class Alert(Base):
    """One thing about one case that somebody should look at, until it is over.

    `about_id` is the post or the key date it is about, or 0: of one thing one alert stands at a
    time. `post_id` is that post, and who may not read it is told nothing. `since` is when it
    began: who was given nothing that old is told nothing either.

    Of a case busier or quieter than usual: `window` days up to `until_on` held `updates`, counted
    as `count` agency-days where `low` to `high` are usual (an 80 % interval); `most_by_one` of
    them by one author. `score` is -log10 p, `lift` how many times surely from the usual;
    `band` 1 is told of, 2 only stands on the board. Neither is ever shown: they are no risk.

    `answered_at` is when somebody decided what to do; it comes back at `again_at` if it stands.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "uq_alerts_standing",
            "case_id",
            "kind",
            "about_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_alerts_case_id", "case_id"),
        Index("ix_alerts_opened_at", "opened_at"),
        Index("ix_alerts_post_id", "post_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str]
    about_id: Mapped[int] = mapped_column(default=0)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    since: Mapped[datetime]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    again_at: Mapped[datetime | None]
    until_on: Mapped[date | None]
    window: Mapped[int | None]
    updates: Mapped[int | None]
    most_by_one: Mapped[int | None]
    count: Mapped[int | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
    is_young: Mapped[bool] = mapped_column(default=False)
    score: Mapped[float] = mapped_column(default=0)
    lift: Mapped[float] = mapped_column(default=0)
    band: Mapped[int] = mapped_column(default=1)


class AlertPost(Base):
    """One of the updates that made a case busy, or that wait."""

    __tablename__ = "alert_posts"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True, index=True)


class AlertAgency(Base):
    """On how many days of the window an agency recorded something; `is_new` to the case in it."""

    __tablename__ = "alert_agencies"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), primary_key=True)
    days: Mapped[int]
    is_new: Mapped[bool]


class Disposition(Base):
    """What somebody decided about an alert, and why: kept, to judge the monitor by."""

    __tablename__ = "dispositions"

    id: Mapped[Id]
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    decided: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    until_on: Mapped[date | None]


class MonitorPass(Base):
    """One night's look at every case, up to and with the day `on`.

    `reached` is the last case that is done, so that a pass that died goes on from there. What it
    learnt of all cases together is in `learnt`, and by day single cases are judged by it.
    """

    __tablename__ = "monitor_passes"

    on: Mapped[date] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    reached: Mapped[int] = mapped_column(default=0)
    cases: Mapped[int] = mapped_column(default=0)
    learnt: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    ended_at: Mapped[datetime | None]
