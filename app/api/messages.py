"""What is said in a conversation: reading it both ways, saying, editing, withdrawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, page, rows, things
from app.api.openapi import resources
from app.core import db
from app.core.db import AnyRow
from app.core.errors import Conflict, Invalid, NotFound
from app.models import Conversation, Message, Person
from messaging import conversations, messages, reading, unread

ROUND = ("reply_to", "reactions", "links", "names_me", "in_vain", "keep", "attachments")
PLAIN = tuple(name for name in shapes.Message().fields if name not in ROUND)
REPLY = tuple(shapes.ReplyTo().fields)
REACTION = ("reaction", "person_id", "name")
FILE = tuple(shapes.Attachment().fields)
LINK = tuple(shapes.Link().fields)
KEEP = ("id", "keeper_id", "keeper_name", "due_at")
VERSION = tuple(shapes.Version().fields)
PERSON = tuple(name for name in shapes.Reader().fields if name != "has_read")
WAYS = ("before", "after", "around", "on")


@resources.route("/conversations/<int:conversation_id>/messages", tags=["Messages"])
@door.reads
@resources.arguments(shapes.MessagesQuery, location="query")
@resources.response(200, shapes.Messages)
def read_messages(viewer: Person, query: dict[str, Any], conversation_id: int) -> Response:
    """What was said, in order: the newest, or by one of before, after, around and on.

    A program follows a conversation with `after`: the last position it has seen. Nothing can come
    in below it later; what is withdrawn or was not said to you is left out.
    """
    talk = access.conversation(viewer, conversation_id)
    found = _page(viewer, talk, query)
    _note(viewer, talk.id, talk.case_id, *found.range)
    body = {"messages": _shown(viewer, found.messages), "older": found.older, "newer": found.newer}
    downwards = not any(way in query for way in ("after", "around", "on"))
    way, goes_on = ("before", found.older) if downwards else ("after", found.newer)
    return page(body, {way: goes_on} if goes_on else None)


@resources.route(
    "/conversations/<int:conversation_id>/messages", methods=["POST"], tags=["Messages"]
)
@door.writes
@resources.arguments(shapes.NewMessage)
@resources.response(201, shapes.MessagePlace)
def say(author: Person, new: dict[str, Any], conversation_id: int) -> Response:
    """Say something to everybody in the conversation."""
    return _said(author, access.conversation(author, conversation_id), new)


@resources.route("/cases/<int:case_id>/conversation/messages", methods=["POST"], tags=["Messages"])
@door.writes
@resources.arguments(shapes.NewMessage)
@resources.response(201, shapes.MessagePlace)
def say_to_network(author: Person, new: dict[str, Any], case_id: int) -> Response:
    """Say something in the network's own conversation, which begins with it."""
    return _said(author, conversations.of_case(author, access.case(author, case_id)), new)


@resources.route("/messages/<int:message_id>", tags=["Messages"])
@door.reads
@resources.response(200, shapes.Message)
def message(viewer: Person, message_id: int) -> Response:
    """One message."""
    found = access.message(viewer, message_id)
    _note(viewer, found.conversation_id, found.case_id, found.position, found.position)
    return answer(_shown(viewer, [reading.one(viewer, message_id)])[0])


@resources.route("/messages/<int:message_id>", methods=["PATCH"], tags=["Messages"])
@door.writes
@resources.arguments(shapes.MessageChange)
@resources.response(204)
def edit_message(author: Person, change: dict[str, Any], message_id: int) -> Response:
    """Say it better: what it said before is kept."""
    found = access.message(author, message_id)
    messages.edit(author, found, change["body"], version=change.get("version"))
    return done()


@resources.route("/messages/<int:message_id>", methods=["DELETE"], tags=["Messages"])
@door.writes
@resources.response(204)
def withdraw_message(actor: Person, message_id: int) -> Response:
    """Take it back at once, everywhere: yours, or as the lead of the case it is about."""
    try:
        found = access.message(actor, message_id)
    except NotFound:
        access.withdrawn_message(actor, message_id)
        raise Conflict("This message is withdrawn already.") from None
    messages.withdraw(actor, found)
    return done()


@resources.route("/messages/<int:message_id>/versions", tags=["Messages"])
@door.reads
@resources.response(200, shapes.Versions)
def message_versions(viewer: Person, message_id: int) -> Response:
    """What the message said before it was edited, newest first."""
    found = access.message(viewer, message_id)
    _note_one(viewer, "read versions", found)
    return answer({"versions": things(messages.versions(found), VERSION)})


@resources.route("/messages/<int:message_id>/readers", tags=["Messages"])
@door.reads
@resources.response(200, shapes.Readers)
def message_readers(viewer: Person, message_id: int) -> Response:
    """Those it was said to: who has read it, and who has not yet."""
    found = access.message(viewer, message_id)
    talk = db.session().get_one(Conversation, found.conversation_id)
    row = reading.one(viewer, message_id)
    read, unread_yet = unread.receipts(conversations.people(talk), row)
    _note_one(viewer, "read readers", found)
    readers = [
        each | {"has_read": has_read}
        for has_read, found_people in ((True, read), (False, unread_yet))
        for each in rows(found_people, PERSON)
    ]
    return answer({"readers": readers})


@resources.route("/messages/<int:message_id>/reactions", methods=["PUT"], tags=["Messages"])
@door.writes
@resources.arguments(shapes.NewReaction)
@resources.response(204)
def react(actor: Person, new: dict[str, Any], message_id: int) -> Response:
    """Answer with one of a few words; again changes nothing."""
    messages.react(actor, access.message(actor, message_id), new["reaction"])
    return done()


@resources.route("/messages/<int:message_id>/reactions", methods=["DELETE"], tags=["Messages"])
@door.writes
@resources.arguments(shapes.NewReaction)
@resources.response(204)
def take_back_reaction(actor: Person, old: dict[str, Any], message_id: int) -> Response:
    """Take that answer of yours back."""
    messages.take_back(actor, access.message(actor, message_id), old["reaction"])
    return done()


def _page(viewer: Person, talk: Conversation, query: dict[str, Any]) -> reading.Page:
    asked, size = [way for way in WAYS if way in query], query["size"]
    if len(asked) > 1:
        raise Invalid(**{asked[1]: "Ask by one of before, after, around and on."})
    if not asked:
        return reading.newest(viewer, talk, size=size)
    if asked == ["on"]:
        first = reading.on(viewer, talk, query["on"])
        return reading.after(viewer, talk, first - 1, size=size) if first else reading.Page([])
    read = {"before": reading.before, "after": reading.after, "around": reading.around}[asked[0]]
    return read(viewer, talk, query[asked[0]], size=size)


def _said(author: Person, talk: Conversation, new: dict[str, Any]) -> Response:
    made = messages.say(
        author,
        talk,
        new["body"],
        reply_to_id=new["reply_to"],
        files=new["attachments"],
        alt=new["alt"],
    )
    return answer(
        {"id": made.id, "conversation_id": made.conversation_id, "position": made.position}, 201
    )


def _shown(viewer: Person, found: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """Messages as an answer gives them, with what stands round each."""
    about = messages.round_them(viewer, found)
    return [
        plain
        | {
            "reply_to": rows([one.reply_to], REPLY)[0] if one.reply_to else None,
            "reactions": rows(one.reactions, REACTION),
            "links": [link for each in one.links for link in rows([each], LINK)],
            "names_me": one.names_me,
            "in_vain": one.in_vain,
            "keep": _kept(one.keep) if one.keep else None,
            "attachments": rows(one.files, FILE),
        }
        for plain in rows(found, PLAIN)
        for one in (about[plain["id"]],)
    ]


def _kept(keep: AnyRow) -> dict[str, Any]:
    (plain,) = rows([keep], KEEP)
    post_id = keep.post_id if keep.reads_post else None
    return plain | {"is_kept": keep.ended_at is not None, "post_id": post_id}


def _note(viewer: Person, talk_id: int, case_id: int | None, first: int, last: int) -> None:
    about = f"conversation:{talk_id} {first}-{last}"
    audit.note(viewer, "read messages", how="api", case_id=case_id, about=about)


def _note_one(viewer: Person, did: str, found: Message) -> None:
    audit.note(viewer, did, how="api", case_id=found.case_id, about=f"message:{found.id}")
