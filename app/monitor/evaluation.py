"""How the monitor does in this organisation: numbers of all cases together, and of no one case.

Nothing below `FEWEST` leaves this module, so that a small group cannot be told from its number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import sqrt
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow
from app.models import (
    AGENCY_TYPES,
    ALERTS,
    DISPOSITIONS,
    ETHNICITIES,
    STATUSES,
    UNUSUAL,
    Agency,
    Alert,
    Case,
    CaseStatus,
    Child,
    Disposition,
    Membership,
    Post,
)
from app.monitor import alerts

FEWEST = 5
FEW = "fewer than 5"
NONE = "–"
# The normal quantile of an interval that is right nineteen times of twenty.
Z = 1.959964
MONTHS = 12
MONTH = timedelta(days=30.4375)
# What somebody did more than note that it was expected.
USEFUL = ("contacted_lead", "strategy_discussion")
# Posts a month up to and with which a case is of this size.
SIZES = {
    1: "Up to 1 update a month",
    4: "Up to 4 updates a month",
    10: "Up to 10 updates a month",
    25: "Up to 25 updates a month",
}
BUSIEST = "More than 25 updates a month"
# The census has its codes in five groups, by their first letter.
GROUPS = {
    "W": "White",
    "M": "Mixed",
    "A": "Asian",
    "B": "Black",
    "C": "Asian",
    "O": "Other ethnic group",
}
UNSAID = ("REFU", "NOBT")
NOT_RECORDED = "Not recorded"

Cases = Mapping[int, Collection[str]]


@dataclass(frozen=True)
class Table:
    """Rows of words, ready to be shown; `remarks` are what stands out, in sentences."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    some: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval: right for few cases too, and never below 0 or above 1."""
        share, spread = self.some / self.of, Z * Z / self.of
        middle = share + spread / 2
        half = Z * sqrt((share * (1 - share) + spread / 4) / self.of)
        return (middle - half) / (1 + spread), (middle + half) / (1 + spread)

    @property
    def is_small(self) -> bool:
        return self.some < FEWEST or self.of < FEWEST

    def but(self, other: Share) -> Share:
        return Share(self.some - other.some, self.of - other.of)


def tables(kinds: Collection[str] = UNUSUAL) -> list[Table]:
    """What was pointed out and what became of it, then how often in which kind of case."""
    first = _first_month()
    pointed_out = _alerts(clock.instant(first, time()))
    return [
        _by_month(pointed_out, first),
        _decided(pointed_out),
        *_rates({row.case_id for row in pointed_out if row.kind in kinds}, first),
    ]


def said(number: int) -> str:
    return FEW if number < FEWEST else f"{number:,}"


def per_cent(share: float) -> str:
    return f"{share * 100:.1f}"


# What was pointed out, and what became of it


def _by_month(pointed_out: Sequence[AnyRow], first: date) -> Table:
    counts = Counter((_month(row.opened_at), row.kind) for row in pointed_out)
    rows = [
        [f"{month:%b %Y}", *(said(counts[month, kind]) for kind in ALERTS)]
        for month in reversed(_months(first))
    ]
    return Table("Alerts a month", ["Month", *ALERTS.values()], rows)


def _decided(pointed_out: Sequence[AnyRow]) -> Table:
    rows = []
    for kind, heading in ALERTS.items():
        of_kind = [row for row in pointed_out if row.kind == kind]
        rows.append([heading, *_outcomes(of_kind)])
    columns = ["Alert", "Pointed out", *DISPOSITIONS.values(), "Over before anybody looked"]
    columns += ["Waiting", "Half were looked at within", "Useful, per 100 decided", "95 % interval"]
    return Table("What became of them", columns, rows)


def _outcomes(of_kind: Sequence[AnyRow]) -> list[str]:
    decided = Counter(row.decided for row in of_kind if row.decided)
    waiting = sum(bool(row.is_waiting) for row in of_kind)
    unseen = sum(row.decided is None and not row.is_waiting for row in of_kind)
    took = [(row.looked_at - row.opened_at) for row in of_kind if row.looked_at]
    useful = Share(sum(decided[each] for each in USEFUL), sum(decided.values()))
    return [
        said(len(of_kind)),
        *(said(decided[each]) for each in DISPOSITIONS),
        said(unseen),
        said(waiting),
        _time(took),
        *_per_100(useful),
    ]


def _time(took: Sequence[timedelta]) -> str:
    if len(took) < FEWEST:
        return NONE
    hours = median(each.total_seconds() for each in took) / 3600
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"


def _alerts(since: datetime) -> Sequence[AnyRow]:
    """Alerts opened since then: when first looked at, and what was decided last."""
    first, last = aliased(Disposition), aliased(Disposition)
    looked_at = select(func.min(first.at)).where(first.alert_id == Alert.id).scalar_subquery()
    decided = (
        select(last.decided)
        .where(last.alert_id == Alert.id)
        .order_by(last.at.desc(), last.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    asked = select(
        Alert.case_id,
        Alert.kind,
        Alert.opened_at,
        alerts.is_waiting().label("is_waiting"),
        looked_at.label("looked_at"),
        decided.label("decided"),
    ).where(Alert.opened_at >= since)
    return db.session().execute(asked).all()


# How often in which kind of case


def _rates(alerted: set[int], first: date) -> list[Table]:
    cases = _open_cases()
    hers = {row.id: row for row in cases}
    sizes = _sizes(cases, first)
    by: list[tuple[str, Cases, Iterable[str]]] = [
        ("Agencies in the network", _agency_types(hers), AGENCY_TYPES.values()),
        ("Size of the case", sizes, [*SIZES.values(), BUSIEST]),
        ("Status", _one_each(cases, lambda row: STATUSES[row.status]), STATUSES.values()),
        ("Gender", _one_each(cases, _gender), ("Female", "Male", "Neither", NOT_RECORDED)),
        (
            "Ethnicity, in groups",
            _one_each(cases, _group),
            (*dict.fromkeys(GROUPS.values()), NOT_RECORDED),
        ),
        (
            "Ethnicity",
            _one_each(cases, lambda row: ETHNICITIES.get(row.ethnicity, NOT_RECORDED)),
            (*ETHNICITIES.values(), NOT_RECORDED),
        ),
    ]
    return [_rate(name, groups, labels, alerted) for name, groups, labels in by]


def _rate(name: str, groups: Cases, labels: Iterable[str], alerted: set[int]) -> Table:
    everybody = _share(groups, alerted)
    rows, remarks = [], []
    for label in labels:
        group = _share((case for case, its in groups.items() if label in its), alerted)
        if group.of:
            rows.append([label, said(group.of), said(group.some), *_per_100(group)])
            remarks += _apart(label, group, everybody.but(group))
    columns = [name, "Open cases", "With an alert", "Per 100 cases", "95 % interval"]
    return Table(name, columns, rows, remarks)


def _share(cases: Iterable[int], alerted: set[int]) -> Share:
    each = list(cases)
    return Share(sum(case in alerted for case in each), len(each))


def _per_100(share: Share) -> tuple[str, str]:
    if share.is_small:
        return NONE, NONE
    low, high = share.interval
    return per_cent(share.some / share.of), f"{per_cent(low)} to {per_cent(high)}"


def _apart(label: str, group: Share, others: Share) -> list[str]:
    """A sentence when chance alone would hardly bring the group so far from all others."""
    if group.is_small or others.is_small:
        return []
    (low, high), (lowest, highest) = group.interval, others.interval
    if lowest <= high and low <= highest:
        return []
    more = "more" if low > highest else "less"
    hers, theirs = (per_cent(each.some / each.of) for each in (group, others))
    said = f"{label}: alerts are clearly {more} frequent than in all other cases"
    return [f"{said}, {hers} against {theirs} of 100."]


def _open_cases() -> Sequence[AnyRow]:
    newest = aliased(CaseStatus)
    status: ColumnElement[Any] = (
        select(newest.status)
        .where(newest.case_id == Case.id, newest.since <= clock.today())
        .order_by(newest.since.desc(), newest.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    rows = db.session().execute(
        select(Case.id, Case.opened_at, Child.gender, Child.ethnicity, status.label("status")).join(
            Child, Child.id == Case.child_id
        )
    )
    return [row for row in rows if row.status not in (None, "closed")]


def _agency_types(open_cases: Mapping[int, AnyRow]) -> Cases:
    types = (
        select(Membership.case_id, Agency.agency_type)
        .join(Agency, Agency.id == Membership.agency_id)
        .where(access.current(Membership))
        .distinct()
    )
    found: dict[int, set[str]] = {case_id: set() for case_id in open_cases}
    for case_id, agency_type in db.session().execute(types):
        if case_id in found:
            found[case_id].add(AGENCY_TYPES.get(agency_type, agency_type))
    return found


def _sizes(cases: Sequence[AnyRow], first: date) -> Cases:
    """By how many updates people write a month, over as long as the case has been open."""
    began = clock.instant(first, time())
    many = (
        select(Post.case_id, func.count().label("updates"))
        .where(
            Post.posted_at >= began,
            Post.author_id.is_not(None),
            Post.source.is_(None),
            Post.withdrawn_at.is_(None),
        )
        .group_by(Post.case_id)
    )
    written = {row.case_id: row.updates for row in db.session().execute(many)}
    found = {}
    for row in cases:
        months = max((clock.now() - max(row.opened_at, began)) / MONTH, 1)
        found[row.id] = [_size(written.get(row.id, 0) / months)]
    return found


def _size(a_month: float) -> str:
    return next((label for most, label in SIZES.items() if a_month <= most), BUSIEST)


def _gender(row: AnyRow) -> str:
    return {"f": "Female", "m": "Male", "n": "Neither"}.get(
        (row.gender or "")[:1].lower(), NOT_RECORDED
    )


def _group(row: AnyRow) -> str:
    if row.ethnicity is None or row.ethnicity in UNSAID:
        return NOT_RECORDED
    return GROUPS.get(row.ethnicity[:1], NOT_RECORDED)


def _one_each(cases: Sequence[AnyRow], label: Any) -> Cases:
    return {row.id: [label(row)] for row in cases}


# Months


def _first_month() -> date:
    """The first day of the month eleven before this one."""
    today = clock.today()
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def _months(first: date) -> list[date]:
    months = [first.year * 12 + first.month - 1 + each for each in range(MONTHS)]
    return [date(each // 12, each % 12 + 1, 1) for each in months]


def _month(at: datetime) -> date:
    return clock.local(at).date().replace(day=1)
