"""Refusals as `application/problem+json`: the same sentence the pages show."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.api.openapi import PREFIX, PROBLEM, resources
from app.core import json
from app.core.errors import Invalid, NotFound, Refusal, TooFast

log = structlog.get_logger()

BUSY = "Kith cannot keep anything just now. Try again in a minute."


class NoToken(Refusal):
    """No token, a wrong one, an old one, a revoked one: all the same answer."""

    status = 401
    sentence = "Send a valid token as Authorization: Bearer kith_…"


def register(app: Flask) -> None:
    app.before_request(_unknown_address)


@resources.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    answer = problem(refusal.status, refusal.sentence, fields)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Kith"'
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers["Retry-After"] = "60"
    return answer


def failed(error: HTTPException) -> Response:
    """What Flask itself refuses: too large, no such method, too many, a fault of ours."""
    status = error.code or 500
    if status == HTTPStatus.NOT_FOUND:
        return problem(NotFound.status, NotFound.sentence)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        error.description = "This address does not take that method."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        error.description = TooFast.sentence
    answer = problem(status, error.description or HTTPStatus(status).phrase)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers.setdefault("Retry-After", "60")
    return answer


@resources.errorhandler(OperationalError)
def busy(_error: OperationalError) -> Response:
    answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
    answer.headers["Retry-After"] = "60"
    return answer


@resources.errorhandler(Exception)
def fault(error: Exception) -> Response:
    """What nobody foresaw: the log says which kind it was, the answer nothing."""
    log.error("request failed", endpoint=request.endpoint, error=type(error).__name__)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")


def problem(status: int, detail: str, fields: dict[str, str] | None = None) -> Response:
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }
    if fields:
        said["errors"] = fields
    return Response(json.dumps(said), status=status, content_type=PROBLEM)


def _unknown_address() -> Response | None:
    # An address nobody serves belongs to no blueprint, so no handler of ours would be asked.
    wrong = request.routing_exception
    if wrong is None or not request.path.startswith(PREFIX):
        return None
    return failed(wrong)


# The pages have handlers of their own for some of these numbers, and a number is asked first.
for kind in (HTTPException, 400, 404, 405, 413, 415, 429):
    resources.register_error_handler(kind, failed)
