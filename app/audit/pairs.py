"""Looks beside the rows they were written with: none is missing, and none was made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import text

from app.audit import chain
from app.core import clock, db
from app.core.db import AnyRow


class Shown(NamedTuple):
    """That a list showed posts of this case to this person; `at` in microseconds."""

    case_id: int
    person_id: int
    at: int
    did: str
    how: str


class Pairs:
    """Rows and looks are written in about the same order, so little waits for its counterpart."""

    def __init__(self) -> None:
        self._looks = _looks()
        self._rows: dict[Shown, list[int]] = {}
        self._alone: Counter[Shown] = Counter()

    def row(self, place: int, said: list[Any]) -> None:
        for shown in shown_by(said):
            if shown in self._alone:
                self._take(shown)
            else:
                self._rows.setdefault(shown, []).append(place)
            self._look(next(self._looks, None))

    def wrong(self, newest: int) -> str | None:
        """The first that is wrong; `newest` is the last row that was put in."""
        for look in self._looks:
            self._look(look)
        if self._rows:
            place, shown = min((min(places), shown) for shown, places in self._rows.items())
            return f"Row {place} shows posts of case {shown.case_id}, and its look is missing."
        if self._alone:
            self._leave_out_newer(newest)
        if self._alone:
            shown = min(self._alone, key=lambda each: each.at)
            at = clock.local(chain.EPOCH + shown.at * chain.MICROSECOND)
            return (
                f"The look at case {shown.case_id} on {at:%-d %B %Y at %H:%M} by person "
                f"{shown.person_id} stands in no row."
            )
        return None

    def _look(self, shown: Shown | None) -> None:
        if shown is None:
            return
        places = self._rows.get(shown)
        if places is None:
            self._alone[shown] += 1
            return
        places.pop(0)
        if not places:
            del self._rows[shown]

    def _take(self, shown: Shown) -> None:
        self._alone[shown] -= 1
        if not self._alone[shown]:
            del self._alone[shown]

    def _leave_out_newer(self, newest: int) -> None:
        # People went on looking while the rows were read.
        for row in chain.rows(db.LARGEST, after=newest):
            for shown in shown_by(row.said or []):
                if shown in self._alone:
                    self._take(shown)


def shown_by(said: list[Any]) -> list[Shown]:
    """The looks a row asks for: one for each case that it showed and does not name."""
    if not said or not said[7]:
        return []
    at, person_id, did, how, outcome, named, _, ranges, _ = said
    if person_id is None or outcome != "shown":
        return []
    return [
        Shown(case_id, person_id, at, did, how)
        for case_id in {each[0] for each in ranges} - {named}
    ]


def _looks() -> Iterator[Shown]:
    after = -db.LARGEST
    while True:
        with db.engine().connect() as connection:
            batch = connection.execute(_READ, {"after": after, "size": chain.BATCH}).all()
        if not batch:
            return
        yield from map(_shown, batch)
        after = batch[-1][0]


def _shown(found: AnyRow) -> Shown:
    _, case_id, person_id, at, did, how = found
    try:
        return Shown(case_id, person_id, chain.microseconds(at), did, how)
    except ValueError:
        return Shown(case_id, person_id, 0, did, how)


_READ = text(
    "SELECT id, case_id, person_id, at, did, how FROM looks WHERE id > :after "
    "ORDER BY id LIMIT :size"
)
