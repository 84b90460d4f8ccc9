"""What a return says, as facts that can no longer change."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Protocol

from app.core import clock
from app.core.errors import Invalid


class TooLarge(Invalid):
    """A return of more than the reader was allowed."""


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """No return names a child: the council's own identifier stands for the child.

    `worker` is whom the last of the lists names as allocated to the child; `home_postcode` is
    where the child lived before care, which need not be where the child lives.
    """

    council_id: str
    gender: str | None = None
    date_of_birth: date | None = None
    expected_on: date | None = None
    unborn: bool = False
    ethnicity: str | None = None
    disabled: bool | None = None
    family_id: str | None = None
    worker: str | None = None
    upn: str | None = None
    home_postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one child; without `occurred_on` it holds as at the file's date.

    `natural_key` is equal from file to file for the same event, so that a corrected end date
    changes the event it belongs to instead of adding another. `until` is when what began here
    ended, where another row says so. `kind` is the kind of post it becomes.
    """

    list_no: int
    row_no: int
    sheet: str
    council_id: str
    what: str
    occurred_on: date | None
    detail: str
    natural_key: str
    category: str | None = None
    seen: bool | None = None
    seen_alone: bool | None = None
    until: date | None = None
    kind: str = "imported"
    significant: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One value of a measure that a row gives; it becomes a reading."""

    sheet: str
    row_no: int
    measure: str
    value: float
    read_on: date
    rater: str
    natural_key: str


@dataclass(frozen=True, slots=True)
class Due:
    """What a row says is booked for a day; it becomes a key date while that day is to come."""

    sheet: str
    row_no: int
    what: str
    on: date
    natural_key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row, or one cell of an accepted row, was not taken; the value itself is never kept."""

    sheet: str
    row_no: int
    cell: str
    heading: str
    value_shape: str
    reason: str

    def __str__(self) -> str:
        heading = f" “{self.heading}”" if self.heading else ""
        return f"{self.sheet}, {self.cell}{heading}: {self.reason} ({self.value_shape})"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the keys of what it tells, none when refused; a repeat says nothing new.

    One that was read and holds nothing Kith keeps is not `kept`.
    """

    list_no: int
    sheet: str
    row_no: int
    council_id: str | None
    keys: tuple[str, ...] = ()
    repeats: bool = False
    kept: bool = True

    @property
    def refused(self) -> bool:
        return self.kept and not self.keys


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one return says of one child; brought in as a whole or not at all.

    `refusals` and `warnings` are of these rows; `not_kept` counts values Kith has no place for.
    """

    source: str
    title: str
    as_at: date
    child: ChildFacts
    events: tuple[Event, ...] = ()
    scores: tuple[Score, ...] = ()
    due: tuple[Due, ...] = ()
    rows: tuple[Row, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    not_kept: Mapping[str, int] = field(default_factory=dict)

    @property
    def facts_key(self) -> str:
        """What stands for the row that says who the child is, and nothing else."""
        return f"{self.source}:{self.child.council_id}"


class Return(Protocol):
    """What every reader answers: what the whole file says, and its children one by one.

    `refusals` and `warnings` are those that belong to no one child of it, `refused` the rows of
    each list that do not; `remarks` are sentences for the end of the report.
    """

    @property
    def source(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def as_at(self) -> date | None: ...
    @property
    def total(self) -> int: ...
    @property
    def refusals(self) -> Sequence[Refusal]: ...
    @property
    def warnings(self) -> Sequence[Refusal]: ...
    @property
    def refused(self) -> Mapping[int, int]: ...
    @property
    def remarks(self) -> Sequence[str]: ...

    def list_name(self, number: int) -> str: ...
    def batches(self, start: int = 0) -> Iterator[Batch]: ...


@dataclass(frozen=True, slots=True)
class StatusChange:
    """From this day the child's case stood so; the category belongs to a protection plan.

    `because` is the natural key of the event that made it so.
    """

    on: date
    status: str
    category: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """An Annex A workbook."""

    as_at: date | None
    children: dict[str, ChildFacts]
    events: tuple[Event, ...]
    rows: tuple[Row, ...]
    refusals: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...]
    adopters: int

    @property
    def counts(self) -> dict[int, int]:
        """Rows in each list, adopters (list 11) included though they are not imported."""
        counts = dict.fromkeys(range(1, 12), 0)
        for row in self.rows:
            counts[row.list_no] += 1
        counts[11] = self.adopters
        return counts

    @property
    def source(self) -> str:
        return "annex-a"

    @property
    def title(self) -> str:
        return "Annex A"

    @property
    def total(self) -> int:
        return len(self.children)

    @property
    def refused(self) -> Mapping[int, int]:
        return Counter(row.list_no for row in self.rows if row.refused)

    @property
    def remarks(self) -> Sequence[str]:
        return [f"List 11: {self.adopters} adopters, not imported"] if self.adopters else []

    def list_name(self, number: int) -> str:
        return f"List {number}"

    def batches(self, start: int = 0) -> Iterator[Batch]:
        events, rows = defaultdict(list), defaultdict(list)
        for event in self.events:
            events[event.council_id].append(event)
        for row in self.rows:
            if row.council_id is not None:
                rows[row.council_id].append(row)
        for key, facts in islice(self.children.items(), start, None):
            yield Batch(
                self.source,
                self.title,
                self.as_at or clock.today(),
                facts,
                events=tuple(events[key]),
                rows=tuple(rows[key]),
            )
