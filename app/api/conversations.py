"""Conversations: those one is in, starting one, who is in it, and how far it has been read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, g

from app import access, audit
from app.api import door, shapes
from app.api.answers import answer, done, page, rows
from app.api.openapi import resources
from app.casework import people
from app.core import db
from app.core.db import AnyRow
from app.core.errors import Invalid
from app.models import Case, Child, Conversation, ConversationHead, Person
from messaging import conversations, unread

PLAIN = ("id", "kind", "case_id", "child_name", "name", "muted", "position", "said_at")
INSIDE = tuple(shapes.InConversation().fields)
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
MARKER = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")


@resources.route("/conversations", tags=["Conversations"])
@door.reads
@resources.arguments(shapes.ConversationsQuery, location="query")
@resources.response(200, shapes.Conversations)
def read_conversations(viewer: Person, query: dict[str, Any]) -> Response:
    """The conversations you are in, the newest said in first."""
    case = access.case(viewer, query["case"]) if "case" in query else None
    size = query["size"]
    before = _cursor(query["before"]) if "before" in query else None
    found = conversations.mine(viewer, before=before, of_case=case, size=size + 1)
    shown = found[:size]
    news = unread.counts(viewer)
    names = conversations.names([row.id for row in shown if row.kind != "case"], viewer)
    lines = [
        {**line, "names": names.get(line["id"], []), "unread": news.get(line["id"], 0)}
        for line in rows(shown, PLAIN)
    ]
    audit.note(viewer, "read conversations", how="api", case_id=case.id if case else None)
    return page(
        {"conversations": lines}, {"before": _marker(shown[-1])} if len(found) > size else None
    )


@resources.route("/conversations", methods=["POST"], tags=["Conversations"])
@door.writes
@resources.arguments(shapes.NewConversation)
@resources.response(201, shapes.Place)
def start_conversation(actor: Person, new: dict[str, Any]) -> Response:
    """Begin to talk, about a case or about none.

    The direct conversation you have with somebody about the same thing is answered again.
    """
    case = access.case(actor, new["case_id"]) if new["case_id"] is not None else None
    others = [people.find(number) for number in new["people"]]
    made = conversations.start(actor, others, case=case, name=new["name"])
    g.made = f"conversation:{made.id}"
    return answer({"id": made.id}, 201)


@resources.route("/conversations/<int:conversation_id>", tags=["Conversations"])
@door.reads
@resources.response(200, shapes.Conversation)
def conversation(viewer: Person, conversation_id: int) -> Response:
    """One conversation: whom it is between and how far each has read."""
    found = access.conversation(viewer, conversation_id)
    head = db.session().get_one(ConversationHead, found.id)
    audit.note(
        viewer,
        "read conversation",
        how="api",
        case_id=found.case_id,
        about=f"conversation:{conversation_id}",
    )
    return answer(
        {
            "id": found.id,
            "kind": found.kind,
            "case_id": found.case_id,
            "child_name": _child_name(found),
            "name": found.name,
            "people": rows(conversations.people(found), INSIDE),
            "unread": unread.counts(viewer).get(found.id, 0),
            "muted": conversations.is_muted(viewer, found),
            "position": head.position,
            "last_read": unread.last_read(viewer, found),
            "may_write": access.writes(viewer, found.id)
            and not conversations.is_alone(viewer, found),
        }
    )


@resources.route("/conversations/<int:conversation_id>", methods=["PATCH"], tags=["Conversations"])
@door.writes
@resources.arguments(shapes.ConversationName)
@resources.response(204)
def rename_conversation(actor: Person, new: dict[str, Any], conversation_id: int) -> Response:
    """Say what the group is called."""
    conversations.rename(actor, access.conversation(actor, conversation_id), new["name"])
    return done()


@resources.route("/cases/<int:case_id>/conversation", tags=["Conversations"])
@door.reads
@resources.response(200, shapes.CaseConversation)
def read_case_conversation(viewer: Person, case_id: int) -> Response:
    """Where the network of this case talks; it begins with the first thing said."""
    case = access.case(viewer, case_id)
    found = conversations.find_of_case(case)
    talk = found or Conversation(kind="case", case_id=case.id)
    may_write = access.may(access.writes_in(viewer.id, talk))
    return answer({"id": found.id if found else None, "may_write": may_write})


@resources.route(
    "/conversations/<int:conversation_id>/people", methods=["POST"], tags=["Conversations"]
)
@door.writes
@resources.arguments(shapes.NewInConversation)
@resources.response(201, shapes.Place)
def add_to_conversation(actor: Person, new: dict[str, Any], conversation_id: int) -> Response:
    """Bring somebody into the group; they read it from an instant on, or all of it."""
    talk = access.conversation(actor, conversation_id)
    joins = people.find(new["person_id"])
    place = conversations.add(actor, talk, joins, history_from=new["history_from"])
    return answer({"id": place.person_id}, 201)


@resources.route(
    "/conversations/<int:conversation_id>/people/<int:person_id>",
    methods=["DELETE"],
    tags=["Conversations"],
)
@door.writes
@resources.response(204)
def leave_conversation(actor: Person, conversation_id: int, person_id: int) -> Response:
    """Step out of a group yourself, or take somebody out: nothing of it is theirs to read then.

    Others are taken out by whoever started the group, or leads the case it is about.
    """
    talk = access.conversation(actor, conversation_id)
    if person_id == actor.id:
        conversations.leave(actor, talk)
    else:
        conversations.remove(actor, talk, people.find(person_id))
    return done()


@resources.route(
    "/conversations/<int:conversation_id>/read", methods=["PUT"], tags=["Conversations"]
)
@door.writes
@resources.arguments(shapes.Read)
@resources.response(204)
def mark_conversation_read(person: Person, read: dict[str, Any], conversation_id: int) -> Response:
    """You have read everything up to this position; it never moves back."""
    unread.mark(person, access.conversation(person, conversation_id), read["position"])
    return done()


@resources.route(
    "/conversations/<int:conversation_id>/mute", methods=["PUT"], tags=["Conversations"]
)
@door.writes
@resources.response(204)
def mute_conversation(person: Person, conversation_id: int) -> Response:
    """Count its news in its own line alone; nobody else learns of it."""
    conversations.mute(person, access.conversation(person, conversation_id), muted=True)
    return done()


@resources.route(
    "/conversations/<int:conversation_id>/mute", methods=["DELETE"], tags=["Conversations"]
)
@door.writes
@resources.response(204)
def unmute_conversation(person: Person, conversation_id: int) -> Response:
    """Count its news among all that is new again."""
    conversations.mute(person, access.conversation(person, conversation_id), muted=False)
    return done()


@resources.route("/unread", tags=["Conversations"])
@door.reads
@resources.response(200, shapes.Unread)
def read_unread(viewer: Person) -> Response:
    """How many messages are new to you, together and in each conversation with news."""
    news = sorted(unread.counts(viewer).items())
    return answer(
        {
            "total": unread.total(viewer),
            "conversations": [{"id": number, "unread": new} for number, new in news],
        }
    )


def _child_name(talk: Conversation) -> str | None:
    if talk.case_id is None:
        return None
    case = db.session().get_one(Case, talk.case_id)
    return db.session().get_one(Child, case.child_id).label


def _marker(last: AnyRow) -> str:
    # In whole microseconds: a float would round, and skip what was said in the same one.
    return f"{(last.said_at - EPOCH) // MICROSECOND}-{last.id}"


def _cursor(before: str) -> tuple[datetime, int]:
    parts = MARKER.fullmatch(before)
    if not parts:
        raise Invalid("That page marker is not one of ours.")
    return EPOCH + int(parts[1]) * MICROSECOND, int(parts[2])
