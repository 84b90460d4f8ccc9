"""What raises a review by itself, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app import audit
from app.casework import review_rules, reviews
from app.core import clock, db
from app.models import CaseStatus, Child, FamilyLink, LookUp, Person, Review
from tests.cast import MORNING, Cast

DAY = timedelta(days=1)


def look(who: Person, case_id: int, why: str = "member", **more: Any) -> None:
    with db.transaction():
        audit.note(who, "read case", how="page", case_id=case_id, why=why, **more)


def raised() -> list[tuple[str, int, int | None]]:
    """Run the rules over what is new; everything raised so far."""
    with db.transaction():
        review_rules.run()
    with db.transaction() as session:
        rows = session.query(Review).order_by(Review.id).all()
        return [(row.kind, row.person_id, row.case_id) for row in rows]


def live_together(cast: Cast, who: Person) -> None:
    with db.transaction() as session:
        person = session.get_one(Person, who.id)
        person.home_address, person.home_postcode = "12 Mill Lane", "LS1 4AP"
        child = session.get_one(Child, cast.amara.child_id)
        child.address, child.postcode = "12, Mill lane", "ls14ap"


def test_an_ordinary_day_raises_nothing(cast: Cast) -> None:
    look(cast.dan, cast.amara.id)
    look(cast.mo, cast.amara.id, "supervision")
    assert raised() == []


def test_who_looks_at_a_child_of_the_same_household(cast: Cast) -> None:
    live_together(cast, cast.ruth)
    look(cast.ruth, cast.amara.id)
    look(cast.dan, cast.amara.id)
    assert raised() == [("same_household", cast.ruth.id, cast.amara.id)]


def test_who_saw_such_a_child_in_their_feed(cast: Cast) -> None:
    live_together(cast, cast.ruth)
    with db.transaction():
        audit.note(cast.ruth, "read feed", how="page", ranges=[(cast.amara.id, 1, 2)])
    assert raised() == [("same_household", cast.ruth.id, cast.amara.id)]


def test_who_bears_the_name_of_a_relative_in_the_household(cast: Cast) -> None:
    with db.transaction() as session:
        session.add(
            FamilyLink(
                child_id=cast.amara.child_id,
                relative_name="dan hughes",
                relation="mother's partner",
                same_household=True,
            )
        )
    look(cast.dan, cast.amara.id)
    assert raised() == [("same_household", cast.dan.id, cast.amara.id)]


def test_who_has_the_same_surname_and_postcode(cast: Cast) -> None:
    live_together(cast, cast.ruth)
    with db.transaction() as session:
        session.get_one(Person, cast.ruth.id).home_address = "14 Mill Lane"
        session.get_one(Child, cast.amara.child_id).name = "Amara Bell"
    look(cast.ruth, cast.amara.id)
    assert raised() == [("surname_and_address", cast.ruth.id, cast.amara.id)]


def test_a_neighbour_of_another_name_raises_nothing(cast: Cast) -> None:
    live_together(cast, cast.ruth)
    with db.transaction() as session:
        session.get_one(Person, cast.ruth.id).home_address = "14 Mill Lane"
    look(cast.ruth, cast.amara.id)
    assert raised() == []


@pytest.mark.parametrize(("days", "many"), [(30, 0), (31, 1)])
def test_who_looks_at_a_case_closed_for_a_month(cast: Cast, days: int, many: int) -> None:
    with db.transaction() as session:
        session.query(CaseStatus).filter_by(case_id=cast.amara.id).delete()
        session.add(
            CaseStatus(
                case_id=cast.amara.id,
                status="closed",
                since=date(2026, 11, 23) - days * DAY,
                recorded_at=MORNING,
            )
        )
    look(cast.priya, cast.amara.id)  # leads it
    look(cast.dan, cast.amara.id)
    assert raised() == [("closed_case", cast.dan.id, cast.amara.id)] * many


@pytest.mark.parametrize(("cases", "many"), [(2, 0), (3, 1)])
def test_who_opens_many_cases_in_emergencies(cast: Cast, cases: int, many: int) -> None:
    for number in range(1000, 1000 + cases):
        look(cast.mo, number, "break-glass")
        look(cast.mo, number, "break-glass")
    assert raised() == [("outside_line", cast.mo.id, None)] * many


def test_a_manager_goes_through_all_they_supervise_unasked(cast: Cast) -> None:
    for number in range(1000, 1030):
        look(cast.mo, number, "supervision")
    assert raised() == []


@pytest.mark.parametrize(("times", "many"), [(4, 0), (5, 1)])
def test_who_asks_for_many_children_who_are_not_found(cast: Cast, times: int, many: int) -> None:
    for days in range(times):
        with db.transaction() as session:
            session.add(
                LookUp(person_id=cast.dan.id, reason="New here", asked_at=MORNING - days * DAY)
            )
            audit.note(cast.dan, "look up", how="page", outcome="done")
    assert raised() == [("failed_look_ups", cast.dan.id, None)] * many


@pytest.mark.parametrize(("times", "many"), [(9, 0), (10, 1)])
def test_who_is_refused_again_and_again(cast: Cast, times: int, many: int) -> None:
    for _ in range(times):
        with db.transaction():
            audit.note(cast.dan, "refused", how="page", about="case:77", outcome="refused")
    assert raised() == [("failed_look_ups", cast.dan.id, None)] * many


def test_it_is_asked_once_while_it_waits_and_again_on_another_day(cast: Cast) -> None:
    live_together(cast, cast.ruth)

    def on(days: int) -> int:
        with clock.held(MORNING + days * DAY):
            look(cast.ruth, cast.amara.id)
            return len(raised())

    assert [on(0), on(0), on(1)] == [1, 1, 1]
    with clock.held(MORNING + DAY), db.transaction() as session:
        waiting = session.query(Review).one()
        reviews.decide(cast.audrey, waiting.id, "not justified", "No reason was given.")
    assert [on(1), on(2)] == [2, 2]


def test_the_evidence_holds_numbers_and_no_name(cast: Cast) -> None:
    live_together(cast, cast.ruth)
    look(cast.ruth, cast.amara.id)
    raised()
    with db.transaction() as session:
        assert session.query(Review).one().evidence == {"day": "2026-11-23"}


def test_more_than_a_batch_is_gone_through_in_turn(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_rules, "BATCH", 2)
    for _ in range(5):
        look(cast.dan, cast.amara.id)
    many: Callable[[], int] = review_rules.run
    done = []
    for _ in range(4):
        with db.transaction():
            done.append(many())
    assert done == [2, 2, 1, 0]
