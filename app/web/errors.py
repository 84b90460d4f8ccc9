"""What a person reads when something is refused or goes wrong."""

from __future__ import annotations

import secrets
from pathlib import Path
from traceback import extract_tb
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, make_response, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app import access
from app.casework import networks
from app.core import db
from app.core.errors import NotAllowed, NotFound, Refusal, TooFast
from app.models import CONTENT_ACCOUNTS
from app.web import forms

log = structlog.get_logger()

HEADINGS = {
    400: "That did not work",
    403: "This is for somebody else to do",
    404: "Nothing here",
    405: "That did not work",
    409: "That has changed in the meantime",
    413: "That is too much at once",
    422: "Some of this needs another look",
    429: "Wait a minute",
    500: "Something went wrong on our side",
    503: "Kith cannot do this just now",
}
SENTENCES = {
    400: "The page sent something Kith does not understand. Go back and try again.",
    405: "That address only works from the page it belongs to. Go back and try again.",
    413: "Send less at once: at most 20,000 characters of text, and five files.",
    503: "Nothing was lost that was saved before. Wait a moment and send it again.",
}
IN_DANGER = "A child may be in danger and I need to see the case now"
TOO_LONG = (
    "This page was open too long, or you signed in again in another tab, so nothing was sent."
)


def register(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _open_too_long)
    app.register_error_handler(OperationalError, _storage_failed)
    app.register_error_handler(Exception, _failed)
    # By number, because a handler for every HTTP error belongs to the API.
    for status in (400, 404, 405, 413, 429):
        app.register_error_handler(status, _http_error)


def page(status: int, sentence: str, *, typed: str = "", **more: Any) -> Response:
    """The plain page of an error; it knows nothing of who asks, so that it tells nothing.

    `more` may hold a `code`, the `lead` to ask, and `ways` on from here as pairs of address and
    label. A page that is not there leads everybody the same way, whoever asks for whatever.
    """
    if status == 404:
        more["ways"] = [(url_for("web.new_emergency"), IN_DANGER)]
    template = current_app.jinja_env.get_template("error.html")
    words = template.render(heading=HEADINGS[status], sentence=sentence, typed=typed, **more)
    return make_response(words, status)


def _refused(refusal: Refusal) -> AnyResponse:
    if isinstance(refusal, NotAllowed) and request.path == "/" and (own := _own_first_page()):
        return redirect(own)
    typed = "" if refusal.status == 404 else _typed()
    more = _round_the_case() if isinstance(refusal, NotAllowed) else {}
    return page(refusal.status, refusal.sentence, typed=typed, **more)


def _round_the_case() -> dict[str, Any]:
    """The way back to the case and whom to ask, for somebody who sees it; else nothing."""
    viewer, case_id = g.get("viewer"), (request.view_args or {}).get("case_id")
    if viewer is None or case_id is None or not request.path.startswith("/cases/"):
        return {}
    try:
        with db.transaction(durable=False):
            members = networks.of(access.case(viewer, case_id))
    except NotFound:
        return {}
    leads = [
        each for each in members if each.is_lead and not each.conflicted and each.id != viewer.id
    ]
    return {
        "lead": leads[0] if leads else None,
        "ways": [(url_for("web.case", case_id=case_id), "Back to the case")],
    }


def _own_first_page() -> str | None:
    viewer = g.get("viewer")
    if viewer is None or viewer.account in CONTENT_ACCOUNTS:
        return None
    return "/accounts" if viewer.account == "administrator" else "/reviews"


def _http_error(error: HTTPException) -> AnyResponse:
    if request.path.startswith("/api/"):
        return error.get_response()
    status = error.code or 400
    if status == 404:
        return page(404, NotFound.sentence)
    if status == 429:
        return page(429, TooFast.sentence, typed=_typed())
    return page(status, SENTENCES[status])


def _open_too_long(_error: CSRFError) -> Response:
    back = _came_from()
    ways = [(url_for("web.sign_in", next=back), "Sign in again")]
    if back:
        ways.append((back, "Back to the page you came from"))
    return page(400, TOO_LONG, typed=_typed(), ways=ways)


def _came_from() -> str | None:
    """The page the form was on, when the browser says so and it is one of this installation."""
    try:
        said = urlsplit(request.referrer or "")
    except ValueError:
        return None
    pages = current_app.create_url_adapter(request)
    is_ours = said.netloc == request.host and said.path != url_for("web.sign_in")
    if not is_ours or pages is None or not pages.test(said.path, method="GET"):
        return None
    return forms.local_path(f"{said.path}?{said.query}" if said.query else said.path)


def _storage_failed(error: OperationalError) -> Response:
    log.error("storage failed", error=type(error.orig).__name__)
    return page(503, SENTENCES[503], typed=_typed())


def _failed(error: Exception) -> AnyResponse:
    if isinstance(error, HTTPException):
        return error.get_response()
    if current_app.testing:
        raise error
    code = secrets.token_hex(4)
    # Where it happened and of what kind, never the message: it may hold what somebody wrote.
    places = [f"{Path(f.filename).name}:{f.lineno}" for f in extract_tb(error.__traceback__)[-4:]]
    log.error("failed", code=code, error=type(error).__name__, places=places)
    return page(500, "It has been noted. If it happens again, say this code.", code=code)


def _typed() -> str:
    """What was written in the form that was refused, to copy it from."""
    if request.method != "POST" or request.mimetype == "application/json":
        return ""
    return request.form.get("body") or request.form.get("reason") or ""
