"""What happened in cases since a time: for who was away, who is new, and who asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Date, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect, Instant
from app.insight import events, moves
from app.models import (
    AGENCY_GROUP_OF,
    AGENCY_GROUPS,
    KINDS,
    Acknowledgement,
    Agency,
    Case,
    CaseStatus,
    Child,
    Comment,
    Follow,
    KeyDate,
    Mention,
    Person,
    Post,
)

# Who has been away longer than this reads a case anew, as a new member does.
LONGEST = events.RECENT
# So long without reading in any case, and the feed offers to catch up.
AWAY = timedelta(days=3)
# Cases on one page of what happened meanwhile, and events of one case in it.
AT_ONCE, EVENTS = 40, 30
SOON = timedelta(days=14)
# What the stream says of who is in the network.
PEOPLE = ("joined", "left", "lead_changed")


@dataclass(frozen=True)
class Updates:
    """How many updates a group of agencies posted."""

    group: str
    many: int

    @property
    def name(self) -> str:
        return AGENCY_GROUPS[self.group]


@dataclass(frozen=True)
class CatchUp:
    """One case since an instant; each part newest first, of what the viewer may read.

    `events` is cut where there are very many, and leaves out what is `urgent`. Other systems
    told `from_systems` of them; what those tell of long before is `earlier`, and no news.
    `questions` are those that are open now or were asked or answered meanwhile; `withheld` counts
    what she is told of without reading it.
    """

    case_id: int
    child_name: str
    born_on: date | None
    expected_on: date | None
    since: datetime
    status: str | None
    category: str | None
    status_since: date | None
    statuses: Sequence[AnyRow]
    events: Sequence[AnyRow]
    people: Sequence[AnyRow]
    dates: Sequence[AnyRow]
    questions: Sequence[AnyRow]
    urgent: Sequence[AnyRow]
    moved: Sequence[moves.Move]
    updates: Sequence[Updates]
    newest: int
    withheld: int
    from_systems: int
    earlier: int

    @property
    def many(self) -> int:
        return sum(each.many for each in self.updates)

    @property
    def passed(self) -> list[AnyRow]:
        """Dates that were said to be done meanwhile, and those that have come and were not."""
        return [row for row in self.dates if row.done_at or row.due_at <= clock.now()]

    @property
    def coming(self) -> list[AnyRow]:
        return [row for row in self.dates if not row.done_at and row.due_at > clock.now()]

    @property
    def soon(self) -> list[AnyRow]:
        """Those of the days that follow: who was away has to know of no others."""
        return [row for row in self.coming if row.due_at < clock.now() + SOON]

    @property
    def open_questions(self) -> list[AnyRow]:
        return [row for row in self.questions if row.is_open]

    @property
    def needs_her(self) -> int:
        """How much waits for somebody: urgent and not taken on, or asked and not answered."""
        return len(self.urgent) + len(self.open_questions)

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened and nothing waits."""
        changed = (self.statuses, self.events, self.people, self.passed, self.questions)
        return not (self.many or self.urgent or self.moved or any(changed))

    @property
    def ranges(self) -> list[tuple[int, int, int]]:
        """The posts it shows, for the audit."""
        shown = [
            row for part in (self.events, self.people, self.questions, self.urgent) for row in part
        ]
        return [(self.case_id, place, place) for place in sorted({row.position for row in shown})]

    @property
    def sentence(self) -> str:
        """How much, from whom, and what waits: 12 updates, most from School. 1 question is open."""
        if not self.many:
            said = ["No updates."]
        else:
            most = max(self.updates, key=lambda each: each.many)
            whom = f"all from {most.name}" if most.many == self.many else f"most from {most.name}"
            said = [
                f"{_many(self.many, 'update')}, {whom}."
                if self._has_most(most)
                else f"{_many(self.many, 'update')} from {len(self.updates)} kinds of agency."
            ]
        said += self._brought_in
        if self.urgent:
            said.append(f"{_many(len(self.urgent), 'urgent update')} that nobody has taken on.")
        if self.open_questions:
            said.append(f"{_many(len(self.open_questions), 'open question')}.")
        return " ".join(said)

    @property
    def _brought_in(self) -> list[str]:
        """What other systems told, which counts as no update."""
        said = []
        if self.from_systems:
            said.append(f"{_many(self.from_systems, 'significant event')} from other systems.")
        if self.earlier:
            said.append(
                f"{_many(self.earlier, 'significant event')} of before came from other systems: "
                "see the chronology."
            )
        return said

    def _has_most(self, most: Updates) -> bool:
        return most.many * 2 > self.many


def of(viewer: Person, case: Case, since: datetime) -> CatchUp:
    """One case since an instant; `case` comes from `app.access`."""
    return _made(viewer, [case.id], since)[0]


def away(viewer: Person, since: datetime | None = None) -> list[CatchUp]:
    """The cases she follows in which something happened, what waits for her first.

    Since the instant given, or in each since she last read it.
    """
    followed = db.rows(_followed(), {"viewer": viewer.id})
    found = [
        each for each in _made(viewer, [row[0] for row in followed], since) if not each.is_empty
    ]
    return sorted(found, key=lambda each: (-len(each.urgent), -each.needs_her, -each.many))


def last_read_at(viewer: Person) -> datetime | None:
    """When she last read in any of her cases."""
    found: datetime | None = db.rows(_last_read(), {"viewer": viewer.id})[0][0]
    return found


def _made(viewer: Person, case_ids: Sequence[int], since: datetime | None) -> list[CatchUp]:
    earliest = clock.now() - LONGEST
    asked = {"viewer": viewer.id, "case_ids": list(case_ids), "since": since, "earliest": earliest}
    if not case_ids:
        return []
    by_case = _by_case(asked)
    statuses, posts, dates, counts = map(by_case, (_statuses, _posts, _dates, _counts))
    moved = defaultdict(list)
    for move in moves.newest(viewer, case_ids):
        if move.change:
            moved[move.case_id].append(move)
    return [
        _one(row, statuses[row.id], posts[row.id], dates[row.id], counts[row.id], moved[row.id])
        for row in db.rows(_standing(), asked)
    ]


def _by_case(asked: dict[str, Any]) -> Callable[[Callable[[], AnySelect]], dict[int, list[AnyRow]]]:
    def ask(question: Callable[[], AnySelect]) -> dict[int, list[AnyRow]]:
        found: dict[int, list[AnyRow]] = defaultdict(list)
        for row in db.rows(question(), asked):
            found[row.case_id].append(row)
        return found

    return ask


def _one(
    row: AnyRow,
    statuses: list[AnyRow],
    posts: list[AnyRow],
    dates: list[AnyRow],
    counts: list[AnyRow],
    moved: list[moves.Move],
) -> CatchUp:
    since: datetime = row.read_since
    # A file brought in today may tell of years: that is the chronology's, and no news.
    old = min(since, clock.now() - LONGEST)
    told = [post for post in posts if post.posted_at > since]
    lately = [post for post in told if not post.source or post.occurred_at >= old]
    found = [each for each in lately if each.significant and not each.is_unacknowledged]
    return CatchUp(
        case_id=row.id,
        child_name=row.child_name,
        born_on=row.born_on,
        expected_on=row.expected_on,
        since=since,
        status=row.status,
        category=row.category,
        status_since=row.since,
        statuses=[each for each in statuses if _is_news(each, row, clock.local(old).date())],
        events=found[:EVENTS],
        people=[post for post in lately if post.kind in PEOPLE],
        dates=dates,
        questions=[post for post in posts if post.kind == "question"],
        urgent=[post for post in posts if post.is_unacknowledged],
        moved=[move for move in moved if move.recorded_at > since],
        updates=_grouped(counts),
        newest=max((count.newest for count in counts), default=0),
        withheld=row.withheld,
        from_systems=sum(bool(each.source) for each in found),
        earlier=len(told) - len(lately),
    )


def _is_news(status: AnyRow, case: AnyRow, old: date) -> bool:
    """Not what another system tells of long ago, unless that is how a case stands that was here."""
    if not status.source or status.since >= old:
        return True
    is_now = (status.status, status.since) == (case.status, case.since)
    return is_now and bool(case.opened_at < case.read_since)


def _grouped(counts: Iterable[AnyRow]) -> list[Updates]:
    found: dict[str, int] = defaultdict(int)
    for row in counts:
        found[AGENCY_GROUP_OF.get(row.agency_type or "", "other")] += row.many
    return [Updates(group, found[group]) for group in AGENCY_GROUPS if found.get(group)]


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# Questions, each built once: building costs more than asking. `_began` holds the case's rule.

_VIEWER = bindparam("viewer", type_=db.BigKey)
_SINCE, _EARLIEST = (bindparam(name, type_=Instant) for name in ("since", "earliest"))


def _in(case_id: Any) -> ColumnElement[bool]:
    among: ColumnElement[bool] = case_id.in_(bindparam("case_ids", expanding=True, type_=db.BigKey))
    return among


@cache
def _began() -> CTE:
    """Of each case, since when: the instant asked for; or when she last read it, and no longer
    ago than six months. Found once, and not again for every row that is compared with it."""
    read = (
        select(Follow.last_read_at)
        .where(Follow.person_id == _VIEWER, Follow.case_id == Case.id)
        .correlate(Case)
        .scalar_subquery()
    )
    at = func.coalesce(_SINCE, when((read > _EARLIEST, read), else_=_EARLIEST), type_=Instant)
    of_each = select(Case.id, at.label("at")).where(_in(Case.id), access.sees_case(_VIEWER, Case))
    return of_each.cte("began").prefix_with("MATERIALIZED")


@cache
def _followed() -> Select[Any]:
    return (
        select(Follow.case_id)
        .where(
            Follow.person_id == _VIEWER,
            Follow.following,
            access.sees_case(_VIEWER, Follow.case_id),
        )
        .order_by(Follow.last_read_at.desc().nulls_first(), Follow.case_id)
        .limit(AT_ONCE)
    )


@cache
def _last_read() -> Select[Any]:
    return select(func.max(Follow.last_read_at)).where(
        Follow.person_id == _VIEWER,
        Follow.following,
        access.sees_case(_VIEWER, Follow.case_id),
    )


@cache
def _standing() -> AnySelect:
    began = _began()
    status = aliased(CaseStatus)
    today = bindparam("today", callable_=clock.today, type_=Date, unique=True)
    latest = (
        select(status.id)
        .where(status.case_id == Case.id, status.since <= today)
        .order_by(status.since.desc(), status.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    withheld = (
        select(func.count(Post.id))
        .where(Post.case_id == Case.id, access.is_withheld(_VIEWER, Post))
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(
            Case.id,
            Child.label.label("child_name"),
            Child.born_on,
            Child.expected_on,
            Case.opened_at,
            CaseStatus.status,
            CaseStatus.category,
            CaseStatus.since,
            withheld.label("withheld"),
            began.c.at.label("read_since"),
        )
        .join(began, began.c.id == Case.id)
        .join(Child, Child.id == Case.child_id)
        .outerjoin(CaseStatus, CaseStatus.id == latest)
        .order_by(Case.id)
    )


@cache
def _statuses() -> AnySelect:
    """How they stand now and since when is for everybody who sees them; why is in the stream."""
    began = _began()
    return (
        select(
            CaseStatus.case_id,
            CaseStatus.status,
            CaseStatus.category,
            CaseStatus.since,
            CaseStatus.source,
        )
        .join(began, began.c.id == CaseStatus.case_id)
        .where(CaseStatus.recorded_at > began.c.at)
        .order_by(CaseStatus.since.desc(), CaseStatus.id.desc())
    )


@cache
def _posts() -> AnySelect:
    """What was significant, who came and went, questions, and what that nobody has taken on."""
    began = _began()
    is_late = Post.posted_at > began.c.at
    accepted = (
        select(func.max(Comment.accepted_at)).where(Comment.post_id == Post.id).correlate(Post)
    ).scalar_subquery()
    taken = exists(1).where(Acknowledgement.post_id == Post.id).correlate(Post)
    named = (
        exists(1)
        .where(Mention.post_id == Post.id, Mention.person_id == _VIEWER)
        .correlate_except(Mention)
    )
    is_unacknowledged = and_(Post.worry == "urgent", ~taken)
    is_news = and_(is_late, or_(events.is_significant(), Post.kind.in_(PEOPLE)))
    is_question = and_(
        Post.kind == "question",
        or_(is_late, accepted.is_(None), accepted > began.c.at),
    )
    return (
        events.columns()
        .add_columns(
            accepted.label("answered_at"),
            accepted.is_(None).label("is_open"),
            named.label("names_her"),
            is_unacknowledged.label("is_unacknowledged"),
        )
        .join(began, began.c.id == Post.case_id)
        .where(
            or_(is_news, is_question, is_unacknowledged),
            access.open_to(_VIEWER, Post),
        )
        .order_by(Post.occurred_at.desc(), Post.id.desc())
    )


@cache
def _counts() -> AnySelect:
    began = _began()
    is_update = and_(Post.source.is_(None), Post.kind.in_(KINDS))
    return (
        select(
            Post.case_id,
            Agency.agency_type,
            func.sum(when((is_update, 1), else_=0)).label("many"),
            func.max(Post.position).label("newest"),
        )
        .join(began, began.c.id == Post.case_id)
        .outerjoin(Agency, Agency.id == Post.agency_id)
        .where(
            Post.posted_at > began.c.at,
            access.open_to(_VIEWER, Post),
        )
        .group_by(Post.case_id, Agency.agency_type)
    )


@cache
def _dates() -> AnySelect:
    """Those that were done meanwhile, and all that are not done."""
    began = _began()
    return (
        select(KeyDate.case_id, KeyDate.id, KeyDate.what, KeyDate.due_at, KeyDate.done_at)
        .join(began, began.c.id == KeyDate.case_id)
        .where(or_(KeyDate.done_at > began.c.at, KeyDate.done_at.is_(None)))
        .order_by(KeyDate.due_at, KeyDate.id)
    )
