"""Readings that moved: the newest of each measure beside the one before by the same rater."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby

from sqlalchemy import Select, bindparam, func, select

from app import access
from app.core import db
from app.core.db import AnyRow
from app.insight import change
from app.models import RATERS, Case, Measure, Person, Reading

SAFETY = "safety_scale"


@dataclass(frozen=True)
class Move:
    """What one rater said last of one measure, and what the same one said before, if ever."""

    case_id: int
    measure_id: int
    name: str
    unit: str
    better: str
    noise: float
    rater: str
    value: float
    read_on: date
    recorded_at: datetime
    before: float | None = None
    before_on: date | None = None

    @property
    def by(self) -> str:
        return RATERS[self.rater].lower()

    @property
    def now(self) -> str:
        return f"{self.value:g}{self.unit}"

    @property
    def was(self) -> str:
        return f"{self.before:g}{self.unit}" if self.before is not None else ""

    @property
    def change(self) -> str:
        """In a word: better, worse, higher, lower, or nothing when it is no real change."""
        if self.before is None:
            return ""
        return changed(self.before, self.value, self.noise, self.better)

    @property
    def arrow(self) -> str:
        return {True: "↑", False: "↓"}[self.value > (self.before or 0)] if self.change else ""


def changed(before: float, after: float, noise: float, better: str) -> str:
    """What has become of a reading, by the direction of its measure; nothing when too little."""
    went = change.latest([before], after, noise).went
    if went == "level":
        return ""
    if better == "neither":
        return "higher" if went == "up" else "lower"
    return "better" if went == better else "worse"


def newest(viewer: Person, case_ids: Sequence[int]) -> list[Move]:
    """The newest reading of every measure and rater in cases that `app.access` has given."""
    return _paired(db.rows(_two_newest(None), {"viewer": viewer.id, "case_ids": list(case_ids)}))


def safety(viewer: Person, case: Case) -> Move | None:
    """How safe it is on the scale, by whoever was asked last, the child first; or none."""
    found = _paired(db.rows(_two_newest(SAFETY), {"viewer": viewer.id, "case_ids": [case.id]}))
    found.sort(key=lambda each: list(RATERS).index(each.rater))
    return max(found, key=lambda each: each.read_on, default=None)


def _paired(rows: Iterable[AnyRow]) -> list[Move]:
    of_one = groupby(rows, key=lambda row: (row.case_id, row.measure_id, row.rater))
    return [_move(*pair) for _, pair in of_one]


def _move(last: AnyRow, before: AnyRow | None = None) -> Move:
    said = (before.value, before.read_on) if before else (None, None)
    return Move(*tuple(last)[: len(last) - 1], *said)


@cache
def _two_newest(key: str | None) -> Select[tuple[object, ...]]:
    """Of each measure and rater the last two readings she may read."""
    place = func.row_number().over(
        partition_by=(Reading.case_id, Reading.measure_id, Reading.rater),
        order_by=(Reading.read_on.desc(), Reading.id.desc()),
    )
    found = (
        select(
            Reading.case_id,
            Reading.measure_id,
            Measure.name,
            Measure.unit,
            Measure.better,
            Measure.noise,
            Reading.rater,
            Reading.value,
            Reading.read_on,
            Reading.recorded_at,
            place.label("place"),
        )
        .join(Measure, Measure.id == Reading.measure_id)
        .where(
            Reading.case_id.in_(bindparam("case_ids", expanding=True, type_=db.BigKey)),
            access.is_open_reading(bindparam("viewer", type_=db.BigKey), Reading),
            *([Measure.key == key] if key else []),
        )
        .subquery()
    )
    each = found.c
    return (
        select(found)
        .where(each.place <= 2)
        .order_by(each.case_id, each.measure_id, each.rater, each.place)
    )
