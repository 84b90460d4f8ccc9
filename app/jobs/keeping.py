"""Makes an update of the messages whose authors have been told and have not said no."""

from __future__ import annotations

from app import attachments
from app.core import db
from app.models import Keep
from feeds import posts
from feeds.posts import Update
from messaging import keeps


def run() -> int:
    """Keep what is due, one after another; answers how many there were."""
    with db.transaction():
        due = keeps.due()
        for keep in due:
            _finish(keep)
    return len(due)


def _finish(keep: Keep) -> None:
    found, words = keeps.case_of(keep), keeps.words(keep)
    if found is None or not words:
        keeps.end(keep, None)
        return
    keeper, case = found
    last = keeps.said(keep)[-1]
    post = posts.publish(keeper, case, Update(words, occurred_at=last.said_at))
    attachments.keep_with(post, [row.id for row in keeps.said(keep)])
    keeps.end(keep, post.id)
