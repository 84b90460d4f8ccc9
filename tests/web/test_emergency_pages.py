"""The pages on which a case is opened in an emergency."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core import clock, db, passwords
from app.models import AuditEntry, BreakGlass, Conflict, Person, SignIn
from tests.casework.known import (
    Change,
    keep_apart,
    move_away,
    open_duplicate,
    restrict,
    statements,
    town,
)
from tests.cast import MORNING, PASSWORD, Cast

__all__ = ["town"]


Browser = Callable[..., FlaskClient]

NOOR = {
    "name": "Noor R",
    "born_on": "2023-08-30",
    "number_or_postcode": "LS1 4AP",
    "emergency": "missing",
    "reason": "Not seen since she left nursery.",
}
NOBODY = NOOR | {"name": "Nora Absent"}
VARIES = re.compile(r"BG-[A-Z0-9]{6}|/emergencies/\d+|name=\"(key|csrf_token)\" value=\"[^\"]*\"")


def answer(client: FlaskClient, sent: dict[str, str]) -> tuple[Any, ...]:
    """Status, headers and bytes of sending the form and of the page it leads to."""
    first = client.post("/emergencies/new", data=sent)
    page = client.get(first.location)
    headers = [(k, VARIES.sub("", v)) for k, v in first.headers if k not in ("Date", "Set-Cookie")]
    return first.status_code, headers, VARIES.sub("", first.text), VARIES.sub("", page.text)


def grow_stale(*people: Person) -> None:
    """It is a while since they showed who they are; their password is known."""
    with db.transaction() as session:
        for person in people:
            session.get_one(Person, person.id).password_hash = passwords.hashed(PASSWORD)
        session.execute(update(SignIn).values(proved_at=MORNING - timedelta(hours=2)))


def test_it_leads_straight_to_the_case(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    gone_to = dan.post("/emergencies/new", data=NOOR).location
    assert gone_to == f"/cases/{town.noor.id}"
    page = dan.get(gone_to).text
    assert "Open to you in an emergency until 10:00: 60 minutes left." in page
    assert "Opened in an emergency by Dan Hughes, Hillside Primary: a child is missing." in page
    assert "Open to you in an emergency" in dan.get("/cases").text


@pytest.mark.parametrize("sent", ["1", "/cases/{}", "https://kith.example/cases/{}/network"])
def test_the_number_of_the_case_or_a_link_will_do(browser: Browser, town: Cast, sent: str) -> None:
    case = sent.format(town.noor.id) if "{" in sent else str(town.noor.id)
    form = {"emergency": "cover", "reason": "She is off sick, court is at two.", "case": case}
    gone_to = browser(town.dan).post("/emergencies/new", data=form).location
    assert gone_to == f"/cases/{town.noor.id}"


def test_the_time_left_stands_on_every_page_of_the_case(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    dan.post("/emergencies/new", data=NOOR)
    with clock.held(MORNING + timedelta(minutes=18)):
        for path in ("", "/details", "/network"):
            page = dan.get(f"/cases/{town.noor.id}{path}").text
            assert page.count("42 minutes left") == 1, path
        assert "42 minutes left" in dan.get("/posts/1").text
        assert "minutes left" not in dan.get("/").text


def test_the_feed_leads_to_the_case_while_it_is_open(browser: Browser, town: Cast) -> None:
    lee = browser(town.lee)
    lee.post("/emergencies/new", data=NOOR)
    link = f'until 10:00:</strong> <a href="/cases/{town.noor.id}">Noor R</a>'
    assert link in lee.get("/").text
    assert link not in lee.get("/?before=1-1").text

    keep_apart(town, town.lee)
    assert "Noor" not in lee.get("/").text
    with db.transaction() as session:
        session.execute(update(Conflict).values(until_at=clock.now()))
    assert link in lee.get("/").text
    with clock.held(MORNING + timedelta(minutes=60)):
        assert "Noor" not in lee.get("/").text


def test_the_network_sees_a_banner_while_it_is_open(browser: Browser, town: Cast) -> None:
    olive, case = browser(town.olive), f"/cases/{town.noor.id}"
    browser(town.dan).post("/emergencies/new", data=NOOR)
    for path in (case, f"{case}/network"):
        page = olive.get(path).text
        assert "until 10:00 to Dan Hughes, Hillside Primary: a child is missing" in page
    with clock.held(MORNING + timedelta(minutes=60)):
        assert "<strong>Open in an emergency" not in olive.get(case).text


@pytest.mark.parametrize("change", [restrict, keep_apart])
def test_the_answer_is_the_same_byte_for_byte(browser: Browser, town: Cast, change: Change) -> None:
    change(town, town.dan)
    dan = browser(town.dan)
    with statements() as asked_of_nobody:
        of_nobody = answer(dan, NOBODY)
    with statements() as asked_of_noor:
        of_noor = answer(dan, NOOR)
    assert "Nothing was opened at once." in of_noor[3]
    assert "your request (reference" in of_noor[3]
    assert of_noor == of_nobody
    assert len(asked_of_noor) == len(asked_of_nobody)


def test_a_second_person_approves_without_learning_whose_case_it_is(
    browser: Browser, town: Cast
) -> None:
    restrict(town, town.dan)
    address = browser(town.dan).post("/emergencies/new", data=NOOR).location
    mo, olive, ruth = browser(town.mo), browser(town.olive), browser(town.ruth)
    assert "waits for a second person" in mo.get("/").text
    assert address in mo.get("/emergencies").text
    page = mo.get(address).text
    assert "Not seen since she left nursery." in page
    assert "Noor" not in page
    assert "Noor R" in olive.get(address).text, "the case is hers"
    assert ruth.get(address).status_code == 404
    assert ruth.post(f"{address}/approval").status_code == 404
    assert browser(town.dan).post(f"{address}/approval").status_code == 404
    for _ in range(2):
        assert mo.post(f"{address}/approval", data={"key": "once"}).status_code == 303
    assert f'href="/cases/{town.noor.id}"' in browser(town.dan).get(address).text
    for other in (mo, olive):
        assert other.get(address).status_code == 404, "it waits for nobody now"
        assert other.post(f"{address}/approval").status_code == 404


@pytest.mark.parametrize("change", [None, keep_apart])
def test_a_request_that_is_gone_looks_the_same_for_a_conflict_and_for_lapsing(
    browser: Browser, town: Cast, change: Change | None
) -> None:
    restrict(town, town.dan)
    address = browser(town.dan).post("/emergencies/new", data=NOOR).location
    assert browser(town.mo).get(address).status_code == 200
    if change:
        change(town, town.mo)
    with clock.held(MORNING + timedelta(minutes=0 if change else 60)):
        mo = browser(town.mo)
        gone, never = mo.get(address), mo.get("/emergencies/987")
        assert (gone.status_code, VARIES.sub("", gone.text)) == (
            404,
            VARIES.sub("", never.text),
        )
        assert address not in mo.get("/emergencies").text
        assert mo.post(f"{address}/approval").status_code == 404


def test_a_duplicate_of_ones_own_is_pointed_to_whatever_else_there_is(
    browser: Browser, town: Cast
) -> None:
    own, dan = open_duplicate(town.dan), browser(town.dan)
    told = set()
    for change in (restrict, keep_apart, move_away):
        change(town, town.dan)
        told.add(answer(dan, NOOR)[3])
    (page,) = told
    link = f'<a href="/cases/{own.id}">case {own.id}</a>'
    assert f"You see a case of this child already: {link}." in page
    assert "Nothing was opened at once." in page
    assert "You see a case" not in answer(dan, NOBODY)[3]
    with db.transaction():
        rows = db.session().execute(
            select(AuditEntry.did, AuditEntry.case_id, AuditEntry.outcome).where(
                AuditEntry.about.startswith("emergency:"), AuditEntry.outcome == "done"
            )
        )
        assert [tuple(row) for row in rows] == [("asked in an emergency", None, "done")] * 4


def test_a_duplicate_of_ones_own_does_not_stand_in_the_way(browser: Browser, town: Cast) -> None:
    own, dan = open_duplicate(town.dan), browser(town.dan)
    page = dan.get(dan.post("/emergencies/new", data=NOOR).location).text
    assert "The case is open to you until 10:00." in page
    assert f'already: <a href="/cases/{own.id}">' in page


def test_the_number_of_a_case_they_see_leads_there_and_is_recorded(
    browser: Browser, town: Cast
) -> None:
    olive, case = browser(town.olive), f"/cases/{town.noor.id}"
    form = {"emergency": "cover", "reason": "I do not find her page.", "case": case}
    gone_to = olive.post("/emergencies/new", data=form).location
    assert gone_to == case
    assert "You see this case already, so nothing was opened" in olive.get(case).text
    assert "You saw the case already" in olive.get("/emergencies/1").text
    assert "/emergencies/1" not in browser(town.mo).get("/emergencies").text
    with db.transaction():
        (row,) = db.session().scalars(
            select(AuditEntry).where(AuditEntry.did == "asked in an emergency")
        )
        assert (row.about, row.case_id, row.outcome) == ("emergency:1", None, "done")


def test_it_is_asked_who_sits_there_and_nothing_typed_is_lost(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    grow_stale(town.dan)
    asked = dan.post("/emergencies/new", data=NOOR)
    assert asked.status_code == 403
    assert "Is it you?" in asked.text
    assert 'value="Not seen since she left nursery."' in asked.text
    with db.transaction():
        assert db.session().scalars(select(BreakGlass)).all() == []
    wrong = dan.post("/emergencies/new", data=NOOR | {"proof_password": "not it at all"})
    assert wrong.status_code == 422
    right = dan.post("/emergencies/new", data=NOOR | {"proof_password": PASSWORD})
    assert right.location == f"/cases/{town.noor.id}"


def test_a_slip_is_said_before_anybody_types_a_password(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    grow_stale(town.dan)
    page = dan.post("/emergencies/new", data=NOOR | {"number_or_postcode": "LS1", "reason": "Now"})
    assert page.status_code == 422
    assert "Write a whole UK postcode" in page.text
    assert "Is it you?" not in page.text


def test_the_second_person_shows_who_they_are_too(browser: Browser, town: Cast) -> None:
    restrict(town, town.dan)
    address = browser(town.dan).post("/emergencies/new", data=NOOR).location
    mo = browser(town.mo)
    grow_stale(town.mo)
    assert mo.post(f"{address}/approval").status_code == 403
    sent = {"proof_password": PASSWORD}
    assert mo.post(f"{address}/approval", data=sent).status_code == 303


def test_it_is_closed_before_its_hour_is_over(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    dan.post("/emergencies/new", data=NOOR)
    assert dan.post("/emergencies/1/closure").location == "/emergencies"
    assert dan.get(f"/cases/{town.noor.id}").status_code == 404
    assert browser(town.olive).post("/emergencies/1/closure").status_code == 404


def test_what_a_conflict_shuts_before_its_time_is_not_called_open(
    browser: Browser, town: Cast
) -> None:
    dan = browser(town.dan)
    dan.post("/emergencies/new", data=NOOR)
    assert "Go to the case" in dan.get("/emergencies/1").text
    keep_apart(town, town.dan)
    page = dan.get("/emergencies/1").text
    assert "is closed to you again" in page
    assert "/cases/" not in page[page.index("<main") : page.index("</main>")]


def test_the_eleventh_of_a_day_is_answered_with_whom_to_phone(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    for _ in range(10):
        assert dan.post("/emergencies/new", data=NOBODY).status_code == 303
    refused = dan.post("/emergencies/new", data=NOOR)
    assert refused.status_code == 429
    assert "phone 999" in refused.text


def test_the_audit_names_a_case_only_when_it_was_opened(browser: Browser, town: Cast) -> None:
    restrict(town, town.ruth)
    dan, ruth = browser(town.dan), browser(town.ruth)
    for sent in (NOBODY, NOOR):
        ruth.post("/emergencies/new", data=sent)
    with db.transaction():
        rows = db.session().execute(
            select(AuditEntry.did, AuditEntry.case_id, AuditEntry.outcome).where(
                AuditEntry.did == "asked in an emergency"
            )
        )
        assert [tuple(row) for row in rows] == [("asked in an emergency", None, "done")] * 2
    dan.post("/emergencies/new", data=NOOR | {"name": "Nobody Else"})
    assert dan.get("/emergencies").status_code == 200


def test_what_is_read_through_broken_glass_says_so_in_the_audit(
    browser: Browser, town: Cast
) -> None:
    dan = browser(town.dan)
    dan.post("/emergencies/new", data=NOOR)
    dan.get(f"/cases/{town.noor.id}")
    with db.transaction():
        row = (
            db.session()
            .scalars(
                select(AuditEntry).where(AuditEntry.did == "read case").order_by(AuditEntry.id)
            )
            .all()[-1]
        )
    assert (row.person_id, row.case_id) == (town.dan.id, town.noor.id)
    if hasattr(row, "why"):
        assert row.why == "break-glass"


def test_a_token_breaks_no_glass(town: Cast, program: Callable[..., FlaskClient]) -> None:
    client = program(town.dan)
    for path in ("/emergencies", "/emergencies/new", "/api/v1/emergencies"):
        assert client.post(path, json=NOOR).status_code in (302, 401, 404, 405)
    with db.transaction():
        assert db.session().scalars(select(BreakGlass)).all() == []
