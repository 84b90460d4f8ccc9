"""Something compared over time, and one value of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

# Which way is good. Of a plain number, as a weight centile, neither is.
DIRECTIONS = {
    "up": "Up is better",
    "down": "Down is better",
    "neither": "Neither way is better by itself",
}
# Who said how it is: raters differ, so none is compared with another's earlier word.
RATERS = {
    "child": "Child",
    "mother": "Mother",
    "father": "Father",
    "carer": "Carer",
    "social_care": "Social care",
    "school": "School",
    "health": "Health",
    "police": "Police",
    "other": "Somebody else",
}


class Measure(Base):
    """Of what there are readings: its direction, unit, range and threshold.

    `key` names one that Kith brings along; an organisation's own has none. `lowest` and `highest`
    are the ends of its range, None where it has none. `threshold` is the value at which it means
    something, said in `threshold_means`. `noise` is how far one reading of what has not changed
    lies from another, as a standard deviation in the measure's unit, which stands in `unit` as
    it is written behind a value. `counts_kind` is the kind of post that is counted each month
    instead of taking readings. A retired measure takes no readings any more; what there is stays.
    """

    __tablename__ = "measures"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[Id]
    key: Mapped[str | None]
    name: Mapped[str]
    about: Mapped[str | None]
    unit: Mapped[str]
    better: Mapped[str]
    lowest: Mapped[float | None]
    highest: Mapped[float | None]
    step: Mapped[float]
    threshold: Mapped[float | None]
    threshold_means: Mapped[str | None]
    noise: Mapped[float]
    counts_kind: Mapped[str | None]
    place: Mapped[int]
    retired_at: Mapped[datetime | None]


class Reading(Base):
    """One value of a measure for one case, on a day, by one rater; the score and nothing else.

    With a post it is as open as that post; without one, as the case. One that was wrong is
    withdrawn, with the reason, and a new one is written.
    """

    __tablename__ = "readings"
    __table_args__ = (
        # Nothing can be told with another case's post.
        ForeignKeyConstraint(["post_id", "case_id"], ["posts.id", "posts.case_id"]),
        UniqueConstraint("case_id", "source_key"),
        Index("ix_readings_case_id_measure_id", "case_id", "measure_id", "read_on"),
        Index("ix_readings_post_id", "post_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    post_id: Mapped[int | None]
    value: Mapped[float]
    read_on: Mapped[date]
    rater: Mapped[str]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_reason: Mapped[str | None]
    source: Mapped[str | None]
    source_key: Mapped[str | None]
    source_as_at: Mapped[date | None]
