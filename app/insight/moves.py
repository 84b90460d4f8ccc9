"""Readings that moved: the newest of each measure beside those before by the same rater."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from app import access
from app.core import db
from app.core.db import AnyRow
from app.insight import change
from app.models import RATERS, Case, Measure, Person, Reading

SAFETY = "safety_scale"
SAID = (
    "case_id",
    "measure_id",
    "name",
    "unit",
    "better",
    "noise",
    "rater",
    "value",
    "read_on",
    "recorded_at",
)


@dataclass(frozen=True)
class Move:
    """What one rater said last of one measure, and what the same one said before, if ever.

    `before` is the one just before it; `change` is held against the few in `earlier`, oldest
    first, by the rule of the comparison, so that both pages say the same.
    """

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
    earlier: Sequence[float] = ()
    before_on: date | None = None

    @property
    def before(self) -> float | None:
        return self.earlier[-1] if self.earlier else None

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
        return changed(self.earlier, self.value, self.noise, self.better)

    @property
    def arrow(self) -> str:
        went = change.latest(self.earlier, self.value, self.noise).went
        return {"up": "↑", "down": "↓"}.get(went, "")


def changed(earlier: Sequence[float], after: float, noise: float, better: str) -> str:
    """What has become of a reading, by the direction of its measure; nothing when too little."""
    went = change.latest(earlier, after, noise).went
    if went in {"level", "unknown"}:
        return ""
    if better == "neither":
        return "higher" if went == "up" else "lower"
    return "better" if went == better else "worse"


def newest(viewer: Person, case_ids: Sequence[int]) -> list[Move]:
    """The newest reading of every measure and rater in cases that `app.access` has given."""
    return _each(db.rows(_few_newest(None), {"viewer": viewer.id, "case_ids": list(case_ids)}))


def safety(viewer: Person, case: Case) -> Move | None:
    """How safe it is on the scale, by whoever was asked last, the child first; or none."""
    found = _each(db.rows(_few_newest(SAFETY), {"viewer": viewer.id, "case_ids": [case.id]}))
    found.sort(key=lambda each: list(RATERS).index(each.rater))
    return max(found, key=lambda each: each.read_on, default=None)


def _each(rows: Iterable[AnyRow]) -> list[Move]:
    of_one = groupby(rows, key=lambda row: (row.case_id, row.measure_id, row.rater))
    return [_move(list(hers)) for _, hers in of_one]


def _move(hers: Sequence[AnyRow]) -> Move:
    """Of one rater, newest first; of one day what was kept last, as in the comparison."""
    last, *before = [next(same) for _, same in groupby(hers, key=lambda row: row.read_on)]
    earlier = [row.value for row in reversed(before)]
    before_on = before[0].read_on if before else None
    said: dict[str, Any] = {name: getattr(last, name) for name in SAID}
    return Move(**said, earlier=earlier, before_on=before_on)


@cache
def _few_newest(key: str | None) -> Select[tuple[object, ...]]:
    """Of each measure and rater what she may read of the last days on which there is any."""
    day = func.dense_rank().over(
        partition_by=(Reading.case_id, Reading.measure_id, Reading.rater),
        order_by=Reading.read_on.desc(),
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
            Reading.id,
            day.label("day"),
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
        .where(each.day <= change.BEFORE_LATEST + 1)
        .order_by(each.case_id, each.measure_id, each.rater, each.day, each.id.desc())
    )
