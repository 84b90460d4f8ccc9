"""Keeping what was said as an update, after its authors have been told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, select, update

from app import access, activity
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Agency, Case, Conversation, Keep, KeptMessage, Message, Person, Post

# How long an author has to say no: long enough to look at a phone, short enough for a record.
NOTICE = timedelta(minutes=15)
MOST = 20
# Characters: with names and times it must fit into one update.
LONGEST = 15_000
NOT_HERS = "Only those whose words these are decide about keeping them."
ABOUT_NONE = "This is not about a case, so there is no stream to keep it in."


def ask(keeper: Person, conversation: Conversation, message_ids: Collection[int]) -> Keep:
    """Tell the authors that their messages shall be kept; her own need nobody's word."""
    if conversation.case_id is None:
        raise NotAllowed(ABOUT_NONE)
    if not access.writes(keeper, conversation.id):
        raise NotAllowed("You can read this conversation, and keep nothing of it.")
    if not 1 <= len(set(message_ids)) <= MOST:
        raise Invalid(messages=f"Choose from 1 to {MOST} messages.")
    chosen = [access.message(keeper, each) for each in sorted(set(message_ids))]
    if any(each.conversation_id != conversation.id or each.kind != "said" for each in chosen):
        raise Invalid(messages="Choose messages of this conversation.")
    if sum(len(each.body) for each in chosen) > LONGEST:
        raise Invalid(messages="That is too much for one update. Choose fewer messages.")
    if any(_is_kept(each) for each in chosen):
        raise Conflict("One of these is kept already, or is about to be.")
    at = clock.now()
    others = any(each.author_id != keeper.id for each in chosen)
    keep = Keep(
        conversation_id=conversation.id,
        case_id=conversation.case_id,
        keeper_id=keeper.id,
        asked_at=at,
        due_at=at + NOTICE if others else at,
    )
    db.session().add(keep)
    db.session().flush()
    db.session().add_all(
        KeptMessage(
            keep_id=keep.id,
            message_id=each.id,
            agreed_at=at if each.author_id == keeper.id else None,
        )
        for each in chosen
    )
    db.session().flush()
    for each in chosen:
        activity.record(
            keeper,
            "keep_asked",
            conversation_id=conversation.id,
            message_id=each.id,
            person_id=each.author_id,
        )
    return keep


def agree(author: Person, keep: Keep) -> None:
    """Her words may be kept now."""
    _must_be_open(keep)
    hers = select(Message.id).where(
        Message.author_id == author.id, access.reads_message(author.id, Message)
    )
    agreed = db.session().scalars(
        update(KeptMessage)
        .where(KeptMessage.keep_id == keep.id, KeptMessage.message_id.in_(hers))
        .values(agreed_at=clock.now())
        .returning(KeptMessage.message_id)
    )
    if not list(agreed):
        raise NotAllowed(NOT_HERS)
    if not db.session().scalar(_waiting(keep)):
        keep.due_at = clock.now()
    _tell(author, keep)


def decline(author: Person, keep: Keep) -> None:
    """Her words shall not be kept: then none of it is. Whoever asked may think better of it too."""
    _must_be_open(keep)
    if author.id != keep.keeper_id and author.id not in {row.author_id for row in said(keep)}:
        raise NotAllowed(NOT_HERS)
    keep.ended_at, keep.declined_by_id = clock.now(), author.id
    _tell(author, keep, "keep_declined", keep.keeper_id)


def find(viewer: Person, keep_id: int) -> Keep:
    """The keep, for whoever reads the conversation it is in."""
    found = db.session().get(Keep, keep_id) if keep_id <= db.LARGEST else None
    if found is None or not access.may(access.reads_in(viewer.id, found.conversation_id)):
        raise NotFound(f"keep:{keep_id}")
    return found


def is_due(keep: Keep) -> bool:
    return keep.ended_at is None and keep.due_at <= clock.now()


def due(most: int = 20) -> list[Keep]:
    """Those whose time has come; whoever finishes one holds its row."""
    return list(
        db.session().scalars(
            select(Keep)
            .where(Keep.ended_at.is_(None), Keep.due_at <= clock.now())
            .order_by(Keep.due_at, Keep.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
    )


def case_of(keep: Keep) -> tuple[Person, Case] | None:
    """Who keeps it and in which case, if she still sees it; nothing is kept for who does not."""
    keeper = db.session().get_one(Person, keep.keeper_id)
    if not access.may(access.works_on(keeper.id, keep.case_id)):
        return None
    return keeper, access.case(keeper, keep.case_id)


def said(keep: Keep) -> Sequence[AnyRow]:
    """What still stands of it, in order, with its authors' names."""
    return db.rows(
        select(
            Message.id,
            Message.body,
            Message.said_at,
            Message.author_id,
            Message.author_role,
            Person.name.label("author_name"),
            Agency.name.label("agency_name"),
        )
        .join(KeptMessage, KeptMessage.message_id == Message.id)
        .join(Person, Person.id == Message.author_id)
        .join(Agency, Agency.id == Message.agency_id)
        .where(KeptMessage.keep_id == keep.id, Message.withdrawn_at.is_(None))
        .order_by(Message.position)
    )


def words(keep: Keep) -> str:
    """The body of the update: who said what and when, each as a quotation."""
    return "\n\n".join(_quoted(row) for row in said(keep))


def end(keep: Keep, post_id: int | None) -> None:
    """It is done, as this post; or it came to nothing."""
    keep.ended_at, keep.post_id = clock.now(), post_id
    _tell(db.session().get_one(Person, keep.keeper_id), keep)


def of(viewer: Person, message_ids: Collection[int]) -> Sequence[AnyRow]:
    """The keeps that these messages are part of and that have not come to nothing."""
    return db.rows(
        select(
            KeptMessage.message_id,
            KeptMessage.agreed_at,
            Keep.id,
            Keep.due_at,
            Keep.ended_at,
            Keep.post_id,
            Keep.keeper_id,
            Person.name.label("keeper_name"),
            and_(Post.id.is_not(None), access.reads_post(viewer.id, Post)).label("reads_post"),
        )
        .join(Keep, Keep.id == KeptMessage.keep_id)
        .join(Person, Person.id == Keep.keeper_id)
        .outerjoin(Post, Post.id == Keep.post_id)
        .where(KeptMessage.message_id.in_(message_ids), _stands())
        .order_by(Keep.id)
    )


def _quoted(row: AnyRow) -> str:
    at = clock.local(row.said_at)
    who = f"**{row.author_name}**, {row.author_role}, {row.agency_name}"
    when = f"{at.day} {at:%B} {at:%H:%M}"
    return f"{who}, {when}:\n" + "\n".join(f"> {line}" for line in row.body.splitlines())


def _stands() -> ColumnElement[bool]:
    return (Keep.ended_at.is_(None)) | (Keep.post_id.is_not(None))


def _is_kept(message: Message) -> bool:
    return access.may(
        exists(1).where(
            KeptMessage.message_id == message.id, Keep.id == KeptMessage.keep_id, _stands()
        )
    )


def _waiting(keep: Keep) -> AnySelect:
    return (
        select(KeptMessage.message_id)
        .join(Message, Message.id == KeptMessage.message_id)
        .where(
            KeptMessage.keep_id == keep.id,
            KeptMessage.agreed_at.is_(None),
            Message.withdrawn_at.is_(None),
        )
        .limit(1)
    )


def _must_be_open(keep: Keep) -> None:
    db.session().refresh(keep, with_for_update=True)
    if keep.ended_at is not None:
        raise Conflict("This has been decided already.")


def _tell(
    actor: Person, keep: Keep, did: str = "message_changed", person_id: int | None = None
) -> None:
    """Each message shows how it stands with it."""
    for number in db.session().scalars(
        select(KeptMessage.message_id)
        .where(KeptMessage.keep_id == keep.id)
        .order_by(KeptMessage.message_id)
    ):
        activity.record(
            actor,
            did,
            conversation_id=keep.conversation_id,
            message_id=number,
            person_id=person_id,
        )
