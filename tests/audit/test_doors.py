"""Each door leaves exactly one row an answer, whatever its view says or forgets."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import networks
from app.core import db
from app.models import AuditEntry, Person
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
Program = Callable[..., FlaskClient]


def rows_of(person: Person) -> list[AuditEntry]:
    """What is on record of somebody since they signed in."""
    with db.transaction() as session:
        query = select(AuditEntry).where(
            AuditEntry.person_id == person.id, AuditEntry.did != "signed in"
        )
        return list(session.scalars(query.order_by(AuditEntry.id)))


def said(entry: AuditEntry) -> tuple[str, str, str, int | None, str | None]:
    return entry.did, entry.how, entry.outcome, entry.case_id, entry.about


def test_a_page_whose_view_notes_nothing_is_noted_by_its_door(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgets = SimpleNamespace(note=lambda *_, **__: None)
    monkeypatch.setattr("app.web.network.audit", forgets)
    case_id = cast.amara.id
    assert "Ruth Bell" in browser(cast.dan).get(f"/cases/{case_id}/network").text
    (row,) = rows_of(cast.dan)
    assert said(row) == ("network", "page", "shown", case_id, f"case:{case_id}")
    assert row.why == "member"


def test_a_call_whose_view_notes_nothing_is_noted_by_its_door(
    program: Program, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgets = SimpleNamespace(note=lambda *_, **__: None)
    monkeypatch.setattr("app.api.network.audit", forgets)
    case_id = cast.amara.id
    assert program(cast.dan, "read").get(f"/api/v1/cases/{case_id}/network").status_code == 200
    (row,) = rows_of(cast.dan)
    assert (row.how, row.outcome, row.case_id) == ("api", "shown", case_id)


def test_an_empty_form_is_noted(browser: Browser, cast: Cast) -> None:
    browser(cast.priya).get("/cases/new")
    assert [said(each) for each in rows_of(cast.priya)] == [
        ("new case", "page", "shown", None, None)
    ]


def test_what_is_done_without_a_word_is_noted(browser: Browser, cast: Cast) -> None:
    case_id = cast.amara.id
    browser(cast.dan).post(f"/cases/{case_id}/follow")
    assert [said(each) for each in rows_of(cast.dan)] == [
        ("follow", "page", "done", case_id, f"case:{case_id}")
    ]


def test_a_form_that_is_shown_again_is_noted_once(browser: Browser, cast: Cast) -> None:
    case_id = cast.amara.id
    answer = browser(cast.priya).post(f"/cases/{case_id}/posts", data={"kind": "note"})
    assert answer.status_code == 422
    assert len(rows_of(cast.priya)) == 1


def test_what_a_page_asks_by_itself_leaves_no_row(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    assert dan.get("/sync?after=0").status_code == 200
    assert dan.put(f"/cases/{cast.amara.id}/draft", json={"body": "He"}).status_code == 200
    assert rows_of(cast.dan) == []


def test_a_stranger_who_asks_by_script_is_noted(browser: Browser, cast: Cast) -> None:
    browser(cast.olive).put(f"/cases/{cast.amara.id}/draft", json={"body": "He"})
    assert [said(each) for each in rows_of(cast.olive)] == [
        ("refused", "page", "refused", cast.amara.id, f"case:{cast.amara.id}")
    ]


def test_who_is_not_allowed_is_noted(browser: Browser, program: Program, cast: Cast) -> None:
    case_id = cast.amara.id
    assert browser(cast.ada).get(f"/cases/{case_id}").status_code == 403
    assert program(cast.ada, "read").get(f"/api/v1/cases/{case_id}").status_code == 403
    assert browser(cast.ada).get("/audit-log").status_code == 403
    assert [said(each) for each in rows_of(cast.ada)] == [
        ("refused", "page", "refused", case_id, f"case:{case_id}"),
        ("refused", "api", "refused", case_id, f"case:{case_id}"),
        ("refused", "page", "refused", None, "audit log"),
    ]


def test_a_token_that_may_only_read_is_noted_when_it_writes(program: Program, cast: Cast) -> None:
    path = f"/api/v1/cases/{cast.amara.id}/posts"
    assert program(cast.dan, "read").post(path, json={"body": "Well."}).status_code == 403
    assert [said(each)[:3] for each in rows_of(cast.dan)] == [("refused", "api", "refused")]


def test_the_way_from_the_first_page_to_ones_own_is_no_refusal(
    browser: Browser, cast: Cast
) -> None:
    assert browser(cast.ada).get("/").status_code == 302
    assert rows_of(cast.ada) == []


def test_a_write_that_is_repeated_is_noted_as_that(program: Program, cast: Cast) -> None:
    client, path = program(cast.dan), f"/api/v1/cases/{cast.amara.id}/posts"
    for _ in range(2):
        client.post(path, json={"body": "Well."}, headers={"Idempotency-Key": "one"})
    first, again = rows_of(cast.dan)
    assert (first.outcome, again.outcome) == ("done", "repeated")
    assert (again.did, again.case_id) == (first.did, first.case_id)


def test_a_write_repeated_by_who_has_lost_the_case_is_not_on_record_as_done(
    program: Program, cast: Cast
) -> None:
    client, path = program(cast.dan), f"/api/v1/cases/{cast.amara.id}/posts"

    def send() -> int:
        key = {"Idempotency-Key": "one"}
        return client.post(path, json={"body": "Well."}, headers=key).status_code

    assert send() == 201
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.dan, "Has left the school")
    assert send() == 201, "numbers, and none that he did not have"
    assert [each.outcome for each in rows_of(cast.dan)] == ["done", "repeated"]


def test_a_form_that_is_sent_twice_is_noted_as_repeated(browser: Browser, cast: Cast) -> None:
    dan, path = browser(cast.dan), f"/cases/{cast.amara.id}/posts"
    for _ in range(2):
        assert dan.post(path, data={"body": "Well.", "key": "one"}).status_code == 303
    assert [each.outcome for each in rows_of(cast.dan)] == ["done", "repeated"]


def test_an_administrators_repeated_call_is_noted(program: Program, cast: Cast) -> None:
    agency = {"name": "Vale Police", "agency_type": "6", "phone": None}
    for _ in range(2):
        program(cast.ada).post("/api/v1/agencies", json=agency, headers={"Idempotency-Key": "one"})
    assert [each.outcome for each in rows_of(cast.ada)] == ["done", "repeated"]
