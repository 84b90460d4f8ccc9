"""One case compared with its own past, with its brothers and sisters, or rater beside rater."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core import clock, db
from app.core.errors import Invalid
from app.insight import comparison, periods, readings
from app.insight.comparison import Comparison
from app.insight.periods import Asked, Event
from app.models import Case, Child, Person

# A case from `app.access`, and what the child is called.
Named = tuple[Case, str]


@dataclass(frozen=True)
class Compared:
    """The comparison, what it could begin at, and what of the choice could not be."""

    comparison: Comparison
    events: Sequence[Event]
    wrong: Invalid | None
    cases: Sequence[int]


def of(viewer: Person, child: Named, siblings: Sequence[Named], asked: Asked) -> Compared:
    """Compare as asked; where that cannot be, as usual, with the sentences that say why."""
    events = readings.events(viewer, child[0])
    today, wrong = clock.today(), None
    try:
        born_on = db.session().get_one(Child, child[0].child_id).born_on
        choice = periods.choose(asked, events, today, born_on)
    except Invalid as refusal:
        choice, wrong = periods.usual(asked.way, events, today), refusal
    among = readings.measures()
    whom = [child, *siblings] if choice.way == "siblings" else [child]
    told = [readings.told(viewer, case, name, among) for case, name in whom]
    shown = comparison.of(among, told, choice, events)
    return Compared(shown, events, wrong, [case.id for case, _ in whom])
