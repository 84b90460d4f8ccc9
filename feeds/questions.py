"""Questions that find answers: what nobody answers goes to the lead, then to their manager."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app import access, activity
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.models import Comment, Escalation, Membership, Post, Supervision

# The steps, in order, and what is on record when one is taken.
STEPS = {"lead": "unanswered", "manager": "still_unanswered"}
# What was wanted longer ago is overdue on the page, and wakes nobody any more.
TOO_OLD = timedelta(days=14)
BATCH = 50


@dataclass(frozen=True)
class Asked:
    """How it went with one question: `replied_at` is the first word of anybody else."""

    asked_at: datetime
    due_at: datetime | None
    replied_at: datetime | None
    answered_at: datetime | None
    lead_told_at: datetime | None
    manager_told_at: datetime | None

    @property
    def ended_at(self) -> datetime | None:
        """When there was an answer: the accepted one, or else the first reply."""
        return self.answered_at or self.replied_at


def of(posts: Iterable[AnyRow]) -> dict[int, Asked]:
    """How it went with each question among these posts, which a reading function has shown.

    It asks the database even when none is among them, so that a page asks as often whatever it
    holds.
    """
    asked = [post for post in posts if post.kind == "question"]
    rows = db.rows(_how_it_went(), {"post_ids": [post.id for post in asked]})
    went = {row.id: row for row in rows}
    return {
        post.id: Asked(
            post.posted_at,
            post.due_at,
            went[post.id].replied_at,
            went[post.id].answered_at,
            went[post.id].lead_told_at,
            went[post.id].manager_told_at,
        )
        for post in asked
    }


def escalate(patience: timedelta) -> int:
    """Take each step that is due, once, however many processes try; answers how many were taken.

    To the lead when the time is over, and after so much `patience` more to the lead's managers.
    A reply, an accepted answer or a withdrawal stops it.
    """
    taken = 0
    for step, waited in (("lead", timedelta()), ("manager", patience)):
        due = _due(step, clock.now() - waited)
        for post in db.session().scalars(due).all():
            if _take(post, step):
                activity.record(None, STEPS[step], case_id=post.case_id, post_id=post.id)
                taken += 1
    return taken


def _take(post: Post, step: str) -> bool:
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    new = insert(Escalation).values(post_id=post.id, step=step, at=clock.now())
    taken = new.on_conflict_do_nothing().returning(Escalation.post_id)
    return db.session().scalar(taken) is not None


def _due(step: str, wanted_by: datetime) -> Any:
    """Questions without a reply that somebody can be told of now."""
    taken = exists(1).where(Escalation.post_id == Post.id, Escalation.step == step)
    is_there = _lead_reads() if step == "lead" else _manager_reads()
    return (
        select(Post)
        .where(
            Post.kind == "question",
            Post.due_at <= wanted_by,
            Post.due_at > clock.now() - TOO_OLD,
            Post.withdrawn_at.is_(None),
            Post.source.is_(None),
            ~taken,
            ~_is_replied(),
            is_there,
        )
        .order_by(Post.case_id, Post.id)
        .limit(BATCH)
    )


def _is_replied() -> ColumnElement[bool]:
    """Whether anybody else has said anything, here or in a brother's or sister's case."""
    copy = aliased(Post)
    return (
        exists(1)
        .where(
            Comment.post_id == copy.id,
            or_(
                copy.id == Post.id,
                copy.id == Post.original_id,
                copy.original_id == Post.id,
                copy.original_id == Post.original_id,
            ),
            _counts(copy),
        )
        .correlate_except(Comment, copy)
    )


def _counts(post: Any) -> ColumnElement[bool]:
    return and_(
        Comment.withdrawn_at.is_(None),
        or_(
            Comment.accepted_at.is_not(None),
            Comment.author_id.is_distinct_from(post.author_id),
        ),
    )


def _lead_reads() -> ColumnElement[bool]:
    lead = aliased(Membership)
    return (
        exists(1)
        .where(
            lead.case_id == Post.case_id,
            access.leads_now(lead),
            access.reads_as_member(lead, Post),
        )
        .correlate_except(lead)
    )


def _manager_reads() -> ColumnElement[bool]:
    """Somebody who manages the lead, or any member where nobody leads, and reads the post."""
    member, line, other = aliased(Membership), aliased(Supervision), aliased(Membership)
    is_led = (
        exists(1)
        .where(other.case_id == Post.case_id, access.leads_now(other))
        .correlate_except(other)
    )
    return (
        exists(1)
        .where(
            member.case_id == Post.case_id,
            access.current(member),
            or_(access.leads_now(member), ~is_led),
            line.person_id == member.person_id,
            access.reads_post(line.manager_id, Post),
        )
        .correlate_except(member, line)
    )


@cache
def _how_it_went() -> AnySelect:
    replied, answered = (
        select(which).where(Comment.post_id == Post.id, _counts(Post)).correlate(Post)
        for which in (func.min(Comment.posted_at), func.max(Comment.accepted_at))
    )
    return select(
        Post.id,
        replied.scalar_subquery().label("replied_at"),
        answered.scalar_subquery().label("answered_at"),
        _told_at("lead"),
        _told_at("manager"),
    ).where(Post.id.in_(bindparam("post_ids", expanding=True, type_=db.BigKey)))


def _told_at(step: str) -> Any:
    return (
        select(Escalation.at)
        .where(Escalation.post_id == Post.id, Escalation.step == step)
        .correlate(Post)
        .scalar_subquery()
        .label(f"{step}_told_at")
    )
