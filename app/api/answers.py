"""Answers as JSON: a field is given because it is named here, never because a row has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.core import json

JSON = "application/json"
# What says where a page begins; the next one begins elsewhere.
PLACES = ("before", "after", "around", "on")


def answer(body: object, status: int = 200) -> Response:
    return sent(status, json.dumps(body))


def page(body: dict[str, Any], cursor: dict[str, object] | None) -> Response:
    """One page: the address of the next stands in the body and in a Link header."""
    body["next"] = _address(cursor) if cursor else None
    made = answer(body)
    if cursor:
        made.headers["Link"] = f'<{body["next"]}>; rel="next"'
    return made


def done() -> Response:
    """It is done and there is nothing to say."""
    return sent(204, b"")


def sent(status: int, body: bytes | str) -> Response:
    """Exactly these bytes, for the first time or again."""
    made = Response(body, status, content_type=JSON)
    if status == 204:
        del made.headers["Content-Type"]
    return made


def rows(found: Sequence[Any], fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """These fields of each row, in this order."""
    if not found:
        return []
    pick = _picker(tuple(found[0]._fields), fields)
    return [dict(zip(fields, pick(row), strict=True)) for row in found]


def things(found: Iterable[Any], fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """The same of objects that are not rows."""
    return [{field: getattr(each, field) for field in fields} for each in found]


def _picker(has: tuple[str, ...], wanted: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    # By place rather than by name: a page of posts has a thousand values.
    return itemgetter(*(has.index(field) for field in wanted))


def _address(cursor: dict[str, object]) -> str:
    kept = {name: value for name, value in request.args.items() if name not in PLACES}
    return f"{request.path}?{urlencode({**kept, **cursor})}"
