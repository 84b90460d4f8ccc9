"""Pages on which somebody says whether two children are one."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import links
from app.core import clock, db
from app.models import AuditEntry, Child, ChildLink, Membership
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


@pytest.fixture
def alike(cast: Cast) -> int:
    """Amara and Tobi may be one child: Priya leads both, Ruth sees only Amara's case."""
    with db.transaction() as session:
        one = session.get_one(Child, cast.amara.child_id)
        other = session.get_one(Child, cast.tobi.child_id)
        other.name, other.born_on, other.gender = one.name, one.born_on, one.gender
        one.postcode = other.postcode = "LS1 4AP"
    _look()
    with db.transaction() as session:
        return session.scalars(select(ChildLink.id).where(ChildLink.kind == "same")).one()


def _look() -> None:
    with db.transaction():
        known = links.known(None)
    pairs = links.compare(known)
    with db.transaction():
        links.keep(None, pairs)


def test_a_pair_stands_with_what_is_known_of_both(browser: Browser, cast: Cast, alike: int) -> None:
    page = browser(cast.priya).get("/matches").text

    assert "One child?" in page
    assert "The same date of birth, the same first name" in page
    assert f'href="/cases/{cast.tobi.id}"' in page


def test_who_sees_one_of_them_reads_an_empty_page(browser: Browser, cast: Cast, alike: int) -> None:
    assert "Nothing to confirm" in browser(cast.ruth).get("/matches").text


def test_confirmed_it_stands_on_details_and_can_be_undone(
    browser: Browser, cast: Cast, alike: int
) -> None:
    priya = browser(cast.priya)
    details = f"/cases/{cast.amara.id}/details"
    assert "1 pair for you to confirm or refuse" in priya.get(details).text

    done = priya.post(
        f"/matches/{alike}/decision", data={"decision": "linked"}, follow_redirects=True
    )

    assert "They are linked." in done.text
    assert "The same child as" in priya.get(details).text
    assert "The same child as" not in browser(cast.ruth).get(details).text
    undone = priya.post(f"/matches/{alike}/removal", follow_redirects=True)
    assert "It is undone" in undone.text
    assert "The same child as" not in priya.get(details).text


def test_refused_nobody_is_asked_again(browser: Browser, cast: Cast, alike: int) -> None:
    priya = browser(cast.priya)

    priya.post(f"/matches/{alike}/decision", data={"decision": "refused"})

    assert "Nothing to confirm" in priya.get("/matches").text


@pytest.mark.parametrize("act", ["decision", "removal"])
def test_what_is_not_hers_answers_as_what_is_not_there(
    browser: Browser, cast: Cast, alike: int, act: str
) -> None:
    ruth = browser(cast.ruth)

    hers, absent = (
        ruth.post(f"/matches/{number}/{act}", data={"decision": "linked"})
        for number in (alike, alike + 7)
    )

    assert hers.status_code == absent.status_code == 404
    assert hers.data == absent.data


def test_the_second_of_two_who_decide_is_told(browser: Browser, cast: Cast, alike: int) -> None:
    browser(cast.mo).post(f"/matches/{alike}/decision", data={"decision": "refused"})

    late = browser(cast.priya).post(f"/matches/{alike}/decision", data={"decision": "linked"})

    assert (late.status_code, "decided about these two already" in late.text) == (409, True)


def test_an_administrator_reads_numbers_and_no_name(
    browser: Browser, cast: Cast, alike: int
) -> None:
    ada = browser(cast.ada)
    assert "Nothing to confirm" in ada.get("/imports/matches").text
    with db.transaction() as session:
        name = session.get_one(Child, cast.amara.child_id).name
        for each in session.scalars(select(Membership)):
            each.until_at = clock.now()

    page = ada.get("/imports/matches").text

    assert f"Case {cast.amara.id} and Case {cast.tobi.id}" in page
    assert str(name) not in page
    done = ada.post(
        f"/imports/matches/{alike}/decision", data={"decision": "linked"}, follow_redirects=True
    )
    assert "They are linked." in done.text


def test_an_administrator_looks_for_them(browser: Browser, cast: Cast, alike: int) -> None:
    answer = browser(cast.ada).post("/imports/matches", follow_redirects=True)

    assert "0 linked, 0 for somebody to confirm or refuse." in answer.text


def test_reading_and_deciding_are_on_record_for_both_cases(
    browser: Browser, cast: Cast, alike: int
) -> None:
    priya = browser(cast.priya)
    priya.get("/matches")
    priya.post(f"/matches/{alike}/decision", data={"decision": "linked"})

    with db.transaction() as session:
        read, decided = session.scalars(
            select(AuditEntry).where(AuditEntry.did.contains("match")).order_by(AuditEntry.id)
        )
    both = {cast.amara.id, cast.tobi.id}
    assert {each[0] for each in read.ranges or ()} == both
    assert {decided.case_id, *(each[0] for each in decided.ranges or ())} == both


def test_without_a_pair_the_pages_say_so(browser: Browser, cast: Cast) -> None:
    assert "Nothing to confirm" in browser(cast.priya).get("/matches").text
    assert "Nothing to confirm" in browser(cast.ada).get("/imports/matches").text
