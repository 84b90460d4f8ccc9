"""Messages: whom one talks with, and one conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, g, make_response, redirect, render_template, request

from app import access, attachments, audit
from app.casework import people as accounts
from app.core import clock, db, json
from app.core.db import AnyRow
from app.core.errors import Invalid, NotFound
from app.models import Case, Child, Conversation, MessageDraft, Person
from app.notices import choices
from app.web import bell, case_head, composing, files_sent, forms, pages, talk
from app.web.filters import wall_clock
from app.web.session import content, unrecorded
from feeds import changes
from messaging import conversations, drafts, messages, reading, unread
from search import find

LISTED = 50
AT_ONCE = 50
HISTORY = (
    ("all", "Everything that was said so far"),
    ("now", "Only what is said from now on"),
    ("day", "What was said since a day"),
)


@pages.get("/conversations")
@content
def all_conversations(viewer: Person) -> str:
    g.at = changes.newest()
    rows = conversations.mine(viewer, before=_marker(), size=LISTED + 1)
    audit.note(viewer, "read conversations", how="page")
    return render_template(
        "conversations.html",
        viewer=viewer,
        listed=_listed(viewer, rows[:LISTED]),
        older=_older(rows),
        is_first="before" not in request.args,
    )


@pages.get("/conversations/new")
@content
def new_conversation(viewer: Person) -> str:
    return _new(viewer, {})


@pages.get("/conversations/choices")
@unrecorded
def conversation_choices(viewer: Person) -> str:
    """Whom she may choose, by the words in the field of the form that is open, as she types.

    Of colleagues the directory tells as much; who works on a case is on record.
    """
    talk_id, case_id = forms.asked_number("conversation"), forms.asked_number("case")
    inside: set[int] = set()
    if talk_id:
        found = access.conversation(viewer, talk_id)
        case_id, inside = found.case_id, {each.id for each in conversations.people(found)}
    if case_id:
        access.case(viewer, case_id)
        audit.note_unless_lately(viewer, "begin to talk", [case_id], how="page")
    chosen = _numbers(",".join(request.args.getlist("people")))
    words = request.args.get("words", "").strip()
    offered, more = _offered(viewer, case_id, words, chosen)
    return render_template(
        "conversation_choices.html",
        people=[each for each in offered if each.id not in inside],
        chosen=chosen,
        more=more,
        several=not talk_id,
    )


@pages.post("/conversations")
@content
def start_conversation(viewer: Person) -> Any:
    if _asks_for_people():
        return _new(viewer, {})

    def act() -> str:
        case_id = forms.number_or_none("case_id")
        case = access.case(viewer, case_id) if case_id else None
        chosen = [accounts.find(each) for each in _people_chosen()]
        name = forms.text("name")
        made = conversations.start(viewer, chosen, case=case, name=name)
        return f"/conversations/{made.id}"

    return forms.send(viewer, act, lambda errors: _new(viewer, errors))


@pages.get("/conversations/<int:conversation_id>")
@content
def conversation(viewer: Person, conversation_id: int) -> Any:
    found = access.conversation(viewer, conversation_id)
    if request.args.get("day"):
        return _to_day(viewer, found)
    return show(viewer, found)


@pages.post("/conversations/<int:conversation_id>/messages")
@files_sent.along(access.conversation)
def say(viewer: Person, conversation_id: int) -> Any:
    found = access.conversation(viewer, conversation_id)
    case = _about(viewer, found)
    return _send(viewer, case, lambda: found, lambda errors: show(viewer, found, errors=errors))


@pages.get("/cases/<int:case_id>/conversation")
@content
def case_conversation(viewer: Person, case_id: int) -> Any:
    """The network's own: there from the beginning, even while nobody has said anything."""
    case = access.case(viewer, case_id)
    found = conversations.find_of_case(case)
    return redirect(f"/conversations/{found.id}", 303) if found else _before_the_first(viewer, case)


@pages.post("/cases/<int:case_id>/conversation/messages")
@files_sent.along(access.case)
def say_to_network(viewer: Person, case_id: int) -> Any:
    case = access.case(viewer, case_id)

    def again(errors: forms.Errors) -> str:
        return _before_the_first(viewer, case, errors)

    return _send(viewer, case, lambda: conversations.of_case(viewer, case), again)


@pages.get("/conversations/<int:conversation_id>/fragments")
@content
def message_fragments(viewer: Person, conversation_id: int) -> Any:
    """Messages to put into the open page: those after a position, or those asked for by id.

    An id that is not answered is no longer hers to read: the page drops it.
    """
    found = access.conversation(viewer, conversation_id)
    ids = request.args.get("ids")
    if ids is None:
        after = forms.asked_number("after") or 0
        page = reading.after(viewer, found, after, size=AT_ONCE)
    else:
        page = reading.Page(reading.these(viewer, found, _numbers(ids)))
    _note(viewer, found, page, how="live")
    bell.seen_in(viewer, found.id)
    # Where somebody has read up to is told by the page, and the line stays where it was.
    drawn = talk.blocks(viewer, found, page.messages)
    html = render_template(
        "message_fragments.html",
        blocks=[block for block in drawn if ids is None or block[0] != "day"],
        conversation=found,
        viewer=viewer,
        may_write=access.writes(viewer, found.id),
    )
    answer = make_response(html)
    answer.headers["Kith-Notices"] = str(bell.unread(viewer))
    if page.newer:
        answer.headers["Kith-More"] = str(page.newer)
    return answer


@pages.get("/conversations/unread")
@unrecorded
def unread_messages(viewer: Person) -> Any:
    """How much is new: numbers only, for the page that is open."""
    return {"total": unread.total(viewer), "conversations": unread.counts(viewer)}


@pages.post("/conversations/<int:conversation_id>/read")
@content
def mark_messages_read(viewer: Person, conversation_id: int) -> Any:
    found = access.conversation(viewer, conversation_id)
    unread.mark(viewer, found, forms.number("position", needed="Say up to where."))
    if forms.by_script():
        return make_response("", 204)
    return redirect(f"/conversations/{found.id}", 303)


@pages.get("/conversations/<int:conversation_id>/people")
@content
def conversation_people(viewer: Person, conversation_id: int) -> str:
    return _people(viewer, access.conversation(viewer, conversation_id), {})


@pages.post("/conversations/<int:conversation_id>/people")
@content
def add_to_conversation(viewer: Person, conversation_id: int) -> Any:
    found = access.conversation(viewer, conversation_id)
    if _asks_for_people():
        return _people(viewer, found, {})

    def act() -> str:
        person_id = forms.number("people", needed="Choose whom to add.")
        person = accounts.find(person_id)
        conversations.add(viewer, found, person, history_from=_history_from())
        flash(f"{person.name} is in this conversation now.")
        return f"/conversations/{found.id}/people"

    return forms.send(viewer, act, lambda errors: _people(viewer, found, errors))


@pages.post("/conversations/<int:conversation_id>/people/<int:person_id>/removal")
@content
def remove_from_conversation(viewer: Person, conversation_id: int, person_id: int) -> Any:
    found, person = access.conversation(viewer, conversation_id), accounts.find(person_id)
    conversations.remove(viewer, found, person)
    flash(f"{person.name} is out of this conversation and reads nothing of it any more.")
    return redirect(f"/conversations/{found.id}/people", 303)


@pages.post("/conversations/<int:conversation_id>/name")
@content
def name_conversation(viewer: Person, conversation_id: int) -> Any:
    found = access.conversation(viewer, conversation_id)

    def act() -> str:
        conversations.rename(viewer, found, forms.text("name"))
        return f"/conversations/{found.id}/people"

    return forms.send(
        viewer, act, lambda errors: _people(viewer, found, errors), done="The group has its name."
    )


@pages.post("/conversations/<int:conversation_id>/leaving")
@content
def leave_conversation(viewer: Person, conversation_id: int) -> Any:
    conversations.leave(viewer, access.conversation(viewer, conversation_id))
    flash("You have left. Nothing of it is yours to read any more.")
    return redirect("/conversations", 303)


@pages.post("/conversations/<int:conversation_id>/mute")
@content
def mute_conversation(viewer: Person, conversation_id: int) -> Any:
    found = access.conversation(viewer, conversation_id)
    muted = forms.text("_method") != "DELETE"
    conversations.mute(viewer, found, muted=muted)
    flash("Muted: its news is not counted at the top." if muted else "Its news is counted again.")
    return redirect(f"/conversations/{found.id}/people", 303)


def show(viewer: Person, found: Conversation, *, errors: forms.Errors | None = None) -> str:
    """The page of a conversation; with `errors`, the form as it came back."""
    g.at = changes.newest()  # before anything is read: what comes after it is fetched again
    page, last_read = _chosen(viewer, found), unread.last_read(viewer, found)
    # A page that begins above the line and shows on from there has shown all it reaches.
    if page.messages and (page.older is None or page.range[0] <= last_read + 1):
        unread.mark(viewer, found, page.range[1])
    everybody = conversations.people(found)  # with her, who has read it now
    drawn = talk.blocks(viewer, found, page.messages, last_read=last_read, people=everybody)
    draft = drafts.find(viewer, found)
    reply = _replied_to(viewer, found, draft)
    _note(viewer, found, page)
    bell.seen_in(viewer, found.id)
    case = _about(viewer, found)
    others = [each for each in everybody if each.id != viewer.id]
    return render_template(
        "conversation.html",
        viewer=viewer,
        conversation=found,
        title=talk.title(viewer, found, case),
        case=case,
        head=case_head.of(viewer, case, "messages") if case and found.kind == "case" else None,
        about=db.session().get_one(Child, case.child_id).label if case else "",
        listed=_listed(viewer, conversations.mine(viewer, size=LISTED)),
        people=others,
        away=choices.away([each.id for each in others]),
        blocks=drawn,
        older=page.older,
        newer=page.newer,
        last=page.range[1],
        reply=reply,
        may_write=access.writes(viewer, found.id),
        names=json.dumps({str(each.id): each.name for each in others}).decode(),
        readers=len(set(access.those_in(found.id)) - {viewer.id}),
        values=forms.values(body=draft.body if draft else ""),
        saved=_saved(draft) if draft and not errors else "",
        errors=errors or {},
        key=forms.new_key(),
        files=_files(viewer, case),
    )


def _before_the_first(viewer: Person, case: Case, errors: forms.Errors | None = None) -> str:
    """The network's conversation while nobody has said anything in it."""
    audit.note(viewer, "read messages", how="page", case_id=case.id)
    return render_template(
        "first_message.html",
        case=case,
        head=case_head.of(viewer, case, "messages"),
        may_write=access.may(access.is_member(viewer.id, case.id)) or access.leads(viewer, case.id),
        readers=len(set(access.viewers(case.id)) - {viewer.id}),
        members=[each for each in composing.round_the_child(viewer, case) if each.id != viewer.id],
        values=forms.values(body=""),
        errors=errors or {},
        key=forms.new_key(),
        files=_files(viewer, case),
    )


def _send(viewer: Person, case: Case | None, where: Any, again: Any) -> Any:
    def act() -> str:
        found = where()
        if wrong := files_sent.wrong():
            raise Invalid(**wrong)
        said = messages.say(
            viewer,
            found,
            forms.text("body"),
            reply_to_id=forms.number_or_none("reply_to"),
            files=[*_files_chosen(), *files_sent.keep(viewer, case)],
            alt=forms.text("alt") or None,
        )
        unread.mark(viewer, found, said.position)
        drafts.drop(viewer, found)
        return f"/conversations/{found.id}#message-{said.id}"

    def with_files(errors: forms.Errors) -> str:
        # What was undone with the rest is kept again: nobody chooses a file twice.
        g.kept_files = [*_files_chosen(), *files_sent.keep(viewer, case)]
        page: str = again(errors)
        return page

    try:
        return forms.send(viewer, act, with_files)
    except NotFound as refusal:
        # What is answered is not there for her: on record like every refusal, and her words stay.
        audit.note(viewer, "refused", how="page", about=refusal.about, outcome="refused")
        return make_response(with_files({"reply_to": messages.GONE}), refusal.status)


def _files_chosen() -> list[int]:
    """The files this form has brought before."""
    sent = request.form.getlist("attachments")[: attachments.MOST_WAITING]
    return [each for each in map(forms.as_number, sent) if each is not None]


def _files(viewer: Person, case: Case | None) -> dict[str, Any]:
    """What the part of the form for files has to know."""
    return composing.files_offered(viewer, case, g.get("kept_files", ()))


def _chosen(viewer: Person, found: Conversation) -> reading.Page:
    """The page the address asks for; else from the first unread on, or the newest."""
    before, after = forms.asked_number("before"), forms.asked_number("after")
    if before is not None:
        return reading.before(viewer, found, before)
    if after is not None:
        return reading.after(viewer, found, after)
    around = forms.asked_number("around") or unread.first(viewer, found)
    return reading.around(viewer, found, around) if around else reading.newest(viewer, found)


def _to_day(viewer: Person, found: Conversation) -> Any:
    audit.note(viewer, "read messages", how="page", case_id=found.case_id, about=_named(found))
    try:
        day = datetime.fromisoformat(request.args["day"]).date()
    except ValueError:
        flash("Write a day, such as 2026-03-31.", "note")
        return redirect(f"/conversations/{found.id}", 303)
    position = reading.on(viewer, found, day)
    if position is None:
        flash("Nothing was said on that day or after it.", "note")
        return redirect(f"/conversations/{found.id}", 303)
    (first,) = reading.after(viewer, found, position - 1, size=1).messages
    place = f"/conversations/{found.id}?around={position}#message-{first.id}"
    return redirect(place, 303)


def _note(viewer: Person, found: Conversation, page: reading.Page, how: str = "page") -> None:
    first, last = page.range
    about = f"{_named(found)} {first}-{last}" if last else _named(found)
    audit.note(viewer, "read messages", how=how, case_id=found.case_id, about=about)


def _named(found: Conversation) -> str:
    return f"conversation:{found.id}"


def _about(viewer: Person, found: Conversation) -> Case | None:
    return access.case(viewer, found.case_id) if found.case_id is not None else None


def _replied_to(viewer: Person, found: Conversation, draft: MessageDraft | None) -> AnyRow | None:
    """What she is about to answer: what the form or the address says, else what her draft does."""
    number = forms.number_or_none("reply_to") or forms.asked_number("reply")
    if request.method == "GET" and "reply" not in request.args and draft:
        number = draft.reply_to_id
    rows = reading.these(viewer, found, [number]) if number else ()
    return rows[0] if rows else None


def _saved(draft: MessageDraft) -> str:
    saved = f"Draft saved {wall_clock(draft.saved_at)}"
    if not draft.files:
        return saved
    what, them = ("file", "it") if draft.files == 1 else ("files", "them")
    return f"{saved}, without the {what} you had chosen: choose {them} again."


def _listed(viewer: Person, rows: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """The list beside a conversation: unread first, then the newest."""
    news = unread.counts(viewer)
    others = conversations.names([row.id for row in rows if row.kind != "case"], viewer)
    listed = [
        {
            "id": row.id,
            "title": talk.listed_title(row, others.get(row.id, [])),
            "case_id": row.case_id,
            "about": row.child_name if row.kind != "case" else "",
            "is_case": row.kind == "case",
            "said_at": row.said_at,
            "unread": news.get(row.id, 0),
            "muted": row.muted,
        }
        for row in rows
    ]
    return sorted(listed, key=lambda row: not row["unread"])


def _older(rows: Sequence[AnyRow]) -> str:
    if len(rows) <= LISTED:
        return ""
    last = rows[LISTED - 1]
    return f"/conversations?before={last.said_at.timestamp():.6f}-{last.id}"


def _marker() -> tuple[datetime, int] | None:
    sent = request.args.get("before", "")
    at, _, number = sent.partition("-")
    try:
        return datetime.fromtimestamp(float(at), tz=clock.now().tzinfo), int(number)
    except (ValueError, OverflowError, OSError):
        return None


def _numbers(written: str) -> list[int]:
    asked = [forms.as_number(each) for each in written.split(",")[:AT_ONCE]]
    return [each for each in asked if each is not None]


def _people_chosen() -> list[int]:
    chosen = [forms.as_number(each) for each in request.form.getlist("people")[:AT_ONCE]]
    return [each for each in chosen if each is not None]


def _history_from() -> datetime | None:
    history = forms.text("history") or "now"
    if history == "all":
        return None
    if history == "now":
        return clock.now()
    needed = "Write the first day they may read."
    day = forms.day("history_from", needed=needed)
    if day is None:
        raise Invalid(history_from=needed)
    return clock.instant(day, datetime.min.time())


def _new(viewer: Person, errors: forms.Errors) -> str:
    case_id = forms.number_or_none("case_id") or forms.asked_number("case")
    case = None
    if case_id:
        case = access.case(viewer, case_id)
    audit.note(viewer, "begin to talk", how="page", case_id=case_id)
    asked = forms.asked_number("person")
    chosen = [*_people_chosen(), *([asked] if asked else [])]
    offered, more = _offered(viewer, case_id, forms.text("words"), chosen)
    return render_template(
        "new_conversation.html",
        viewer=viewer,
        case=case,
        about=db.session().get_one(Child, case.child_id).label if case else "",
        people=offered,
        chosen=chosen,
        more=more,
        values=forms.values(name="", words=""),
        errors=errors,
        key=forms.new_key(),
    )


def _asks_for_people() -> bool:
    """The form is sent to find somebody or to see more people, and not to do anything yet."""
    return bool(forms.text("find") or forms.text("more"))


def _offered(
    viewer: Person, case_id: int | None, words: str, chosen: Sequence[int] = ()
) -> tuple[Sequence[AnyRow], int]:
    """Whom she may choose, and how many she asks for next: nought when these are all."""
    called = find.called(words) if words else ()
    most = max(forms.number_or_none("more") or 0, conversations.OFFERED)
    most = min(most, conversations.MOST_OFFERED)
    rows, are_more = conversations.may_join(
        viewer, case_id, words=words, called=called, chosen=chosen, most=most
    )
    return rows, 2 * most if are_more else 0


def _people(viewer: Person, found: Conversation, errors: forms.Errors) -> str:
    case = _about(viewer, found)
    everybody = conversations.people(found)
    inside = {each.id for each in everybody}
    _note(viewer, found, reading.Page(()))
    offered: Sequence[AnyRow] = ()
    more = 0
    if found.kind == "group":
        offered, more = _offered(viewer, found.case_id, forms.text("words"), _people_chosen())
    return render_template(
        "conversation_people.html",
        viewer=viewer,
        conversation=found,
        title=talk.title(viewer, found, case),
        case=case,
        everybody=everybody,
        away=choices.away(list(inside)),
        may_remove=conversations.may_remove(viewer, found),
        offered=[each for each in offered if each.id not in inside],
        more=more,
        history=HISTORY,
        muted=conversations.is_muted(viewer, found),
        belongs=viewer.id in inside,
        values=forms.values(
            name=found.name or "", history="now", history_from="", people="", words=""
        ),
        errors=errors,
        key=forms.new_key(),
    )
