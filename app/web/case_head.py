"""What stands at the top of every page of one case: the child, how it stands, and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from app.casework import cases, emergencies, networks, restrictions
from app.core import clock, db
from app.models import CATEGORIES, EMERGENCIES, Case, Child, Person
from app.web import filters

Links = list[dict[str, Any]]


@dataclass(frozen=True)
class Head:
    """As the template macros `case_title` and `subnav` take it."""

    label: str
    note: str
    status: str
    line: str
    siblings: Links
    links: Links
    emergencies: Links
    restricted: bool
    reminders: Links


class Standing(Protocol):
    """How the case stands: a line of its history, or the facts of its page."""

    @property
    def status(self) -> str | None: ...
    @property
    def category(self) -> str | None: ...
    @property
    def since(self) -> date | None: ...


def of(
    viewer: Person,
    case: Case,
    current: str,
    *,
    unread: int = 0,
    standing: Standing | None = None,
) -> Head:
    """The head for one page of the case: `current` is one of its links in small letters."""
    child = db.session().get_one(Child, case.child_id)
    if standing is None:
        standing = next((row for row in cases.history(case) if row.since <= clock.today()), None)
    return Head(
        label=child.label,
        note=note(child),
        status=(standing and standing.status) or "",
        line=_line(standing),
        siblings=siblings(viewer, case),
        emergencies=_open_to_others(viewer, case),
        restricted=restrictions.stands(case),
        reminders=_reminders(viewer, case),
        links=[
            _link("Updates", f"/cases/{case.id}", current == "updates", unread),
            _link("Compare", f"/cases/{case.id}/compare", current == "compare"),
            _link("Family map", f"/cases/{case.id}/family-map", current == "family map"),
            _link("Chronology", f"/cases/{case.id}/chronology", current == "chronology"),
            _link("Messages", f"/cases/{case.id}/conversation", current == "messages"),
            _link("Details", f"/cases/{case.id}/details", current == "details"),
            _link("Network", f"/cases/{case.id}/network", current == "network"),
            _link("Access", f"/cases/{case.id}/access", current == "access"),
        ],
    )


def siblings(viewer: Person, case: Case) -> Links:
    """Brothers and sisters whose cases she sees too."""
    return [
        {
            "relation": row.relation,
            "label": row.name,
            "href": f"/cases/{row.case_id}",
            "case_id": row.case_id,
        }
        for row in cases.family(viewer, case)
        if row.case_id
    ]


def _open_to_others(viewer: Person, case: Case) -> Links:
    """In which emergencies the case stands open to people beside its network."""
    return [
        {
            "name": row.name,
            "agency_name": row.agency_name,
            "what": EMERGENCIES[row.emergency],
            "until_at": row.until_at,
            "reference": row.reference,
        }
        for row in emergencies.open_on(case.id)
        if row.person_id != viewer.id
    ]


def note(child: Any) -> str:
    """Age and school, beside the name."""
    parts = [filters.age(child), child.school]
    return " · ".join(part for part in parts if part)


def _reminders(viewer: Person, case: Case) -> Links:
    """Whose time in the network ends soon, for whoever leads; for a member, their own."""
    rows = networks.ending(viewer, case)
    many = sum(row.leads for row in rows)
    if many:
        words = "1 membership ends soon" if many == 1 else f"{many} memberships end soon"
        return [{"text": f"{words}.", "href": f"/cases/{case.id}/network", "act": "Renew"}]
    return [{"text": _own_end(case, row.until_at)} for row in rows]


def _own_end(case: Case, until_at: datetime) -> str:
    on = filters.full_date(networks.last_day(until_at))
    whom = networks.lead_name(case) or "a manager of somebody in it"
    return f"Your place in this network ends on {on}. Ask {whom} if you still need it."


def _line(standing: Standing | None) -> str:
    if standing is None or standing.since is None:
        return "No status recorded"
    since = f"since {filters.full_date(standing.since)}"
    return f"{CATEGORIES[standing.category]} · {since}" if standing.category else since


def _link(label: str, href: str, current: bool, count: int = 0) -> dict[str, Any]:
    return {"label": label, "href": href, "current": current, "count": count}
