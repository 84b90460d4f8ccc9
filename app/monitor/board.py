"""The board of hotspots: which of her cases need a look, and why; nothing else, counts included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Date, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.models import (
    SEEN_IN,
    UNUSUAL,
    Agency,
    Alert,
    AlertAgency,
    AlertPost,
    Case,
    CaseCounts,
    CaseStatus,
    Child,
    FamilyLink,
    Membership,
    Person,
    Post,
    Supervision,
)
from app.monitor import alerts, words

# The order of the board, and which kinds stand in which part.
PARTS = {
    "busy": ("busy",),
    "quiet": ("quiet",),
    "overdue": (
        "unacknowledged",
        "unanswered",
        "no_outcome",
        "not_brought",
        "not_seen",
        "review_due",
        "no_lead",
    ),
}
WEEK, WEEKS = 7, 26
# What is usual is read off the weeks before: the middle eight of ten.
USUAL = (10, 90)
_VIEWER = bindparam("viewer", type_=db.BigKey)


@dataclass(frozen=True)
class Choice:
    """Which of her cases she asks for; none is all of them."""

    team: int | None = None  # a manager, whose people lead
    agency: int | None = None  # somebody of it is in the network
    person: int | None = None  # who leads


@dataclass(frozen=True)
class Choices:
    """What her own cases can be narrowed by, as (number, words)."""

    teams: Sequence[AnyRow]
    agencies: Sequence[AnyRow]
    people: Sequence[AnyRow]


@dataclass(frozen=True)
class Reason:
    """One alert, in words."""

    alert: Alert
    sentence: str
    agencies: Sequence[words.Agency]


@dataclass(frozen=True)
class Weeks:
    """Agency-days in each of the last weeks, the newest last, and the usual range of a week.

    The first `before` of them are no whole weeks of the case.
    """

    counts: Sequence[int]
    low: int
    high: int
    before: int = 0


@dataclass(frozen=True)
class Concerned:
    """One child on a card."""

    case_id: int
    name: str
    born_on: date | None
    expected_on: date | None
    status: str | None
    lead: str | None
    lead_id: int | None
    last_seen_at: datetime | None
    weeks: Weeks | None  # none where she was given less than these weeks
    reasons: Sequence[Reason]


@dataclass(frozen=True)
class Card:
    """One child, or brothers and sisters together, in one part of the board."""

    part: str
    children: Sequence[Concerned]


@dataclass(frozen=True)
class Board:
    """The cards in order, and of how many children they are some."""

    cards: Sequence[Card]
    children: int
    of: int

    def part(self, name: str) -> list[Card]:
        return [card for card in self.cards if card.part == name]


@dataclass(frozen=True)
class Hers:
    """A case she is a member of that needs a look, and under which headings."""

    case_id: int
    name: str
    kinds: Sequence[str]


def of(viewer: Person, choice: Choice = Choice()) -> Board:
    """What she may see of what needs a look, the most unusual first."""
    asked = _asked(viewer, choice)
    rows = db.session().execute(_needing(choice), asked).all()
    (among,) = db.rows(_among(choice), asked)
    cards = _cards(viewer, rows)
    concerned = {each.case_id for card in cards for each in card.children}
    return Board(cards, len(concerned), among[0])


def choices(viewer: Person) -> Choices:
    """By what she may narrow the board: who leads her cases, whose people do, who takes part."""
    asked = {"viewer": viewer.id}
    return Choices(*(db.rows(question, asked) for question in _choices()))


def count(viewer: Person) -> int:
    """How many of the children she sees need a look, as her whole board counts them."""
    ((number,),) = db.rows(_count(), {"viewer": viewer.id})
    return int(number)


def one(viewer: Person, alert: Alert) -> Concerned:
    """The child an alert is about, with this reason alone; `alert` comes from `app.access`."""
    rows = db.session().execute(_one(), {"viewer": viewer.id, "alert_id": alert.id}).all()
    return _cards(viewer, rows)[0].children[0]


def of_case(viewer: Person, case: Case) -> list[Reason]:
    """Why this case needs a look; `case` comes from `app.access`."""
    found = db.session().scalars(_of_case(), {"viewer": viewer.id, "case_id": case.id}).all()
    return [reason for _, reason in _reasons(found)]


def mine(viewer: Person) -> list[Hers]:
    """Of the cases she is a member of, those that need a look: unusual ones first."""
    found: dict[int, Hers] = {}
    for row in db.rows(_mine(), {"viewer": viewer.id}):
        known = found.get(row.case_id, Hers(row.case_id, row.name, ()))
        found[row.case_id] = replace(known, kinds=[*known.kinds, row.kind])
    return list(found.values())


def posts(viewer: Person, alert: Alert) -> Sequence[AnyRow]:
    """The updates behind an alert that she may read, newest first."""
    return db.rows(_posts(), {"viewer": viewer.id, "alert_id": alert.id})


def weeks(viewer: Person, case: Case, many: int = WEEKS) -> Weeks | None:
    """How much was recorded in each of the last weeks of a case from `app.access`."""
    return _weeks(viewer, [case.id], many).get(case.id)


def _cards(viewer: Person, rows: Sequence[AnyRow]) -> list[Card]:
    reasons = dict(_reasons([row.Alert for row in rows]))
    case_ids = {row.Alert.case_id for row in rows}
    sums = _as_told(_weeks(viewer, case_ids, WEEKS), [row.Alert for row in rows])
    family = _families({row.child_id for row in rows})
    found: dict[tuple[str, int], dict[int, Concerned]] = {}
    for row in sorted(rows, key=lambda row: _ORDER[row.Alert.kind]):
        part = _PART_OF[row.Alert.kind]
        children = found.setdefault((part, family[row.child_id]), {})
        known = children.get(row.child_id)
        children[row.child_id] = Concerned(
            case_id=row.Alert.case_id,
            name=row.child_name,
            born_on=row.born_on,
            expected_on=row.expected_on,
            status=row.status,
            lead=row.lead_name,
            lead_id=row.lead_id,
            last_seen_at=row.last_seen_at,
            weeks=sums.get(row.Alert.case_id),
            reasons=[*(known.reasons if known else ()), reasons[row.Alert.id]],
        )
    return [Card(part, list(children.values())) for (part, _), children in found.items()]


_PART_OF = {kind: part for part, kinds in PARTS.items() for kind in kinds}
_ORDER = {kind: place for place, kind in enumerate(_PART_OF)}


def _reasons(found: Sequence[Alert]) -> list[tuple[int, Reason]]:
    agencies: dict[int, list[words.Agency]] = {}
    for row in db.rows(_agencies(), {"alert_ids": [alert.id for alert in found]}):
        agencies.setdefault(row.alert_id, []).append(
            words.Agency(row.id, row.name, row.agency_type, row.days, row.is_new)
        )
    return [
        (alert.id, Reason(alert, words.of(alert, hers), hers))
        for alert in found
        for hers in [agencies.get(alert.id, [])]
    ]


def _families(child_ids: Iterable[int]) -> dict[int, int]:
    """Each child, and the lowest number among the brothers and sisters who are asked about."""
    together = {child_id: child_id for child_id in child_ids}
    links = db.rows(_links(), {"child_ids": sorted(together)})
    for _ in range(len(links)):  # as long a chain as there are links
        before = dict(together)
        for one, other in links:
            together[one] = together[other] = min(together[one], together[other])
        if together == before:
            break
    return together


def _as_told(sums: dict[int, Weeks], found: Sequence[Alert]) -> dict[int, Weeks]:
    """The usual week as the sentence beside it has it, where that speaks of a week as well."""
    told = {alert.case_id: alert for alert in found if alert.window == WEEK}
    return {
        case_id: replace(each, low=told[case_id].low or 0, high=told[case_id].high or 0)
        if case_id in told
        else each
        for case_id, each in sums.items()
    }


def _weeks(viewer: Person, case_ids: Iterable[int], many: int) -> dict[int, Weeks]:
    """Weeks that end today. Who was given less of a case than that gets none of it."""
    today = clock.today()
    first = today - timedelta(days=WEEK * many - 1)
    asked = {"viewer": viewer.id, "case_ids": sorted(case_ids)}
    found = {}
    for case_id, first_on, days, reads_from in db.rows(_counts(), asked):
        if reads_from is None or clock.local(reads_from).date() <= first:
            found[case_id] = _summed(first_on, days, first, many)
    return found


def _summed(first_on: date, days: bytes, first: date, many: int) -> Weeks:
    shift = (first_on - first).days
    counted = np.zeros(WEEK * many, dtype=np.int64)
    end = min(shift + len(days), len(counted))
    if end > max(shift, 0):
        counted[max(shift, 0) : end] = list(days)[max(-shift, 0) : end - shift]
    sums = counted.reshape(many, WEEK).sum(axis=1)
    # From the first whole week on; the newest is what is held against them.
    before = min(max(-(-shift // WEEK), 0), many - 2)
    low, high = np.percentile(sums[before:-1], USUAL, method="nearest")
    return Weeks([int(each) for each in sums], int(low), int(high), before)


# Questions, each built once


def _asked(viewer: Person, choice: Choice) -> dict[str, Any]:
    return {
        "viewer": viewer.id,
        "team": choice.team,
        "agency": choice.agency,
        "person": choice.person,
    }


def _needing(choice: Choice) -> AnySelect:
    return _needing_of(
        by_team=choice.team is not None,
        by_agency=choice.agency is not None,
        by_person=choice.person is not None,
    )


def _among(choice: Choice) -> AnySelect:
    return _among_of(
        by_team=choice.team is not None,
        by_agency=choice.agency is not None,
        by_person=choice.person is not None,
    )


@cache
def _needing_of(**by: bool) -> AnySelect:
    return (
        _described()
        .where(
            Case.id.in_(access.seen_cases(_VIEWER)),
            alerts.is_waiting(),
            access.is_open_alert(_VIEWER, Alert),
            *_chosen(**by),
        )
        .order_by(Alert.band, Alert.lift.desc(), Alert.since, Alert.id)
    )


@cache
def _one() -> AnySelect:
    return _described().where(
        Alert.id == bindparam("alert_id", type_=db.BigKey), access.reads_alert(_VIEWER, Alert)
    )


def _described() -> AnySelect:
    """Alerts with what a card says of the child."""
    lead, leader = aliased(Membership), aliased(Person)
    lead_id = (
        select(lead.person_id)
        .where(lead.case_id == Case.id, access.leads_now(lead))
        .order_by(lead.from_at.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    seen = (
        select(func.max(Post.occurred_at))
        .where(
            Post.case_id == Case.id,
            Post.kind.in_(SEEN_IN),
            Post.seen.is_(True),
            access.open_to(_VIEWER, Post),
        )
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(
            Alert,
            Child.id.label("child_id"),
            Child.label.label("child_name"),
            Child.born_on,
            Child.expected_on,
            _status().label("status"),
            leader.name.label("lead_name"),
            leader.id.label("lead_id"),
            seen.label("last_seen_at"),
        )
        .join(Case, Case.id == Alert.case_id)
        .join(Child, Child.id == Case.child_id)
        .outerjoin(leader, leader.id == lead_id)
    )


@cache
def _count() -> AnySelect:
    return select(func.count(Alert.case_id.distinct())).where(
        Alert.case_id.in_(access.seen_cases(_VIEWER)),
        alerts.is_waiting(),
        access.is_open_alert(_VIEWER, Alert),
    )


@cache
def _choices() -> tuple[AnySelect, AnySelect, AnySelect]:
    hers = access.seen_cases(_VIEWER)
    lead, member, line = aliased(Membership), aliased(Membership), aliased(Supervision)
    leading = select(lead.person_id).where(lead.case_id.in_(hers), access.leads_now(lead))
    taking_part = select(member.agency_id).where(member.case_id.in_(hers), access.current(member))
    led_by = select(line.manager_id).where(line.person_id.in_(leading))
    people = select(Person.id, Person.name).order_by(Person.name, Person.id)
    agencies = select(Agency.id, Agency.name).order_by(Agency.name, Agency.id)
    return (
        people.where(Person.id.in_(led_by)),
        agencies.where(Agency.id.in_(taking_part)),
        people.where(Person.id.in_(leading)),
    )


@cache
def _among_of(**by: bool) -> AnySelect:
    is_open = func.coalesce(_status(), "") != "closed"
    return select(func.count(Case.id)).where(
        Case.id.in_(access.seen_cases(_VIEWER)), is_open, *_chosen(**by)
    )


def _chosen(*, by_team: bool, by_agency: bool, by_person: bool) -> list[ColumnElement[bool]]:
    lead, member = aliased(Membership), aliased(Membership)
    team, agency, person = (
        bindparam(name, type_=db.BigKey) for name in ("team", "agency", "person")
    )
    led_by = select(lead.case_id).where(access.leads_now(lead))
    line = select(Supervision.person_id).where(Supervision.manager_id == team)
    found: list[ColumnElement[bool]] = []
    if by_team:
        of_team = or_(lead.person_id == team, lead.person_id.in_(line))
        found.append(Case.id.in_(led_by.where(of_team)))
    if by_person:
        found.append(Case.id.in_(led_by.where(lead.person_id == person)))
    if by_agency:
        inside = select(member.case_id).where(member.agency_id == agency, access.current(member))
        found.append(Case.id.in_(inside))
    return found


def _status() -> ColumnElement[Any]:
    newest = aliased(CaseStatus)
    today = bindparam("today", callable_=clock.today, type_=Date, unique=True)
    return (
        select(newest.status)
        .where(newest.case_id == Case.id, newest.since <= today)
        .order_by(newest.since.desc(), newest.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )


@cache
def _of_case() -> AnySelect:
    return (
        select(Alert)
        .where(
            Alert.case_id == bindparam("case_id", type_=db.BigKey),
            alerts.is_waiting(),
            access.is_open_alert(_VIEWER, Alert),
        )
        .order_by(Alert.band, Alert.lift.desc(), Alert.since, Alert.id)
    )


@cache
def _mine() -> AnySelect:
    return (
        select(Alert.case_id, Alert.kind, Child.label.label("name"))
        .join(Case, Case.id == Alert.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(
            alerts.is_waiting(),
            access.is_member(_VIEWER, Alert.case_id),
            access.reads_alert(_VIEWER, Alert),
        )
        .order_by(Alert.kind.in_(UNUSUAL).desc(), Alert.since, Alert.id)
    )


@cache
def _posts() -> AnySelect:
    alert_id = bindparam("alert_id", type_=db.BigKey)
    behind = select(AlertPost.post_id).where(AlertPost.alert_id == alert_id)
    about = select(Alert.post_id).where(Alert.id == alert_id)
    return (
        select(Post.id, Post.case_id, Post.position, Post.kind, Post.worry, Post.body)
        .add_columns(
            Post.occurred_at,
            Person.name.label("author_name"),
            Post.author_role,
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .join(Person, Person.id == Post.author_id)
        .join(Agency, Agency.id == Post.agency_id)
        .where(Post.id.in_(behind.union(about)), access.reads_post(_VIEWER, Post))
        .order_by(Post.occurred_at.desc(), Post.id.desc())
    )


@cache
def _agencies() -> AnySelect:
    numbers = bindparam("alert_ids", expanding=True, type_=db.BigKey)
    return (
        select(
            AlertAgency.alert_id,
            Agency.id,
            Agency.name,
            Agency.agency_type,
            AlertAgency.days,
            AlertAgency.is_new,
        )
        .join(Agency, Agency.id == AlertAgency.agency_id)
        .where(AlertAgency.alert_id.in_(numbers))
        .order_by(AlertAgency.alert_id, AlertAgency.days.desc(), Agency.name)
    )


@cache
def _links() -> AnySelect:
    numbers = bindparam("child_ids", expanding=True, type_=db.BigKey)
    return select(FamilyLink.child_id, FamilyLink.relative_child_id).where(
        FamilyLink.child_id.in_(numbers), FamilyLink.relative_child_id.in_(numbers)
    )


@cache
def _counts() -> AnySelect:
    """With the instant from which a member with a cut history reads."""
    member = aliased(Membership)
    reads_from = (
        select(func.max(member.history_from))
        .where(
            member.case_id == CaseCounts.case_id,
            member.person_id == _VIEWER,
            access.current(member),
        )
        .correlate(CaseCounts)
        .scalar_subquery()
    )
    return select(CaseCounts.case_id, CaseCounts.first_on, CaseCounts.days, reads_from).where(
        CaseCounts.case_id.in_(bindparam("case_ids", expanding=True, type_=db.BigKey))
    )
