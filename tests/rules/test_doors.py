"""Every way in: each has declared for whom it is, and keeps to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.cast import Cast

POLICIES = {"everyone", "signed in", "content", "administrator", "auditor"}
# Machines ask these; nothing about anybody is in the answer.
OPEN = {"/sign-in", "/livez", "/readyz", "/help", "/accessibility"}
PATH = re.compile(r"^(/|(/([a-z0-9]+(-[a-z0-9]+)*|<int:[a-z_]+>|openapi\.json))+/?)$")


def rules(app: Flask) -> Iterator[Rule]:
    yield from sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def policy(app: Flask, rule: Rule) -> str | None:
    return getattr(app.view_functions[rule.endpoint], "policy", None)


def address(rule: Rule) -> str:
    """The rule's path with a number for everything it takes."""
    return re.sub(r"<int:[a-z_]+>", "1", rule.rule)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_route_has_declared_for_whom_it_is(app: Flask) -> None:
    undeclared = [rule.rule for rule in rules(app) if policy(app, rule) not in POLICIES]
    assert undeclared == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_address_is_made_of_plain_nouns(app: Flask) -> None:
    assert [rule.rule for rule in rules(app) if not PATH.match(rule.rule)] == []


def test_a_stranger_is_shown_nothing_but_the_way_in(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    shown = []
    for rule in rules(app):
        if policy(app, rule) == "everyone":
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = client.open(address(rule), method=method)
            is_turned_away = answer.status_code == 401 or (
                answer.status_code == 302 and answer.location.startswith("/sign-in")
            )
            if not is_turned_away:
                shown.append((method, rule.rule, answer.status_code))
    assert shown == []


@pytest.mark.parametrize("who", ["ada", "audrey"])
def test_who_looks_after_kith_is_shown_no_case(
    who: str, cast: Cast, app: Flask, browser: Callable[..., FlaskClient]
) -> None:
    client = browser(getattr(cast, who))
    pages = [
        rule
        for rule in rules(app)
        if policy(app, rule) == "content"
        and rule.endpoint.startswith("web.")
        and "GET" in (rule.methods or set())
        and rule.rule != "/"
    ]
    assert pages, "there are pages with content"
    assert {client.get(address(rule)).status_code for rule in pages} == {403}


def test_only_administrators_and_auditors_open_their_pages(
    cast: Cast, app: Flask, browser: Callable[..., FlaskClient]
) -> None:
    client = browser(cast.priya)
    for rule in rules(app):
        if policy(app, rule) in ("administrator", "auditor") and "GET" in (rule.methods or set()):
            assert client.get(address(rule)).status_code == 403, rule.rule


def test_a_form_from_another_site_changes_nothing(guarded_app: Flask, cast: Cast) -> None:
    from tests.conftest import signed_in

    client = signed_in(guarded_app, cast.priya)
    taken = [
        (method, rule.rule)
        for rule in rules(guarded_app)
        if rule.endpoint.startswith("web.")
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        if client.open(address(rule), method=method).status_code not in (400, 429)
    ]
    assert taken == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_answer_carries_the_strict_headers(app: Flask, cast: Cast) -> None:
    for path in ("/sign-in", "/cases/1", "/nowhere", "/api/v1/me", "/api/v1/openapi.json"):
        headers = app.test_client().get(path).headers
        assert "'unsafe" not in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Cache-Control"] == "no-store", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
