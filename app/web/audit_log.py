"""Who looked at what, for auditors: people, cases and moments, never content."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from app import audit
from app.casework import people
from app.core.errors import Invalid, NotFound
from app.models import AuditEntry, Person
from app.web import forms, pages
from app.web.session import auditor

AT_ONCE = 50

# More people than these with the same words are not worth choosing from.
CHOICES = 20


@pages.get("/audit-log")
@auditor
def audit_log(viewer: Person) -> Any:
    try:
        asked = {
            "case": _case(request.args.get("case", "").strip()),
            "before": forms.asked_number("before"),
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
    values = {name: request.args.get(name, "") for name in ("person", "case")}
    return render_template("audit_log.html", errors=errors or {}, values=values, **shown)


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


def _older(last: AuditEntry, asked: dict[str, int | None]) -> str:
    return url_for("web.audit_log", person=asked["person"], case=asked["case"], before=last.id)


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
    }


def _cases(entry: AuditEntry) -> list[int]:
    """The cases an answer was about, by number: the one it names, or those its posts are in."""
    if entry.case_id is not None:
        return [entry.case_id]
    return sorted({int(each[0]) for each in entry.ranges or []})
