"""Who looked at what, for auditors: people, cases and moments, never content."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from flask import render_template, request, url_for

from app import audit
from app.audit import chain
from app.casework import people
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.models import AuditEntry, Person
from app.web import forms, pages
from app.web.session import auditor

AT_ONCE = 50

FILTERS = ("person", "case", "outcome", "why", "day")
OUTCOMES = {"shown": "Shown", "done": "Done", "repeated": "Repeated", "refused": "Refused"}
GROUNDS = {"member": "Member", "supervision": "Supervision", "break-glass": "Emergency"}

# More people than these with the same words are not worth choosing from.
CHOICES = 20


@pages.get("/audit-log")
@auditor
def audit_log(viewer: Person) -> Any:
    try:
        asked: dict[str, Any] = {
            "case": _case(request.args.get("case", "").strip()),
            "before": forms.asked_number("before"),
            "outcome": _chosen("outcome", OUTCOMES),
            "why": _chosen("why", GROUNDS),
            "day": _day(request.args.get("day", "").strip()),
        }
        who = _people(request.args.get("person", "").strip())
    except Invalid as refusal:
        return _page(errors=forms.sentences(refusal)), refusal.status
    if len(who) > 1:
        audit.note(viewer, "read audit", how="page")
        return _page(choices=[_choice(each, asked["case"]) for each in who])
    asked["person"] = who[0].id if who else None
    found = audit.entries(
        viewer,
        before=asked["before"],
        person_id=asked["person"],
        case_id=asked["case"],
        outcome=asked["outcome"],
        why=asked["why"],
        since=asked["day"] and clock.instant(asked["day"], time()),
        until=asked["day"] and clock.instant(asked["day"] + timedelta(days=1), time()),
        size=AT_ONCE + 1,
    )
    audit.note(viewer, "read audit", how="page", case_id=asked["case"])
    shown = found[:AT_ONCE]
    return _page(
        rows=[_row(entry, name) for entry, name in shown],
        older=_older(shown[-1][0], asked) if len(found) > AT_ONCE else "",
        who=who[0] if who else None,
    )


def _page(*, errors: forms.Errors | None = None, **shown: Any) -> str:
    values = {name: request.args.get(name, "") for name in FILTERS}
    return render_template(
        "audit_log.html",
        errors=errors or {},
        values=values,
        outcomes=list(OUTCOMES.items()),
        grounds=list(GROUNDS.items()),
        chain=chain.head().place,
        **shown,
    )


def _chosen(name: str, known: dict[str, str]) -> str | None:
    written = request.args.get(name, "")
    return written if written in known else None


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written) if written else None
    except ValueError:
        raise Invalid(day="Write a day, such as 2026-03-31.") from None
    if day is not None and not 1900 <= day.year <= 2200:
        raise Invalid(day="Write a year from 1900 to 2200.")
    return day


def _case(written: str) -> int | None:
    """The number in the field; one that cannot be read is refused, or it would show every case."""
    number = forms.as_number(written)
    if written and number is None:
        raise Invalid(case="Write a case’s number, such as 12.")
    return number


def _people(words: str) -> list[Person]:
    """Whom the field names: by number, or by words of the name or the email address."""
    if not words:
        return []
    if words.isdecimal():
        return [_numbered(words)]
    if not any(letter.isalpha() for letter in words):
        raise Invalid(person="Write a name, an email address or a person’s number.")
    found = people.known_as(words, most=CHOICES + 1)
    if not found:
        raise Invalid(person="Nobody has this name or email address.")
    if len(found) > CHOICES:
        raise Invalid(person="Too many people have these words. Write more of the name.")
    return found


def _numbered(words: str) -> Person:
    try:
        return people.find(forms.as_number(words) or 0)
    except NotFound:
        raise Invalid(person="Nobody has this number.") from None


def _choice(person: Person, case_id: int | None) -> dict[str, str]:
    return {
        "label": f"{person.name}, {person.role} ({person.id})",
        "href": url_for("web.audit_log", person=person.id, case=case_id),
    }


def _older(last: AuditEntry, asked: dict[str, Any]) -> str:
    return url_for("web.audit_log", **{**asked, "before": last.id})


def _row(entry: AuditEntry, name: str | None) -> dict[str, Any]:
    return {
        "at": entry.at,
        "name": name or "Nobody signed in",
        "person_id": entry.person_id,
        "did": entry.did,
        "how": entry.how,
        "outcome": entry.outcome,
        "cases": _cases(entry),
        "about": entry.about or "",
        "why": GROUNDS.get(entry.why or "", ""),
    }


def _cases(entry: AuditEntry) -> list[int]:
    """The cases an answer was about, by number: the one it names, or those its posts are in."""
    if entry.case_id is not None:
        return [entry.case_id]
    return sorted({int(each[0]) for each in entry.ranges or []})
