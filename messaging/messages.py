"""Saying something to each other: say, edit, withdraw, and answer with a word."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app import access, activity, attachments
from app.core import clock, db, mentions, text
from app.core.db import AnyRow
from app.core.errors import Conflict, Invalid, NotAllowed
from app.models import (
    REACTIONS,
    Case,
    Child,
    Conversation,
    Message,
    MessageLink,
    MessageMention,
    MessageVersion,
    Person,
    Post,
    Reaction,
)
from messaging import conversations, keeps, order

LONGEST = 8_000
READS_ONLY = "You can read this conversation. To write in it, ask the lead to add you."
NOBODY = "Nobody else reads this conversation now, so nothing was sent."
NOT_HERS = "Only the person who wrote this can change it."
MEANTIME = "This was changed in the meantime. What you typed is kept below: compare and save again."
# A case or a post somebody points to, by its address here, whole or only its path.
_ADDRESS = re.compile(r"(?<![\w/.])(?:https?://[^\s/]+)?/(cases|posts)/([0-9]{1,15})(?![\w/-])")
# What stands in its place for every reader, whether it is there or not and whoever may see it.
_INSTEAD = {
    "cases": "(a case, for those who may see it)",
    "posts": "(an update, for those who may see it)",
}
LINKS = 10
GONE = "What you answer is not here any more. Send it again without answering."


@dataclass
class Round:
    """What stands round one message for one reader."""

    reactions: list[AnyRow] = field(default_factory=list)
    links: list[AnyRow] = field(default_factory=list)
    reply_to: AnyRow | None = None
    names_me: bool = False
    in_vain: list[str] = field(default_factory=list)
    keep: AnyRow | None = None
    files: list[AnyRow] = field(default_factory=list)


def say(
    author: Person,
    conversation: Conversation,
    body: str,
    *,
    reply_to_id: int | None = None,
    files: Sequence[int] = (),
    alt: str | None = None,
) -> Message:
    """Say it to everybody in the conversation, which must come from `app.access`.

    `files` are those she has sent before for its case, or for none; they need no words.
    """
    if not access.writes(author, conversation.id):
        raise NotAllowed(READS_ONLY)
    if conversations.is_alone(author, conversation):
        raise Conflict(NOBODY)
    if files and not body.strip():
        body = "(a file)" if len(files) == 1 else "(files)"
    said, links = _cleaned(body)
    answered = _answered(author, conversation, reply_to_id)
    message = order.written(author, conversation, said)
    message.reply_to_id = answered.id if answered else None
    order.append(message)
    if files:
        about = db.session().get(Case, conversation.case_id) if conversation.case_id else None
        attachments.send(author, about, message, files, alt)
    _keep_links(author, message, links)
    _mention(conversation, message)
    activity.record(author, "said", conversation_id=conversation.id, message_id=message.id)
    return message


def edit(author: Person, message: Message, body: str, *, version: int | None = None) -> bool:
    """Say it better; what it said before is kept. Answers whether it differs."""
    if message.author_id != author.id or message.kind != "said":
        raise NotAllowed(NOT_HERS)
    _must_write(author, message)
    said, links = _cleaned(body)
    held = _held(message)
    if version is not None and held.version != version:
        raise Conflict(MEANTIME)
    if held.body == said.source and not links:
        return False
    db.session().add(
        MessageVersion(
            message_id=held.id,
            version=held.version,
            body=held.body,
            body_html=held.body_html,
            written_at=held.edited_at or held.said_at,
        )
    )
    held.body, held.body_html, held.cleaner = said.source, said.html, text.CLEANER
    held.version += 1
    held.edited_at = clock.now()
    before = db.session().scalars(
        delete(MessageMention)
        .where(MessageMention.message_id == held.id)
        .returning(MessageMention.person_id)
    )
    known = {author.id, *before}  # nobody is told of their own words
    _keep_links(author, held, links)
    named = _mention(db.session().get_one(Conversation, held.conversation_id), held)
    for each in sorted(named - known):
        activity.record(
            author,
            "message_named",
            conversation_id=held.conversation_id,
            message_id=held.id,
            person_id=each,
        )
    # After it: whoever is named now needs no alert of what they are called to.
    activity.record(
        author, "message_edited", conversation_id=held.conversation_id, message_id=held.id
    )
    return True


def withdraw(actor: Person, message: Message) -> None:
    """Take it back, everywhere at once: its author, or whoever leads the case it is about."""
    if message.kind != "said":
        raise Conflict("This row says who was here, and stays.")
    if message.author_id != actor.id and not _leads(actor, message):
        raise NotAllowed("Ask the person who wrote this to withdraw it.")
    held = _held(message)
    held.withdrawn_at, held.withdrawn_by_id = clock.now(), actor.id
    db.session().flush()
    activity.record(
        actor, "message_withdrawn", conversation_id=held.conversation_id, message_id=held.id
    )


def react(actor: Person, message: Message, reaction: str) -> None:
    """Answer with one of a few words; said twice, it stands once."""
    if reaction not in REACTIONS:
        raise Invalid(reaction="Choose one of the answers there are.")
    _must_write(actor, message)
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    new = db.session().scalar(
        insert(Reaction)
        .values(
            message_id=message.id,
            person_id=actor.id,
            reaction=reaction,
            reacted_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Reaction.message_id)
    )
    if new is not None:
        activity.record(
            actor,
            "message_changed",
            conversation_id=message.conversation_id,
            message_id=message.id,
        )


def take_back(actor: Person, message: Message, reaction: str) -> None:
    """Not that answer after all."""
    gone = db.session().scalar(
        delete(Reaction)
        .where(
            Reaction.message_id == message.id,
            Reaction.person_id == actor.id,
            Reaction.reaction == reaction,
        )
        .returning(Reaction.message_id)
    )
    if gone is not None:
        activity.record(
            actor,
            "message_changed",
            conversation_id=message.conversation_id,
            message_id=message.id,
        )


def versions(message: Message) -> list[MessageVersion]:
    """What it said before, newest first."""
    return list(
        db.session().scalars(
            select(MessageVersion)
            .where(MessageVersion.message_id == message.id)
            .order_by(MessageVersion.version.desc())
        )
    )


def round_them(viewer: Person, messages: Sequence[AnyRow]) -> Mapping[int, Round]:
    """What stands round each of these messages, as far as the viewer may know it."""
    found = {message.id: Round() for message in messages}
    if not found:
        return found
    for row in db.rows(_reactions(found)):
        found[row.message_id].reactions.append(row)
    for row in db.rows(_case_links(viewer, found)):
        found[row.message_id].links.append(row)
    for row in db.rows(_post_links(viewer, found)):
        found[row.message_id].links.append(row)
    for row in keeps.of(viewer, found):
        found[row.message_id].keep = row
    for number in db.session().scalars(_naming(viewer, found)):
        found[number].names_me = True
    files, originals = attachments.of_messages(messages), _replied_to(viewer, messages)
    for message in messages:
        found[message.id].files = files.get(message.id, [])
        found[message.id].reply_to = originals.get(message.reply_to_id)
        found[message.id].in_vain = _in_vain(viewer, message)
    return found


def _cleaned(body: str) -> tuple[text.Text, list[tuple[str, int]]]:
    """The words without addresses of cases and posts, and what these point to.

    An address would tell everybody that there is such a case; a link is for those who see it.
    """
    links = list(dict.fromkeys((what, int(number)) for what, number in _ADDRESS.findall(body)))
    bare = _ADDRESS.sub(lambda found: _INSTEAD[found[1]], body)
    return text.clean(bare, longest=LONGEST), links[:LINKS]


def _keep_links(author: Person, message: Message, links: Collection[tuple[str, int]]) -> None:
    """Those of the links that lead somewhere for the author: to point is not to open."""
    for what, number in links:
        if what == "cases" and access.may(access.sees_case(author.id, number)):
            db.session().add(MessageLink(message_id=message.id, case_id=number))
        if what == "posts" and access.may(access.reads_post(author.id, number)):
            db.session().add(MessageLink(message_id=message.id, post_id=number))
    db.session().flush()


def _in_vain(author: Person, message: AnyRow) -> list[str]:
    hers = message.author_id == author.id and message.kind == "said"
    return mentions.in_vain(message.body_html) if hers else []


def _mention(conversation: Conversation, message: Message) -> set[int]:
    """Mark, keep and answer those who hear the message and whose name stands after an @ in it.

    A first name is enough where one person in the conversation has it.
    """
    if "@" not in message.body:
        return set()
    hearers = set(access.hearers(message.id))
    wholes: dict[str, set[int]] = {}
    firsts: dict[str, set[int]] = {}
    for row in conversations.people(conversation):
        wholes.setdefault(row.name.casefold(), set()).add(row.id)
        firsts.setdefault(row.name.split()[0].casefold(), set()).add(row.id)
    names = {name: those for name, those in firsts.items() if len(those) == 1} | wholes
    others = _namesakes(mentions.of(message.body, firsts)) - set(names)
    heard = {name: those & hearers for name, those in names.items() if those & hearers}
    others |= set(names) - set(heard)
    found = mentions.of(message.body, heard, others)
    named = {each for name in found for each in heard[name]}
    if named:
        marked = mentions.marked(message.body, heard, others)
        message.body_html = text.clean(marked, longest=len(marked)).html
        db.session().add_all(
            MessageMention(message_id=message.id, person_id=each) for each in sorted(named)
        )
    return named


def _namesakes(firsts: Collection[str]) -> set[str]:
    """The whole names of everybody with one of these first names: "@Ann Lee" is no other Ann."""
    if not firsts:
        return set()
    begins = [func.lower(Person.name).startswith(f"{each} ", autoescape=True) for each in firsts]
    return {
        name.casefold() for name in db.session().scalars(select(Person.name).where(or_(*begins)))
    }


def _answered(author: Person, conversation: Conversation, number: int | None) -> Message | None:
    if number is None:
        return None
    found = access.message(author, number)
    if found.conversation_id != conversation.id:
        raise Invalid(reply_to="Answer something that was said in this conversation.")
    return found


def _must_write(actor: Person, message: Message) -> None:
    if not access.writes(actor, message.conversation_id):
        raise NotAllowed(READS_ONLY)


def _leads(actor: Person, message: Message) -> bool:
    return message.case_id is not None and access.leads(actor, message.case_id)


def _held(message: Message) -> Message:
    # Two who change the same message take turns, and each from what the other left.
    return (
        db.session()
        .scalars(
            select(Message)
            .where(Message.id == message.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )


def _reactions(message_ids: Collection[int]) -> db.AnySelect:
    return (
        select(Reaction.message_id, Reaction.reaction, Reaction.person_id, Person.name)
        .join(Person, Person.id == Reaction.person_id)
        .where(Reaction.message_id.in_(message_ids))
        .order_by(Reaction.message_id, Reaction.reacted_at, Person.name)
    )


def _case_links(viewer: Person, message_ids: Collection[int]) -> db.AnySelect:
    return (
        select(
            MessageLink.message_id,
            MessageLink.case_id,
            MessageLink.post_id,
            Child.label.label("child_name"),
        )
        .join(Case, Case.id == MessageLink.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(MessageLink.message_id.in_(message_ids), access.sees_case(viewer.id, Case))
        .order_by(MessageLink.id)
    )


def _post_links(viewer: Person, message_ids: Collection[int]) -> db.AnySelect:
    return (
        select(
            MessageLink.message_id,
            Post.case_id,
            MessageLink.post_id,
            Post.kind,
            Post.posted_at,
            Child.label.label("child_name"),
        )
        .join(Post, Post.id == MessageLink.post_id)
        .join(Case, Case.id == Post.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(MessageLink.message_id.in_(message_ids), access.reads_post(viewer.id, Post))
        .order_by(MessageLink.id)
    )


def _naming(viewer: Person, message_ids: Collection[int]) -> Select[int]:
    return select(MessageMention.message_id).where(
        MessageMention.message_id.in_(message_ids), MessageMention.person_id == viewer.id
    )


def _replied_to(viewer: Person, messages: Sequence[AnyRow]) -> dict[int, AnyRow]:
    """What these answer, by number, as far as it was said to her."""
    answered = {each.reply_to_id for each in messages} - {None}
    return {row.id: row for row in db.rows(_originals(viewer, answered))} if answered else {}


def _originals(viewer: Person, message_ids: Collection[int | None]) -> db.AnySelect:
    heard: ColumnElement[bool] = access.heard_by(viewer.id, Message)
    return (
        select(
            Message.id,
            Message.position,
            Person.name.label("author_name"),
            Message.body,
            Message.body_html,
        )
        .join(Person, Person.id == Message.author_id)
        .where(Message.id.in_(message_ids), heard)
    )
