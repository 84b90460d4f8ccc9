"""What changed in a case since a day, what a new member must know, what happened while away."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import render_template, request

from app import access, audit
from app.core import clock
from app.insight import catch_up as since_then
from app.insight import events, strip
from app.models import Case, Person
from app.web import case_head, composing, forms, pages
from app.web.session import content
from feeds import follows

# Nobody of whom a case tells was born before, and no older day can be said in words.
EARLIEST = date(1900, 1, 1)


@pages.get("/cases/<int:case_id>/changes")
@content
def case_changes(viewer: Person, case_id: int) -> str:
    """Since a day that is asked for, or since she last read the case."""
    found = access.case(viewer, case_id)
    on, errors = _asked()
    _, read_at, _ = follows.reading(viewer, found)
    since = _start(on) or read_at or clock.now() - since_then.LONGEST
    shown = since_then.of(viewer, found, since)
    audit.note(viewer, "read what changed", how="page", case_id=case_id, ranges=shown.ranges)
    return render_template(
        "case_changes.html",
        shown=shown,
        is_read=on is None and read_at is not None,
        **_page(viewer, found, on, errors),
    )


@pages.get("/cases/<int:case_id>/catch-up")
@content
def catch_up(viewer: Person, case_id: int) -> str:
    """Who is who, how it stands, and six months in what was significant."""
    found = access.case(viewer, case_id)
    shown = since_then.of(viewer, found, clock.now() - since_then.LONGEST)
    members = composing.round_the_child(viewer, found)
    reads_from = access.reads_from(viewer, found.id)
    network = [(each.agency_type, each.from_at) for each in members]
    weeks = strip.read(viewer, found, network, reads_from)
    audit.note(viewer, "caught up", how="page", case_id=case_id, ranges=shown.ranges)
    return render_template(
        "catch_up.html",
        shown=shown,
        team=[_member(member) for member in members],
        reads_from=reads_from,
        strip=weeks,
        gap=events.placed(shown.events, weeks.gap),
        **_page(viewer, found, None, {}),
    )


@pages.get("/away")
@content
def away(viewer: Person) -> str:
    """Over all the cases she follows, each since she last read it, or all since a day."""
    on, errors = _asked()
    shown = since_then.away(viewer, _start(on))
    ranges = [each for one in shown for each in one.ranges or [(one.case_id, 0, 0)]]
    audit.note(viewer, "read what happened while away", how="page", ranges=ranges)
    return render_template(
        "away.html",
        cases=shown,
        at_once=since_then.AT_ONCE,
        asked=on,
        typed=request.args.get("since", ""),
        today=clock.today(),
        errors=errors,
    )


def _page(viewer: Person, case: Case, on: date | None, errors: forms.Errors) -> dict[str, Any]:
    return {
        "case": case,
        "head": case_head.of(viewer, case, "catch-up"),
        "asked": on,
        "typed": request.args.get("since", ""),
        "today": clock.today(),
        "errors": errors,
    }


def _asked() -> tuple[date | None, forms.Errors]:
    """The day in the address; or why what stands there is none."""
    written = request.args.get("since", "").strip()
    if not written:
        return None, {}
    on = forms.asked_day("since")
    if on is None:
        return None, {"since": "Write a day, such as 2026-03-31."}
    if on > clock.today():
        return None, {"since": "That day has not come yet. Choose today or an earlier one."}
    if on < EARLIEST:
        return None, {"since": "That day is too long ago. Choose one from 1900 on."}
    return on, {}


def _start(on: date | None) -> datetime | None:
    return clock.instant(on, time()) if on else None


def _member(member: Any) -> dict[str, Any]:
    names = ("id", "name", "role", "agency_name", "agency_type", "phone")
    kept = {name: getattr(member, name) for name in names}
    return {**kept, "lead": member.is_lead, "away": member.out_of_office}
