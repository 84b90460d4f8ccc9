from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.casework.returns import annex_a
from app.core import clock, db
from app.models import AuditEntry, Case, Child, Person
from app.web import imports, uploads
from config.settings import Settings
from tests import workbooks
from tests.cast import Cast

Browser = Callable[..., FlaskClient]

RUN = {"lead": ""}


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data / "uploads"


def test_a_look_into_the_file_brings_nothing_in(browser: Browser, cast: Cast, folder: Path) -> None:
    answer = _upload(browser(cast.ada), _workbook())

    assert answer.status_code == 200
    assert "Nothing has been brought in yet." in answer.text
    assert "2 new, 0 changed, 0 same, 1 refused rows" in answer.text
    assert "List 1: contacts" in answer.text
    assert _cases() == 3
    [kept] = folder.iterdir()
    assert (kept.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_refused_row_names_its_cell_and_the_reason(browser: Browser, cast: Cast) -> None:
    page = _upload(browser(cast.ada), _workbook()).text

    assert "Refused rows" in page
    assert "this is not a date" in page or "date" in page
    assert "soon" not in page, "the value itself is never shown"


def test_an_import_counts_its_rows_and_throws_the_file_away(
    browser: Browser, cast: Cast, folder: Path
) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path

    answer = ada.post(url, data=RUN, follow_redirects=True)

    assert "Brought in: 2 new, 0 changed, 0 same, 1 refused." in answer.text
    assert _cases() == 5
    assert list(folder.iterdir()) == []
    assert ada.post(url, data=RUN).status_code == 404


def test_the_same_file_again_changes_nothing(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    ada.post(_upload(ada, _workbook()).request.path, data=RUN)

    answer = _upload(ada, _workbook())

    assert "0 new, 0 changed, 2 same, 1 refused rows" in answer.text


@pytest.fixture
def child_by_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request brings in one child, and then its time is over."""
    monkeypatch.setattr(imports, "SECONDS", 1e-9)
    monkeypatch.setattr(imports, "GROUP", 1)


@pytest.mark.usefixtures("child_by_child")
def test_a_long_import_goes_on_where_it_stopped(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path

    steps = ada.post(url, data={"lead": "priya@kith.example"}, follow_redirects=True)
    assert "1 of 2 children are in" in steps.text
    rest = ada.post(url, follow_redirects=True)

    assert "Brought in: 2 new, 0 changed, 0 same, 1 refused." in rest.text
    assert "Child 102" in browser(cast.priya).get("/cases").text


@pytest.mark.usefixtures("child_by_child")
def test_an_import_opened_again_says_how_far_it_is(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path
    ada.post(url, data=RUN)

    again, all_of_them = ada.get(url).text, ada.get("/imports").text

    assert "1 of 2 children are in" in again
    assert "So far: 1 new, 0 changed, 0 same, 1 refused rows" in again
    assert "Nothing has been brought in yet" not in again
    assert f'1 of 2 children are in. <a href="{url}">Go on' in all_of_them


def test_an_import_that_breaks_off_goes_on_from_the_last_child_that_is_in(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "GROUP", 1)
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path

    with monkeypatch.context() as broken:
        broken.setattr("app.web.imports.time.sleep", lambda _: 1 / 0 if _cases() > 4 else None)
        with pytest.raises(ZeroDivisionError):
            ada.post(url, data=RUN)

    assert "1 of 2 children are in" in ada.get(url).text
    assert "Brought in: 1 new, 0 changed, 1 same" in ada.post(url, follow_redirects=True).text


@pytest.mark.usefixtures("child_by_child")
def test_a_file_thrown_away_half_way_says_what_stays(
    browser: Browser, cast: Cast, folder: Path
) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path
    ada.post(url, data=RUN)

    answer = ada.post(f"{url}/removal", follow_redirects=True)

    assert "The file is thrown away. 1 of 2 children are in." in answer.text
    assert "not finished" not in answer.text
    assert list(folder.iterdir()) == []


def test_a_file_thrown_away_while_it_is_brought_in_stops(
    browser: Browser, cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "GROUP", 1)
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path
    [kept] = folder.iterdir()
    monkeypatch.setattr("app.web.imports.time.sleep", lambda _: kept.unlink(missing_ok=True))

    answer = ada.post(url, data=RUN)

    assert (answer.status_code, _cases(), list(folder.iterdir())) == (404, 4, [])


def test_two_windows_do_not_bring_in_the_same_children_at_once(
    browser: Browser, cast: Cast, folder: Path
) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path
    [kept] = folder.iterdir()

    with uploads.Upload(0, kept).alone() as is_alone:
        assert is_alone
        answer = ada.post(url, data=RUN)
    assert (answer.status_code, answer.location, _cases()) == (303, url, 3)


@pytest.mark.usefixtures("child_by_child")
def test_a_lead_who_has_left_half_way_is_asked_for_again(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path
    ada.post(url, data={"lead": "priya@kith.example"})
    with db.transaction() as session:
        session.get_one(Person, cast.priya.id).active = False

    asked = ada.post(url)
    assert (asked.status_code, 'value="priya@kith.example"' in asked.text) == (422, True)
    assert "data-goes-on" not in asked.text
    assert "Brought in: 2 new" in ada.post(url, data={"lead": ""}, follow_redirects=True).text


def test_what_is_no_workbook_is_refused_and_not_kept(
    browser: Browser, cast: Cast, folder: Path
) -> None:
    answer = _upload(browser(cast.ada), BytesIO(b"not a workbook"))

    assert answer.status_code == 422
    assert "not an Excel workbook" in answer.text
    assert list(folder.iterdir()) == []


def test_a_workbook_broken_inside_is_refused_and_not_kept(
    browser: Browser, cast: Cast, folder: Path
) -> None:
    answer = _upload(browser(cast.ada), workbooks.broken("xl/worksheets/sheet1.xml"))

    assert (answer.status_code, "not an Excel workbook" in answer.text) == (422, True)
    assert list(folder.iterdir()) == []


def test_a_workbook_too_large_for_a_page_is_sent_to_the_command_line(
    browser: Browser, cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS", 2)

    answer = _upload(browser(cast.ada), _workbook())

    assert (answer.status_code, "kith import annex-a" in answer.text) == (422, True)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_others_write_while_a_workbook_is_read(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """While the reader waits, another browser's post must be kept, or the reader never ends."""
    priya, ada = browser(cast.priya), browser(cast.ada)
    url = _upload(ada, _workbook()).request.path
    read, reading, posted = annex_a.read, Event(), Event()

    def slowly(*given: Any, **limits: Any) -> Any:
        reading.set()
        assert posted.wait(20), "nobody could write meanwhile"
        return read(*given, **limits)

    monkeypatch.setattr(annex_a, "read", slowly)
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(ada.open, url, method=method, data=RUN)
        assert reading.wait(20)
        sent = priya.post(f"/cases/{cast.amara.id}/follow")
        posted.set()
        assert sent.status_code == 303
        assert answer.result().status_code in (200, 303)


def test_others_write_between_two_children_of_a_file(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "GROUP", 1)
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path
    open_between = []
    monkeypatch.setattr("app.web.imports.time.sleep", lambda _: open_between.append(db.is_open()))

    ada.get(url)
    ada.post(url, data=RUN)

    assert open_between == [False] * 4, "two children compared, and two brought in"


def test_a_dry_run_that_takes_too_long_says_how_far_it_came(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "SECONDS", 1e-9)
    monkeypatch.setattr(imports, "GROUP", 1)

    page = _upload(browser(cast.ada), _workbook()).text

    assert "The first 1 children were compared" in page
    assert "1 new, 0 changed, 0 same, 1 refused rows" in page


def test_a_look_into_a_file_is_in_the_audit(browser: Browser, cast: Cast) -> None:
    _upload(browser(cast.ada), _workbook())

    with db.transaction() as session:
        did = session.scalars(select(AuditEntry.did).order_by(AuditEntry.id)).all()
    assert did[-2:] == ["uploaded workbook", "tried import"]


def test_nothing_chosen_is_said_at_the_field(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.ada).post("/imports", data={})

    assert answer.status_code == 422
    assert 'href="#workbook"' in answer.text


def test_an_upload_is_its_administrators_alone(browser: Browser, cast: Cast) -> None:
    url = _upload(browser(cast.ada), _workbook()).request.path
    with db.transaction() as session:
        session.get_one(Person, cast.audrey.id).account = "administrator"

    assert browser(cast.audrey).get(url).status_code == 404
    assert browser(cast.ada).get(url).status_code == 200


def test_a_file_may_be_thrown_away_unread(browser: Browser, cast: Cast, folder: Path) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path

    ada.post(f"{url}/removal")

    assert list(folder.iterdir()) == []
    assert _cases() == 3


def test_cases_brought_in_are_led_by_whom_the_administrator_names(
    browser: Browser, cast: Cast
) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path

    ada.post(url, data=RUN | {"lead": "priya@kith.example"})

    assert "Child 101" in browser(cast.priya).get("/cases").text


def test_nobody_without_content_is_made_the_lead(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    url = _upload(ada, _workbook()).request.path

    answer = ada.post(url, data=RUN | {"lead": "ada@kith.example"})

    assert answer.status_code == 422
    assert 'value="ada@kith.example"' in answer.text
    assert _cases() == 3


def test_a_case_nobody_sees_is_given_to_somebody(browser: Browser, cast: Cast) -> None:
    ada = browser(cast.ada)
    ada.post(_upload(ada, _workbook()).request.path, data=RUN)
    assert "2 cases nobody sees yet" in ada.get("/imports").text
    sent = {"council_id": "101", "lead_email": "priya@kith.example", "reason": "Allocated"}

    page = ada.post("/imports/leads", data=sent, follow_redirects=True).text

    assert "1 case nobody sees yet" in page
    assert "Child 101" in browser(cast.priya).get("/cases").text


def _workbook() -> BytesIO:
    on = clock.local(clock.now()).strftime("%d/%m/%Y")
    return workbooks.contacts(
        workbooks.contact(101, on), workbooks.contact(102, on), workbooks.contact(103, "soon")
    )


def _upload(client: FlaskClient, file: BytesIO) -> TestResponse:
    sent = {"workbook": (file, "annex-a.xlsx")}
    return client.post("/imports", data=sent, follow_redirects=True)


def _cases() -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count(Case.id)).join(Child)) or 0
