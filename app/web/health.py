"""Whether this process lives, and whether it can do its work: no content, no versions."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core import db, schema
from app.web import pages
from app.web.session import EVERYONE


@pages.get("/livez")
def live() -> Response:
    """The process answers; it asks nobody else, so that a slow database kills no process."""
    return _plain("live", 200)


@pages.get("/readyz")
def ready() -> Response:
    """The database answers and has the shape this version was written for."""
    try:
        with db.transaction() as session:
            at = session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return _plain("not ready", 503)
    return _plain("ready", 200) if at == schema.newest() else _plain("not ready", 503)


# Neither knows nor asks who calls.
for view in (live, ready):
    policy: Any = view
    policy.policy = EVERYONE


def _plain(word: str, status: int) -> Response:
    response = make_response(word + "\n", status)
    response.mimetype = "text/plain"
    return response
