"""Everything another site could make a signed-in browser send: each of it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import db
from app.models import Comment, Follow, Post
from tests.cast import Cast
from tests.conftest import signed_in

OURS, THEIRS = "http://localhost:8000", "https://elsewhere.example"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
SOCKET = "/socket.io/?EIO=4&transport=websocket"
WORDS = {"body": "Written elsewhere", "kind": "update", "worry": "none"}


@dataclass(frozen=True)
class Shape:
    """One request as another site's page can make it; the browser adds the cookie by itself."""

    path: str = "/cases/1/posts"
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=lambda: {"data": WORDS})
    with_token: bool = False


def form(origin: str | None, **more: Any) -> Shape:
    """A form sent by another page, which may even have got hold of the form's own token."""
    return Shape(headers={"Origin": origin} if origin else {}, **more)


def fetch(path: str, method: str, **headers: str) -> Shape:
    sent = {"json": {"body": "Written elsewhere"}}
    return Shape(path, method, {name.replace("_", "-"): v for name, v in headers.items()}, sent)


def socket(origin: str | None) -> Shape:
    headers = UPGRADE | ({"Origin": origin} if origin is not None else {})
    return Shape(SOCKET, "GET", headers, {})


SHAPES = {
    "a form without token or Origin": form(None),
    "a form from another site": form(THEIRS),
    "a form from a sandboxed frame": form("null"),
    "a form with the token, from another site": form(THEIRS, with_token=True),
    "a form with the token, from a sandboxed frame": form("null", with_token=True),
    "a form with the token, from another port": form("http://localhost:8001", with_token=True),
    "a form with the token, from a name that begins like ours": form(
        "http://localhost:8000.elsewhere.example", with_token=True
    ),
    "a form with the token, from a name that ends like ours": form(
        "http://notlocalhost:8000", with_token=True
    ),
    "a form with the token and our name as a user": form(
        "http://localhost:8000@elsewhere.example", with_token=True
    ),
    "a form with the token, as the browser calls it cross-site": Shape(
        headers={"Sec-Fetch-Site": "cross-site"}, with_token=True
    ),
    "a form with the token, as the browser calls it same-site": Shape(
        headers={"Sec-Fetch-Site": "same-site"}, with_token=True
    ),
    "a form in many parts": form(
        THEIRS, sent={"data": WORDS, "content_type": "multipart/form-data"}
    ),
    "a form of plain text": form(THEIRS, sent={"data": "body=x", "content_type": "text/plain"}),
    "a form with a token of nobody": form(None, sent={"data": WORDS | {"csrf_token": "guessed"}}),
    "a form with an empty token": form(None, sent={"data": WORDS | {"csrf_token": ""}}),
    "a form that follows": form(THEIRS, path="/cases/1/follow"),
    "a form that calls itself DELETE": form(
        THEIRS, path="/cases/1/follow", sent={"data": {"_method": "DELETE"}}
    ),
    "a form that signs out": form(THEIRS, path="/sign-out"),
    "a form that signs in as somebody else": form(THEIRS, path="/sign-in"),
    "a form that withdraws": form(THEIRS, path="/posts/1/withdrawal"),
    "a fetch with JSON": fetch("/cases/1/posts", "POST", Origin=THEIRS),
    "a fetch with PUT": fetch("/cases/1/posts", "PUT", Origin=THEIRS),
    "a fetch with DELETE": fetch("/cases/1/follow", "DELETE", Origin=THEIRS),
    "a fetch of the API with the cookie": fetch("/api/v1/cases/1/posts", "POST", Origin=THEIRS),
    "a fetch of the API without an Origin": fetch("/api/v1/cases/1/posts", "POST"),
    "a reading fetch of the API": fetch("/api/v1/feed", "GET", Origin=THEIRS),
    "a question before a fetch": fetch(
        "/api/v1/cases/1/posts",
        "OPTIONS",
        Origin=THEIRS,
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization",
    ),
    "a socket from another site": socket(THEIRS),
    "a socket without an Origin": socket(None),
    "a socket from a sandboxed frame": socket("null"),
    "a socket with an empty Origin": socket(""),
    "a socket from another port": socket("http://localhost:8001"),
    "a socket from a name that begins like ours": socket("http://localhost:8000.elsewhere.example"),
    "a socket from a name that ends like ours": socket("http://not-localhost:8000"),
    "a socket by https where we speak http": socket("https://localhost:8000"),
    "a socket that asks to begin as polling": Shape(
        "/socket.io/?EIO=4&transport=polling", "GET", {"Origin": THEIRS}, {}
    ),
    "a message to a socket by polling": Shape(
        "/socket.io/?EIO=4&transport=polling&sid=1", "POST", {"Origin": THEIRS}, {"data": "40"}
    ),
}


@pytest.fixture
def priya(guarded_app: Flask, cast: Cast) -> FlaskClient:
    return signed_in(guarded_app, cast.priya)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_shape_is_refused_and_changes_nothing(priya: FlaskClient, cast: Cast) -> None:
    before = _written()
    token = _token(priya)
    taken = []
    for name, shape in SHAPES.items():
        answer = _sent(priya, shape, token)
        is_refused = answer.status_code in (400, 401, 403, 405)
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        asked_before = shape.method == "OPTIONS" and allowed is None
        if not (is_refused or asked_before) or allowed is not None:
            taken.append((name, answer.status_code))
    assert len(SHAPES) >= 30
    assert taken == []
    assert _written() == before
    assert priya.get("/cases/1").status_code == 200, "she is signed in still"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("origin", [OURS, "http://127.0.0.1:8000", None])
def test_her_own_page_still_writes(priya: FlaskClient, cast: Cast, origin: str | None) -> None:
    shape = form(origin, with_token=True)
    assert _sent(priya, shape, _token(priya)).status_code == 303


def _sent(client: FlaskClient, shape: Shape, token: str) -> Any:
    sent = dict(shape.sent)
    if shape.with_token:
        sent["data"] = sent["data"] | {"csrf_token": token}
    return client.open(shape.path, method=shape.method, headers=shape.headers, **sent)


def _token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/cases/1").text)
    assert found
    return found[1]


def _written() -> list[Any]:
    with db.transaction() as session:
        return [
            session.scalar(select(func.count(Post.id))),
            session.scalar(select(func.count(Comment.id))),
            session.scalars(select(Follow.following).order_by(Follow.person_id)).all(),
        ]
