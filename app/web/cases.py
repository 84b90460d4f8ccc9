"""My cases: what is new in each, who leads it, and the page on which one is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for

from app import audit
from app.casework import cases as casework
from app.core import clock
from app.core.errors import Invalid
from app.models import CATEGORIES, STATUSES, Person
from app.web import filters, forms, pages
from app.web.session import content
from feeds import follows

AT_ONCE = 50

SHOWN = {"": "All", "unread": "With news", "closed": "Closed"}


@pages.get("/cases")
@content
def cases(viewer: Person) -> str:
    audit.note(viewer, "read cases", how="page")
    words, show = request.args.get("words", "").strip(), request.args.get("show", "")
    unread = follows.unread(viewer)
    everything = [_line(row, unread.get(row.id, 0)) for row in casework.mine(viewer)]
    found = _only(everything, show, words)
    page = max(request.args.get("page", 1, int), 1)
    start = (page - 1) * AT_ONCE
    return render_template(
        "cases.html",
        manages=viewer.account == "manager",
        rows=found[start : start + AT_ONCE],
        total=len(found),
        everything=len(everything),
        more=_here(page=page + 1) if len(found) > start + AT_ONCE else "",
        words=words,
        show=show,
        filters=[
            {"label": label, "href": _here(show=name, page=None), "current": name == show}
            for name, label in SHOWN.items()
        ],
    )


@pages.get("/cases/new")
@content
def new_case(_viewer: Person) -> str:
    return _form({})


@pages.post("/cases/new")
@content
def open_case(viewer: Person) -> Any:
    def act() -> str:
        since = forms.day("since", needed="Write the day this status began.")
        if forms.text("status") == "closed":
            raise Invalid(status="Choose how the case stands.")
        assert since is not None
        case = casework.open_case(
            viewer,
            child_details(),
            status=forms.text("status"),
            since=since,
            category=forms.text("category") or None,
            reason=forms.text("reason"),
        )
        audit.note(viewer, "opened case", how="page", case_id=case.id, outcome="done")
        return url_for("web.details", case_id=case.id)

    return forms.send(viewer, act, _form, done="The case is open and you lead it.")


def child_details() -> casework.ChildDetails:
    """What a form says of a child."""
    return casework.ChildDetails(
        name=forms.text("name"),
        born_on=forms.day("born_on"),
        expected_on=forms.day("expected_on"),
        gender=forms.text("gender"),
        ethnicity=forms.text("ethnicity"),
        school=forms.text("school"),
        address=forms.text("address"),
        postcode=forms.text("postcode"),
        council_id=forms.text("council_id"),
        nhs_number=forms.text("nhs_number"),
        upn=forms.text("upn"),
        other_names=tuple(forms.text("other_names").splitlines()),
    )


def open_statuses() -> list[tuple[str, str]]:
    """Every way a case may stand while it is open."""
    return [(code, word) for code, word in STATUSES.items() if code != "closed"]


def _form(errors: forms.Errors) -> str:
    return render_template(
        "new_case.html",
        errors=errors,
        values=forms.values(since=clock.today().isoformat()),
        key=forms.new_key(),
        statuses=open_statuses(),
        categories=list(CATEGORIES.items()),
    )


def _line(row: Any, unread: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "child_name": row.child_name,
        "council_id": row.council_id,
        "note": filters.age(row),
        "status": row.status or "",
        "unread": unread,
        "last_seen_at": row.last_seen_at,
        "next_at": row.next_at,
        "lead": row.lead_name,
        "line": _standing(row),
        "closed": row.status == "closed",
    }


def _standing(row: Any) -> str:
    if row.is_member:
        return "" if row.following else "You do not follow this case"
    if row.in_emergency:
        return "Open to you in an emergency"
    return "You follow as a manager" if row.following else "You see this as a manager"


def _only(rows: Sequence[dict[str, Any]], show: str, words: str) -> list[dict[str, Any]]:
    wanted = words.casefold().split()
    return [
        row
        for row in rows
        if row["closed"] == (show == "closed")
        and (show != "unread" or row["unread"])
        and all(word in f"{row['child_name']} {row['council_id']}".casefold() for word in wanted)
    ]


def _here(**changes: Any) -> str:
    """This page's address with some of its questions changed."""
    asked = {**request.args.to_dict(), **changes}
    return url_for("web.cases", _external=False, **{k: v for k, v in asked.items() if v})
