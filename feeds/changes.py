"""What has happened since a position in what somebody sees: where to look, never what it says."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select

from app import access, activity
from app.core import db
from app.core.db import AnyRow
from app.models import (
    Activity,
    Conversation,
    Counter,
    Membership,
    Message,
    Person,
    Post,
)

AT_ONCE = 200

# These take something away, so whoever could read it is told although it is gone.
TAKEN_AWAY = ("withdrawn", "message_withdrawn")
# For the open pages of one person who sees the case no more: nobody else learns of it.
FOR_ONE = ("access_changed",)


def newest() -> int:
    """The position of the last thing done anywhere."""
    return db.session().scalar(select(Counter.value).where(Counter.name == "activities")) or 0


def since(viewer: Person, position: int) -> list[AnyRow]:
    """Pointers after the position in what she sees, oldest first, at most `AT_ONCE`.

    None of what was done in a case before the history she was given of it.
    """
    return list(
        db.session().execute(
            select(
                Activity.position,
                Activity.did,
                Activity.case_id,
                Activity.post_id,
                Activity.actor_id,
                Activity.conversation_id,
                Activity.message_id,
                Post.position.label("post_position"),
                Message.position.label("message_position"),
            )
            .outerjoin(Post, Post.id == Activity.post_id)
            .outerjoin(Conversation, Conversation.id == Activity.conversation_id)
            .outerjoin(Message, Message.id == Activity.message_id)
            .where(
                Activity.position > position,
                or_(
                    and_(Activity.case_id.is_not(None), _in_case(viewer)),
                    and_(Activity.conversation_id.is_not(None), _in_conversation(viewer)),
                ),
            )
            .order_by(Activity.position)
            .limit(AT_ONCE)
        )
    )


def _in_case(viewer: Person) -> ColumnElement[bool]:
    return and_(
        Activity.did.not_in(FOR_ONE),
        or_(
            Activity.did.not_in(activity.FOR_LEADS),
            access.may_lead(viewer.id, Activity.case_id),
        ),
        access.sees_case(viewer.id, Activity.case_id),
        or_(
            and_(Activity.post_id.is_(None), ~_is_too_early(viewer)),
            and_(Activity.did.in_(TAKEN_AWAY), access.shared_with(viewer.id, Post)),
            access.open_to(viewer.id, Post),
        ),
    )


def _in_conversation(viewer: Person) -> ColumnElement[bool]:
    return and_(
        access.reads_in(viewer.id, Conversation),
        or_(
            Activity.message_id.is_(None),
            and_(Activity.did.in_(TAKEN_AWAY), access.said_to(viewer.id, Message)),
            access.heard_by(viewer.id, Message),
        ),
    )


def _is_too_early(viewer: Person) -> ColumnElement[bool]:
    # Of what was done to a post, the post's own rule says so.
    return exists(1).where(
        Membership.case_id == Activity.case_id,
        Membership.person_id == viewer.id,
        Membership.history_from > Activity.at,
        access.current(Membership),
    )
