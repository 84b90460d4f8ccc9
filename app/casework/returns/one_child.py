"""Gather what the rows of one child tell, in the order of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from app.casework.returns.facts import (
    Batch,
    ChildFacts,
    Due,
    Event,
    Refusal,
    Row,
    Score,
)
from app.casework.returns.lines import Cells

Told = TypeVar("Told", Event, Score, Due)


@dataclass(slots=True)
class OneChild:
    source: str
    council_id: str
    facts: dict[str, Any] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    scores: dict[str, Score] = field(default_factory=dict)
    due: dict[str, Due] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    not_kept: Counter[str] = field(default_factory=Counter)

    def key(self, what: str, on: date | None = None) -> str:
        return f"{self.source}:{self.council_id}:{what}" + (f":{on}" if on else "")

    def take(
        self,
        list_no: int,
        row: Cells,
        told: Iterable[Event | Score | Due],
        *,
        keys: tuple[str, ...] = (),
        repeats: bool | None = None,
    ) -> None:
        """Take a row with what it tells; without any of it the row is refused."""
        known = list(keys)
        repeats = not keys if repeats is None else repeats
        for each in told:
            kept = self._keep(each)
            known.append(kept.natural_key)
            repeats = repeats and kept.row_no != each.row_no
        if known:
            self.warnings.extend(row.notes.values())
            self.rows.append(
                Row(list_no, row.sheet, row.row_no, self.council_id, tuple(known), repeats)
            )
        else:
            self.refuse(list_no, row)

    def refuse(self, list_no: int, row: Cells, reason: Refusal | None = None) -> None:
        said = [note for note in row.notes.values() if note.heading]
        why = reason or next(
            iter(said), row.refusal("child", "empty", "the row holds no date of anything")
        )
        self.refusals.append(why)
        self.rows.append(Row(list_no, row.sheet, row.row_no, self.council_id))

    def leave(self, list_no: int, row: Cells) -> None:
        """A row that was read, and tells of nothing Kith has a place for."""
        self.warnings.extend(row.notes.values())
        self.rows.append(Row(list_no, row.sheet, row.row_no, self.council_id, kept=False))

    def fact(self, name: str, row: Cells, column: str, read: Callable[[object], Any]) -> None:
        """What a row says of the child; of two that disagree the first is kept."""
        value = row.read(column, read)
        if value is not None and self.facts.setdefault(name, value) != value:
            row.note(column, "another value", "an earlier row says otherwise and is kept")

    def batch(self, title: str, as_at: date) -> Batch:
        return Batch(
            self.source,
            title,
            as_at,
            ChildFacts(self.council_id, **self.facts),
            events=tuple(self.events.values()),
            scores=tuple(self.scores.values()),
            due=tuple(self.due.values()),
            rows=tuple(self.rows),
            refusals=tuple(self.refusals),
            warnings=tuple(self.warnings),
            not_kept=self.not_kept,
        )

    def _keep(self, each: Event | Score | Due) -> Event | Score | Due:
        if isinstance(each, Event):
            return _kept(self.events, each, _tells)
        if isinstance(each, Score):
            return _kept(self.scores, each, lambda score: (score.value, score.rater))
        return _kept(self.due, each, lambda due: due.what)


def _kept(known: dict[str, Told], told: Told, tells: Callable[[Told], object]) -> Told:
    """As kept: an equal one seen before, or this one under a key of its own."""
    key, again = told.natural_key, 1
    while (before := known.get(key)) is not None:
        if tells(before) == tells(told):
            return before
        again += 1
        key = f"{told.natural_key}#{again}"
    known[key] = replace(told, natural_key=key)
    return known[key]


def _tells(event: Event) -> tuple[object, ...]:
    return (event.what, event.occurred_on, event.detail, event.category, event.until)
