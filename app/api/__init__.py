"""The API: what the pages do, as JSON, for programs that hold a person's token."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect


def register(app: Flask, csrf: CSRFProtect) -> None:
    """Attach every resource, the document that describes them, and its page."""
    from app.api import (  # noqa: F401 - each resource adds its routes to `resources`
        accounts,
        acknowledgements,
        apart,
        attachments,
        cases,
        changes,
        chronology,
        comments,
        comparison,
        conversations,
        drafts,
        errors,
        families,
        feed,
        follows,
        glance,
        hotspots,
        keeps,
        key_dates,
        look_ups,
        looks,
        me,
        messages,
        network,
        notices,
        openapi,
        orphans,
        people,
        posts,
        readings,
        record,
        reference,
        saved_searches,
        search,
        statuses,
        team,
    )

    errors.register(app)
    openapi.describe(app).register_blueprint(openapi.resources)
    app.register_blueprint(reference.reference)
    # A token is no cookie: no other site can make a browser send it.
    csrf.exempt(openapi.resources)
