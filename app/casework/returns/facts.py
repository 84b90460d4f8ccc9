"""What an Annex A workbook says, as facts that can no longer change."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """Annex A names no child: the council's own identifier stands for the child.

    `worker` is whom the last of the lists names as allocated to the child.
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


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one child; without `occurred_on` it holds as at the file's date.

    `natural_key` is equal from file to file for the same event, so that a corrected end date
    changes the event it belongs to instead of adding another.
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
    """One sheet row: the keys of its events, none when refused; a repeat says nothing new."""

    list_no: int
    sheet: str
    row_no: int
    council_id: str | None
    keys: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def refused(self) -> bool:
        return not self.keys


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
