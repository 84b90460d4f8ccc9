"""Every way in: each has declared for whom it is, and keeps to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app import web
from app.factory import create_app
from config.settings import Settings
from tests.cast import Cast

STATIC = Path(web.__path__[0]) / "static"
POLICIES = {"everyone", "signed in", "content", "administrator", "auditor"}
# Machines ask these; nothing about anybody is in the answer.
OPEN = {"/sign-in", "/livez", "/readyz", "/help", "/accessibility"}
PATH = re.compile(r"^(/|(/([a-z0-9]+(-[a-z0-9]+)*|<int:[a-z_]+>|openapi\.json))+(/|\.csv)?)$")


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
    cast: Cast, app: Flask, browser: Callable[..., FlaskClient], program: Callable[..., FlaskClient]
) -> None:
    clients = {"web.": browser(cast.priya), "api.": program(cast.priya)}
    for rule in rules(app):
        if policy(app, rule) in ("administrator", "auditor") and "GET" in (rule.methods or set()):
            client = clients[rule.endpoint[:4]]
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
    pages = ("/", "/sign-in", "/cases/1", "/nowhere", "/api/v1/me", "/api/v1/openapi.json")
    for path in (*pages, "/api/v1", "/socket.io/", "/livez"):
        headers = app.test_client().get(path).headers
        assert "'unsafe" not in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Cache-Control"] == "no-store", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_is_kept_for_ever_and_carries_the_strict_headers(app: Flask) -> None:
    name = next(each.name for each in STATIC.iterdir() if each.suffix == ".css")
    for method, kept in (("GET", "immutable"), ("POST", "no-store")):
        with app.test_client().open(f"/static/{name}", method=method) as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
        assert kept in headers["Cache-Control"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/me", "/socket.io/", "/static/none.css"])
@pytest.mark.parametrize("name", ["elsewhere.example", "localhost@elsewhere.example", ""])
def test_a_name_that_is_not_ours_is_refused(app: Flask, path: str, name: str) -> None:
    answer = app.test_client().get(path, headers={"Host": name})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "Location" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_kith_answers_to_the_names_of_its_settings(settings: Settings) -> None:
    public = create_app(replace(settings, url="https://kith.example", host="10.0.0.7"))

    def answered(path: str, name: str) -> int:
        return public.test_client().get(path, headers={"Host": name}).status_code

    names = ("kith.example", "KITH.example:443", "10.0.0.7:8000", "localhost:8000", "127.0.0.1")
    assert [answered("/help", name) for name in names] == [200, 200, 200, 400, 400]
    assert answered("/livez", "10.0.0.8") == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_address_is_answered_with_the_way_to_another_spelling(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/api/v1").data == client.get("/api/v1/").data
    assert {client.get(path).status_code for path in ("/help//", "/api//v1/me", "/api/v1//me")} == {
        404
    }


@pytest.mark.parametrize("who", ["priya", "mo", "ada", "audrey"])
def test_what_every_page_links_to_opens_for_everybody(
    who: str, cast: Cast, browser: Callable[..., FlaskClient]
) -> None:
    client = browser(getattr(cast, who))
    for path in ("/help", "/accessibility", "/api/v1/", "/api/v1/openapi.json", "/people"):
        assert client.get(path).status_code == 200, path
