"""How a case has stood, put together from what several systems tell of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.casework.returns.facts import StatusChange
from app.casework.returns.statuses import LADDER

# Which steps a return tells of at all: one that is silent about the others does not end them.
TELLS_OF = {
    "annex-a": frozenset(LADDER),
    "cin-census": frozenset(LADDER) - {"early_help", "looked_after"},
    "ssda903": frozenset({"looked_after"}),
}


@dataclass(frozen=True, slots=True)
class Told:
    """The history by one source alone, oldest first, as it was at one day."""

    source: str
    as_at: date
    lines: tuple[StatusChange, ...]


@dataclass(frozen=True, slots=True)
class Line:
    source: str
    change: StatusChange


def together(tellings: Sequence[Told]) -> list[Line]:
    """One history: on each day the step furthest up of all that somebody tells and still knows.

    A child looked after by one return and in need by another is looked after; when that ends, the
    child is in need again and not closed. An older file does not know what came after it: where a
    newer one that tells of the same step is silent about it, the step is over.
    """
    lines: list[Line] = []
    days = {change.on for told in tellings for change in told.lines}
    for on in sorted(days):
        line = _on(on, tellings)
        if line and not (lines and _same(lines[-1].change, line.change)):
            lines.append(line)
    return lines


def _on(on: date, tellings: Sequence[Told]) -> Line | None:
    standing = list(_standing(on, tellings))
    if not standing:
        return None
    told, best = max(standing, key=lambda each: (_rung(each[1].status), each[1].on))
    if best.on == on:
        return Line(told.source, best)
    # What ended today is why an older step shows again.
    because = min(change.because for each in tellings for change in each.lines if change.on == on)
    return Line(told.source, StatusChange(on, best.status, best.category, because))


def _standing(on: date, tellings: Sequence[Told]) -> Iterator[tuple[Told, StatusChange]]:
    for told in tellings:
        last = next((change for change in reversed(told.lines) if change.on <= on), None)
        if last and not _is_outdated(told, last, on, tellings):
            yield told, last


def _is_outdated(told: Told, last: StatusChange, on: date, tellings: Sequence[Told]) -> bool:
    return any(
        told.as_at < on <= other.as_at
        and last.status in TELLS_OF.get(other.source, frozenset(LADDER))
        for other in tellings
    )


def _rung(status: str) -> int:
    return LADDER.index(status) if status in LADDER else -1


def _same(one: StatusChange, other: StatusChange) -> bool:
    return (one.status, one.category) == (other.status, other.category)
