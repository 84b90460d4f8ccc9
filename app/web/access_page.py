"""The page "Access" of a case: who can see it and why, and who has looked."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from flask import render_template, request, url_for

from app import access, audit
from app.casework import looks, networks
from app.core.db import AnyRow
from app.models import LEGAL_BASES, Case, Person
from app.web import case_head, filters, forms, pages
from app.web.session import content

WHAT = {
    "read feed": "saw updates in their feed",
    "read notices": "saw notices of updates",
    "opened notice": "opened a notice",
    "read network": "read the network",
    "read access": "read who has access",
    "read look up": "read the network",
    "read look ups": "read the network",
    "read stream": "read updates",
    "read posts": "read updates",
    "read post": "read updates",
    "read versions": "read updates",
    "read readers": "read updates",
    "read comments": "read updates",
    "read acknowledgements": "read updates",
    "saved file": "saved a file",
    "saw photo": "saw a photo",
    "read draft": "went on with a draft",
    "read case name": "began an update",
    "compared": "compared its readings",
    "compared team": "counted it with the team’s cases",
    "exported comparison": "kept a comparison as a file",
    "read chronology": "read the chronology",
    "took chronology": "took the chronology along",
    "took record": "took the whole record along",
    "read family map": "looked at the family map",
    "searched": "found it by searching",
    "was offered cases": "was offered its name in the search field",
}
THROUGH = {"page": "on a page", "api": "through a program", "live": "live on an open page"}
GROUNDS = {
    "member": "as a member",
    "supervision": "as the manager of a member",
    "break-glass": "in an emergency",
}


@pages.get("/cases/<int:case_id>/access")
@content
def case_access(viewer: Person, case_id: int) -> str:
    case = access.case(viewer, case_id)
    head = case_head.of(viewer, case, "access")
    asked = forms.asked_number("person")
    found = looks.of(viewer, case, person_id=asked, before=_before())
    audit.note(viewer, "read access", how="page", case_id=case.id)
    return render_template(
        "case_access.html",
        case=case,
        head=head,
        leads=access.leads(viewer, case.id),
        viewers=[_viewer(each) for each in looks.viewers(viewer, case)],
        groups=[_group(list(rows)) for rows in _by_day_and_person(found.rows)],
        lookers=[(row.id, row.name) for row in looks.lookers(viewer, case)],
        asked=asked,
        older=_older(case, asked, found.older),
    )


def _viewer(each: looks.Viewer) -> dict[str, Any]:
    grounds = []
    if each.membership is not None:
        row = each.membership
        since = filters.full_date(row.from_at)
        last = filters.full_date(networks.last_day(row.until_at))
        grounds.append(
            f"Member since {since}, until {last}. "
            f"{LEGAL_BASES[row.legal_basis]}. Decided by {row.decided_by}."
        )
    if each.manages:
        grounds.append(f"Manages {_listed(each.manages)}.")
    if each.opened is not None:
        until = filters.wall_clock(each.opened.until_at)
        grounds.append(f"Opened it in an emergency until {until} ({each.opened.reference}).")
    return {
        "id": each.id,
        "name": each.name,
        "role": each.role,
        "agency_name": each.agency_name,
        "is_lead": bool(each.membership and each.membership.is_lead),
        "grounds": grounds,
    }


def _by_day_and_person(rows: list[AnyRow]) -> list[list[AnyRow]]:
    """The days newest first, and on each day whoever looked last first."""
    groups: list[list[AnyRow]] = []
    for _, on_day in groupby(rows, looks.day):
        by_person: dict[int, list[AnyRow]] = {}
        for row in on_day:
            by_person.setdefault(row.person_id, []).append(row)
        groups.extend(by_person.values())
    return groups


def _group(rows: list[AnyRow]) -> dict[str, Any]:
    what = Counter(WHAT.get(row.did, "read the case") for row in rows)
    return {
        "name": rows[0].name,
        "role": rows[0].role,
        "agency_name": rows[0].agency_name,
        "last_at": rows[0].at,
        "first_at": rows[-1].at,
        "what": _listed([_times(word, many) for word, many in what.most_common()]),
        "how": _listed(sorted({THROUGH.get(row.how, row.how) for row in rows})),
        "why": _listed(sorted({GROUNDS[row.why] for row in rows if row.why in GROUNDS})),
        "outside": not all(row.was_member for row in rows),
    }


def _times(word: str, many: int) -> str:
    return word if many == 1 else f"{word} ({many} times)"


def _listed(words: list[str]) -> str:
    return (
        words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
    )


def _before() -> datetime | None:
    """Where the page before this one ended, in microseconds."""
    written = forms.as_number(request.args.get("before", "")[:16])
    if not written:
        return None
    try:
        return datetime.fromtimestamp(written / 1_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _older(case: Case, asked: int | None, at: datetime | None) -> str:
    if at is None:
        return ""
    before = round(at.timestamp() * 1_000_000)
    return url_for("web.case_access", case_id=case.id, person=asked, before=before)
