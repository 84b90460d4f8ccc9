"""Add an update from anywhere in two or three presses: which child, what, post."""

from __future__ import annotations

from typing import Any

from flask import render_template

from app import access, audit
from app.casework import cases
from app.core import db
from app.models import Child, Person
from app.web import case_head, composing, pages
from app.web.filters import age
from app.web.session import content
from feeds import drafts

AT_ONCE = 30


@pages.get("/quick")
@content
def quick(viewer: Person) -> str:
    audit.note(viewer, "read cases", how="page")
    open_cases = [row for row in cases.mine(viewer) if row.status != "closed"]
    return render_template(
        "quick.html",
        rows=[
            {
                "id": row.id,
                "child_name": row.child_name,
                "note": age(row),
                "status": row.status,
                "href": f"/quick/{row.id}",
            }
            for row in open_cases[:AT_ONCE]
        ],
        more=len(open_cases) > AT_ONCE,
    )


@pages.get("/quick/<int:case_id>")
@content
def quick_update(viewer: Person, case_id: int) -> Any:
    case = access.case(viewer, case_id)
    child = db.session().get_one(Child, case.child_id)
    audit.note(viewer, "read case name", how="page", case_id=case_id)
    return render_template(
        "quick_update.html",
        case=case,
        label=child.label,
        composer=composing.offered(
            viewer,
            case,
            draft=drafts.find(viewer, case),
            siblings=case_head.siblings(viewer, case),
        ),
    )
