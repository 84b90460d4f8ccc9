"""The first page: cases with news, then every update over all followed cases by time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request

from app import access, attachments, audit
from app.casework import emergencies, look_ups, measures, networks, reviews
from app.core import clock
from app.core.db import AnyRow
from app.core.errors import NotFound
from app.insight import catch_up
from app.models import WORRIES, Person
from app.monitor import board
from app.web import blocks, forms, pages
from app.web.filters import age
from app.web.session import content
from feeds import audiences, changes, follows, news, questions, timeline

RANKS = tuple(WORRIES)


@pages.get("/")
@content
def feed(viewer: Person) -> str:
    g.at = changes.newest()  # before anything is read: what comes after it is fetched again
    before = request.args.get("before")
    page = timeline.home(viewer, before=before)
    fresh = [] if before else news.of(viewer)
    audit.note(viewer, "read feed", how="page", ranges=page.ranges)
    g.unread = follows.news(viewer) if fresh or before else 0
    return render_template(
        "feed.html",
        news=[_line(row) for row in fresh],
        unread=0 if before else g.unread,
        blocks=blocks.of_feed(page.posts, viewer, 0 if before else g.unread),
        shared=audiences.of(page.posts),
        files=attachments.of(page.posts),
        questions=questions.of(page.posts),
        scores=measures.told_with(page.posts),
        shown=_shown_whole(page, viewer, {row.id: row.unread for row in fresh}),
        older=page.older,
        is_first=not before,
        hers=[] if before else board.mine(viewer),
        requests=[] if before else look_ups.waiting_anywhere(viewer),
        open_now=[] if before else _open_now(viewer),
        emergencies=[] if before else emergencies.waiting(viewer),
        endings=[] if before else _endings(viewer),
        away_since=None if before else _away_since(viewer),
        not_justified=[] if before else reviews.for_manager(viewer),
        now=clock.now(),
        viewer=viewer,
    )


@pages.get("/needs-a-look")
@content
def needs_a_look(viewer: Person) -> str:
    """Which of her cases do, for an open feed that is told that it has changed."""
    audit.note(viewer, "read alerts", how="live")
    return render_template("needs_a_look.html", hers=board.mine(viewer))


@pages.post("/read")
@content
def read_feed(viewer: Person) -> Any:
    """Mark as read, in each case, everything up to what the page showed."""
    for sent in request.form.getlist("read")[:100]:
        case_id, position = map(forms.as_number, sent.partition(":")[::2])
        if case_id is None or position is None:
            raise NotFound
        follows.mark_read(viewer, access.case(viewer, case_id), position)
    flash("Marked as read.")
    return redirect("/", 303)


def _open_now(viewer: Person) -> list[dict[str, Any]]:
    """The cases open to her in an emergency: their pages stand among none of her others."""
    now = clock.now()
    return [
        {
            "case_id": row.case_id,
            "child_name": row.child_name,
            "until_at": row.until_at,
            "seconds": int((row.until_at - now).total_seconds()),
        }
        for row in emergencies.mine(viewer)
        if row.case_id and row.until_at and row.until_at > now
    ]


def _away_since(viewer: Person) -> datetime | None:
    """When she last read in a case, if that is days ago."""
    read_at = catch_up.last_read_at(viewer)
    return read_at if read_at and clock.now() - read_at >= catch_up.AWAY else None


def _endings(viewer: Person) -> list[str]:
    """How many memberships she is to renew, and how many of her own end."""
    rows = networks.ending(viewer)
    hers = sum(row.leads for row in rows)
    own = len(rows) - hers
    said = []
    if hers:
        said.append("1 membership ends soon" if hers == 1 else f"{hers} memberships end soon")
    if own:
        said.append(f"Your place in {own} network{'' if own == 1 else 's'} ends soon")
    return said


def _line(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "child_name": row.child_name,
        "note": age(row),
        "status": row.status,
        "unread": row.unread,
        "worry": RANKS[row.worry_rank],
    }


def _shown_whole(page: timeline.Page, viewer: Person, unread: dict[int, int]) -> list[str]:
    """The cases whose news is all on this page, and how far: the others stay unread."""
    new = Counter(
        post.case_id for post in page.posts if blocks.is_new(post, viewer, post.last_read)
    )
    return [
        f"{case_id}:{last}"
        for case_id, _, last in page.ranges
        if 0 < unread.get(case_id, 0) == new[case_id]
    ]
