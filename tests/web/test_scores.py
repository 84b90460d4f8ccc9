"""Scores added with an update, told under it, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.casework import measures
from app.core import clock, db
from app.models import Case, Post, Reading
from app.web import scores
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]
Row = tuple[str, str, str]


def number(key: str) -> str:
    with db.transaction():
        found = measures.called(key)
        assert found
        return str(found.id)


def send(
    someone: FlaskClient, case: Case, rows: Sequence[Row], body: str = "Rang Mum.", **form: Any
) -> TestResponse:
    data: dict[str, Any] = {"body": body, **form}
    data |= {name: [row[place] for row in rows] for place, name in enumerate(scores.FIELDS)}
    return someone.post(f"/cases/{case.id}/posts", data=data)


def safety(value: str, rater: str = "mother") -> Row:
    return number("safety_scale"), value, rater


def kept() -> list[tuple[float, str]]:
    with db.transaction() as session:
        rows = select(Reading.value, Reading.rater).order_by(Reading.id)
        return [(row.value, row.rater) for row in session.execute(rows)]


def test_a_score_stands_under_its_update_for_whoever_reads_it(browser: Browser, cast: Cast) -> None:
    answer = send(browser(cast.dan), cast.amara, [safety("6")])

    assert answer.status_code == 303
    line = "Safety scale 6 of 10, said by the mother"
    for page in (f"/cases/{cast.amara.id}", "/", "/posts/1", f"/cases/{cast.amara.id}/fragments"):
        assert line in browser(cast.ruth).get(page).text, page


def test_several_voices_are_kept_and_rows_left_empty_are_not(browser: Browser, cast: Cast) -> None:
    rows = [
        safety(""),
        safety("7"),
        safety(" ", "father"),
        (number("attendance"), "92,5%", "school"),
    ]

    send(browser(cast.dan), cast.amara, rows)

    assert kept() == [(7, "mother"), (92.5, "school")]


def test_a_wrong_score_has_a_sentence_and_nothing_typed_is_lost(
    browser: Browser, cast: Cast
) -> None:
    rows = [safety("7"), safety("twelve", "child"), safety("12", "father")]

    answer = send(browser(cast.dan), cast.amara, rows, kind="visit")

    assert answer.status_code == 422
    page = answer.text
    assert '<a href="#score_1">Write the score for Safety scale as a number.</a>' in page
    assert '<a href="#score_2">Safety scale goes from 0 to 10.</a>' in page
    assert "Say whether the child was seen." in page
    assert re.findall(r'name="score_value"[^>]* value="([^"]*)"', page) == ["7", "twelve", "12", ""]
    assert page.count('<option value="child" selected>') == 1
    assert ">Rang Mum.</textarea>" in page
    assert kept() == []
    with db.transaction() as session:
        assert session.scalar(select(func.count(Post.id))) == 0


def test_the_form_begins_with_who_works_where_the_author_does(browser: Browser, cast: Cast) -> None:
    for someone, word in ((cast.dan, "school"), (cast.priya, "social_care"), (cast.ruth, "health")):
        page = browser(someone).get(f"/cases/{cast.amara.id}").text
        assert page.count(f'<option value="{word}" selected>') == 4
    page = browser(cast.dan).get(f"/quick/{cast.amara.id}").text
    assert "Add a score" in page


def test_pressed_twice_a_score_is_kept_once(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    for _ in range(2):
        assert send(dan, cast.amara, [safety("6")], key="k1").status_code == 303
    assert kept() == [(6, "mother")]


def test_a_score_is_of_the_day_it_happened(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast.amara, [safety("6")], occurred_at="2026-11-12T10:00")
    with db.transaction() as session:
        assert session.scalars(select(Reading.read_on)).all() == [
            MORNING.date() - timedelta(days=11)
        ]


def test_posted_for_two_children_it_is_of_the_one_whose_page_it_was(
    browser: Browser, cast: Cast
) -> None:
    send(browser(cast.dan), cast.amara, [safety("6")], also=str(cast.tobi.id))
    with db.transaction() as session:
        assert session.scalars(select(Reading.case_id)).all() == [cast.amara.id]
    assert "said by the mother" not in browser(cast.dan).get(f"/cases/{cast.tobi.id}").text


def test_a_draft_keeps_the_scores_also_before_there_are_words(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    draft = f"/cases/{cast.amara.id}/draft"
    dan.put(
        draft,
        json={
            "body": "",
            "score_measure": [number("sdq_total")],
            "score_value": ["24"],
            "score_rater": ["carer"],
        },
    )
    page = dan.get(f"/cases/{cast.amara.id}").text
    assert 'value="24"' in page
    assert '<option value="carer" selected>' in page
    dan.put(draft, json={"body": "", "score_value": [""]})
    assert 'value="24"' not in dan.get(f"/cases/{cast.amara.id}").text


def test_what_a_draft_measured_and_is_retired_does_not_become_another_measure(
    browser: Browser, cast: Cast
) -> None:
    rows = [(number("graded_care"), "3", "health")]
    with db.transaction():
        retired = measures.called("graded_care")
        assert retired
        measures.retire(cast.ada, retired)
    answer = send(browser(cast.dan), cast.amara, rows)
    assert "Graded care is not used any more." in answer.text
    assert '<option value="" selected>Choose</option>' in answer.text


def test_who_recorded_a_score_takes_it_back_from_under_its_update(
    browser: Browser, cast: Cast
) -> None:
    dan = browser(cast.dan)
    send(dan, cast.amara, [safety("6")])
    assert "/readings/1/withdrawal" in dan.get("/posts/1").text
    assert "/readings/1/withdrawal" in browser(cast.priya).get("/posts/1").text
    assert "/readings/1/withdrawal" not in browser(cast.ruth).get("/posts/1").text
    assert "Safety scale 6 of 10" in dan.get("/readings/1/withdrawal").text
    assert browser(cast.ruth).get("/readings/1/withdrawal").status_code == 403

    assert "Say why" in dan.post("/readings/1/withdrawal", data={"reason": ""}).text
    done = dan.post("/readings/1/withdrawal", data={"reason": "Her aunt said so"})

    assert done.location == "/posts/1"
    assert "said by the mother" not in browser(cast.ruth).get("/posts/1").text
    assert dan.get("/readings/1/withdrawal").status_code == 404


def test_whose_the_case_is_not_is_told_as_little_as_of_none(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast.amara, [safety("6")])
    olive = browser(cast.olive)
    hidden, none = olive.get("/readings/1/withdrawal"), olive.get("/readings/99/withdrawal")
    assert browser(cast.dan).get("/readings/1/withdrawal").status_code == 200
    assert (hidden.status_code, none.status_code) == (404, 404)


def test_without_a_post_a_score_is_taken_back_to_the_case(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        score = measures.Score(int(number_now("safety_scale")), 5, "child", clock.today())
        measures.record(cast.dan, cast.amara, [score])
        posts.publish(cast.dan, cast.amara, Update("x"))
    done = browser(cast.priya).post("/readings/1/withdrawal", data={"reason": "Misheard"})
    assert done.location == f"/cases/{cast.amara.id}"


def number_now(key: str) -> int:
    found = measures.called(key)
    assert found
    return found.id
