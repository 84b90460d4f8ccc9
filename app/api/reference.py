"""The document that describes the API, and the same as a page to read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template

from app.api import door
from app.api.answers import answer
from app.api.openapi import PREFIX, described

reference = Blueprint("reference", __name__, url_prefix=PREFIX, template_folder="templates")


@reference.get("/openapi.json")
@door.everyone
def openapi_json() -> Response:
    """The API as OpenAPI 3.1."""
    return answer(described(current_app))


@reference.get("/", strict_slashes=False)
@door.everyone
def index() -> str:
    """The API as a page to read."""
    spec = described(current_app)
    return render_template(
        "reference.html",
        about=spec["info"],
        groups=_groups(spec),
        shapes=[
            {"name": name, "about": shape.get("description", ""), "fields": _fields(shape)}
            for name, shape in sorted(spec["components"]["schemas"].items())
        ],
    )


def _groups(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Each tag with what can be asked under it, in the order of its addresses."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in sorted(spec["paths"].items()):
        shared = methods.get("parameters", [])
        for method, asked in methods.items():
            if method != "parameters":
                groups.setdefault(asked["tags"][0], []).append(_asked(path, method, asked, shared))
    return dict(sorted(groups.items()))


def _asked(
    path: str, method: str, asked: dict[str, Any], shared: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "summary": asked.get("summary", ""),
        "about": asked.get("description", ""),
        "sends": _shape(asked.get("requestBody", {})),
        "parameters": [
            {
                "name": each["name"],
                "where": each["in"],
                "type": _type(each.get("schema", {})),
                "about": each.get("description", ""),
            }
            for each in [*shared, *asked.get("parameters", [])]
            if "name" in each
        ],
        "answers": [
            {"status": status, "shape": _shape(said)}
            for status, said in sorted(asked["responses"].items())
            if status.startswith("2")
        ],
    }


def _shape(said: dict[str, Any]) -> str:
    """The name of what a body holds."""
    for content in said.get("content", {}).values():
        return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""


def _fields(shape: dict[str, Any]) -> list[dict[str, Any]]:
    needed = shape.get("required", [])
    return [
        {
            "name": name,
            "type": _type(field),
            "about": field.get("description", ""),
            "needed": name in needed,
        }
        for name, field in shape.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    """A field's type in a few words: "array of Post", "date-time or null"."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "allOf", "oneOf"):
        if several in field:
            return " or ".join(_type(each) for each in field[several])
    kinds = field.get("type", "any")
    names = kinds if isinstance(kinds, list) else [kinds]
    if "array" in names:
        return f"array of {_type(field.get('items', {}))}"
    return " or ".join(str(field.get("format", name)) if name != "null" else name for name in names)
