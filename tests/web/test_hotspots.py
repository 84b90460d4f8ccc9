"""The board as a page, as a table and as a file, and saying what one has done."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from io import StringIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.casework import restrictions
from app.core import clock, db
from app.models import Alert, AuditEntry, Child, Disposition, Look, Person, Post
from app.monitor import alerts, watch
from tests.cast import MORNING, Cast
from tests.monitor.pointing import busy, quiet
from tests.monitor.words_said import DAY, look

Browser = Callable[..., FlaskClient]
KEPT = {"decided": "expected", "reason": "A review week"}
COUNT = re.compile(r'data-count="hotspots"(?: hidden)?>(\d+)<')


def text(answer: TestResponse) -> str:
    """What is read of a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_board_says_how_many_of_how_many_and_why(cast: Cast, browser: Browser) -> None:
    busy(cast.amara, cast.priya, cast.dan, cast.ruth, new=True)
    quiet(cast.noor)
    page = text(browser(cast.mo).get("/hotspots"))
    assert "1 of 2 children needs a look this week." in page
    assert "This shows unusual activity , not risk." in page
    assert "Busier than usual 1 Number 1 Amara O 9 Child protection plan · Priya Shah" in page
    assert "3 updates in 7 days from 3 agencies, 1 of them new; usual is 0 to 1." in page
    assert "Health visitor +1 new" in page
    assert "No visit recorded" in page
    assert "Gone quiet 0 Nothing unusual" in page
    assert "Overdue 0 Nothing is overdue." in page
    assert "Noor" not in page


def test_nothing_on_it_looks_like_a_score(cast: Cast, browser: Browser) -> None:
    alert = quiet(cast.amara, score=7.25)
    for path in ("/hotspots", f"/hotspots/{alert.id}", "/hotspots.csv", "/hotspots?as=table"):
        assert "7.25" not in browser(cast.priya).get(path).text


def test_brothers_and_sisters_stand_on_one_card_each_with_what_to_do(
    cast: Cast, browser: Browser
) -> None:
    alerts_of = [quiet(cast.amara), quiet(cast.tobi)]
    page = browser(cast.dan).get("/hotspots").text
    assert page.count("<section") == 1
    for alert in alerts_of:
        assert f'href="/hotspots/{alert.id}/disposition"' in page


def test_the_board_is_narrowed_and_says_by_what(cast: Cast, browser: Browser) -> None:
    quiet(cast.amara)
    mo = browser(cast.mo)
    narrowed = text(mo.get(f"/hotspots?team={cast.mo.id}"))
    assert "1 of 2 children in Mo Akram’s team needs a look" in narrowed
    both = f"agency={cast.ruth.agency_id}&person={cast.priya.id}"
    said = "1 of 1 child with Vale health visitors in the network, led by Priya Shah needs a look"
    assert said in text(mo.get(f"/hotspots?{both}"))


def test_what_is_not_hers_to_choose_finds_nothing_and_tells_nothing(
    cast: Cast, browser: Browser
) -> None:
    quiet(cast.noor)
    mo = browser(cast.mo)
    for name, hidden in (
        ("team", cast.otto.id),
        ("agency", cast.olive.agency_id),
        ("person", cast.olive.id),
    ):
        there, absent = (mo.get(f"/hotspots?{name}={each}").text for each in (hidden, 987_654))
        assert _bare(there, hidden) == _bare(absent, 987_654)
        assert "0 of 0" in there


def _bare(page: str, number: int) -> str:
    return re.sub(r'data-at="\d+"|csrf_token" value="[^"]+"', "", page).replace(f"={number}", "=")


def test_the_navigation_counts_the_children_she_is_to_look_at(cast: Cast, browser: Browser) -> None:
    dan = browser(cast.dan)
    assert shown(dan) == 0
    quiet(cast.amara)
    quiet(cast.noor)
    look(cast.amara)
    assert shown(dan) == shown(dan, "/hotspots") == 1
    assert COUNT.search(browser(cast.ada).get("/accounts").text) is None


def shown(client: FlaskClient, path: str = "/people") -> int:
    found = COUNT.search(client.get(path).text)
    assert found
    return int(found[1])


def test_each_look_at_the_board_is_on_record_for_each_case_on_it(
    cast: Cast, browser: Browser
) -> None:
    quiet(cast.amara)
    quiet(cast.tobi)
    browser(cast.mo).get("/hotspots")
    browser(cast.mo).get("/hotspots.csv")
    with db.transaction() as session:
        looks = select(Look.did, Look.case_id).where(Look.person_id == cast.mo.id)
        cases = (cast.amara.id, cast.tobi.id)
        assert set(session.execute(looks)) == {
            (did, case) for did in ("read hotspots", "exported hotspots") for case in cases
        }


def test_the_table_and_the_file_hold_what_the_cards_do(cast: Cast, browser: Browser) -> None:
    busy(cast.amara, cast.priya, cast.dan, cast.ruth, new=True)
    look(cast.tobi)
    priya = browser(cast.priya)
    table = text(priya.get("/hotspots?as=table"))
    answer = priya.get("/hotspots.csv")
    rows = list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(row["List"], row["Place"], row["Child"]) for row in rows] == [
        ("Busier than usual", "1", "Amara O"),
    ]
    assert rows[0]["Agencies"].endswith("Vale health visitors (new)")
    for row in rows:
        assert row["Why"] in table
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_a_name_that_begins_like_a_formula_is_words_in_the_file(
    cast: Cast, browser: Browser
) -> None:
    quiet(cast.amara)
    with db.transaction() as session:
        session.get_one(Child, cast.amara.child_id).name = "=HYPERLINK(A1)"
    assert ",'=HYPERLINK(A1)," in browser(cast.priya).get("/hotspots.csv").text


def test_the_page_of_an_alert_lists_what_is_behind_it(cast: Cast, browser: Browser) -> None:
    alert = busy(cast.amara, cast.priya, cast.dan)
    answer = browser(cast.ruth).get(f"/hotspots/{alert.id}")
    page = text(answer)
    assert "Busier than usual Amara O 9" in page
    assert "The updates behind this" in page
    assert [f'href="/posts/{number}"' in answer.text for number in (1, 2)] == [True, True]
    with db.transaction() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry
        assert (entry.did, entry.case_id, entry.why) == ("read hotspot", cast.amara.id, "member")
        assert entry.about == f"alert:{alert.id}"


def test_who_leads_is_one_press_away_to_be_rung(cast: Cast, browser: Browser) -> None:
    alert = quiet(cast.amara)
    dan = browser(cast.dan)
    for place in ("/hotspots", f"/hotspots/{alert.id}"):
        assert f'<a href="/people/{cast.priya.id}">Priya Shah</a>' in dan.get(place).text


@pytest.mark.parametrize("page", ["", "/disposition"])
def test_what_is_not_hers_and_what_is_not_there_are_the_same(
    cast: Cast, browser: Browser, page: str
) -> None:
    alert = quiet(cast.amara)
    for name in ("olive", "otto", "lee"):
        client = browser(getattr(cast, name))
        hidden, absent = (client.get(f"/hotspots/{number}{page}") for number in (alert.id, 987_654))
        assert (hidden.status_code, text(hidden)) == (404, text(absent))
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "Known in the town")
    assert browser(cast.mo).get(f"/hotspots/{alert.id}{page}").status_code == 404
    assert browser(cast.olive).post(f"/hotspots/{alert.id}/disposition").status_code == 404


def test_a_decision_clears_the_card_for_everybody_and_stands_in_the_updates(
    cast: Cast, browser: Browser
) -> None:
    alert = quiet(cast.amara)
    mo, dan = browser(cast.mo), browser(cast.dan)
    answer = mo.post(f"/hotspots/{alert.id}/disposition", data=KEPT)
    assert (answer.status_code, answer.location) == (303, "/hotspots")
    assert "Kept, with your reason." in text(mo.get("/hotspots"))
    assert "0 of 2 children need a look" in text(dan.get("/hotspots"))
    said = "Looked into · Gone quiet. This was expected: A review week · Mo Akram"
    assert said in text(dan.get(f"/cases/{cast.amara.id}"))
    over = text(dan.get(f"/hotspots/{alert.id}"))
    assert "Somebody has looked at this." in over
    assert "Looked at by Mo Akram , Mon 23 Nov, 09:00 . This was expected: A review week" in over


def test_a_form_that_lacks_something_keeps_what_was_typed(cast: Cast, browser: Browser) -> None:
    alert = quiet(cast.amara)
    place = f"/hotspots/{alert.id}/disposition"
    priya = browser(cast.priya)
    for sent, sentence in (
        ({"reason": "Because"}, "Choose what you have done."),
        ({"decided": "expected"}, "Say why."),
        ({"decided": "snoozed", "reason": "Because"}, "Say on which day it should come back."),
        ({**KEPT, "until_on": "soon"}, "Write a day, such as 2026-03-31."),
    ):
        answer = priya.post(place, data=sent)
        assert answer.status_code == 422
        assert sentence in text(answer)
        for typed in sent.values():
            assert f'value="{typed}"' in answer.text


def test_what_was_snoozed_comes_back_on_its_day(cast: Cast, browser: Browser) -> None:
    alert = quiet(cast.amara)
    priya = browser(cast.priya)
    sent = {**KEPT, "decided": "snoozed", "until_on": (MORNING + 3 * DAY).date().isoformat()}
    assert priya.post(f"/hotspots/{alert.id}/disposition", data=sent).status_code == 303
    assert "comes back on Thu 26 Nov" in text(priya.get(f"/hotspots/{alert.id}"))
    assert shown(priya) == 0
    with clock.held(MORNING + 3 * DAY):
        assert shown(browser(cast.priya)) == 1


def test_who_was_a_moment_later_is_told_what_the_colleague_decided(
    cast: Cast, browser: Browser
) -> None:
    alert = quiet(cast.amara)
    place = f"/hotspots/{alert.id}/disposition"
    assert browser(cast.mo).post(place, data=KEPT).status_code == 303
    later = browser(cast.priya).post(place, data={"decided": "expected", "reason": "My own words"})
    assert later.status_code == 409
    page = text(later)
    assert "A colleague has looked at this already." in page
    assert "Looked at by Mo Akram" in page
    assert "What you had written: My own words" in page
    with db.transaction() as session:
        assert len(session.scalars(select(Disposition)).all()) == 1


def test_the_same_form_sent_twice_decides_once(cast: Cast, browser: Browser) -> None:
    alert = quiet(cast.amara)
    priya, sent = browser(cast.priya), {**KEPT, "key": "abc"}
    place = f"/hotspots/{alert.id}/disposition"
    assert [priya.post(place, data=sent).status_code for _ in range(2)] == [303, 303]
    with db.transaction() as session:
        assert len(session.scalars(select(Disposition)).all()) == 1
        assert len(session.scalars(select(Post).where(Post.kind == "looked_into")).all()) == 1


def test_an_open_page_asks_for_the_board_and_for_what_is_over_on_it(
    cast: Cast, browser: Browser
) -> None:
    over, standing, hidden = quiet(cast.amara), quiet(cast.tobi), quiet(cast.noor)
    decide(cast.mo, over)
    decide(cast.olive, hidden)
    asked = ",".join(str(each.id) for each in (over, standing, hidden))
    page = browser(cast.dan).get(f"/hotspots/fragments?alerts={asked},x").text
    assert f'data-alert="{standing.id}"' in page
    assert re.findall(r'data-over="(\d+)"', page) == [str(over.id)]
    assert "Mo Akram" in page
    with db.transaction() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.how == "live")).one()
        assert found.did == "read hotspots"


def decide(actor: Person, alert: Alert) -> None:
    with db.transaction():
        alerts.answer(actor, alert.id, "expected", "Because")


def test_an_open_page_is_told_the_number_anew(cast: Cast, browser: Browser) -> None:
    quiet(cast.amara)
    assert browser(cast.dan).get("/sync").get_json()["hotspots"] == 1
    assert browser(cast.olive).get("/sync").get_json()["hotspots"] == 0


def test_how_it_works_says_what_is_configured_and_what_it_cannot_know(
    cast: Cast, browser: Browser
) -> None:
    page = text(browser(cast.dan).get("/hotspots/how-it-works"))
    assert text(browser(cast.audrey).get("/hotspots/how-it-works")).count("It is no risk score")
    assert "It is no risk score" in page
    assert "An urgent update, 2 hours after it was posted." in page
    assert "Child protection plan: 20 days" in page
    assert "what was usual in the last two months" in page
    assert "School holidays are not, until" in page
    assert "What nobody recorded here." in page


def test_how_it_works_says_whether_the_terms_are_known(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_terms", [(MORNING.date(), MORNING.date())])
    page = text(browser(cast.dan).get("/hotspots/how-it-works"))
    assert "bank holidays, Christmas and school holidays are known to be quiet." in page
    assert "School holidays are not" not in page
