"""Reviews: who looked without it being plain why, for auditors to decide."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from app import audit
from app.casework import reviews as casework
from app.core import clock
from app.core.db import AnyRow
from app.models import EMERGENCIES, REVIEWS, Person
from app.web import forms, pages
from app.web.session import auditor

# What the evidence of a review is called: numbers and codes, and nothing else.
EVIDENCE = {
    "cases": "Different cases that day",
    "look_ups": "Requests without a case in seven days",
    "refused": "Refused that day",
    "looks": "Times looked that day",
    "closed_days": "Days since the case was closed",
}


@pages.get("/reviews")
@auditor
def reviews(viewer: Person) -> str:
    audit.note(viewer, "read reviews", how="page")
    waiting = casework.open_for(viewer)
    return render_template(
        "reviews.html",
        waiting=[_line(row) for row in waiting],
        overdue=sum(row.due_at < clock.now() for row in waiting),
        decided=[_line(row) for row in casework.decided_for(viewer)],
    )


@pages.get("/reviews/<int:review_id>")
@auditor
def review(viewer: Person, review_id: int) -> str:
    return _page(viewer, review_id, {})


@pages.post("/reviews/<int:review_id>")
@auditor
def decide_review(viewer: Person, review_id: int) -> Any:
    casework.find(viewer, review_id)

    def act() -> str:
        casework.decide(viewer, review_id, forms.text("outcome"), forms.text("note"))
        about = f"review:{review_id}"
        audit.note(viewer, "decided review", how="page", about=about, outcome="done")
        return url_for("web.reviews")

    return forms.send(
        viewer,
        act,
        lambda errors: _page(viewer, review_id, errors),
        done="Your decision is recorded.",
    )


def _page(viewer: Person, review_id: int, errors: forms.Errors) -> str:
    row = casework.find(viewer, review_id)
    audit.note(viewer, "read review", how="page", about=f"review:{review_id}")
    return render_template(
        "review.html",
        row=row,
        line=_line(row),
        looked=casework.looked_at(viewer, row),
        emergency=EMERGENCIES.get(row.emergency or ""),
        evidence=[
            {"label": EVIDENCE[name], "value": value}
            for name, value in row.evidence.items()
            if name in EVIDENCE
        ],
        earlier=[_line(each) for each in casework.before(viewer, row)],
        outcomes=list(casework.OUTCOMES.items()),
        words=casework.OUTCOMES,
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
    )


def _line(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "reference": row.reference,
        "kind": REVIEWS[row.kind],
        "who": f"{row.name}, {row.role}, {row.agency_name}",
        "case_id": row.case_id,
        "raised_at": row.raised_at,
        "due_at": row.due_at,
        "overdue": row.outcome is None and row.due_at < clock.now(),
        "outcome": casework.OUTCOMES.get(row.outcome or "", ""),
        "reviewed_at": row.reviewed_at,
    }
