"""One row of a return, asked by field: what cannot be read is noted and left out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from app.casework.returns import cells
from app.casework.returns.facts import Refusal

Value = TypeVar("Value")


class Cells:
    """One sheet row, asked by field; a cell that cannot be read is noted and left out."""

    def __init__(
        self,
        place: tuple[str, int],
        values: Sequence[object],
        columns: Mapping[str, tuple[int, str]],
        epoch: date,
        today: date,
    ) -> None:
        self.sheet, self.row_no = place
        self.values = values
        self.columns = columns
        self.epoch = epoch
        self.today = today
        self.notes: dict[str, Refusal] = {}

    def raw(self, field: str) -> object:
        index = self.columns.get(field, (len(self.values), ""))[0]
        return self.values[index] if index < len(self.values) else None

    def refusal(self, field: str, value_shape: str, reason: str) -> Refusal:
        index, heading = self.columns.get(field, (0, ""))
        cell = f"{_letters(index)}{self.row_no}"
        return Refusal(self.sheet, self.row_no, cell, heading, value_shape, reason)

    def note(self, field: str, value_shape: str, reason: str) -> None:
        refusal = self.refusal(field, value_shape, reason)
        self.notes[refusal.cell] = refusal

    def read(self, field: str, reader: Callable[[object], Value]) -> Value | None:
        try:
            return reader(self.raw(field))
        except cells.Unreadable as why:
            self.note(field, why.value_shape, why.reason)
            return None

    def text(self, field: str) -> str | None:
        return self.read(field, cells.plain)

    def yes(self, field: str) -> bool | None:
        return self.read(field, cells.yes)

    def day(self, field: str, *, planned: bool = False) -> date | None:
        """The date in a cell; one to come is refused unless the thing can be planned."""
        on = self.read(field, lambda value: cells.day(value, self.epoch))
        if on is not None and on > self.today and not planned:
            self.note(field, "a date", "this cannot have happened yet: the date is in the future")
            return None
        return on


def _letters(index: int) -> str:
    """A column as a sheet names it: 0 is A, 26 is AA."""
    before, last = divmod(index, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def sentences(*parts: str | None) -> str:
    """Each part that is there as a sentence."""
    return " ".join(f"{part.strip().rstrip('.')}." for part in parts if part)
