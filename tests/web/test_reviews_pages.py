"""The pages on which an auditor decides who had a reason to look."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app import audit
from app.casework import conflicts, reviews
from app.core import clock, db
from app.models import Review
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]


@pytest.fixture
def review(cast: Cast) -> Review:
    with clock.held(MORNING - timedelta(days=10)), db.transaction():
        audit.note(cast.priya, "read case", how="page", case_id=cast.amara.id, ranges=[(1, 3, 7)])
        return reviews.ask(
            "closed_case", person=cast.priya, case_id=cast.amara.id, evidence={"looks": 41}
        )


def test_an_auditor_begins_with_what_is_overdue(
    browser: Browser, cast: Cast, review: Review
) -> None:
    audrey = browser(cast.audrey)
    assert audrey.get("/", follow_redirects=True).request.path == "/reviews"
    page = audrey.get("/reviews").text
    assert "1 review is overdue." in page
    assert '<span class="kith-count" data-count="cases">1<' in page
    assert review.reference in page


def test_a_review_says_who_and_what_and_no_child(
    browser: Browser, cast: Cast, review: Review
) -> None:
    page = browser(cast.audrey).get(f"/reviews/{review.id}").text
    assert "Priya Shah, Social worker, North team" in page
    assert "Looked at a case that is closed" in page
    assert '<th scope="row">read case</th><td>shown</td>' in page
    assert '<td class="kith-number">5</td>' in page
    assert "41" in page
    assert "Amara" not in page


def test_a_decision_is_recorded_and_a_slip_loses_nothing(
    browser: Browser, cast: Cast, review: Review
) -> None:
    audrey, url = browser(cast.audrey), f"/reviews/{review.id}"
    slip = audrey.post(url, data={"note": "Nobody knows why."})
    assert slip.status_code == 422
    assert "Choose whether there was a reason to look." in slip.text
    assert 'value="Nobody knows why."' in slip.text

    sent = {"note": "Nobody knows why.", "outcome": "not justified"}
    assert audrey.post(url, data=sent).location == "/reviews"
    assert "Decided: Not justified" in audrey.get(url).text
    told = browser(cast.mo).get("/").text
    assert f"{review.reference}: looking by Priya Shah was found not justified" in told
    assert review.reference not in browser(cast.otto).get("/").text


def test_who_may_not_decide_finds_nothing_there(
    browser: Browser, cast: Cast, review: Review
) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.audrey, "Cousin")
    audrey = browser(cast.audrey)
    hidden, absent = (audrey.get(f"/reviews/{n}") for n in (review.id, 987_654))
    assert (hidden.status_code, hidden.data) == (404, absent.data)
    sent = {"note": "It was me.", "outcome": "justified"}
    assert audrey.post(f"/reviews/{review.id}", data=sent).status_code == 404
    assert review.reference not in audrey.get("/reviews").text


def test_nobody_but_an_auditor_reads_them(browser: Browser, cast: Cast, review: Review) -> None:
    for other in (cast.priya, cast.mo, cast.ada):
        assert browser(other).get("/reviews").status_code == 403
        assert browser(other).get(f"/reviews/{review.id}").status_code == 403
