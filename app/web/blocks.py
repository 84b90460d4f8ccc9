"""A page of posts as a stream draws it: days, what is new, and the line where reading stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core import clock
from app.core.db import AnyRow
from app.models import SYSTEM_KINDS, Person
from app.web.filters import long_day

Block = tuple[str, Any]


def of_case(posts: Sequence[AnyRow], viewer: Person, last_read: int) -> list[Block]:
    """Under a heading a day, with a line between what is new and what was read before."""
    blocks: list[Block] = []
    day = None
    news_above = False
    for post in posts:
        if news_above and post.position <= last_read:
            news_above = False
            blocks.append(("read_line", None))
            day = None
        posted_on = clock.local(post.posted_at).date()
        if posted_on != day:
            day = posted_on
            blocks.append(("day", long_day(day)))
        new = is_new(post, viewer, last_read)
        news_above = news_above or new
        _add(blocks, post, new)
    return blocks


def of_feed(posts: Sequence[AnyRow], viewer: Person, unread: int) -> list[Block]:
    """Newest first over many cases; the line stands when the page holds all `unread` posts."""
    blocks: list[Block] = []
    left = unread
    for post in posts:
        new = is_new(post, viewer, post.last_read)
        _add(blocks, post, new)
        left -= new
        if new and left == 0:
            blocks.append(("read_line", None))
    return blocks


def is_new(post: AnyRow, viewer: Person, last_read: int) -> bool:
    """News by somebody else; what came from an import never is."""
    return post.position > last_read and post.author_id != viewer.id and post.source is None


def _add(blocks: list[Block], post: AnyRow, new: bool) -> None:
    if post.source is not None:
        if blocks and blocks[-1][0] == "imported" and _same_file(blocks[-1][1][-1], post):
            blocks[-1][1].append(post)
        else:
            blocks.append(("imported", [post]))
    elif post.kind in SYSTEM_KINDS:
        blocks.append(("event", post))
    else:
        blocks.append(("new" if new else "post", post))


def _same_file(one: AnyRow, other: AnyRow) -> bool:
    return bool((one.source, one.source_as_at) == (other.source, other.source_as_at))
