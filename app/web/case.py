"""One child's case: the facts, the form to write in, and the stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import flash, g, make_response, redirect, render_template, request

from app import access, attachments, audit
from app.casework import measures
from app.core import clock, db
from app.core.db import AnyRow
from app.insight import events, moves, strip
from app.models import KINDS, UNUSUAL, Case, Child, Person
from app.monitor import board
from app.web import (
    bell,
    blocks,
    case_head,
    composing,
    files_sent,
    filters,
    forms,
    pages,
    scores,
    sparks,
)
from app.web.session import content
from feeds import audiences, changes, drafts, facts, follows, posts, questions, timeline

# Who has not looked for a week stands out in the list of the team.
QUIET = timedelta(days=7)

VIEWS = {
    None: "All",
    "worries": "Worries",
    "working-well": "Working well",
    "childs-words": "Child’s words",
}


@pages.get("/cases/<int:case_id>")
@content
def case(viewer: Person, case_id: int) -> str:
    return show(viewer, access.case(viewer, case_id))


@pages.get("/cases/<int:case_id>/needs-a-look")
@content
def case_needs_a_look(viewer: Person, case_id: int) -> str:
    """Why, for an open page of the case that is told that it has changed."""
    reasons = board.of_case(viewer, access.case(viewer, case_id))
    audit.note(viewer, "read alerts", how="live", case_id=case_id)
    bell.seen_alerts(viewer, [reason.alert.id for reason in reasons])
    return render_template("case_needs_a_look.html", reasons=reasons)


@pages.post("/cases/<int:case_id>/posts")
@files_sent.along(access.case)
def publish(viewer: Person, case_id: int) -> Any:
    found = access.case(viewer, case_id)

    def act() -> str:
        said = scores.sent()
        update = composing.sent(measures.wrong(viewer, found, said))
        siblings = composing.siblings_chosen(viewer, found)
        update = composing.with_files(update, files_sent.keep(viewer, found))
        post = posts.publish(viewer, found, update, siblings)
        measures.record(viewer, found, said, post)
        drafts.drop(viewer, found)
        flash(_posted(update, composing.told(viewer, [found, *siblings], update)), "posted")
        for sentence in composing.named_in_vain(viewer, [found, *siblings], update):
            flash(sentence, "note")
        return f"/cases/{case_id}#post-{post.id}"

    def again(errors: forms.Errors) -> str:
        # What was undone with the rest is kept again: nobody chooses a file twice.
        values = composing.typed(files_sent.keep(viewer, found))
        return show(viewer, found, values=values, errors=errors)

    return forms.send(viewer, act, again)


@pages.post("/cases/<int:case_id>/read")
@content
def mark_read(viewer: Person, case_id: int) -> Any:
    found = access.case(viewer, case_id)
    follows.mark_read(viewer, found, forms.number("position", needed="Say up to where."))
    return make_response("", 204) if forms.by_script() else redirect(f"/cases/{case_id}", 303)


@pages.post("/cases/<int:case_id>/follow")
@content
def follow(viewer: Person, case_id: int) -> Any:
    found = access.case(viewer, case_id)
    if forms.text("_method") == "DELETE":
        follows.unfollow(viewer, found)
        flash("You no longer follow this case. You can still open it.")
    else:
        follows.follow(viewer, found)
        flash("You follow this case: what is new stands in your feed.")
    return redirect(f"/cases/{case_id}", 303)


def show(
    viewer: Person,
    case: Case,
    *,
    values: dict[str, Any] | None = None,
    errors: forms.Errors | None = None,
) -> str:
    """The page of a case; with `values` and `errors`, the form as it came back."""
    g.at = changes.newest()  # before anything is read: what comes after it is fetched again
    only, before = _chosen()
    page = timeline.stream(viewer, case, only=only, before=before)
    last_read, last_read_at, following = follows.reading(viewer, case)
    members = composing.round_the_child(viewer, case)
    drawn = blocks.of_case(page.posts, viewer, last_read)
    new = sum(kind == "new" for kind, _ in drawn)
    child = db.session().get_one(Child, case.child_id)
    known = facts.of(viewer, case)
    head = case_head.of(viewer, case, "updates", unread=new, standing=known)
    draft = drafts.find(viewer, case) if values is None else None
    audit.note(viewer, "read case", how="page", case_id=case.id, ranges=page.ranges)
    bell.seen(viewer, [row.id for row in page.posts])
    reasons = board.of_case(viewer, case)
    bell.seen_alerts(viewer, [reason.alert.id for reason in reasons])
    is_whole = not only.is_set and before is None
    if is_whole and page.posts:
        _mark_what_was_shown(viewer, case, page, last_read)
    return render_template(
        "case.html",
        viewer=viewer,
        case=case,
        head=head,
        child=child.name.split()[0] if child.name else "this child",
        reasons=reasons,
        facts=_facts(known, moves.safety(viewer, case)) if is_whole else (),
        glance=_glance(viewer, case, members, known) if is_whole else None,
        usual="" if _is_unusual(reasons) else _usual(viewer, case),
        has_read=last_read_at is not None,
        read_on=_read_before_today(last_read_at),
        lead=known.lead,
        reads_from=known.reads_from,
        open_things=_open(known),
        composer=composing.offered(
            viewer,
            case,
            values=values,
            errors=errors,
            draft=draft,
            siblings=head.siblings,
        ),
        errors=errors or {},
        team=[_member(member) for member in members],
        filters=_filters(case, only),
        choices=_choices(members, only),
        only=only,
        is_filtered=only.is_set,
        blocks=drawn,
        shared=audiences.of(page.posts),
        files=attachments.of(page.posts),
        questions=questions.of(page.posts),
        scores=measures.told_with(page.posts),
        withheld=known.withheld if is_whole else 0,
        older=_address(case, only, before=page.older) if page.older else "",
        unread_below=new and timeline.floor(page) > last_read,
        newest=page.posts[0].position if page.posts else 0,
        is_first=before is None,
        following=following,
        now=clock.now(),
    )


def _read_before_today(last_read_at: datetime | None) -> date | None:
    """The day on which she last read the case; none when that was today."""
    on = clock.local(last_read_at).date() if last_read_at else None
    return on if on and on < clock.today() else None


def _posted(update: posts.Update, readers: str) -> str:
    said = f"Posted. {readers} can see it." if readers else "Posted."
    if update.worry == "urgent" and update.phoned is False:
        said += " Phone now if a child is in danger: 999."
    return said


def _mark_what_was_shown(viewer: Person, case: Case, page: timeline.Page, last_read: int) -> None:
    # A page that does not reach down to the line has left something out.
    if timeline.floor(page) <= last_read:
        follows.mark_read(viewer, case, page.posts[0].position)


def _chosen() -> tuple[timeline.Filter, int | None]:
    view, kind = request.args.get("view"), request.args.get("kind")
    only = timeline.Filter(
        view=view if view in VIEWS else None,
        kind=kind if kind in filters.ALL_KINDS else None,
        agency_id=forms.asked_number("agency"),
        author_id=forms.asked_number("person"),
        first_on=forms.asked_day("from"),
        last_on=forms.asked_day("until"),
    )
    return only, forms.asked_number("before")


def _address(case: Case, only: timeline.Filter, **more: Any) -> str:
    asked = {
        "view": only.view,
        "kind": only.kind,
        "agency": only.agency_id,
        "person": only.author_id,
        "from": only.first_on,
        "until": only.last_on,
        **more,
    }
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"/cases/{case.id}{'?' if query else ''}{query}"


def _filters(case: Case, only: timeline.Filter) -> list[dict[str, Any]]:
    narrowed = only != timeline.Filter(view=only.view)
    return [
        {
            "label": label,
            "href": _address(case, timeline.Filter(view=view)) + "#updates",
            "current": only.view == view and not narrowed,
        }
        for view, label in VIEWS.items()
    ]


def _choices(members: Sequence[AnyRow], only: timeline.Filter) -> list[dict[str, Any]]:
    """The selects of the form that narrows the stream: name, label, options, value."""
    agencies = {member.agency_id: member.agency_name for member in members}
    people = {member.id: member.name for member in members}
    return [
        {"name": "kind", "label": "Type", "options": KINDS.items(), "value": only.kind},
        {
            "name": "agency",
            "label": "Agency",
            "options": agencies.items(),
            "value": only.agency_id,
        },
        {"name": "person", "label": "Person", "options": people.items(), "value": only.author_id},
    ]


def _glance(
    viewer: Person, case: Case, members: Sequence[AnyRow], known: facts.Facts
) -> dict[str, Any]:
    """What the last months were like: the weeks of a year, and what was significant."""
    network = [(member.agency_type, member.from_at) for member in members]
    weeks = strip.read(viewer, case, network, known.reads_from)
    return {"strip": weeks, "events": events.recent(viewer, case, weeks.gap)}


def _is_unusual(reasons: Sequence[board.Reason]) -> bool:
    return any(reason.alert.kind in UNUSUAL for reason in reasons)


def _usual(viewer: Person, case: Case) -> str:
    """How much there is this week; where it is unusual the reason says so, and what is usual."""
    spark = sparks.of(board.weeks(viewer, case))
    if spark is None:
        return ""
    as_usual = " as usual" if spark.word(spark.newest) == "usual" else ""
    return f"This week{as_usual}: {spark.newest}, each agency once a day (usual {spark.usual})."


def _facts(known: facts.Facts, safety: moves.Move | None) -> list[dict[str, Any]]:
    return [_last_seen(known), _safety(safety), _next(known), _overdue(known), _questions(known)]


def _safety(last: moves.Move | None) -> dict[str, Any]:
    if last is None:
        return {"label": "Safety scale", "value": "Not asked yet", "note": ""}
    was = f"; said {last.before:g} on {filters.day(last.before_on)}" if last.before_on else ""
    return {
        "label": "Safety scale",
        "value": last.now,
        "note": f"{last.by}, {filters.day(last.read_on)}{was}",
    }


def _last_seen(known: facts.Facts) -> dict[str, Any]:
    seen = known.last_seen
    if seen is None and known.reads_from:
        return {"label": "Last seen", "value": "Not shared with you", "note": _reads_from(known)}
    if seen is None:
        return {"label": "Last seen", "value": "Not recorded", "note": "No visit says so"}
    how = "alone" if seen.seen_alone else "not alone" if seen.seen_alone is False else ""
    by = f"by {seen.name}" if seen.name else ""
    on = clock.local(seen.occurred_at).date()
    return {
        "label": "Last seen",
        "value": filters.ago(on).capitalize(),
        "note": ", ".join(part for part in (how, by, filters.day(on)) if part),
        "href": f"/posts/{seen.id}",
    }


def _next(known: facts.Facts) -> dict[str, Any]:
    if known.next_at is None:
        return {"label": "Next", "value": "Nothing planned", "note": ""}
    return {
        "label": "Next",
        "value": filters.day(known.next_at),
        "note": f"{known.next_what}, {filters.wall_clock(known.next_at)}",
        "href": f"/posts/{known.next_post_id}" if known.next_post_id else "",
    }


def _questions(known: facts.Facts) -> dict[str, Any]:
    if not known.questions:
        return {"label": "Open questions", "value": "None", "note": ""}
    first = known.questions[0]
    return {
        "label": "Open questions",
        "value": str(len(known.questions)),
        "note": filters.wanted_by(first),
        "late": filters.is_late(first),
        "href": f"/posts/{first.id}",
    }


def _overdue(known: facts.Facts) -> dict[str, Any]:
    if not known.overdue:
        return {"label": "Overdue", "value": "Nothing", "note": ""}
    many = len(known.overdue)
    return {
        "label": "Overdue",
        "value": f"{many} {'thing' if many == 1 else 'things'}",
        "note": ", ".join(known.overdue),
        "late": True,
    }


def _reads_from(known: facts.Facts) -> str:
    return f"You read from {filters.day(known.reads_from)} on" if known.reads_from else ""


def _open(known: facts.Facts) -> list[dict[str, Any]]:
    """What waits for somebody: unacknowledged first, then questions, then what is planned."""
    waiting = [
        {"label": "Urgent, not acknowledged", "href": f"/posts/{post_id}", "late": True, "note": ""}
        for post_id in known.unacknowledged
    ]
    waiting += [
        {
            "label": filters.short(row.body),
            "href": f"/posts/{row.id}",
            "late": filters.is_late(row),
            "note": filters.wanted_by(row),
        }
        for row in known.questions
    ]
    if known.next_at:
        at = f"{filters.day(known.next_at)}, {filters.wall_clock(known.next_at)}"
        href = f"/posts/{known.next_post_id}" if known.next_post_id else ""
        waiting.append({"label": known.next_what, "href": href, "late": False, "note": at})
    return waiting


def _member(member: AnyRow) -> dict[str, Any]:
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "agency_name": member.agency_name,
        "agency_type": member.agency_type,
        "phone": member.phone,
        "lead": member.is_lead,
        "away": member.out_of_office,
        "quiet": _quiet(member),
    }


def _quiet(member: AnyRow) -> str:
    if (member.last_read or 0) >= member.newest:
        return ""
    if member.last_read_at is None:
        return "Not read yet"
    late = clock.now() - member.last_read_at > QUIET
    return f"Not read since {filters.day(member.last_read_at)}" if late else ""
