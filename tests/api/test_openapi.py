"""The document that describes the API says what the API does."""

from __future__ import annotations

from flask import Flask
from openapi_spec_validator import validate

from app.api.openapi import described


def test_the_document_is_valid_openapi(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_operation_is_in_the_document_with_what_it_answers(app: Flask) -> None:
    spec = described(app)
    served = {
        (rule.rule.replace("<int:", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {
        (path, method)
        for path, methods in spec["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert served == told


def test_every_operation_says_what_it_answers_and_what_it_is(app: Flask) -> None:
    for path, methods in described(app)["paths"].items():
        for method, asked in methods.items():
            if method == "parameters":
                continue
            statuses = set(asked["responses"])
            assert {"401", "403", "default"} <= statuses, (method, path)
            assert [each for each in statuses if each.startswith("2")], (method, path)
            assert asked["summary"], (method, path)
            if method != "get":
                assert [p for p in asked["parameters"] if p["name"] == "Idempotency-Key"], path


def test_the_page_lists_every_operation_and_fetches_nothing_from_elsewhere(app: Flask) -> None:
    page = app.test_client().get("/api/v1/").text
    for path, methods in described(app)["paths"].items():
        for method in set(methods) - {"parameters"}:
            assert f"{method.upper()} {path}</code>" in page
    assert "//" not in page.replace("<!--", "").replace("http://www.w3.org", "")
