"""The picture of one measure: where each thing is drawn, in units of the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor

from app.insight.periods import Choice, Event
from app.models import Measure

WIDTH, HEIGHT = 360, 204
LEFT, RIGHT, TOP, BOTTOM = 34, 316, 24, 182
# How thick a mean is drawn, how far two values written at the end must stand apart.
MEAN, APART = 8, 14
LETTERS = "JFMAMJJASOND"
MOST_TICKS, MOST_MONTHS, MOST_QUARTERS, MOST_YEARS = 6, 15, 48, 7
# Each line has a shape as well as a colour; after the last they begin again.
SHAPES = ("circle", "diamond", "square", "triangle", "cross")
# Drawn from the middle, so that the place of a reading stands first.
DRAWN = {
    "circle": "h0",
    "diamond": "m0-5l5 5-5 5-5-5z",
    "square": "m-4-4h8v8h-8z",
    "triangle": "m0-5l5 9h-10z",
    "cross": "m-4-4l8 8m0-8l-8 8",
}
MOST_EVENTS = 12
# More shapes than this on one line lie on each other: then some are drawn, and the newest always.
MOST_DOTS = 30


@dataclass(frozen=True)
class Series:
    """The readings of one rater or one child; of a count, the first of each month and how many."""

    name: str
    points: Sequence[tuple[date, float]]


@dataclass(frozen=True)
class Drawn:
    """One series as paths; `end` is where its newest value is written."""

    name: str
    shape: str
    line: str
    dots: str
    columns: str
    end: tuple[float, float, str] | None


@dataclass(frozen=True)
class Chart:
    """Everything the macro draws. A value is at `y(value)` and a day at `x(day)`."""

    first_on: date
    last_on: date
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    months: Sequence[tuple[float, str]]
    shaded: Sequence[tuple[float, float]]
    begins: float | None
    names: Sequence[tuple[float, str]]
    means: Sequence[tuple[float, float, float]]
    threshold: float | None
    events: str
    series: Sequence[Drawn]

    @property
    def size(self) -> tuple[int, int]:
        return WIDTH, HEIGHT

    @property
    def edges(self) -> tuple[int, int, int, int]:
        return LEFT, RIGHT, TOP, BOTTOM


@dataclass(frozen=True)
class Axis:
    """The days all pictures of a page share."""

    first_on: date
    last_on: date

    def x(self, on: date) -> float:
        whole = max((self.last_on - self.first_on).days, 1)
        share = (on - self.first_on).days / whole
        return round(LEFT + (RIGHT - LEFT) * min(max(share, 0), 1), 1)


def of(
    measure: Measure,
    axis: Axis,
    choice: Choice,
    series: Sequence[Series],
    means: tuple[float | None, float | None],
    events: Sequence[Event],
    written: Callable[[float], str],
) -> Chart:
    """`means` are those of the two times; `written` is how a value is written."""
    values = [value for each in series for _, value in each.points]
    low, high, step = scale(measure, [*values, *(mean for mean in means if mean is not None)])
    y = _y(low, high)
    drawn = list(_series(measure, axis, series, y, written))
    return Chart(
        first_on=axis.first_on,
        last_on=axis.last_on,
        low=low,
        high=high,
        ticks=[(y(value), _tick(value)) for value in _steps(low, high, step)],
        months=list(_months(axis)),
        shaded=_shaded(axis, choice),
        begins=axis.x(choice.second.from_on) if choice.is_before_and_since else None,
        names=_names(axis, choice),
        means=_means(axis, choice, means, y),
        threshold=_inside(measure.threshold, low, high, y),
        events=_events(axis, events),
        series=_ends_apart(drawn),
    )


def scale(measure: Measure, values: Sequence[float]) -> tuple[float, float, float]:
    """The ends of the axis and its step: all of the range, or the half in which everything is."""
    known = [*values, *([measure.threshold] if measure.threshold is not None else [])]
    least, most = min(known, default=0), max(known, default=1)
    low = min(0 if measure.lowest is None else measure.lowest, least)
    high = max(most if measure.highest is None else measure.highest, most)
    if measure.highest is None:
        high = max(high, low + 4)
    elif high - low >= 20:
        middle = (low + high) / 2
        low, high = (middle, high) if least >= middle else (low, high)
    step = _step(high - low)
    return floor(low / step) * step, ceil(high / step) * step, step


def _step(wide: float) -> float:
    step = 1.0
    for times in _growing():
        step = times
        if wide / step <= MOST_TICKS:
            break
    return step


def _growing() -> Iterator[float]:
    size = 1.0
    while True:
        yield from (size, size * 2, size * 5)
        size *= 10


def _steps(low: float, high: float, step: float) -> list[float]:
    return [low + step * at for at in range(round((high - low) / step) + 1)]


def _tick(value: float) -> str:
    return f"{value:g}"


def _y(low: float, high: float) -> Callable[[float], float]:
    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)

    return y


def _inside(
    value: float | None, low: float, high: float, y: Callable[[float], float]
) -> float | None:
    return y(value) if value is not None and low <= value <= high else None


def _months(axis: Axis) -> Iterator[tuple[float, str]]:
    """A letter a month; over longer times the quarters, and then the years there is room for."""
    firsts = list(_firsts(axis))
    every = ceil(len(firsts) / 12 / MOST_YEARS)
    for first in firsts:
        if len(firsts) <= MOST_MONTHS:
            yield axis.x(min(first + timedelta(days=14), axis.last_on)), LETTERS[first.month - 1]
        elif first.month == 1 and (axis.last_on.year - first.year) % every == 0:
            yield axis.x(first), str(first.year)
        elif len(firsts) <= MOST_QUARTERS and first.month in {4, 7, 10}:
            yield axis.x(first), LETTERS[first.month - 1]


def _firsts(axis: Axis) -> Iterator[date]:
    first = axis.first_on.replace(day=1)
    while first <= axis.last_on:
        if first >= axis.first_on:
            yield first
        first = next_month(first)


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _shaded(axis: Axis, choice: Choice) -> list[tuple[float, float]]:
    spans = [choice.second] if choice.is_before_and_since else list(choice.spans)
    ends = [(axis.x(span.from_on), axis.x(span.until_on)) for span in spans]
    return [(begin, round(end - begin, 1)) for begin, end in ends if end > begin]


def _names(axis: Axis, choice: Choice) -> list[tuple[float, str]]:
    """The names of the two times, where there is room for both."""
    first, second = (axis.x(max(span.from_on, axis.first_on)) for span in choice.spans)
    if first + 52 > second or choice.second.from_on <= axis.first_on:
        return [(min(second, RIGHT - 40), choice.second.name)]
    return [(first, choice.first.name), (min(second, RIGHT - 40), choice.second.name)]


def _means(
    axis: Axis,
    choice: Choice,
    means: tuple[float | None, float | None],
    y: Callable[[float], float],
) -> list[tuple[float, float, float]]:
    """A pale bar for each time: where it begins, its upper edge, how wide it is."""
    drawn = []
    for span, mean in zip(choice.spans, means, strict=True):
        if mean is not None:
            begin, end = axis.x(span.from_on), axis.x(span.until_on)
            drawn.append((begin, round(y(mean) - MEAN / 2, 1), max(round(end - begin, 1), 2)))
    return drawn


def _events(axis: Axis, events: Sequence[Event]) -> str:
    shown = [each for each in events if axis.first_on <= each.on <= axis.last_on][:MOST_EVENTS]
    return "".join(f"M{axis.x(each.on):g} {BOTTOM}l4 5h-8z" for each in shown)


def _series(
    measure: Measure,
    axis: Axis,
    series: Sequence[Series],
    y: Callable[[float], float],
    written: Callable[[float], str],
) -> Iterator[Drawn]:
    for place, each in enumerate(series):
        shape = SHAPES[place % len(SHAPES)]
        if measure.counts_kind:
            yield _columns(axis, each, shape, place, len(series), y, written)
        else:
            yield _line(axis, each, shape, y, written)


def _line(
    axis: Axis,
    series: Series,
    shape: str,
    y: Callable[[float], float],
    written: Callable[[float], str],
) -> Drawn:
    places = [(axis.x(on), y(value)) for on, value in series.points]
    line = " ".join(f"{x:g},{at:g}" for x, at in places) if len(places) > 1 else ""
    some = places[:: -max(ceil(len(places) / MOST_DOTS), 1)][::-1]
    dots = "".join(f"M{x:g} {at:g}{DRAWN[shape]}" for x, at in some)
    end = (*places[-1], written(series.points[-1][1])) if places else None
    return Drawn(series.name, shape, line, dots, "", end)


def _columns(
    axis: Axis,
    series: Series,
    shape: str,
    place: int,
    many: int,
    y: Callable[[float], float],
    written: Callable[[float], str],
) -> Drawn:
    """A column for each month that has any; those of several children side by side."""
    drawn, end = "", None
    for first, value in series.points:
        begin = max(first, axis.first_on)
        left, right = axis.x(begin), axis.x(min(next_month(first), axis.last_on))
        wide = max((right - left) * 0.7 / many, 1)
        x = round(left + (right - left) * 0.15 + wide * place, 1)
        if value:
            drawn += f"M{x:g} {y(value):g}V{BOTTOM}h{wide:.1f}V{y(value):g}z"
        end = (round(x + wide, 1), y(value), written(value))
    return Drawn(series.name, shape, "", "", drawn, end)


def _ends_apart(drawn: Sequence[Drawn]) -> list[Drawn]:
    """The newest values written at the right, moved until none covers another."""
    places = sorted(
        (each.end[1], number) for number, each in enumerate(drawn) if each.end is not None
    )
    heights = [place for place, _ in places]
    for _ in range(len(heights)):
        for at, (upper, lower) in enumerate(pairwise(heights)):
            if lower - upper < APART:
                middle = (upper + lower) / 2
                heights[at], heights[at + 1] = middle - APART / 2, middle + APART / 2
    moved = list(drawn)
    for (_, number), height in zip(places, heights, strict=True):
        each = drawn[number]
        if each.end:
            end = (each.end[0], round(height, 1), each.end[2])
            moved[number] = Drawn(each.name, each.shape, each.line, each.dots, each.columns, end)
    return moved
