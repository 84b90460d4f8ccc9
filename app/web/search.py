"""Search: the viewer's own cases, and people in the directory."""

from __future__ import annotations

from flask import render_template, request

from app import audit
from app.models import Person
from app.web import filters, pages
from app.web.session import content
from search import find


@pages.get("/search")
@content
def search(viewer: Person) -> str:
    words = request.args.get("q", "").strip()[: find.LONGEST]
    cases = find.cases(viewer, words)
    # What was looked for may be a name, so the audit says which cases were shown instead.
    audit.note(viewer, "searched", how="page", ranges=[(row.id, 0, 0) for row in cases])
    return render_template(
        "search.html",
        words=words,
        search_value=words,
        cases=[
            {
                "id": row.id,
                "child_name": row.child_name,
                "note": filters.age(row),
                "status": row.status,
            }
            for row in cases
        ],
        found=find.people(words),
        most=find.MOST,
    )
