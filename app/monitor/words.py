"""What an alert says, in a sentence that anybody can check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core import clock
from app.models import Alert

# One author is named as a number only when most of it is theirs: one busy week, perhaps.
MOST_OF_IT = 0.5


@dataclass(frozen=True)
class Agency:
    """On how many days of the window it recorded something; new when it never had before."""

    id: int
    name: str
    agency_type: str
    days: int
    is_new: bool


def of(alert: Alert, agencies: Sequence[Agency]) -> str:
    """The whole reason. Says how much and against what; never how dangerous."""
    if alert.kind == "busy":
        return _busy(alert, agencies)
    if alert.kind == "quiet":
        return _quiet(alert)
    return _due(alert.kind, alert.since)


def usual(alert: Alert) -> str:
    """The usual range, as "2 to 4"."""
    return f"{alert.low}" if alert.low == alert.high else f"{alert.low} to {alert.high}"


def need_a_look(many: int) -> str:
    """How many of somebody's own cases, on the page and in an email alike."""
    return f"{many} of your cases {'needs' if many == 1 else 'need'} a look"


def _busy(alert: Alert, agencies: Sequence[Agency]) -> str:
    new = sum(each.is_new for each in agencies)
    said = f"{_many(alert.updates or 0, 'update')} in {_days(alert.window or 0)}{_up_to(alert)}"
    said += f" from {_many(len(agencies), 'agency', 'agencies')}"
    said += f", {new} of them new." if new and len(agencies) > 1 else "."
    if (alert.count or 0) != (alert.updates or 0):
        said += f" Counted once an agency and day that is {alert.count};"
    else:
        said = said[:-1] + ";"
    said += f" usual is {usual(alert)}{_against(alert)}."
    if alert.updates and (alert.most_by_one or 0) > max(alert.updates * MOST_OF_IT, 2):
        said += f" One person wrote {alert.most_by_one} of them."
    return said


def _quiet(alert: Alert) -> str:
    weeks = (alert.window or 0) // 7
    came = "Nothing was recorded" if not alert.count else f"Only {alert.count} recorded"
    return f"{came} in {weeks} weeks{_up_to(alert)}; usual is {usual(alert)}{_against(alert)}."


def _up_to(alert: Alert) -> str:
    """Which days are meant, unless they end now; the newest night judged yesterday."""
    until_on = alert.until_on or clock.today()
    is_now = clock.today() - until_on <= timedelta(days=1)
    return "" if is_now else f" up to {until_on:%-d %B}"


def _against(alert: Alert) -> str:
    return ", as in similar cases in their first four weeks" if alert.is_young else ""


def _due(kind: str, since: datetime) -> str:
    on, ago = _on(since), _ago(since)
    return {
        "unacknowledged": f"An urgent update was posted {ago}. Nobody has said that they have it.",
        "unanswered": f"A question wanted its answer {ago}. Nobody has replied.",
        "not_seen": f"No visit on which the child was seen is recorded since {on}, {ago}.",
        "no_outcome": f"A visit was planned for {on}. Nobody has said how it went.",
        "not_brought": f"Not brought at least twice since {on}.",
        "no_lead": f"Nobody has led the case since {on}.",
        "review_due": f"A date of the plan was {on}, {ago}. It is not marked as done.",
    }[kind]


def _on(since: datetime) -> str:
    return f"{clock.local(since):%-d %B}"


def _ago(since: datetime) -> str:
    """In days, or in hours on the day itself."""
    days = (clock.today() - clock.local(since).date()).days
    if days > 1:
        return f"{days} days ago"
    if days == 1:
        return "yesterday"
    hours = int((clock.now() - since).total_seconds() // 3600)
    return f"{_many(hours, 'hour')} ago" if hours else "within the last hour"


def _days(window: int) -> str:
    return "one day" if window == 1 else f"{window} days"


def _many(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
