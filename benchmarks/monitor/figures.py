"""A figure, its bar, and the table that shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = "| what | bar | got | 95 % interval | met | how |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Figure:
    """One number that was promised; `low` and `high` are its 95 % interval."""

    what: str
    goal: str
    got: float
    low: float
    high: float
    is_met: bool
    how: str


def table(figures: Iterable[Figure]) -> str:
    """The figures in Markdown, one a line."""
    return "\n".join([HEAD, *map(_line, figures)])


def _line(figure: Figure) -> str:
    got, low, high = (_short(each) for each in (figure.got, figure.low, figure.high))
    met = "yes" if figure.is_met else "**no**"
    return f"| {figure.what} | {figure.goal} | {got} | {low} to {high} | {met} | {figure.how} |"


def _short(value: float) -> str:
    """Shares with three places, and counts as what they are."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3f}"
