"""Answering one another under a post."""

from __future__ import annotations

from sqlalchemy import select, update

from app import access, activity
from app.core import clock, db, text
from app.core.db import AnyRow
from app.core.errors import Conflict, NotAllowed
from app.models import Agency, Comment, Person, Post


def add(author: Person, post: Post, body: str) -> Comment:
    words = text.clean(body)
    comment = Comment(
        post_id=post.id,
        case_id=post.case_id,
        author_id=author.id,
        agency_id=author.agency_id,
        author_role=author.role,
        body=words.source,
        body_html=words.html,
        posted_at=clock.now(),
    )
    db.session().add(comment)
    activity.record(author, "commented", case_id=post.case_id, post_id=post.id)
    return comment


def accept(asker: Person, post: Post, comment: Comment) -> None:
    """Take a comment as the answer to a question: whoever asked, or leads the case."""
    if post.kind != "question" or comment.post_id != post.id or comment.withdrawn_at:
        raise Conflict("Only a comment on a question can be its answer.")
    if post.author_id != asker.id and not access.may(access.may_lead(asker.id, post.case_id)):
        raise NotAllowed("The person who asked, or the lead practitioner, accepts the answer.")
    db.session().execute(update(Comment).where(Comment.post_id == post.id).values(accepted_at=None))
    comment.accepted_at = clock.now()
    activity.record(asker, "answered", case_id=post.case_id, post_id=post.id)


def withdraw(actor: Person, comment: Comment, reason: str) -> None:
    if comment.author_id != actor.id and not access.may(access.may_lead(actor.id, comment.case_id)):
        raise NotAllowed("Ask the author, or the lead practitioner, to withdraw this.")
    comment.withdrawn_reason = text.line(
        reason, field="reason", needed="Say why you are withdrawing this."
    )
    comment.withdrawn_at = clock.now()
    comment.accepted_at = None
    activity.record(actor, "comment_withdrawn", case_id=comment.case_id, post_id=comment.post_id)


def under(posts: list[int]) -> list[AnyRow]:
    """The comments under these posts, oldest first, with their authors."""
    return list(
        db.session().execute(
            select(
                Comment.id,
                Comment.post_id,
                Comment.body,
                Comment.body_html,
                Comment.posted_at,
                Comment.accepted_at,
                Comment.author_id,
                Person.name.label("author_name"),
                Comment.author_role,
                Comment.agency_id,
                Agency.name.label("agency_name"),
                Agency.agency_type,
            )
            .join(Person, Person.id == Comment.author_id)
            .join(Agency, Agency.id == Comment.agency_id)
            .where(Comment.post_id.in_(posts), Comment.withdrawn_at.is_(None))
            .order_by(Comment.id)
        )
    )
