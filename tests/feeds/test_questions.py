"""A question finds an answer, or goes to the lead and then to their manager: once a step."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import relay
from app.core import clock, db
from app.models import Activity, Comment, Escalation, Person, Post
from app.notices import inbox
from app.web.filters import how_it_went
from feeds import comments, posts, questions, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = MORNING + HOUR


def ask(cast: Cast, author: Person | None = None, **more: Any) -> Post:
    update = Update("Has anyone seen him since Friday?", kind="question", due_at=DUE, **more)
    with db.transaction():
        return posts.publish(author or cast.dan, cast.amara, update)


def escalate(at: datetime) -> int:
    with clock.held(at):
        with db.transaction():
            taken = questions.escalate(DAY)
        while relay.deliver():
            pass
    return taken


def told(person: Person) -> list[str]:
    with db.transaction():
        return [row.did for row in inbox.of(person).rows if row.reason == "unanswered"]


def test_it_goes_to_the_lead_and_a_day_later_to_their_manager(cast: Cast) -> None:
    ask(cast)
    assert escalate(DUE - timedelta(minutes=1)) == 0
    assert escalate(DUE) == 1
    assert (told(cast.priya), told(cast.mo)) == (["unanswered"], [])
    assert escalate(DUE + DAY - HOUR) == 0, "once is enough"
    assert escalate(DUE + DAY) == 1
    assert (told(cast.priya), told(cast.mo)) == (["unanswered"], ["still_unanswered"])
    assert escalate(DUE + DAY + HOUR) == 0
    for person in (cast.dan, cast.ruth, cast.olive, cast.otto, cast.lee):
        assert told(person) == [], person.name


@pytest.mark.parametrize("end", ["reply", "withdrawal"])
def test_a_reply_or_a_withdrawal_stops_it(cast: Cast, end: str) -> None:
    question = ask(cast)
    with db.transaction() as session:
        post = session.get_one(Post, question.id)
        if end == "reply":
            comments.add(cast.ruth, post, "Yes, on Saturday.")
        else:
            posts.withdraw(cast.dan, post, "Found out")
    assert escalate(DUE) == 0


def test_what_the_asker_adds_is_no_answer(cast: Cast) -> None:
    question = ask(cast)
    with db.transaction() as session:
        comments.add(cast.dan, session.get_one(Post, question.id), "Anybody?")
    assert escalate(DUE) == 1


def test_a_reply_that_is_taken_back_is_none(cast: Cast) -> None:
    question = ask(cast)
    with db.transaction() as session:
        reply = comments.add(cast.ruth, session.get_one(Post, question.id), "Yes")
    with db.transaction() as session:
        comments.withdraw(cast.ruth, session.get_one(Comment, reply.id), "Wrong child")
    assert escalate(DUE) == 1


def test_who_was_quicker_spares_the_lead_the_notice(cast: Cast) -> None:
    question = ask(cast)
    with clock.held(DUE):
        with db.transaction():
            assert questions.escalate(DAY) == 1
        with db.transaction() as session:
            comments.add(cast.ruth, session.get_one(Post, question.id), "Yes")
        while relay.deliver():
            pass
    assert told(cast.priya) == []


def test_it_goes_to_nobody_who_may_not_read_it(cast: Cast) -> None:
    ask(
        cast,
        audience="named",
        people=(cast.ruth.id,),
        sharing_reason="Hers to know",
    )
    assert escalate(DUE + 2 * DAY) == 0, "neither the lead nor the manager reads it"


def test_an_answer_in_a_brothers_stream_is_an_answer(cast: Cast) -> None:
    update = Update("Seen both?", kind="question", due_at=DUE)
    with db.transaction():
        posts.publish(cast.dan, cast.amara, update, also=[cast.tobi])
    with db.transaction() as session:
        copy = session.scalars(select(Post).where(Post.case_id == cast.tobi.id)).one()
        comments.add(cast.priya, copy, "Yes, both.")
    assert escalate(DUE) == 0


def test_what_was_wanted_long_ago_wakes_nobody(cast: Cast) -> None:
    ask(cast)
    assert escalate(DUE + questions.TOO_OLD + HOUR) == 0


def test_several_processes_take_each_step_once(cast: Cast) -> None:
    for _ in range(3):
        ask(cast)

    def attempt(_: int) -> int:
        with db.transaction():
            return questions.escalate(DAY)

    with clock.held(DUE + DAY), ThreadPoolExecutor(4) as several:
        taken = sum(several.map(attempt, range(4)))
    with db.transaction() as session:
        steps = session.scalar(select(func.count()).select_from(Escalation))
        done = select(func.count()).where(Activity.did.in_(questions.STEPS.values()))
        assert (taken, steps, session.scalar(done)) == (6, 6, 6)


def test_the_card_says_how_it_went(cast: Cast, browser: Callable[..., FlaskClient]) -> None:
    question = ask(cast)
    escalate(DUE)
    with clock.held(DUE + DAY):
        page = browser(cast.dan).get(f"/posts/{question.id}").text
    assert "Unanswered for 25 h; the lead was told on Mon 23 Nov, 10:00." in page
    with clock.held(MORNING + 2 * HOUR), db.transaction() as session:
        reply = comments.add(cast.ruth, session.get_one(Post, question.id), "Yes")
        assert went(cast.dan, question) == (
            "Asked Mon 23 Nov, 09:00, first reply Mon 23 Nov, 11:00, after 2 h."
        )
    with clock.held(MORNING + 2 * HOUR + timedelta(minutes=35)), db.transaction() as session:
        post, comment = session.get_one(Post, question.id), session.get_one(Comment, reply.id)
        comments.accept(cast.dan, post, comment)
        assert went(cast.dan, question) == (
            "Asked Mon 23 Nov, 09:00, answered Mon 23 Nov, 11:35, after 2 h 35 min."
        )


def test_the_api_says_how_it_went(cast: Cast, program: Callable[..., FlaskClient]) -> None:
    question = ask(cast)
    escalate(DUE)
    told = program(cast.ruth).get(f"/api/v1/posts/{question.id}").json
    assert told
    assert told["question"] == {
        "replied_at": None,
        "answered_at": None,
        "lead_told_at": "2026-11-23T10:00:00Z",
        "manager_told_at": None,
    }


def went(viewer: Person, question: Post) -> str:
    row = timeline.post(viewer, question.id)
    return how_it_went(questions.of([row])[question.id])
