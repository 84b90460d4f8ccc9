"""The list of notices, the way from one to what it is about, and how somebody wants to be told."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app import audit, mail
from app.core import clock
from app.core.db import AnyRow
from app.models import REASONS, WAYS, Person
from app.notices import choices, inbox
from app.web import forms, pages
from app.web.filters import LONG_DAYS, kind_word, worry_word
from app.web.session import content

# For each thing done, what the line says of it; where the reason says more, that one.
SAYS = {
    "urgent": "Urgent update about {child}",
    "question": "A question to you about {child}",
    "named": "You are named in an update about {child}",
    "unanswered": "A question about {child} has no answer yet",
    "look_up": "Somebody asks about {child}",
    "break_glass": "The case of {child} was opened in an emergency",
    "joined": "You are in the network round {child}",
    "lead_changed": "You lead the work round {child}",
    "acknowledged": "Your update about {child} is acknowledged",
    "commented": "A comment on your update about {child}",
    "answered": "Your answer about {child} was accepted",
    "busy": "It is busier than usual round {child}",
    "quiet": "It has gone quiet round {child}",
    "found": "A saved search found something new",
    "conversation_left": "You were taken out of a conversation",
}
# Where it is told, in the case, when no post tells it; all else is at its top.
PLACES = {
    "look_up": ("web.network", "asking"),
    "break_glass": ("web.case_access", None),
    "joined": ("web.catch_up", None),
}
TAKEN_OUT = (
    "You were taken out of a conversation, and nothing of it is yours to read any more. "
    "Whoever started it, or leads the case it is about, can say why."
)


@pages.get("/notices")
@content
def notices(viewer: Person) -> str:
    page = inbox.of(viewer, before=forms.asked_number("before"))
    audit.note(viewer, "read notices", how="page", ranges=page.ranges)
    newest = page.rows[0].id if page.rows else 0
    return render_template(
        "notices.html",
        rows=[_line(row, viewer) for row in page.rows],
        unread=any(row.read_at is None for row in page.rows),
        newest=newest,
        older=url_for("web.notices", before=page.older) if page.older else "",
        is_first="before" not in request.args,
    )


@pages.get("/notices/<int:notice_id>")
@content
def notice(viewer: Person, notice_id: int) -> Any:
    """To what it is about; where it stands the rules are asked again."""
    row = inbox.one(viewer, notice_id)
    inbox.read(viewer, row.id)
    audit.note(
        viewer, "opened notice", how="page", case_id=row.case_id, about=f"notice:{notice_id}"
    )
    if row.did == "conversation_left":
        flash(TAKEN_OUT, "note")
    return redirect(_place(row), 303)


@pages.post("/notices/<int:notice_id>/read")
@content
def read_notice(viewer: Person, notice_id: int) -> Any:
    inbox.read(viewer, inbox.one(viewer, notice_id).id)
    return redirect(url_for("web.notices"), 303)


@pages.post("/notices/read")
@content
def read_notices(viewer: Person) -> Any:
    """Up to the newest that was on the page: what has come since stays new."""
    inbox.read_all(viewer, forms.number("up_to", needed="Say up to where."))
    return redirect(url_for("web.notices"), 303)


@pages.get("/settings/notices")
@content
def notice_settings(viewer: Person) -> str:
    return _settings(viewer, {})


@pages.post("/settings/notices")
@content
def change_notice_settings(viewer: Person) -> Any:
    def act() -> str:
        choices.choose(viewer, {each: forms.text(each) for each in REASONS})
        choices.set_quiet(
            viewer,
            forms.time_of_day("from_time"),
            forms.time_of_day("until_time"),
            [int(day) for day in request.form.getlist("days") if day.isdecimal()],
            urgent_passes=forms.flag("urgent_passes"),
        )
        audit.note(viewer, "changed settings", how="page", outcome="done")
        return url_for("web.notice_settings")

    return forms.send(viewer, act, lambda errors: _settings(viewer, errors), done="Saved.")


@pages.get("/settings/absence")
@content
def absence(viewer: Person) -> str:
    return _absence(viewer, {})


@pages.post("/settings/absence")
@content
def set_absence(viewer: Person) -> Any:
    def act() -> str:
        choices.set_absence(
            viewer,
            forms.day("from_on", needed="Write the first day you are away."),
            forms.day("until_on", needed="Write the last day you are away."),
            forms.number_or_none("cover_id"),
        )
        audit.note(viewer, "changed settings", how="page", outcome="done")
        return url_for("web.absence")

    return forms.send(viewer, act, lambda errors: _absence(viewer, errors), done="Saved.")


@pages.post("/settings/absence/end")
@content
def end_absence(viewer: Person) -> Any:
    choices.end_absence(viewer)
    audit.note(viewer, "changed settings", how="page", outcome="done")
    return redirect(url_for("web.absence"), 303)


def _line(row: AnyRow, viewer: Person) -> dict[str, Any]:
    return {
        "id": row.id,
        "case_id": row.case_id,
        "what": _says(row, viewer).format(child=row.child_name or "this child"),
        "is_urgent": row.reason == "urgent",
        "is_new": row.read_at is None,
        # Who asks about a child, and the clock, have no name here.
        "by": row.by,
        "told_at": row.told_at,
        "due_at": row.due_at if row.kind == "question" else None,
        "by_when": "answer by" if row.due_at and row.due_at > clock.now() else "was wanted by",
        "instead_of": row.instead_of,
    }


def _says(row: AnyRow, viewer: Person) -> str:
    is_question = row.kind == "question"
    if row.message_id is not None:
        return "You are named in a message" if row.reason == "named" else "A message to you"
    if row.did == "answered" and row.author_id == viewer.id:
        return "Your question about {child} has an accepted answer"
    if row.did == "commented" and is_question:
        return "An answer to your question about {child}"
    if row.alert_kind is not None:
        return SAYS[row.alert_kind]
    if row.reason in SAYS:
        return SAYS[row.reason]
    if row.did in SAYS:
        return SAYS[row.did]
    if is_question:
        return "A question to the network about {child}"
    worry = f": {worry_word(row.worry).lower()}" if row.worry not in ("none", None) else ""
    return f"{kind_word(row.kind)} about {{child}}{worry}"


def _place(row: AnyRow) -> str:
    if row.saved_search_id is not None:
        return url_for("web.saved_search", saved_search_id=row.saved_search_id)
    if row.message_id is not None:
        return url_for("web.conversation", conversation_id=row.conversation_id)
    if row.did == "conversation_left":
        return url_for("web.all_conversations")
    if row.post_id is not None:
        anchor = f"comment-{row.comment_id}" if row.comment_id else None
        return url_for("web.post", post_id=row.post_id, _anchor=anchor)
    if row.alert_id is not None:
        return f"/hotspots/{row.alert_id}"
    endpoint, anchor = PLACES.get(row.did, ("web.case", None))
    return url_for(endpoint, case_id=row.case_id, _anchor=anchor)


def _settings(viewer: Person, errors: forms.Errors) -> str:
    hours = choices.quiet(viewer)
    is_sent = request.method == "POST"
    kept_days = [str(day) for day in hours.days] if hours else []
    kept = {
        **choices.ways(viewer),
        "from_time": _time(hours.from_time) if hours else "",
        "until_time": _time(hours.until_time) if hours else "",
    }
    return render_template(
        "notice_settings.html",
        errors=errors,
        values=forms.values(**kept),
        reasons=list(REASONS.items()),
        ways=[(way, words) for way, words in WAYS.items()],
        no_off=[(way, words) for way, words in WAYS.items() if way != "off"],
        days=[(str(number), name) for number, name in enumerate(LONG_DAYS)],
        quiet_days=request.form.getlist("days") if is_sent else kept_days,
        passes=forms.flag("urgent_passes") if is_sent else hours is None or hours.urgent_passes,
        email=viewer.email,
        is_on=mail.is_on(),
        hour=f"{mail.office().hour:02}:00",
        key=forms.new_key(),
    )


def _absence(viewer: Person, errors: forms.Errors) -> str:
    kept = choices.absence(viewer)
    today = clock.today()
    return render_template(
        "absence.html",
        errors=errors,
        kept=kept,
        is_away=kept is not None and kept.from_on <= today,
        values=forms.values(
            from_on=kept.from_on.isoformat() if kept else "",
            until_on=kept.until_on.isoformat() if kept else "",
            cover_id=kept.cover_id if kept else "",
        ),
        colleagues=[(row.id, f"{row.name}, {row.role}") for row in choices.colleagues(viewer)],
        key=forms.new_key(),
    )


def _time(at: Any) -> str:
    return f"{at:%H:%M}" if at is not None else ""
