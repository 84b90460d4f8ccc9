"""The pages: rendered on the server, working without script."""

from __future__ import annotations

from flask import Blueprint, Flask

pages = Blueprint("web", __name__, template_folder="templates")


def register(app: Flask) -> None:
    """Attach every page, with what all of them share."""
    from app.web import (  # noqa: F401 - each module adds its routes to `pages`
        access_page,
        accounts,
        apart,
        attachments,
        audit_log,
        case,
        cases,
        chronology,
        compare,
        compression,
        conversations,
        details,
        drafts,
        emergencies,
        errors,
        evaluation,
        families,
        family_map,
        feed,
        files_sent,
        filters,
        glance,
        health,
        help,  # noqa: A004 - named after its page
        hotspots,
        imports,
        live,
        look_ups,
        matches,
        measures,
        messages,
        network,
        notices,
        orphans,
        people,
        post,
        quick,
        readings,
        record,
        reviews,
        saved_searches,
        search,
        second_factor,
        session,
        settings,
        sign_in,
        team,
    )

    session.register(app)
    filters.register(app)
    errors.register(app)
    compression.register(app)
    app.register_blueprint(pages)
