"""The pages on which somebody asks about a child, and a lead answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import db
from app.models import AuditEntry, LookUp
from tests.casework.known import (
    Change,
    keep_apart,
    leave_alone,
    move_away,
    open_duplicate,
    restrict,
    statements,
    town,
)
from tests.cast import Cast

__all__ = ["town"]


Browser = Callable[..., FlaskClient]

NOOR = {
    "name": "Noor R",
    "born_on": "2023-08-30",
    "number_or_postcode": "ls1 4ap",
    "reason": "She came to our clinic",
}
NOBODY = NOOR | {"name": "Nora Absent"}
VARIES = re.compile(r'name="(key|csrf_token)" value="[^"]*"')


def answer(client: FlaskClient, sent: dict[str, str]) -> tuple[Any, ...]:
    """Status, headers and bytes of sending the form and of the page it leads to."""
    first = client.post("/look-ups", data=sent)
    page = client.get(first.location)
    headers = [(k, v) for k, v in first.headers if k not in ("Date", "Set-Cookie")]
    return first.status_code, headers, first.data, VARIES.sub("", page.text)


@pytest.mark.parametrize("change", [None, restrict, keep_apart])
def test_the_answer_is_the_same_byte_for_byte(
    browser: Browser, town: Cast, change: Change | None
) -> None:
    if change:
        change(town, town.dan)
    # Two people, so that what each page lists is the same too.
    with statements() as asked_of_nobody:
        of_nobody = answer(browser(town.dan), NOBODY)
    with statements() as asked_of_noor:
        of_noor = answer(browser(town.ruth), NOOR)
    assert of_noor[:3] == of_nobody[:3]
    assert _bare(of_noor[3]) == _bare(of_nobody[3])
    assert len(asked_of_noor) == len(asked_of_nobody)


def _bare(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    assert "Your request goes to the lead practitioner if there is one" in main
    return main


def test_a_duplicate_of_ones_own_is_pointed_to_whatever_else_there_is(
    browser: Browser, town: Cast
) -> None:
    own, dan = open_duplicate(town.dan), browser(town.dan)
    told = set()
    for change in (leave_alone, restrict, keep_apart, move_away):
        change(town, town.dan)
        page = answer(dan, NOOR)[3]
        told.add((*re.findall("<div[^>]* data-notice>.*?</div>", page), _newest(page)))
    (said,) = told
    link = f'<a href="/cases/{own.id}">case {own.id}</a>'
    assert f"You see a case of this child already: {link}." in said[0]
    assert "Your request goes to the lead practitioner if there is one" in said[1]
    with db.transaction():
        kept = list(db.session().scalars(select(LookUp.case_id).order_by(LookUp.id)))
        assert kept == [town.noor.id, town.noor.id, None, None]
        rows = db.session().execute(
            select(AuditEntry.did, AuditEntry.case_id, AuditEntry.why, AuditEntry.outcome).where(
                AuditEntry.about.startswith("look-up:")
            )
        )
        assert [tuple(row) for row in rows] == [("look up", None, None, "done")] * 4
    assert "You see a case" not in answer(dan, NOBODY)[3]


def _newest(page: str) -> str:
    return page[page.index('<ul class="kith-lines">') :].split("</li>", maxsplit=1)[0]


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: Browser, town: Cast
) -> None:
    page = browser(town.dan).post("/look-ups", data={"name": "Noor", "reason": "Clinic"})
    assert page.status_code == 422
    for field in ("name", "born_on", "number_or_postcode"):
        assert f'href="#{field}"' in page.text
    assert 'value="Clinic"' in page.text


def test_the_eleventh_of_a_day_is_answered_in_a_sentence(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    for _ in range(10):
        assert dan.post("/look-ups", data=NOBODY).status_code == 303
    refused = dan.post("/look-ups", data=NOOR)
    assert refused.status_code == 429
    assert "You have asked about 10 children today" in refused.text
    assert 'value="Noor R"' in refused.text


def test_the_lead_sees_it_on_the_feed_and_answers_on_the_network(
    browser: Browser, town: Cast
) -> None:
    browser(town.dan).post("/look-ups", data=NOOR)
    olive, network = browser(town.olive), f"/cases/{town.noor.id}/network"
    assert "1 person asks about Noor R" in olive.get("/").text
    page = olive.get(network).text
    assert "Dan Hughes" in page
    assert "She came to our clinic" in page
    address = f"/cases/{town.noor.id}/look-ups/1"
    assert f'href="{address}"' in page
    assert olive.get(address).status_code == 200
    empty = olive.post(address, data={"outcome": "declined", "answer": ""})
    assert (empty.status_code, "Say why" in empty.text) == (422, True)
    sent = {"outcome": "declined", "answer": "Please ring the duty team."}
    assert olive.post(address, data=sent).location == network
    asked = browser(town.dan).get("/look-ups").text
    assert "Olive Reed does not share this." in asked
    assert "Please ring the duty team." in asked
    assert olive.get(address).status_code == 404, "it is answered"


def test_adding_who_asked_begins_with_their_reason(browser: Browser, town: Cast) -> None:
    browser(town.dan).post("/look-ups", data=NOOR)
    olive = browser(town.olive)
    link = f"/cases/{town.noor.id}/network/new/{town.dan.id}?look_up=1"
    assert link in olive.get(f"/cases/{town.noor.id}/look-ups/1").text
    form = olive.get(link).text
    assert 'value="She came to our clinic"' in form
    assert 'value="Safeguarding lead"' in form
    other = f"/cases/{town.amara.id}/network/new/{town.olive.id}?look_up=1"
    assert "clinic" not in browser(town.priya).get(other).text, "another lead reads nothing of it"


def test_a_member_and_a_stranger_find_no_request(browser: Browser, town: Cast) -> None:
    browser(town.dan).post("/look-ups", data=NOOR)
    for person in (town.dan, town.priya):
        assert browser(person).get(f"/cases/{town.noor.id}/look-ups/1").status_code == 404
    # Of another case's number nothing is answered either.
    address = f"/cases/{town.amara.id}/look-ups/1"
    sent = {"outcome": "phoned"}
    assert browser(town.priya).get(address).status_code == 404
    assert browser(town.priya).post(address, data=sent).status_code == 404


def test_the_audit_does_not_tell_what_was_found(browser: Browser, town: Cast) -> None:
    dan = browser(town.dan)
    for sent in (NOBODY, NOOR):
        dan.post("/look-ups", data=sent)
    with db.transaction():
        rows = db.session().execute(
            select(AuditEntry.did, AuditEntry.case_id, AuditEntry.about, AuditEntry.outcome)
            .where(AuditEntry.did == "look up")
            .order_by(AuditEntry.id)
        )
        assert [tuple(row) for row in rows] == [
            ("look up", None, "look-up:1", "done"),
            ("look up", None, "look-up:2", "done"),
        ]


def test_the_search_page_leads_there(browser: Browser, town: Cast) -> None:
    page = browser(town.dan).get("/search?q=noor").text
    assert 'href="/look-ups"' in page
    assert 'href="/emergencies/new"' in page
