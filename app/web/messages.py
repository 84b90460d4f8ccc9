"""One message: change it, take it back, answer with a word, see what it said before."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request

from app import access, audit
from app.core.errors import NotAllowed, NotFound
from app.models import Message, Person
from app.web import forms, pages
from app.web.session import content
from messaging import conversations, keeps, messages, reading, unread

AT_ONCE = 50


@pages.get("/messages/<int:message_id>")
@content
def message(viewer: Person, message_id: int) -> Any:
    """Where it stands, and who has read it."""
    found = access.message(viewer, message_id)
    row = reading.one(viewer, found.id)
    talk = access.conversation(viewer, found.conversation_id)
    read, not_yet = unread.receipts(conversations.people(talk), row)
    _note(viewer, "read message", found)
    return render_template(
        "message.html",
        viewer=viewer,
        row=row,
        read=read,
        not_yet=not_yet,
        versions=messages.versions(found),
    )


@pages.get("/messages/<int:message_id>/edit")
@content
def edit_message(viewer: Person, message_id: int) -> Any:
    return _edit_form(viewer, _own(viewer, message_id), {})


@pages.post("/messages/<int:message_id>/edit")
@content
def change_message(viewer: Person, message_id: int) -> Any:
    found = _own(viewer, message_id)

    def act() -> str:
        version = forms.number("version", needed="Open the message again, and change it there.")
        messages.edit(viewer, found, forms.text("body"), version=version)
        return _place(found)

    return forms.send(viewer, act, lambda errors: _edit_form(viewer, found, errors))


@pages.get("/messages/<int:message_id>/withdrawal")
@content
def message_withdrawal(viewer: Person, message_id: int) -> Any:
    try:
        found = access.message(viewer, message_id)
    except NotFound:
        return _withdrawn_already(viewer, message_id)
    _note(viewer, "read message", found)
    row = reading.one(viewer, found.id)
    kept = messages.round_them(viewer, [row])[row.id].keep
    return render_template("withdraw_message.html", row=row, keep=kept, key=forms.new_key())


@pages.post("/messages/<int:message_id>/withdrawal")
@content
def withdraw_message(viewer: Person, message_id: int) -> Any:
    try:
        found = access.message(viewer, message_id)
    except NotFound:
        return _withdrawn_already(viewer, message_id)
    messages.withdraw(viewer, found)
    return _where_it_was(found)


@pages.post("/messages/<int:message_id>/reactions")
@content
def react(viewer: Person, message_id: int) -> Any:
    """Give one of the short answers, or take it back."""
    found = access.message(viewer, message_id)
    if forms.text("remove"):
        messages.take_back(viewer, found, forms.text("remove"))
    else:
        messages.react(viewer, found, forms.text("add"))
    return redirect(_place(found), 303)


@pages.get("/messages/<int:message_id>/keep")
@content
def keep_message(viewer: Person, message_id: int) -> Any:
    return _keep_form(viewer, access.message(viewer, message_id), {})


@pages.post("/messages/<int:message_id>/keep")
@content
def ask_to_keep(viewer: Person, message_id: int) -> Any:
    """Tell the authors; it becomes an update when they agree, or have had their time to say no."""
    found = access.message(viewer, message_id)

    def act() -> str:
        talk = access.conversation(viewer, found.conversation_id)
        keep = keeps.ask(viewer, talk, _chosen())
        if keeps.is_due(keep):
            flash("It stands in the stream in a moment.")
        else:
            flash(
                "The authors are told. It stands in the stream when they agree, or in 15 minutes."
            )
        return _place(found)

    return forms.send(viewer, act, lambda errors: _keep_form(viewer, found, errors))


@pages.post("/keeps/<int:keep_id>/agreement")
@content
def agree_to_keep(viewer: Person, keep_id: int) -> Any:
    keep = keeps.find(viewer, keep_id)
    keeps.agree(viewer, keep)
    flash("Your words are kept.")
    return redirect(f"/conversations/{keep.conversation_id}", 303)


@pages.post("/keeps/<int:keep_id>/refusal")
@content
def refuse_to_keep(viewer: Person, keep_id: int) -> Any:
    keep = keeps.find(viewer, keep_id)
    keeps.decline(viewer, keep)
    flash("Nothing of it is kept.")
    return redirect(f"/conversations/{keep.conversation_id}", 303)


def _chosen() -> list[int]:
    chosen = [forms.as_number(each) for each in request.form.getlist("messages")[:AT_ONCE]]
    return [each for each in chosen if each is not None]


def _keep_form(viewer: Person, found: Message, errors: forms.Errors) -> Any:
    """The message and those next to it, of which more can be kept with it."""
    talk = access.conversation(viewer, found.conversation_id)
    if talk.case_id is None:
        raise NotAllowed(keeps.ABOUT_NONE)
    page = reading.around(viewer, talk, found.position, size=16)
    first, last = page.range
    audit.note(
        viewer,
        "read messages",
        how="page",
        case_id=talk.case_id,
        about=f"conversation:{talk.id} {first}-{last}",
    )
    return render_template(
        "keep_message.html",
        message=found,
        rows=[row for row in page.messages if row.kind == "said"],
        chosen=_chosen() or [found.id],
        viewer=viewer,
        sees=len(access.viewers(talk.case_id)) - 1,
        errors=errors,
        key=forms.new_key(),
    )


def _withdrawn_already(viewer: Person, message_id: int) -> Any:
    found = access.withdrawn_message(viewer, message_id)
    flash("This message is withdrawn already.", "note")
    return _where_it_was(found)


def _where_it_was(found: Message) -> Any:
    return redirect(f"/conversations/{found.conversation_id}?around={found.position}", 303)


def _own(viewer: Person, message_id: int) -> Message:
    found = access.message(viewer, message_id)
    if found.author_id != viewer.id or found.kind != "said":
        raise NotAllowed(messages.NOT_HERS)
    return found


def _edit_form(viewer: Person, found: Message, errors: forms.Errors) -> str:
    _note(viewer, "read message", found)
    row = reading.one(viewer, found.id)
    return render_template(
        "edit_message.html",
        message=row,
        values=forms.values(body=row.body),
        # Whoever has seen the newer words beside hers may save over them.
        is_stale=forms.text("version") not in ("", str(row.version)),
        errors=errors,
        key=forms.new_key(),
    )


def _place(found: Message) -> str:
    return f"/conversations/{found.conversation_id}?around={found.position}#message-{found.id}"


def _note(viewer: Person, did: str, found: Message) -> None:
    audit.note(viewer, did, how="page", case_id=found.case_id, about=f"message:{found.id}")
