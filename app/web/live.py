"""What an open page asks for when it is told, or suspects, that something changed."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from sqlalchemy import Select

from app import access, attachments, audit
from app.casework import measures
from app.core import clock, db
from app.core.db import AnyRow
from app.core.errors import Invalid
from app.models import Case, Person
from app.monitor import board
from app.web import bell, blocks, forms, pages
from app.web.session import content, unrecorded
from feeds import audiences, changes, follows, questions, timeline

AT_ONCE = 50


@pages.get("/cases/<int:case_id>/fragments")
@content
def fragments(viewer: Person, case_id: int) -> Any:
    """Cards to put into the open page: those after a position, or those asked for by id.

    Newest first. An id that is not answered is no longer hers to read: the page drops it.
    """
    case = access.case(viewer, case_id)
    page = _page(viewer, case)
    last_read = follows.last_read(viewer, case)
    rows = sorted(page.posts, key=lambda row: row.position, reverse=True)
    audit.note(viewer, "read posts", how="live", case_id=case_id, ranges=page.ranges)
    bell.seen(viewer, [row.id for row in rows])
    drawn = blocks.of_case(rows, viewer, last_read)
    leave_out = ("day", "read_line") if "ids" in request.args else ("read_line",)
    answer = make_response(
        render_template(
            "fragments.html",
            blocks=[block for block in drawn if block[0] not in leave_out],
            shared=audiences.of(rows),
            files=attachments.of(rows),
            questions=questions.of(rows),
            scores=measures.told_with(rows),
            viewer=viewer,
            now=clock.now(),
        )
    )
    answer.headers["Kith-Notices"] = str(bell.unread(viewer))
    if page.older:
        answer.headers["Kith-More"] = page.older
    return answer


@pages.get("/sync")
@unrecorded
def sync(viewer: Person) -> Any:
    """Pointers to what happened after a position; nothing here is content, so nothing is noted.

    `gone` holds the cases on the open page that are not, or no longer, hers to see: what ends by
    time has no event, and is found here.
    """
    newest = changes.newest()
    after = forms.asked_number("after")
    found = changes.since(viewer, newest if after is None else after)
    more = len(found) == changes.AT_ONCE
    shown = [forms.as_number(each) for each in request.args.getlist("case")[:AT_ONCE]]
    asked = {number for number in shown if number is not None}
    hers = {each.id for each in db.session().scalars(_among(viewer, asked))} if asked else set()
    return {
        "changed": [_pointer(row) for row in found],
        "at": found[-1].position if more else newest,
        "more": more,
        "gone": sorted(asked - hers),
        "notices": bell.unread(viewer),
        "hotspots": board.count(viewer),
    }


def _among(viewer: Person, case_ids: set[int]) -> Select[Case]:
    return access.cases(viewer.id).where(Case.id.in_(case_ids))


def _pointer(row: AnyRow) -> dict[str, Any]:
    if row.conversation_id is not None:
        return {
            "at": row.position,
            "did": row.did,
            "conversation": row.conversation_id,
            "message": row.message_id,
            "position": row.message_position,
            "by": row.actor_id,
        }
    return {
        "at": row.position,
        "did": row.did,
        "case": row.case_id,
        "post": row.post_id,
        "position": row.post_position,
        "by": row.actor_id,
    }


def _page(viewer: Person, case: Case) -> timeline.Page:
    ids = request.args.get("ids")
    if ids is None:
        return timeline.stream(viewer, case, after=forms.asked_number("after") or 0, size=AT_ONCE)
    asked = ids.split(",")[:AT_ONCE]
    if not all(each.isascii() and each.isdigit() and len(each) < 16 for each in asked):
        raise Invalid("Those are not posts.")
    found = timeline.posts(viewer, [int(each) for each in asked])
    return timeline.Page([row for row in found if row.case_id == case.id], None)
