"""The team board: how each case a manager sees stands, and how many each person leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, and_, bindparam, exists, func, select
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnySelect, Instant
from app.models import (
    SEEN_IN,
    STATUSES,
    WORRIES,
    Case,
    CaseStatus,
    Child,
    Comment,
    KeyDate,
    Membership,
    Person,
    Post,
    Supervision,
)

# How far back a worry is looked for: a month has the same weekdays as the month before.
LATELY = timedelta(days=28)
NONE = "none"
# How a case is asked for of which nobody has recorded how it stands.
UNKNOWN = "unknown"
_VIEWER = bindparam("viewer", type_=db.BigKey)
_WORRIES = tuple(WORRIES)


@dataclass(frozen=True)
class Choice:
    """Which of her cases, and in which order; without a status those that are open."""

    status: str | None = None
    team: int | None = None  # a manager: led by them or by one of their people
    lead: int | None = None
    worry: str | None = None  # this much or more
    sort: str = "status"
    down: bool = False


@dataclass(frozen=True)
class Line:
    """One case. What is None nobody has recorded where she may read.

    `worry` is the highest of the last `LATELY`, `questions` those nobody has answered, `late`
    those among them that wanted an answer by now. `review_at` is the first key date not done.
    """

    case_id: int
    name: str
    born_on: date | None
    expected_on: date | None
    status: str | None
    since: date | None
    lead_id: int | None
    lead: str | None
    teams: frozenset[int]
    last_seen_at: datetime | None
    review_at: datetime | None
    review: str | None
    worry: str
    questions: int
    late: int

    def is_overdue(self, now: datetime) -> bool:
        return self.review_at is not None and self.review_at <= now


@dataclass(frozen=True)
class Load:
    """How many open cases one person leads, and how they stand; by name, and never a ranking."""

    person_id: int
    name: str
    cases: int
    statuses: Counter[str]


@dataclass(frozen=True)
class TeamBoard:
    """`lines` are what was chosen, and the sentence is of them; the rest of every open case."""

    at: datetime
    lines: Sequence[Line]
    statuses: Counter[str]
    loads: Sequence[Load]
    teams: Sequence[tuple[int, str]]
    open: Sequence[Line]

    @property
    def sentence(self) -> str:
        """What is late among the lines, and of how many open cases they are some."""
        if self.open and not self.lines:
            return f"No case fits; {len(self.open)} {'is' if len(self.open) == 1 else 'are'} open."
        late = ", ".join(self._late) or "nothing is late"
        if len(self.lines) < len(self.open) and all(line in self.open for line in self.lines):
            return f"{len(self.lines)} of {_many(len(self.open), 'open case')}: {late}."
        if any(line.status == "closed" for line in self.lines):
            return f"{_many(len(self.lines), 'closed case')}."
        return f"{_many(len(self.lines), 'open case')}: {late}." if self.lines else "No open cases."

    @property
    def _late(self) -> list[str]:
        overdue = sum(line.is_overdue(self.at) for line in self.lines)
        late = sum(line.late for line in self.lines)
        alone = sum(line.lead_id is None for line in self.lines)
        said = (
            (overdue, _many(overdue, "case", "with a date that has passed")),
            (late, _many(late, "question", "waiting longer than asked")),
            (alone, _many(alone, "case", "without a lead")),
        )
        return [words for many, words in said if many]


def of(viewer: Person, choice: Choice = Choice()) -> TeamBoard:
    """Of the cases she sees and nothing else, counts included."""
    asked = {"viewer": viewer.id}
    lines = db.rows(_supervisions(), asked)
    managed: dict[int, set[int]] = {}
    for row in lines:
        managed.setdefault(row.person_id, set()).add(row.manager_id)
        managed.setdefault(row.manager_id, set()).add(row.manager_id)
    every = [_line(row, managed.get(row.lead_id, set())) for row in db.rows(_lines(), asked)]
    still = [line for line in every if line.status != "closed"]
    there = {number for line in still for number in line.teams}
    return TeamBoard(
        at=clock.now(),
        lines=_ordered([line for line in every if _is_chosen(line, choice)], choice),
        statuses=Counter(line.status or UNKNOWN for line in still),
        loads=_loads(still),
        teams=list({row.manager_id: row.name for row in lines if row.manager_id in there}.items()),
        open=still,
    )


# The most that is asked of the network first; what is not recorded before what is closed.
_PLACE: dict[str, int] = {status: -place for place, status in enumerate(STATUSES)} | {
    "": 1,
    "closed": 2,
}
# What a column is sorted by; None stands last whichever way.
SORTS: dict[str, Callable[[Line], Any]] = {
    "child": lambda line: line.name.casefold(),
    "status": lambda line: (_PLACE[line.status or ""], line.name.casefold()),
    "lead": lambda line: line.lead and line.lead.casefold(),
    "last_seen": lambda line: line.last_seen_at,
    "review": lambda line: line.review_at,
    "worry": lambda line: -_WORRIES.index(line.worry),
    "questions": lambda line: (-line.late, -line.questions),
}


def _ordered(lines: Iterable[Line], choice: Choice) -> list[Line]:
    by = SORTS[choice.sort]
    named = sorted(lines, key=lambda line: (line.name.casefold(), line.case_id))
    known = [line for line in named if by(line) is not None]
    return sorted(known, key=by, reverse=choice.down) + [each for each in named if by(each) is None]


def _is_chosen(line: Line, choice: Choice) -> bool:
    status = line.status or UNKNOWN
    stands = status == choice.status if choice.status else status != "closed"
    worried = _WORRIES.index(line.worry) >= _WORRIES.index(choice.worry or NONE)
    led = choice.lead in (None, line.lead_id)
    return stands and worried and led and (choice.team is None or choice.team in line.teams)


def _loads(lines: Iterable[Line]) -> list[Load]:
    led: dict[int, list[Line]] = {}
    for line in lines:
        if line.lead_id is not None:
            led.setdefault(line.lead_id, []).append(line)
    found = [
        Load(
            number, hers[0].lead or "", len(hers), Counter(each.status or UNKNOWN for each in hers)
        )
        for number, hers in led.items()
    ]
    return sorted(found, key=lambda load: (load.name.casefold(), load.person_id))


def _many(number: int, noun: str, what: str = "") -> str:
    return f"{number} {noun}{'' if number == 1 else 's'} {what}".rstrip()


def _line(row: Any, teams: Iterable[int]) -> Line:
    return Line(
        case_id=row.id,
        name=row.name,
        born_on=row.born_on,
        expected_on=row.expected_on,
        status=row.status,
        since=row.since,
        lead_id=row.lead_id,
        lead=row.lead,
        teams=frozenset(teams),
        last_seen_at=row.last_seen_at,
        review_at=row.review_at,
        review=row.review,
        worry=_WORRIES[row.worry or 0],
        questions=row.questions,
        late=row.late,
    )


# Questions, each built once


@cache
def _lines() -> AnySelect:
    """Every case she sees, with what its line shows of posts she may read."""
    lead, leader = aliased(Membership), aliased(Person)
    status, key_date = aliased(CaseStatus), aliased(KeyDate)
    today = bindparam("today", callable_=clock.today, type_=Date, unique=True)
    since = bindparam("since", callable_=_lately, type_=Instant, unique=True)
    newest = (
        select(status.id)
        .where(status.case_id == Case.id, status.since <= today)
        .order_by(status.since.desc(), status.id.desc())
    )
    leading = (
        select(lead.person_id)
        .where(lead.case_id == Case.id, access.leads_now(lead))
        .order_by(lead.from_at.desc())
    )
    next_date = (
        select(key_date.id)
        .where(key_date.case_id == Case.id, key_date.done_at.is_(None))
        .order_by(key_date.due_at, key_date.id)
    )
    unanswered = and_(
        Post.kind == "question",
        ~exists(1)
        .where(Comment.post_id == Post.id, Comment.accepted_at.is_not(None))
        .correlate(Post),
    )
    worried = when(*((Post.worry == word, place) for place, word in enumerate(_WORRIES)), else_=0)
    return (
        select(
            Case.id,
            Child.label.label("name"),
            Child.born_on,
            Child.expected_on,
            CaseStatus.status,
            CaseStatus.since,
            leader.id.label("lead_id"),
            leader.name.label("lead"),
            KeyDate.due_at.label("review_at"),
            KeyDate.what.label("review"),
            _of_posts(
                func.max(Post.occurred_at), Post.kind.in_(SEEN_IN), Post.seen.is_(True)
            ).label("last_seen_at"),
            _of_posts(
                func.max(worried, type_=Integer), Post.worry != NONE, Post.posted_at >= since
            ).label("worry"),
            _of_posts(func.count(Post.id), unanswered).label("questions"),
            _of_posts(func.count(Post.id), unanswered, Post.due_at <= access.now()).label("late"),
        )
        .join(Child, Child.id == Case.child_id)
        .outerjoin(CaseStatus, CaseStatus.id == _first(newest))
        .outerjoin(leader, leader.id == _first(leading))
        .outerjoin(KeyDate, KeyDate.id == _first(next_date))
        .where(Case.id.in_(access.seen_cases(_VIEWER)))
    )


@cache
def _supervisions() -> AnySelect:
    """Who supervises whom among those who lead one of her cases, by the manager's name."""
    lead = aliased(Membership)
    leading = select(lead.person_id).where(
        lead.case_id.in_(access.seen_cases(_VIEWER)), access.leads_now(lead)
    )
    return (
        select(Supervision.manager_id, Supervision.person_id, Person.name)
        .join(Person, Person.id == Supervision.manager_id)
        .where(Supervision.person_id.in_(leading))
        .order_by(Person.name, Person.id)
    )


def _lately() -> datetime:
    return clock.now() - LATELY


def _of_posts(what: ColumnElement[Any], *which: ColumnElement[bool]) -> ColumnElement[Any]:
    hers = and_(Post.case_id == Case.id, access.open_to(_VIEWER, Post))
    return select(what).where(hers, *which).correlate(Case).scalar_subquery()


def _first(question: AnySelect) -> ColumnElement[Any]:
    return question.limit(1).correlate(Case).scalar_subquery()
