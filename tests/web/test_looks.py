"""Where a case needs a look: on its page, in the feed and in the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app import relay
from app.core import clock, db
from app.models import Agency, Alert, AuditEntry, Membership, Notice, Person
from app.monitor import alerts
from tests.alerts import from_agency, point_out
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]
DAY = timedelta(days=1)


@pytest.fixture
def busy(cast: Cast) -> Alert:
    """Amara's case, busier than usual for a week."""
    with db.transaction() as session:
        alert = point_out(cast.amara)
        from_agency(alert, session.get_one(Agency, cast.dan.agency_id), 4)
        from_agency(alert, session.get_one(Agency, cast.ruth.agency_id), 1, is_new=True)
    return alert


def given_only_lately(person: Person) -> None:
    """A new member, to whom only what came after yesterday is open."""
    with db.transaction() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == person.id)
            .values(history_from=clock.now() - DAY)
        )


def needs_a_look(dan: FlaskClient) -> list[dict[str, Any]]:
    answered = dan.get("/api/v1/cases/1").get_json()
    assert isinstance(answered, dict)
    found: list[dict[str, Any]] = answered["needs_a_look"]
    return found


def test_a_case_says_why_it_needs_a_look(browser: Browser, cast: Cast, busy: Alert) -> None:
    page = browser(cast.dan).get("/cases/1").text
    assert "This case needs a look" in page
    assert "Busier than usual:</strong> 9 updates in 7 days from 2 agencies, 1 of them new." in page
    assert "On how many days: <span" in page
    assert "School</span></span> 4, <span" in page
    assert "Health visitor</span></span> (new) 1." in page
    assert f'href="/hotspots/{busy.id}"' in page
    assert f'href="/hotspots/{busy.id}/disposition"' in page
    assert "Unusual activity, not risk." in page
    assert "This case needs a look" not in browser(cast.dan).get("/cases/2").text


def test_what_is_overdue_is_not_called_unusual(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        point_out(cast.amara, "no_lead")
    page = browser(cast.dan).get("/cases/1").text
    assert "Nobody leads:</strong> Nobody has led the case since 17 November." in page
    assert "Unusual activity" not in page


def test_who_was_given_nothing_that_old_is_told_of_it_nowhere(
    browser: Browser, program: Browser, cast: Cast, busy: Alert
) -> None:
    given_only_lately(cast.dan)
    dan = browser(cast.dan)
    for path in ("/", "/cases/1", "/needs-a-look", "/cases/1/needs-a-look"):
        page = dan.get(path)
        assert page.status_code == 200
        assert "a look" not in page.text.replace("needs-a-look", ""), path
    assert needs_a_look(program(cast.dan)) == []


def test_once_somebody_has_looked_nothing_is_said_any_more(
    browser: Browser, cast: Cast, busy: Alert
) -> None:
    with db.transaction():
        alerts.answer(cast.mo, busy.id, "expected", "A conference was prepared")
    for path in ("/", "/cases/1"):
        assert "needs a look" not in browser(cast.dan).get(path).text, path


def test_an_open_page_is_given_what_it_says_now(browser: Browser, cast: Cast, busy: Alert) -> None:
    dan = browser(cast.dan)
    assert "9 updates in 7 days" in dan.get("/cases/1/needs-a-look").text
    assert "1 of your cases needs a look" in dan.get("/needs-a-look").text
    for path in ("/cases/3/needs-a-look", "/cases/99/needs-a-look"):
        assert dan.get(path).status_code == 404
    with db.transaction() as session:
        noted = select(AuditEntry.case_id, AuditEntry.how).where(AuditEntry.did == "read alerts")
        rows = session.execute(noted.order_by(AuditEntry.id)).all()
    assert rows == [(1, "live"), (None, "live")]


def test_the_feed_names_her_own_cases_that_need_a_look(
    browser: Browser, cast: Cast, busy: Alert
) -> None:
    with db.transaction():
        point_out(cast.tobi, "no_lead")
        point_out(cast.tobi, "quiet")
        point_out(cast.noor)
    page = browser(cast.dan).get("/").text
    assert "2 of your cases need a look" in page
    assert '<a href="/cases/1">Amara O</a>: Busier than usual</li>' in page
    assert '<a href="/cases/2">Tobi O</a>: Gone quiet, nobody leads</li>' in page
    assert "Noor" not in page
    assert "need a look" not in browser(cast.mo).get("/").text, "she is a member of none"


def test_opening_the_case_reads_the_notice_of_it(browser: Browser, cast: Cast, busy: Alert) -> None:
    while relay.deliver():
        pass
    priya = browser(cast.priya)
    assert "It is busier than usual round Amara O" in priya.get("/notices").text
    with db.transaction() as session:
        notice = session.scalars(select(Notice)).one()
        assert notice.read_at is None
    assert priya.get(f"/notices/{notice.id}").location == f"/hotspots/{busy.id}"
    with db.transaction() as session:
        session.execute(update(Notice).values(read_at=None))
    priya.get("/cases/1")
    with db.transaction() as session:
        assert session.scalars(select(Notice.read_at)).one() == MORNING


def test_the_api_says_why_a_case_needs_a_look(program: Browser, cast: Cast, busy: Alert) -> None:
    found = needs_a_look(program(cast.dan))
    (reason,) = found
    assert (reason["alert_id"], reason["kind"]) == (busy.id, "busy")
    assert reason["heading"] == "Busier than usual"
    assert reason["sentence"].startswith("9 updates in 7 days from 2 agencies")
    assert [(each["name"], each["days"], each["is_new"]) for each in reason["agencies"]] == [
        ("Hillside Primary", 4, False),
        ("Vale health visitors", 1, True),
    ]
    assert "score" not in str(found)
    assert "lift" not in str(found)
