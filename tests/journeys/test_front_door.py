"""At the front door: a child nobody there knows, when it can wait and when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock, db
from app.models import AuditEntry, BreakGlass, LookUp, Review
from feeds import posts
from feeds.posts import Update
from tests.casework.known import keep_apart, town
from tests.cast import MORNING, Cast

__all__ = ["town"]


Browser = Callable[..., FlaskClient]

# As a neighbour spells it; the birthday and the postcode are on the referral.
NOOR = {"name": "nour oreilly smith", "born_on": "2023-08-30", "number_or_postcode": "ls14ap"}


def test_a_child_nobody_at_the_front_door_knows_is_asked_about(
    browser: Browser, town: Cast
) -> None:
    dan, olive = browser(town.dan), browser(town.olive)
    with db.transaction():
        posts.publish(town.olive, town.noor, Update("Her aunt lives at 9 Dock Road."))
    search = dan.get("/search?q=noor")
    assert "Noor R" not in search.text
    assert 'href="/look-ups"' in search.text

    sent = dan.post("/look-ups", data=NOOR | {"reason": "Her nursery has rung us"})
    asked = dan.get(sent.location).text
    assert "goes to the lead practitioner if there is one" in asked
    assert dan.get(f"/cases/{town.noor.id}").status_code == 404, "it opens nothing"

    assert "1 person asks about Noor R" in olive.get("/").text
    answer = olive.get(f"/cases/{town.noor.id}/look-ups/1").text
    assert "Her nursery has rung us" in answer
    welcome = {
        "role": "Front door",
        "reason": "Her nursery has rung us",
        "legal_basis": "public_task",
        "until_on": "2027-02-01",
        "history": "whole",
    }
    olive.post(f"/cases/{town.noor.id}/network/new/{town.dan.id}", data=welcome)

    assert "has added you to the network" in dan.get("/look-ups").text
    assert "9 Dock Road" in dan.get(f"/cases/{town.noor.id}").text


def test_a_child_in_danger_is_seen_at_once_and_the_network_knows(
    browser: Browser, town: Cast
) -> None:
    with db.transaction():
        posts.publish(town.olive, town.noor, Update("Her aunt lives at 9 Dock Road."))
    dan, olive = browser(town.dan), browser(town.olive)
    why = {"emergency": "missing", "reason": "Not fetched from nursery, nobody answers."}
    opened = dan.post("/emergencies/new", data=NOOR | why).location
    assert "9 Dock Road" in dan.get(opened).text

    read = olive.get(opened).text
    assert "Opened in an emergency by Dan Hughes, Hillside Primary: a child is missing." in read
    assert "Not fetched from nursery, nobody answers." in read
    with db.transaction():
        review = db.session().scalars(select(Review)).one()
    assert review.due_at == clock.working_days_after(MORNING, 2)

    with clock.held(MORNING + timedelta(minutes=60)):
        assert browser(town.dan).get(opened).status_code == 404


def test_a_step_father_learns_nothing_from_asking_nor_from_an_emergency(
    browser: Browser, town: Cast
) -> None:
    keep_apart(town, town.dan)
    dan, why = browser(town.dan), {"emergency": "danger_now", "reason": "I have to see it now."}
    for form in (NOOR, NOOR | {"name": "Nora Absent"}):
        dan.post("/look-ups", data=form | {"reason": "I work with her"})
        dan.post("/emergencies/new", data=form | why)
    asked = dan.get("/look-ups").text
    assert asked.count("There may be nobody to give one.") == 2
    for number in (1, 2):
        assert "Nothing was opened at once." in dan.get(f"/emergencies/{number}").text
    assert "Dan Hughes" not in browser(town.olive).get(f"/cases/{town.noor.id}/network").text
    with db.transaction() as session:
        assert set(session.scalars(select(LookUp.case_id))) == {None}
        assert set(session.scalars(select(BreakGlass.opened_at))) == {None}
        tried = session.scalars(
            select(AuditEntry.did)
            .where(
                AuditEntry.person_id == town.dan.id,
                AuditEntry.outcome == "done",
                AuditEntry.did != "signed in",
            )
            .order_by(AuditEntry.id)
        )
        assert list(tried) == ["look up", "asked in an emergency"] * 2, "each try is on record"
