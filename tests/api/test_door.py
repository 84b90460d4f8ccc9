"""The door of the API: whose token, what it may do, and what is put on record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import tokens
from app.core import clock, db
from app.models import AuditEntry, Person
from tests.api.test_posts import publish
from tests.cast import Cast

Program = Callable[..., Any]


def operations(app: Flask) -> list[tuple[str, str]]:
    return [
        (method, re.sub(r"<int:\w+>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def asked(app: Flask, header: str | None) -> set[bytes]:
    """Every operation asked with this header: the bodies, all of them refusals."""
    client = app.test_client()
    headers = {"Authorization": header} if header is not None else {}
    answers = [client.open(path, method=verb, headers=headers) for verb, path in operations(app)]
    assert {answer.status_code for answer in answers} == {401}
    return {answer.data for answer in answers}


def test_every_operation_refuses_who_holds_no_token_in_the_same_words(
    app: Flask, cast: Cast
) -> None:
    with db.transaction():
        revoked = tokens.issue(cast.priya, "old", scope="write")
        tokens.revoke(cast.priya, tokens.of(cast.priya)[0].id)
        closed = tokens.issue(cast.zed, "closed", scope="write")
    headers = [None, "", "Bearer", "Bearer kith_wrong", "Basic eDp5"]
    headers += [f"Bearer {token}" for token in (revoked, closed)]
    assert len(set.union(*(asked(app, header) for header in headers))) == 1


def test_a_token_ends_on_its_day(cast: Cast, program: Program) -> None:
    client = program(cast.priya)
    assert client.get("/api/v1/me").status_code == 200
    with clock.held(clock.now() + timedelta(days=90)):
        assert client.get("/api/v1/me").status_code == 401


def test_a_token_to_read_writes_nothing(cast: Cast, program: Program, app: Flask) -> None:
    client = program(cast.priya, "read")
    writes = [each for each in operations(app) if each[0] != "GET"]
    assert writes, "there are operations that write"
    assert {client.open(path, method=verb, json={}).status_code for verb, path in writes} == {403}


def test_a_cookie_opens_nothing_here(cast: Cast, browser: Callable[..., FlaskClient]) -> None:
    client = browser(cast.priya)
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/me").status_code == 401


def test_who_looks_after_accounts_sees_no_content(cast: Cast, program: Program, app: Flask) -> None:
    for person in (cast.ada, cast.audrey):
        client = program(person)
        for path in ("/api/v1/cases", f"/api/v1/cases/{cast.amara.id}", "/api/v1/feed"):
            assert client.get(path).status_code == 403


def test_hidden_and_absent_give_the_same_answer_byte_for_byte(
    cast: Cast, program: Program, app: Flask
) -> None:
    made = publish(program(cast.priya), cast.amara.id)
    client = program(cast.olive)
    for verb, path in operations(app):
        if "/1" not in path or "/people/" in path:
            continue
        hidden = path.replace("cases/1", f"cases/{cast.amara.id}")
        hidden = hidden.replace("posts/1", f"posts/{made['id']}")
        absent = path.replace("cases/1", "cases/999999").replace("posts/1", "posts/999999")
        sent = {"body": "x", "reason": "x", "comment_id": 1, "person_id": 1, "position": 1}
        one = client.open(hidden, method=verb, json=sent)
        other = client.open(absent, method=verb, json=sent)
        assert (one.status_code, one.data) == (other.status_code, other.data), path
        assert dict(one.headers) == dict(other.headers), path


@pytest.mark.parametrize("number", ["0", "999999", str(2**63), "9" * 30, "abc", "-1"])
def test_a_number_no_case_has_is_not_found(cast: Cast, program: Program, number: str) -> None:
    answer = program(cast.priya).get(f"/api/v1/cases/{number}/posts")
    nowhere = program(cast.priya).get("/api/v1/nowhere")
    assert (answer.status_code, answer.data) == (404, nowhere.data)
    assert answer.content_type == "application/problem+json"


def test_a_method_nobody_takes_is_a_problem_too(cast: Cast, program: Program) -> None:
    answer = program(cast.priya).put("/api/v1/feed")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


def test_every_answer_with_content_leaves_exactly_one_line_on_record(
    cast: Cast, program: Program
) -> None:
    made = publish(program(cast.priya), cast.amara.id)
    case, post = f"/api/v1/cases/{cast.amara.id}", f"/api/v1/posts/{made['id']}"
    lists = "posts network status family key-dates".split()
    paths = ["/api/v1/feed", "/api/v1/cases", "/api/v1/changes", case, post]
    paths += [f"{case}/{each}" for each in lists]
    paths += [f"{post}/{each}" for each in ("comments", "readers", "versions", "acknowledgement")]
    client = program(cast.dan)
    for path in paths:
        before = lines(cast.dan)
        assert client.get(path).status_code == 200, path
        after = lines(cast.dan)
        assert len(after) == len(before) + 1, path
        assert (after[-1].how, after[-1].outcome) == ("api", "shown"), path


def test_a_page_of_posts_is_put_on_record_by_position(cast: Cast, program: Program) -> None:
    for _ in range(3):
        publish(program(cast.priya), cast.amara.id)
    program(cast.dan).get(f"/api/v1/cases/{cast.amara.id}/posts?size=2")
    assert lines(cast.dan)[-1].ranges == [[cast.amara.id, 2, 3]]


def test_who_asks_for_what_is_not_theirs_is_put_on_record(cast: Cast, program: Program) -> None:
    program(cast.olive).get(f"/api/v1/cases/{cast.amara.id}")
    last = lines(cast.olive)[-1]
    assert (last.outcome, last.about) == ("refused", f"case:{cast.amara.id}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_posts_too_fast_is_told_when_to_come_back(guarded_app: Flask, cast: Cast) -> None:
    with db.transaction():
        token = tokens.issue(cast.priya, "test", scope="write")
    client, headers = guarded_app.test_client(), {"Authorization": f"Bearer {token}"}
    path = f"/api/v1/cases/{cast.amara.id}/posts"
    for _ in range(30):
        assert client.post(path, json={"body": "Again."}, headers=headers).status_code == 201
    answer = client.post(path, json={"body": "Again."}, headers=headers)
    assert (answer.status_code, answer.content_type) == (429, "application/problem+json")
    assert answer.headers["Retry-After"] == "60"


def lines(person: Person) -> list[AuditEntry]:
    with db.transaction() as session:
        query = select(AuditEntry).where(AuditEntry.person_id == person.id).order_by(AuditEntry.id)
        return list(session.scalars(query))
