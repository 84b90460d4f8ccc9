"""The order inside one case: each row takes the next position, late in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select, update

from app.core import clock, db, text
from app.models import CaseHead, Person, Post


def append(post: Post) -> Post:
    """Give the post its position and keep it.

    The head's row lock is held until the commit: a reader who has seen position 12 can never be
    shown an 11 later. Who appends to several cases at once goes through them by case number, or
    two such writers could wait for each other.
    """
    session = db.session()
    values: dict[str, object] = {"position": CaseHead.position + 1}
    if post.source is None:
        values["posted_at"] = post.posted_at
    post.position = session.scalars(
        update(CaseHead)
        .where(CaseHead.case_id == post.case_id)
        .values(values)
        .returning(CaseHead.position)
        .execution_options(synchronize_session=False)
    ).one()
    session.add(post)
    session.flush()
    return post


def append_all(posts: Sequence[dict[str, Any]]) -> None:
    """Give rows of posts from elsewhere the next positions of their cases, in their order.

    Many at once: a file brings in tens of thousands. They do not move what people wrote last.
    """
    if not posts:
        return
    session = db.session()
    heads = {
        head.case_id: head.position
        for head in session.execute(
            select(CaseHead.case_id, CaseHead.position)
            .where(CaseHead.case_id.in_({post["case_id"] for post in posts}))
            .order_by(CaseHead.case_id)
            .with_for_update()
        )
    }
    for post in posts:
        post["position"] = heads[post["case_id"]] = heads[post["case_id"]] + 1
    reached = [{"case_id": case_id, "position": last} for case_id, last in heads.items()]
    session.execute(update(CaseHead), reached)
    session.execute(insert(Post), posts)


def note(actor: Person, case_id: int, kind: str, words: str) -> Post:
    """A row the system writes: somebody joined, the status changed."""
    said = text.clean(words)
    at = clock.now()
    return append(
        Post(
            case_id=case_id,
            author_id=actor.id,
            agency_id=actor.agency_id,
            author_role=actor.role,
            kind=kind,
            worry="none",
            body=said.source,
            body_html=said.html,
            cleaner=text.CLEANER,
            occurred_at=at,
            posted_at=at,
        )
    )


def refresh_head(case_id: int) -> None:
    """Say anew when the newest post still standing was written, after one was withdrawn."""
    # Locked first, by itself: a statement sees what had been committed when it began, and two
    # withdrawals that wait for each other inside one would each miss the other's.
    db.session().execute(
        select(CaseHead.case_id).where(CaseHead.case_id == case_id).with_for_update()
    )
    newest = (
        select(func.max(Post.posted_at))
        .where(Post.case_id == case_id, Post.withdrawn_at.is_(None), Post.source.is_(None))
        .scalar_subquery()
    )
    db.session().execute(
        update(CaseHead)
        .where(CaseHead.case_id == case_id)
        .values(posted_at=newest)
        .execution_options(synchronize_session=False)
    )
