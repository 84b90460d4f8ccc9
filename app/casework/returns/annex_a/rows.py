"""Gather children and events from the rows of a workbook, one row at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.casework.returns import cells
from app.casework.returns.annex_a.lists import Dated, List, Undated
from app.casework.returns.facts import ChildFacts, Event, Refusal, Row
from app.casework.returns.lines import Cells


@dataclass(slots=True)
class Gathered:
    epoch: date
    today: date
    most_rows: int | None = None
    children: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    adopters: int = 0
    stated: date | None = None
    latest: date | None = None

    def is_full(self) -> bool:
        """Whether as many rows are read as may be."""
        return self.most_rows is not None and len(self.rows) + self.adopters >= self.most_rows

    def facts(self) -> dict[str, ChildFacts]:
        return {key: ChildFacts(key, **facts) for key, facts in self.children.items()}


def refuse(gathered: Gathered, each: List, refusal: Refusal) -> None:
    gathered.refusals.append(refusal)
    gathered.rows.append(Row(each.number, refusal.sheet, refusal.row_no, None))


def read_row(gathered: Gathered, each: List, row: Cells) -> None:
    try:
        child = cells.council_id(row.raw("child"))
    except cells.Unreadable as why:
        refuse(gathered, each, row.refusal("child", why.value_shape, why.reason))
        return
    events = list(_events(each, row, child))
    if not events:
        refuse(gathered, each, _why_nothing(each, row))
        return
    _keep_child(gathered, row, child)
    gathered.warnings.extend(row.notes.values())
    _keep_events(gathered, row, child, each.number, events)


def _why_nothing(each: List, row: Cells) -> Refusal:
    dates = (dated.field for dated in each.dated if dated.field in row.columns)
    bad = [note for note in row.notes.values() if note.heading]
    if bad:
        return bad[0]
    missing = next(dates, each.anchor or "child")
    return row.refusal(missing, "empty", "the row holds no date of anything")


def _events(each: List, row: Cells, child: str) -> Iterator[Event]:
    anchor = _anchor(each, row)
    for dated in each.dated:
        on = row.day(dated.field, planned=dated.planned)
        if on is not None:
            yield _dated(each, dated, row, on, child=child, anchor=anchor)
    for undated in each.undated:
        detail = undated.says(row)
        if detail is not None:
            yield _undated(each, undated, row, detail, child=child, anchor=anchor)


def _anchor(each: List, row: Cells) -> date | None:
    return row.day(each.anchor) if each.anchor else None


def _dated(
    each: List, dated: Dated, row: Cells, on: date, *, child: str, anchor: date | None
) -> Event:
    by = on if dated.own or anchor is None else anchor
    seen, alone = dated.seen(row)
    return Event(
        each.number,
        row.row_no,
        row.sheet,
        child,
        dated.becomes(row) or dated.what,
        on,
        dated.says(row),
        f"L{each.number}:{child}:{dated.what}:{by}",
        category=_category(row) if dated.what == "plan_started" else None,
        seen=seen,
        seen_alone=alone,
    )


def _undated(
    each: List, undated: Undated, row: Cells, detail: str, *, child: str, anchor: date | None
) -> Event:
    key = f"L{each.number}:{child}:{undated.what}" + (f":{anchor}" if anchor else "")
    return Event(each.number, row.row_no, row.sheet, child, undated.what, None, detail, key)


def _category(row: Cells) -> str | None:
    return row.read("category", cells.abuse) or row.read("first_category", cells.abuse)


def _keep_events(
    gathered: Gathered, row: Cells, child: str, number: int, events: Sequence[Event]
) -> None:
    keys = []
    repeats = True
    for event in events:
        kept = _keep_event(gathered, event)
        keys.append(kept.natural_key)
        repeats = repeats and kept.row_no != event.row_no
        if event.occurred_on is not None and event.occurred_on <= gathered.today:
            gathered.latest = max(gathered.latest or event.occurred_on, event.occurred_on)
    gathered.rows.append(Row(number, row.sheet, row.row_no, child, tuple(keys), repeats))


def _keep_event(gathered: Gathered, event: Event) -> Event:
    """The event as kept: an equal one seen before, or this one under a key of its own."""
    key, again = event.natural_key, 1
    while (before := gathered.events.get(key)) is not None:
        if _tells(before) == _tells(event):
            return before
        again += 1
        key = f"{event.natural_key}#{again}"
    gathered.events[key] = replace(event, natural_key=key)
    return gathered.events[key]


def _tells(event: Event) -> tuple[object, ...]:
    return (event.what, event.occurred_on, event.detail, event.category, event.seen_alone)


def _keep_child(gathered: Gathered, row: Cells, child: str) -> None:
    born = row.read("born", lambda value: cells.birth(value, gathered.epoch, gathered.today))
    date_of_birth, expected_on, unborn = born or (None, None, False)
    facts = gathered.children.setdefault(child, {})
    said = {
        "gender": ("gender", row.read("gender", cells.gender)),
        "ethnicity": ("ethnicity", row.read("ethnicity", cells.ethnicity)),
        "disabled": ("disabled", row.read("disabled", cells.disabled)),
        "date_of_birth": ("born", date_of_birth),
        "expected_on": ("born", expected_on),
        "family_id": ("family", row.text("family")),
    }
    for name, (column, value) in said.items():
        if value is not None and facts.setdefault(name, value) != value:
            row.note(column, "another value", "an earlier row says otherwise and is kept")
    if worker := row.text("worker"):
        facts["worker"] = worker
    if unborn and "date_of_birth" not in facts:
        facts["unborn"] = True
    if "date_of_birth" in facts:
        facts.pop("expected_on", None)
        facts.pop("unborn", None)
