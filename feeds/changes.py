"""What has happened in somebody's cases since a position: where to look, never what it says."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select

from app import access, activity
from app.core import db
from app.core.db import AnyRow
from app.models import Activity, Counter, Membership, Person, Post

AT_ONCE = 200

# These take something away, so whoever could read the post is told although it is gone.
TAKEN_AWAY = ("withdrawn",)
# For the open pages of one person who sees the case no more: nobody else learns of it.
FOR_ONE = ("access_changed",)


def newest() -> int:
    """The position of the last thing done anywhere."""
    return db.session().scalar(select(Counter.value).where(Counter.name == "activities")) or 0


def since(viewer: Person, position: int) -> list[AnyRow]:
    """Pointers after the position in the cases she sees, oldest first, at most `AT_ONCE`.

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
                Post.position.label("post_position"),
            )
            .outerjoin(Post, Post.id == Activity.post_id)
            .where(
                Activity.position > position,
                Activity.case_id.is_not(None),
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
            .order_by(Activity.position)
            .limit(AT_ONCE)
        )
    )


def _is_too_early(viewer: Person) -> ColumnElement[bool]:
    # Of what was done to a post, the post's own rule says so.
    return exists(1).where(
        Membership.case_id == Activity.case_id,
        Membership.person_id == viewer.id,
        Membership.history_from > Activity.at,
        access.current(Membership),
    )
