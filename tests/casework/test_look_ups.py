"""Asking about a child one has no case with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import access, push, relay
from app.casework import look_ups, networks
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooFast
from app.models import LookUp, Membership, Person
from feeds import changes
from tests.casework.known import (
    Change,
    keep_apart,
    leave_alone,
    move_away,
    nobody,
    noor,
    open_duplicate,
    restrict,
    statements,
    town,
)
from tests.cast import MORNING, Cast

__all__ = ["town"]

WHY = "She came to our clinic today"


def ask(cast: Cast) -> LookUp:
    with db.transaction():
        return look_ups.ask(cast.dan, noor(), WHY)


def test_the_lead_learns_who_asks_and_why(town: Cast) -> None:
    ask(town)
    with db.transaction():
        asking = look_ups.waiting(town.olive, town.noor)
        assert [(row.name, row.role, row.agency_name, row.phone) for row in asking] == [
            ("Dan Hughes", "Safeguarding lead", "Hillside Primary", "01632 960001")
        ]
        assert asking[0].reason == WHY
        assert look_ups.waiting(town.otto, town.noor), "her manager may answer too"
        assert [row.many for row in look_ups.waiting_anywhere(town.olive)] == [1]


def test_nobody_but_who_may_lead_learns_that_somebody_asked(town: Cast) -> None:
    with db.transaction():
        networks.add(town.olive, town.noor, town.ruth, role="", reason="Weighs her")
    ask(town)
    with db.transaction():
        assert access.may(access.sees_case(town.ruth.id, town.noor.id)), "she sees the case"
        assert look_ups.waiting(town.ruth, town.noor) == []
        assert "look_up" not in {row.did for row in changes.since(town.ruth, 0)}
        assert "look_up" in {row.did for row in changes.since(town.olive, 0)}


def test_who_may_lead_is_pointed_to_the_request_and_nobody_else(town: Cast) -> None:
    told: list[tuple[set[int], object]] = []

    class Channel:
        def tell(self, person_ids: Any, pointer: Any) -> None:
            told.append((set(person_ids), pointer))

    push.use(Channel())
    ask(town)
    while relay.deliver():
        pass
    # Olive leads and has a notice of it; Otto manages her.
    assert [people for people, _ in told] == [{town.otto.id}, {town.olive.id}]
    assert told[0][1] == {
        "at": 1,
        "did": "look_up",
        "case": town.noor.id,
        "post": None,
        "position": None,
        "by": None,
        "notices": 0,
    }


@pytest.mark.parametrize("change", [None, restrict, keep_apart])
def test_every_request_does_the_same_whatever_there_is(town: Cast, change: Change | None) -> None:
    if change:
        change(town, town.dan)
    with statements() as for_nobody, db.transaction():
        look_ups.ask(town.dan, nobody(), WHY)
    with statements() as for_noor, db.transaction():
        look_ups.ask(town.dan, noor(), WHY)
    with db.transaction():
        first, second = look_ups.mine(town.dan)
        kept = list(db.session().scalars(select(LookUp.case_id).order_by(LookUp.id)))
    assert for_noor == for_nobody
    assert first[1:] == second[1:], "all that is shown but the number"
    assert kept == [None, None if change is keep_apart else town.noor.id]


def test_who_is_in_the_network_already_is_told_the_same(town: Cast) -> None:
    with statements() as strange, db.transaction():
        look_ups.ask(town.dan, noor(), WHY)
    with statements() as own, db.transaction():
        asked = look_ups.ask(town.olive, noor(), WHY)
    assert own == strange
    with db.transaction():
        assert asked.case_id is None, "it is about cases that she does not see"
        assert [row.name for row in look_ups.waiting(town.olive, town.noor)] == ["Dan Hughes"]
        assert [row.many for row in look_ups.waiting_anywhere(town.otto)] == [1]


@pytest.mark.parametrize("change", [move_away, leave_alone, restrict, keep_apart])
def test_a_duplicate_of_ones_own_tells_nothing_of_another_case(town: Cast, change: Change) -> None:
    own = open_duplicate(town.dan)
    change(town, town.dan)
    with statements() as for_nobody, db.transaction():
        look_ups.ask(town.dan, nobody(), WHY)
    with statements() as for_noor, db.transaction():
        asked = look_ups.ask(town.dan, noor(), WHY)
    assert for_noor == for_nobody
    with db.transaction():
        first, second = look_ups.mine(town.dan)
        assert first[1:] == second[1:]
        assert look_ups.waiting(town.dan, own) == []
        assert look_ups.waiting_anywhere(town.dan) == []
        assert changes_told(town.dan) == set()
    told = change in (leave_alone, restrict)
    assert asked.case_id == (town.noor.id if told else None), "its lead is told all the same"


def changes_told(person: Person) -> set[str]:
    return {row.did for row in changes.since(person, 0)} & {"look_up", "look_up_answered"}


def test_nobody_answers_their_own_request(town: Cast) -> None:
    asked = ask(town)
    with db.transaction():
        networks.add(town.olive, town.noor, town.dan, role="", reason=WHY)
        networks.hand_over(town.olive, town.noor, town.dan, "On leave")
        db.session().get_one(LookUp, asked.id).outcome = None
        assert look_ups.waiting(town.dan, town.noor) == []
        with pytest.raises(NotFound), db.attempt():
            look_ups.answer(town.dan, asked.id, "phoned", "")


def test_nothing_that_was_typed_of_the_child_is_kept(town: Cast) -> None:
    kept = ask(town)
    said = " ".join(str(value) for value in vars(kept).values())
    assert "Noor" not in said
    assert "LS1" not in said


def test_a_day_allows_ten_counted_from_what_was_kept(town: Cast) -> None:
    for _ in range(5):
        ask(town)
        with db.transaction():
            look_ups.ask(town.dan, nobody(), WHY)
    with pytest.raises(TooFast, match="10 children"):
        ask(town)
    with db.transaction():
        assert db.session().scalar(select(func.count(LookUp.id))) == 10
        look_ups.ask(town.ruth, noor(), WHY)
    with clock.held(MORNING + timedelta(hours=15)):
        ask(town)  # the next day has begun


def test_a_request_needs_a_reason_and_an_account_for_content(town: Cast) -> None:
    with pytest.raises(Invalid) as refused, db.transaction():
        look_ups.ask(town.dan, noor(), " ")
    assert set(refused.value.fields) == {"reason"}
    for person in (town.ada, town.audrey):
        with pytest.raises(NotAllowed), db.transaction():
            look_ups.ask(person, noor(), WHY)


def test_who_asked_reads_the_answer_and_who_gave_it(town: Cast) -> None:
    asked = ask(town)
    with db.transaction():
        with pytest.raises(Invalid), db.attempt():
            look_ups.answer(town.olive, asked.id, "declined", " ")
        with pytest.raises(Invalid), db.attempt():
            look_ups.answer(town.olive, asked.id, "added", "")
        look_ups.answer(town.olive, asked.id, "declined", "Ask your own school nurse first.")
        (row,) = look_ups.mine(town.dan)
        assert (row.outcome, row.answer, row.answered_by) == (
            "declined",
            "Ask your own school nurse first.",
            "Olive Reed",
        )
        assert look_ups.waiting_anywhere(town.olive) == []
        with pytest.raises(Conflict), db.attempt():
            look_ups.answer(town.otto, asked.id, "phoned", "")


def test_only_who_may_lead_answers(town: Cast) -> None:
    asked = ask(town)
    with db.transaction():
        lost = look_ups.ask(town.dan, nobody(), WHY)
        for person, number in ((town.dan, asked.id), (town.priya, asked.id), (town.olive, lost.id)):
            with pytest.raises(NotFound), db.attempt():
                look_ups.answer(person, number, "phoned", "")


def test_bringing_somebody_into_the_network_answers_their_request(town: Cast) -> None:
    asked = ask(town)
    with db.transaction():
        assert look_ups.reason_of(town.olive, asked.id) == WHY
        assert look_ups.reason_of(town.priya, asked.id) == ""
        networks.add(town.olive, town.noor, town.dan, role="", reason=WHY)
        assert look_ups.waiting(town.olive, town.noor) == []
        assert look_ups.mine(town.dan)[0].outcome == "added"


def test_a_conflict_found_later_takes_the_answer_back(town: Cast) -> None:
    asked = ask(town)
    with db.transaction():
        look_ups.answer(town.olive, asked.id, "phoned", "At three.")
        assert look_ups.mine(town.dan)[0].answer == "At three."
    keep_apart(town, town.dan)
    with db.transaction():
        row = look_ups.mine(town.dan)[0]
        assert (row.outcome, row.answer, row.answered_by, row.answered_at) == (None,) * 4


def test_of_a_restricted_case_only_the_lead_sees_requests(town: Cast) -> None:
    restrict(town, town.dan)
    ask(town)
    with db.transaction():
        assert len(look_ups.waiting(town.olive, town.noor)) == 1
        assert look_ups.waiting(town.otto, town.noor) == []


def test_fourteen_at_once_are_ten(town: Cast) -> None:
    def press(_number: int) -> bool:
        try:
            ask(town)
        except TooFast:
            return False
        return True

    with ThreadPoolExecutor(14) as hands:
        assert sum(hands.map(press, range(14))) == 10


def test_where_one_child_has_two_cases_the_one_with_a_lead_is_meant(town: Cast) -> None:
    other = open_duplicate(town.priya)
    with db.transaction() as session:
        session.scalars(
            select(Membership).where(Membership.case_id == town.noor.id)
        ).one().is_lead = False
    assert ask(town).case_id == other.id
