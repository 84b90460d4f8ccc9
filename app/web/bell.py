"""The number beside the bell, asked once a page, and what takes it down."""

from __future__ import annotations

from collections.abc import Collection

from flask import g

from app.models import Person
from app.notices import inbox


def unread(viewer: Person) -> int:
    """How many notices are unread, as their own page counts them."""
    if "notices" not in g:
        g.notices = inbox.unread(viewer)
    return int(g.notices)


def seen_in(viewer: Person, conversation_id: int) -> None:
    """This conversation stands on the page."""
    if unread(viewer):
        inbox.seen_in(viewer, conversation_id)
        g.pop("notices")


def seen_alerts(viewer: Person, alert_ids: Collection[int]) -> None:
    """Why the case needs a look stands on the page."""
    if alert_ids and unread(viewer):
        inbox.seen_alerts(viewer, alert_ids)
        g.pop("notices")


def seen(viewer: Person, post_ids: Collection[int]) -> None:
    """These posts stand on the page, so what points to them is no news any more."""
    if unread(viewer):
        inbox.seen(viewer, post_ids)
        g.pop("notices")
