"""The measures of an organisation, as their administrator sees them."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import measures
from app.core import clock, db
from app.models import AuditEntry, Measure
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
OWN = {"name": "School meals", "better": "up", "lowest": "0", "highest": "5", "step": "1"}


def add(someone: FlaskClient, **more: str) -> str:
    answer = someone.post("/measures", data=OWN | {"noise": "1"} | more)
    return answer.location or answer.text


def own() -> Measure | None:
    with db.transaction() as session:
        return session.scalar(select(Measure).where(Measure.key.is_(None)))


def test_an_administrator_sees_what_comes_with_kith_in_words(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ada).get("/measures").text
    assert "From 0 to 10 of 10" not in page
    for words in ("Safety scale", "From 0 to 100%", "Down is better", "Counts updates of the type"):
        assert words in page
    assert browser(cast.priya).get("/measures").status_code == 403


def test_a_measure_of_their_own_is_added_and_offered_to_those_who_write(
    browser: Browser, cast: Cast
) -> None:
    assert ">School meals</option>" not in browser(cast.dan).get("/cases/1").text
    assert add(browser(cast.ada), unit="a week", threshold="2", threshold_means="too few") == (
        "/measures"
    )
    assert "2 a week: too few" in browser(cast.ada).get("/measures").text
    assert ">School meals</option>" in browser(cast.dan).get("/cases/1").text
    with db.transaction() as session:
        assert "added measure" in session.scalars(select(AuditEntry.did)).all()


def test_what_is_wrong_is_told_at_each_field_and_what_was_typed_stays(
    browser: Browser, cast: Cast
) -> None:
    page = add(browser(cast.ada), highest="many", noise="")
    assert page.count("Write a number, such as 10 or 0.5.") >= 2
    assert 'value="many"' in page
    assert 'value="School meals"' in page
    assert own() is None


def test_of_kiths_own_the_form_asks_for_the_threshold_alone(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    page = ada.get("/measures/2").text
    assert 'name="threshold"' in page
    assert 'name="name"' not in page
    ada.post("/measures/2", data={"name": "Luck", "threshold": "95", "threshold_means": "our goal"})
    assert "95%: our goal" in ada.get("/measures").text
    assert "Luck" not in ada.get("/measures").text


def test_a_scale_with_scores_on_it_is_not_asked_for_again(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    add(ada)
    made = own()
    assert made
    assert 'name="better"' in ada.get(f"/measures/{made.id}").text
    with db.transaction():
        score = measures.Score(made.id, 3, "school", clock.today())
        measures.record(cast.priya, cast.amara, [score])
    page = ada.get(f"/measures/{made.id}").text
    assert 'name="better"' not in page
    assert "There are scores on this scale" in page
    ada.post(f"/measures/{made.id}", data={"name": "Meals", "better": "down", "noise": "0.5"})
    changed = own()
    assert changed
    assert (changed.name, changed.better, changed.noise, changed.highest) == ("Meals", "up", 0.5, 5)


def test_a_retired_measure_is_offered_to_nobody_until_it_is_again(
    browser: Browser, cast: Cast
) -> None:
    ada, dan = browser(cast.ada), browser(cast.dan)
    ada.post("/measures/4/retirement", data={"key": "1"})
    assert ">Graded care</option>" not in dan.get("/cases/1").text
    assert "It was retired on 23 November 2026" in ada.get("/measures/4").text
    ada.post("/measures/4/retirement", data={"key": "2", "again": "yes"})
    assert ">Graded care</option>" in dan.get("/cases/1").text
    assert ada.get("/measures/99").status_code == 404
