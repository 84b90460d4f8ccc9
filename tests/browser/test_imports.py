"""An import that takes several steps goes on by itself, and without script from press to press."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, FilePayload, Page, expect
from sqlalchemy import func, select

from app.core import clock, db
from app.models import Case
from app.web import imports
from tests import workbooks
from tests.cast import Cast

Seat = Callable[..., BrowserContext]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture(autouse=True)
def child_by_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "SECONDS", 1e-9)
    monkeypatch.setattr(imports, "GROUP", 1)


def test_an_import_goes_on_by_itself_until_all_are_in(seat: Seat, cast: Cast) -> None:
    page = _looked_into(seat(cast.ada).new_page())

    page.get_by_role("button", name="Import").click()

    expect(page.get_by_text("Brought in: 3 new")).to_be_visible()
    assert page.url.endswith("/imports")
    assert _cases() == 6


def test_an_import_is_stopped_and_gone_on_with(seat: Seat, cast: Cast) -> None:
    page = _looked_into(seat(cast.ada).new_page())
    page.clock.install()
    page.clock.pause_at(clock.now().replace(year=2100))
    page.get_by_role("button", name="Import").click()
    page.get_by_role("link", name="Stop here for now").click()

    expect(page.get_by_text("1 of 3 children are in.")).to_be_visible()
    page.clock.run_for(5000)
    assert _cases() == 4, "nothing goes on that was stopped"
    page.get_by_role("link", name="Go on with it").click()
    expect(page.get_by_role("heading", name="1 of 3 children are in")).to_be_visible()
    page.clock.resume()

    expect(page.get_by_text("Brought in: 3 new")).to_be_visible()


def test_how_far_it_is_is_read_by_everybody_and_on_a_phone(seat: Seat, cast: Cast) -> None:
    page = _looked_into(seat(cast.ada, script=False).new_page())
    page.get_by_role("button", name="Import").click()
    shown = page.content()
    # Without what would send the form on while it is looked at.
    other = seat(cast.ada).new_page()
    other.set_viewport_size({"width": 320, "height": 640})
    other.route(page.url, lambda route: route.fulfill(body=shown.replace("data-goes-on", "")))
    other.goto(page.url)

    expect(other.get_by_role("heading", name="1 of 3 children are in")).to_be_visible()
    assert not Axe().run(other).response["violations"]
    assert other.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_script_a_button_goes_on(seat: Seat, cast: Cast) -> None:
    page = _looked_into(seat(cast.ada, script=False).new_page())

    page.get_by_role("button", name="Import").click()
    for done in (1, 2):
        expect(page.get_by_role("heading", name=f"{done} of 3 children are in")).to_be_visible()
        page.get_by_role("button", name="Go on").click()

    expect(page.get_by_text("Brought in: 3 new")).to_be_visible()


def _looked_into(page: Page) -> Page:
    page.goto("/imports")
    on = clock.local(clock.now()).strftime("%d/%m/%Y")
    rows = [workbooks.contact(number, on) for number in (101, 102, 103)]
    file = workbooks.contacts(*rows).getvalue()
    sent = FilePayload(name="annex-a.xlsx", mimeType="application/zip", buffer=file)
    page.get_by_label("The return").set_input_files(sent)
    page.get_by_role("button", name="Look into it").click()
    return page


def _cases() -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count(Case.id))) or 0
