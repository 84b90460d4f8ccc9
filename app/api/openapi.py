"""What describes the API: one blueprint for all resources, and the document made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import flask_smorest
from flask import Flask, Request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.api import shapes
from app.core import json
from app.core.errors import Invalid

PREFIX = "/api/v1"
JSON = "application/json"
PROBLEM = "application/problem+json"

SPEC = {
    "title": "Kith",
    "version": "1",
    "openapi_version": "3.1.0",
    "info": {
        "summary": "The working place of the professionals round one child.",
        "description": (
            "Send a personal token as `Authorization: Bearer kith_…`. What you may see here is "
            "what you may see on the pages, and every view is recorded. Something that is not "
            "yours gives the same answer as something that does not exist."
        ),
        "license": {"name": "MIT", "identifier": "MIT"},
    },
    "servers": [{"url": "/", "description": "This installation"}],
    "security": [{"token": []}],
}


class Parser(FlaskParser):
    """Reads bodies and query strings; says what is wrong in the same words as the verbs do."""

    DEFAULT_VALIDATION_STATUS = 422

    def load_json(self, req: Request, _schema: Any) -> Any:
        sent = req.get_data()
        if not sent:
            return {}
        if not req.is_json:
            raise UnsupportedMediaType("Send JSON, with the header Content-Type: application/json.")
        try:
            return json.loads(sent)
        except ValueError:
            raise BadRequest("The body is not JSON.") from None

    def handle_error(self, error: Any, *_: Any, **__: Any) -> NoReturn:
        (place,) = error.messages.values()
        raise Invalid("Some of this needs another look.", **dict(_flat(place)))


class Resources(flask_smorest.Blueprint):
    ARGUMENTS_PARSER = Parser()


class Api(flask_smorest.Api):
    """flask-smorest, answering errors as problems and only under our own address."""

    ERROR_SCHEMA = shapes.Problem

    def _register_error_handlers(self) -> None:
        """The pages have their own; `errors` has those of the API."""

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = JSON


resources = Resources("api", __name__, url_prefix=PREFIX, template_folder="templates")


def describe(app: Flask) -> Api:
    api = Api(app, spec_kwargs=SPEC)
    api.spec.components.security_scheme(
        "token",
        {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token: `kith token issue EMAIL`, or your settings page.",
        },
    )
    return api


def described(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of this application."""
    spec: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return spec


def _flat(messages: Any, name: str = "") -> list[tuple[str, str]]:
    """Every message with the dotted name of its field."""
    if isinstance(messages, Mapping):
        return [
            pair
            for key, inner in messages.items()
            for pair in _flat(inner, f"{name}.{key}" if name else str(key))
        ]
    if isinstance(messages, list):
        return [(name or "body", " ".join(str(each) for each in messages))]
    return [(name or "body", str(messages))]
