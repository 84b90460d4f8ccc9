"""Who looked at what, for auditors: people, cases and moments, never content."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from app import audit
from app.models import AuditEntry, Person
from app.web import forms, pages
from app.web.session import auditor

AT_ONCE = 50


@pages.get("/audit-log")
@auditor
def audit_log(viewer: Person) -> str:
    asked = {name: forms.asked_number(name) for name in ("person", "case", "before")}
    found = audit.entries(
        viewer,
        before=asked["before"],
        person_id=asked["person"],
        case_id=asked["case"],
        size=AT_ONCE + 1,
    )
    audit.note(viewer, "read audit", how="page", case_id=asked["case"])
    shown = found[:AT_ONCE]
    return render_template(
        "audit_log.html",
        rows=[_row(entry, name) for entry, name in shown],
        older=_older(shown[-1][0], asked) if len(found) > AT_ONCE else "",
        values={name: asked[name] or "" for name in ("person", "case")},
        first=asked["before"] is None,
    )


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
