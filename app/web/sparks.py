"""Weeks of a case as a small picture, a sentence and a table: all three from one object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from app.core import clock
from app.monitor.board import Weeks

# Units of the picture, not of the screen; the rim keeps a dot on the edge whole.
STEP, HEIGHT, RIM = 8, 40, 5


@dataclass(frozen=True)
class Spark:
    """The newest week stands at the right, and what is usual is a band behind the line, which
    begins with the case."""

    weeks: Weeks
    until: date

    @property
    def newest(self) -> int:
        return self.weeks.counts[-1]

    @property
    def usual(self) -> str:
        low, high = self.weeks.low, self.weeks.high
        return f"{low}" if low == high else f"{low}–{high}"

    @property
    def sentence(self) -> str:
        return f"{self.newest} this week, usual {self.usual}"

    @property
    def size(self) -> tuple[int, int]:
        return 2 * RIM + STEP * (len(self.weeks.counts) - 1), HEIGHT + 2 * RIM

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        return [(RIM + STEP * at, self._height(many)) for at, many in self._whole]

    @property
    def line(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.places)

    @property
    def band(self) -> tuple[int, int]:
        """Its upper edge and how high it is; a usual of one number is still a line to see."""
        top = self._height(self.weeks.high)
        return top, max(self._height(self.weeks.low) - top, 2)

    @property
    def apart(self) -> str:
        """The earlier weeks that were not as usual, each a dot: a line with no length."""
        places = zip(self.places, self._whole[:-1], strict=False)
        return "".join(f"M{x} {y}h0" for (x, y), (_, many) in places if self.word(many) != "usual")

    @property
    def rows(self) -> list[tuple[date, int, str]]:
        """For the table: the last day of each week, how many, and whether that is usual."""
        last = len(self.weeks.counts) - 1
        return [
            (self.until - timedelta(days=7 * (last - at)), many, self.word(many))
            for at, many in self._whole
        ]

    def word(self, many: int) -> str:
        if many > self.weeks.high:
            return "more than usual"
        return "fewer than usual" if many < self.weeks.low else "usual"

    @property
    def _whole(self) -> list[tuple[int, int]]:
        """The weeks that are whole weeks of the case, each with its place among all."""
        return list(enumerate(self.weeks.counts))[self.weeks.before :]

    def _height(self, many: int) -> int:
        most = max(*self.weeks.counts, self.weeks.high, 1)
        return RIM + HEIGHT - round(HEIGHT * many / most)


def of(weeks: Weeks | None) -> Spark | None:
    return Spark(weeks, clock.today()) if weeks else None
