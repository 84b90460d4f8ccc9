"""The same write sent again with its key is done once and gets the first answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select

from app.casework import tokens
from app.core import db
from app.factory import create_app
from app.models import Acknowledgement, Post, Receipt
from config.settings import Settings
from tests.cast import Cast

Program = Callable[..., Any]
SENDERS = 50


def test_a_write_sent_twice_is_done_once_and_answered_the_same(
    cast: Cast, program: Program
) -> None:
    path, key = f"/api/v1/cases/{cast.amara.id}/posts", {"Idempotency-Key": "a"}
    client = program(cast.priya)
    first = client.post(path, json={"body": "Once."}, headers=key)
    again = client.post(path, json={"body": "Once."}, headers=key)
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert first.headers == again.headers
    assert count_posts() == 1


def test_another_body_with_the_same_key_is_refused(cast: Cast, program: Program) -> None:
    path, key = f"/api/v1/cases/{cast.amara.id}/posts", {"Idempotency-Key": "a"}
    client = program(cast.priya)
    client.post(path, json={"body": "Once."}, headers=key)
    other = client.post(path, json={"body": "Twice."}, headers=key)
    elsewhere = client.post(
        f"/api/v1/cases/{cast.tobi.id}/posts", json={"body": "Once."}, headers=key
    )
    assert (other.status_code, elsewhere.status_code) == (422, 422)
    assert other.json["detail"] == "This idempotency key was used for something else."


def test_the_same_key_of_two_people_is_two_keys(cast: Cast, program: Program) -> None:
    path, key = f"/api/v1/cases/{cast.amara.id}/posts", {"Idempotency-Key": "a"}
    for person in (cast.priya, cast.dan):
        answer = program(person).post(path, json={"body": "Mine."}, headers=key)
        assert answer.status_code == 201
    assert count_posts() == 2


def test_a_refusal_leaves_the_key_free_for_a_better_try(cast: Cast, program: Program) -> None:
    path, key = f"/api/v1/cases/{cast.amara.id}/posts", {"Idempotency-Key": "a"}
    client = program(cast.priya)
    assert client.post(path, json={"body": " "}, headers=key).status_code == 422
    assert client.post(path, json={"body": "Better."}, headers=key).status_code == 201


def test_an_answer_without_words_is_given_again_too(cast: Cast, program: Program) -> None:
    posted = program(cast.priya).post(
        f"/api/v1/cases/{cast.amara.id}/posts", json={"body": "Read me."}
    )
    path, key = f"/api/v1/posts/{posted.json['id']}", {"Idempotency-Key": "a"}
    gone = {"json": {"reason": "Wrong child."}, "headers": key}
    first = program(cast.priya).delete(path, **gone)
    again = program(cast.priya).delete(path, **gone)
    assert (first.status_code, again.status_code) == (204, 204)
    assert (first.data, dict(first.headers)) == (again.data, dict(again.headers))


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_that_is_none_is_refused(cast: Cast, program: Program, key: str) -> None:
    answer = program(cast.priya).post(
        f"/api/v1/cases/{cast.amara.id}/posts",
        json={"body": "x"},
        headers={"Idempotency-Key": key},
    )
    assert answer.status_code == 422


def test_what_is_kept_for_a_key_holds_no_word_of_content(cast: Cast, program: Program) -> None:
    program(cast.priya).post(
        f"/api/v1/cases/{cast.amara.id}/posts",
        json={"body": "Mother has left."},
        headers={"Idempotency-Key": "a"},
    )
    with db.transaction() as session:
        kept = session.scalars(select(Receipt)).one()
    assert "Mother" not in kept.answer + kept.fingerprint


@pytest.mark.slow
def test_fifty_senders_of_one_key_make_one_row_and_get_equal_answers(
    cast: Cast, app: Flask, program: Program
) -> None:
    token = program(cast.priya).environ_base["HTTP_AUTHORIZATION"]
    path = f"/api/v1/cases/{cast.amara.id}/posts"

    def send(key: str) -> tuple[int, bytes]:
        headers = {"Authorization": token, "Idempotency-Key": key}
        answer = app.test_client().post(path, json={"body": "At once."}, headers=headers)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(SENDERS) as senders:
        for number in range(1, 6):
            answers = set(senders.map(send, [uuid4().hex] * SENDERS))
            assert len(answers) == 1
            assert count_posts() == number


def test_fifty_acknowledgements_without_a_key_are_one(
    cast: Cast, app: Flask, program: Program
) -> None:
    made = program(cast.priya).post(
        f"/api/v1/cases/{cast.amara.id}/posts", json={"body": "Who has this?"}
    )
    token = program(cast.dan).environ_base["HTTP_AUTHORIZATION"]
    path = f"/api/v1/posts/{made.json['id']}/acknowledgement"

    def send(_: int) -> int:
        return app.test_client().put(path, headers={"Authorization": token}).status_code

    with ThreadPoolExecutor(10) as senders:
        assert set(senders.map(send, range(50))) == {204}
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Acknowledgement)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_fifty_equal_sends_count_as_one_where_writing_is_limited(
    guarded_app: Flask, cast: Cast
) -> None:
    send = sender(guarded_app, cast)

    with ThreadPoolExecutor(SENDERS) as senders:
        answers = list(senders.map(send, ["one"] * SENDERS))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert count_posts() == 1
    assert [send(str(number)).status_code for number in range(30)] == [201] * 29 + [429]
    assert send("one").data == answers[0].data, "what was answered is answered at the limit too"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_key_refused_at_the_limit_stays_refused(guarded_app: Flask, cast: Cast) -> None:
    send = sender(guarded_app, cast)
    for number in range(30):
        send(str(number))

    assert [send("late").status_code for _ in range(3)] == [429] * 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_refused_counts_each_time_it_is_sent(guarded_app: Flask, cast: Cast) -> None:
    send = sender(guarded_app, cast)

    answers = [send("same", body=" ").status_code for _ in range(31)]

    assert answers == [422] * 30 + [429]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_another_spelling_of_a_token_is_the_same_program(guarded_app: Flask, cast: Cast) -> None:
    send = sender(guarded_app, cast)
    for number in range(30):
        send(str(number), spelt=("Bearer ", "bearer  ", "BEARER ")[number % 3])

    assert send("late", spelt="beaREr   ").status_code == 429


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_secret_and_no_key_stands_where_the_limits_are_counted(
    settings: Settings, redis_url: str, cast: Cast
) -> None:
    limited = create_app(replace(settings, limits=True, redis_url=redis_url))
    send = sender(limited, cast)
    send("my own key")
    data = {"email": "priya@kith.example", "password": "x"}
    limited.test_client().post("/sign-in", data=data)

    kept = b" ".join(Redis.from_url(redis_url).scan_iter("*"))
    assert b"person:" in kept
    assert not [each for each in (b"kith_", b"earer", b"my own key", b"priya") if each in kept]


def sender(app: Flask, cast: Cast) -> Callable[..., Any]:
    with db.transaction():
        token = tokens.issue(cast.priya, "test", scope="write")

    def send(key: str, *, body: str = "At once.", spelt: str = "Bearer ") -> Any:
        headers = {"Authorization": spelt + token, "Idempotency-Key": key}
        path = f"/api/v1/cases/{cast.amara.id}/posts"
        return app.test_client().post(path, json={"body": body}, headers=headers)

    return send


def count_posts() -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(Post)) or 0
