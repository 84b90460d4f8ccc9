"""Which agencies are round the children of one family: how many people, and when each last told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, func, select

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.insight.family_map import width
from app.models import Agency, Membership, Person, Post

# An agency that has told nothing for longer is drawn hollow.
LATELY = timedelta(days=28)
# Units of the picture.
LEFT, COLUMN, ROW, TOP, MOST, LEAST = 250, 120, 44, 34, 18, 9


@dataclass(frozen=True)
class Cell:
    """One agency with one child; nobody in the network is none."""

    people: int
    told_on: date | None
    is_lately: bool

    @property
    def words(self) -> str:
        if not self.people:
            return "Nobody in the network"
        many = "1 person" if self.people == 1 else f"{self.people} people"
        told = f"last update {_day(self.told_on)}" if self.told_on else "no update"
        return f"{many}, {told}"

    @property
    def radius(self) -> int:
        return min(LEAST + 2 * self.people, MOST)


@dataclass(frozen=True)
class Round:
    """A row for each agency, a column for each child, the child it was asked from first."""

    children: Sequence[tuple[int, str]]
    agencies: Sequence[tuple[int, str, str]]
    cells: Sequence[Sequence[Cell]]

    @property
    def size(self) -> tuple[int, int]:
        return LEFT + COLUMN * len(self.children), TOP + ROW * len(self.agencies) + 8

    @property
    def headings(self) -> tuple[str, ...]:
        return ("Agency", *(name for _, name in self.children))

    @property
    def rows(self) -> list[tuple[str, ...]]:
        return [
            (name, *(cell.words for cell in cells))
            for (_, name, _), cells in zip(self.agencies, self.cells, strict=True)
        ]

    @property
    def sentence(self) -> str:
        """How many agencies there are, and which are with some of the children alone."""
        many = len(self.children)
        agencies = _many(len(self.agencies), "agency", "agencies")
        said = f"{agencies} round {many} children of this family."
        apart = [
            name
            for (_, name, _), cells in zip(self.agencies, self.cells, strict=True)
            if any(not cell.people for cell in cells)
        ]
        if not apart:
            return f"{said} Each is in the network of every child."
        which = "is" if len(apart) == 1 else "are"
        return f"{said} {_many(len(apart), 'agency', 'agencies')} {which} not with every child."

    @property
    def circles(self) -> list[tuple[int, int, Cell]]:
        return [
            (LEFT + COLUMN * column + COLUMN // 2, TOP + ROW * row + ROW // 2, cell)
            for row, cells in enumerate(self.cells)
            for column, cell in enumerate(cells)
        ]

    @property
    def heads(self) -> list[tuple[int, str]]:
        return [
            (LEFT + COLUMN * at + COLUMN // 2, _short(name, COLUMN - 8))
            for at, (_, name) in enumerate(self.children)
        ]

    @property
    def names(self) -> list[tuple[int, str, str]]:
        return [
            (TOP + ROW * at + ROW // 2, _short(name, LEFT - 48), agency_type)
            for at, (_, name, agency_type) in enumerate(self.agencies)
        ]


def of(viewer: Person, children: Sequence[tuple[int, str]]) -> Round:
    """Of children as (case, name) that the viewer sees; of others nothing is answered."""
    asked = {"viewer": viewer.id, "cases": [case_id for case_id, _ in children]}
    people = db.rows(_people(), asked)
    told = {(row.case_id, row.agency_id): row.told_at for row in db.rows(_told(), asked)}
    return drawn(children, people, told)


def drawn(
    children: Sequence[tuple[int, str]],
    people: Sequence[AnyRow],
    told: dict[tuple[int, int], datetime],
) -> Round:
    """From rows of (case, agency, how many people), and when each agency last told."""
    agencies = sorted({(row.agency_name, row.agency_id, row.agency_type) for row in people})
    many = {(row.case_id, row.agency_id): row.people for row in people}
    return Round(
        children,
        [(agency_id, name, agency_type) for name, agency_id, agency_type in agencies],
        [
            [
                _cell(many.get((case_id, agency_id), 0), told.get((case_id, agency_id)))
                for case_id, _ in children
            ]
            for _, agency_id, _ in agencies
        ],
    )


def _cell(people: int, told_at: datetime | None) -> Cell:
    told_on = clock.local(told_at).date() if told_at else None
    return Cell(people, told_on, bool(told_on and clock.today() - told_on <= LATELY))


def _short(words: str, room: int) -> str:
    while width(words) > room:
        words = f"{words[:-2].rstrip()}…"
    return words


def _day(on: date | None) -> str:
    return f"{on.day} {on:%B %Y}" if on else ""


def _many(number: int, noun: str, nouns: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {nouns}"


# Questions, each built once


@cache
def _people() -> AnySelect:
    return (
        select(
            Membership.case_id,
            Membership.agency_id,
            Agency.name.label("agency_name"),
            Agency.agency_type,
            func.count(Membership.person_id.distinct()).label("people"),
        )
        .join(Agency, Agency.id == Membership.agency_id)
        .where(
            Membership.case_id.in_(_CASES),
            access.current(Membership),
            ~access.is_conflicted(Membership.person_id, Membership.case_id),
            access.sees_case(_VIEWER, Membership.case_id),
        )
        .group_by(Membership.case_id, Membership.agency_id, Agency.name, Agency.agency_type)
    )


@cache
def _told() -> AnySelect:
    return (
        select(Post.case_id, Post.agency_id, func.max(Post.posted_at).label("told_at"))
        .where(
            Post.case_id.in_(_CASES),
            Post.agency_id.is_not(None),
            access.sees_case(_VIEWER, Post.case_id),
            access.open_to(_VIEWER, Post),
        )
        .group_by(Post.case_id, Post.agency_id)
    )


_VIEWER = bindparam("viewer", type_=db.BigKey)
_CASES = bindparam("cases", expanding=True, type_=db.BigKey)
