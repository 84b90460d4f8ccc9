"""Breaking the glass: who gets in, for how long, and who is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import access, push, relay
from app.casework import children, conflicts, emergencies
from app.casework.children import Sought
from app.core import clock, db
from app.core.errors import Invalid, NotAllowed, NotFound, TooFast
from app.models import Activity, BreakGlass, Case, Person, Post, Restriction, Review
from feeds import posts, timeline
from feeds.posts import Update
from tests.casework.known import (
    Change,
    keep_apart,
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

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WHY = emergencies.Why("missing", "Not seen since she left nursery at noon.")


def broken(cast: Cast, sought: Sought | None = None) -> BreakGlass:
    """Dan, who has nothing to do with Noor's case, needs to see it now."""
    with db.transaction():
        return emergencies.break_glass(cast.dan, sought or noor(), WHY)


def sees(person: Person, case: Case) -> bool:
    with db.transaction():
        return access.may(access.sees_case(person.id, case.id))


def test_the_case_opens_at_once_for_an_hour(town: Cast) -> None:
    assert not sees(town.dan, town.noor)
    glass = broken(town)
    assert sees(town.dan, town.noor)
    assert (glass.opened_at, glass.until_at) == (MORNING, MORNING + HOUR)
    with clock.held(MORNING + HOUR - MINUTE):
        assert sees(town.dan, town.noor)
    with clock.held(MORNING + HOUR):
        assert not sees(town.dan, town.noor)


def test_the_network_reads_who_opened_it_and_why(town: Cast) -> None:
    broken(town)
    with db.transaction():
        (row,) = timeline.stream(town.olive, town.noor).posts
    assert row.kind == "break_glass"
    assert row.body == (
        "Opened in an emergency by Dan Hughes, Hillside Primary: a child is missing. "
        "Not seen since she left nursery at noon."
    )


def test_a_reviewer_is_asked_in_the_same_transaction(town: Cast) -> None:
    glass = broken(town)
    with db.transaction():
        review = db.session().scalars(select(Review)).one()
    assert (review.kind, review.person_id, review.case_id, review.break_glass_id) == (
        "break_glass",
        town.dan.id,
        town.noor.id,
        glass.id,
    )
    assert review.due_at == clock.working_days_after(MORNING, 2)
    assert review.reference == glass.reference, "one word for both"
    assert "Noor" not in str(review.evidence)
    assert "nursery" not in str(review.evidence)


def test_the_reference_can_be_read_out_and_names_nobody(town: Cast) -> None:
    made = {broken(town, nobody()).reference for _ in range(9)}
    assert len(made) == 9
    for reference in made:
        assert reference.startswith("BG-")
        assert len(reference) == 9
        assert not set(reference[3:]) & set("0O1IL5SAEU")


def test_posts_for_named_people_stay_shut(town: Cast) -> None:
    with db.transaction() as session:
        open_post = posts.publish(town.olive, town.noor, Update("For all of us."))
        named = posts.publish(town.olive, town.noor, Update("For Otto."))
        session.get_one(Post, named.id).audience = "named"
    broken(town)
    with db.transaction():
        assert access.post(town.dan, open_post.id)
        with pytest.raises(NotFound):
            access.post(town.dan, named.id)


def test_what_is_open_already_is_opened_no_second_time(town: Cast) -> None:
    broken(town)
    assert broken(town).opened_at is None
    with db.transaction():
        assert len(db.session().scalars(select(BreakGlass)).all()) == 2, "each one counts"
        assert len(db.session().scalars(select(Review)).all()) == 1
        assert len(timeline.stream(town.olive, town.noor).posts) == 1


def test_nothing_is_broken_for_who_sees_the_case_anyway(town: Cast) -> None:
    by_number = children.of_case(str(town.noor.id))
    with db.transaction():
        for person in (town.olive, town.otto):
            for sought in (noor(), by_number):
                glass = emergencies.break_glass(person, sought, WHY)
                assert (glass.case_id, glass.opened_at) == (None, None)
                is_over = glass.until_at is not None
                assert is_over == (sought is by_number), "a number asks no second person"
        assert len(emergencies.waiting(town.mo)) == 2
        assert timeline.stream(town.olive, town.noor).posts == []


@pytest.mark.parametrize("change", [restrict, keep_apart, move_away])
def test_a_duplicate_of_ones_own_tells_nothing_of_another_case(town: Cast, change: Change) -> None:
    open_duplicate(town.dan)
    change(town, town.dan)
    with statements() as for_nobody:
        absent = broken(town, nobody())
    with statements() as for_noor:
        hidden = broken(town)
    assert for_noor == for_nobody
    with db.transaction():
        shown = [emergencies.find(town.dan, each.id) for each in (absent, hidden)]
        assert len({(row.until_at, row.is_waiting, row.case_id) for row in shown}) == 1
        assert len(emergencies.waiting(town.mo)) == 2


def test_a_duplicate_of_ones_own_keeps_nobody_from_the_true_case(town: Cast) -> None:
    own = open_duplicate(town.dan)
    glass = broken(town)
    assert (glass.case_id, glass.until_at) == (town.noor.id, MORNING + HOUR)
    with db.transaction():
        kinds = [row.kind for row in timeline.stream(town.dan, own).posts]
        assert "break_glass" not in kinds, "it is not the one that was opened"


def test_a_conflict_on_a_duplicate_shuts_nobody_out_of_the_true_case(town: Cast) -> None:
    other = open_duplicate(town.priya)
    with db.transaction():
        conflicts.declare(town.priya, other, town.dan, "Their uncle")
    assert broken(town).case_id == town.noor.id
    assert sees(town.dan, town.noor)
    assert not sees(town.dan, other)


@pytest.mark.parametrize("change", [restrict, keep_apart])
def test_what_does_not_open_is_answered_like_a_child_who_is_not_there(
    town: Cast, change: Change
) -> None:
    change(town, town.dan)
    with statements() as for_nobody:
        absent = broken(town, nobody())
    with statements() as for_noor:
        hidden = broken(town)
    with statements() as by_number:
        numbered = broken(town, children.of_case(str(town.noor.id)))
    with statements() as by_wrong_number:
        broken(town, children.of_case("987654"))
    assert len(for_noor) == len(for_nobody)
    assert for_noor == for_nobody
    assert by_number == by_wrong_number
    assert not sees(town.dan, town.noor)
    with db.transaction():
        told = [emergencies.find(town.dan, each.id) for each in (absent, hidden, numbered)]
        assert {
            (row.until_at, row.approved_at, row.is_waiting, row.case_id, row.child_name)
            for row in told
        } == {(None, None, True, None, None)}
        assert db.session().scalars(select(Review)).all() == []
        assert db.session().scalars(select(Activity)).all() == []
        assert timeline.stream(town.olive, town.noor).posts == []


def test_a_restricted_case_takes_two_people(town: Cast) -> None:
    restrict(town, town.dan)
    glass = broken(town)
    with clock.held(MORNING + 20 * MINUTE):
        with db.transaction():
            assert [row.reference for row in emergencies.waiting(town.mo)] == [glass.reference]
            assert emergencies.waiting(town.mo)[0].child_name is None, "not her case"
            assert emergencies.waiting(town.olive)[0].child_name == "Noor R", "she leads it"
            assert emergencies.waiting(town.ruth) == []
            emergencies.approve(town.mo, glass.id)
        assert sees(town.dan, town.noor)
        with db.transaction():
            (row,) = timeline.stream(town.olive, town.noor).posts
            assert row.author_name == "Dan Hughes"
            assert row.body.endswith("Mo Akram approved it as the second person.")
            assert len(db.session().scalars(select(Review)).all()) == 1
            assert emergencies.waiting(town.mo) == []
            with pytest.raises(NotFound), db.attempt():
                emergencies.approve(town.olive, glass.id)
    with clock.held(MORNING + 79 * MINUTE):
        assert sees(town.dan, town.noor)
    with clock.held(MORNING + 80 * MINUTE):
        assert not sees(town.dan, town.noor)


def test_nobody_is_their_own_second_person(town: Cast) -> None:
    restrict(town, town.mo)
    with db.transaction():
        glass = emergencies.break_glass(town.mo, noor(), WHY)
        for person in (town.mo, town.dan, town.ada, town.audrey):
            with pytest.raises(NotFound), db.attempt():
                emergencies.approve(person, glass.id)
        emergencies.approve(town.otto, glass.id)
    assert sees(town.mo, town.noor)


def test_a_supervisor_opens_a_restricted_case_by_its_number(town: Cast) -> None:
    """Knowing the number is no proof, so it takes two people like any other way."""
    restrict(town, town.otto)
    assert not sees(town.otto, town.noor)
    with db.transaction():
        sought = children.of_case(f"/cases/{town.noor.id}")
        glass = emergencies.break_glass(town.otto, sought, WHY)
        emergencies.approve(town.olive, glass.id)
    assert sees(town.otto, town.noor)


def test_what_nobody_approves_lapses_after_an_hour(town: Cast) -> None:
    restrict(town, town.dan)
    glass = broken(town)
    with clock.held(MORNING + HOUR), db.transaction():
        assert emergencies.waiting(town.mo) == []
        with pytest.raises(NotFound), db.attempt():
            emergencies.approve(town.mo, glass.id)
        assert not emergencies.find(town.dan, glass.id).is_waiting


@pytest.mark.parametrize("change", [None, keep_apart])
def test_approving_what_is_not_there_tells_the_second_person_nothing(
    town: Cast, change: Change | None
) -> None:
    if change:
        change(town, town.dan)
    glass = broken(town, noor() if change else nobody())
    with db.transaction():
        assert [row.id for row in emergencies.waiting(town.mo)] == [glass.id]
        emergencies.approve(town.mo, glass.id)
        with pytest.raises(NotFound):
            emergencies.find(town.mo, glass.id)
        assert db.session().scalars(select(Review)).all() == []
    assert not sees(town.dan, town.noor)


def test_a_conflict_found_while_a_request_waits_keeps_it_shut(town: Cast) -> None:
    restrict(town, town.dan)
    glass = broken(town)
    keep_apart(town, town.dan)
    with db.transaction():
        emergencies.approve(town.mo, glass.id)
        assert timeline.stream(town.olive, town.noor).posts == []
    assert not sees(town.dan, town.noor)


def test_a_restriction_shuts_what_one_person_had_opened(town: Cast) -> None:
    broken(town)
    restrict(town, town.dan)
    assert not sees(town.dan, town.noor)
    again = broken(town)
    with db.transaction():
        emergencies.approve(town.olive, again.id)
    assert sees(town.dan, town.noor)


def test_it_ends_early_when_the_person_says_so(town: Cast) -> None:
    glass = broken(town)
    with clock.held(MORNING + 5 * MINUTE):
        with db.transaction():
            for other in (town.olive, town.mo):
                with pytest.raises(NotFound), db.attempt():
                    emergencies.end(other, glass.id)
            emergencies.end(town.dan, glass.id)
            emergencies.end(town.dan, glass.id)
        assert not sees(town.dan, town.noor)
        with db.transaction():
            assert emergencies.open_on(town.noor.id) == []


def test_pointers_reach_the_person_while_it_is_open_and_then_stop(town: Cast) -> None:
    told: dict[tuple[int, str], set[int]] = {}

    class Channel:
        def tell(self, person_ids: Any, pointer: Any) -> None:
            # Who has a notice with it is told apart from the others.
            told.setdefault((pointer["at"], pointer["did"]), set()).update(person_ids)

    def publish() -> set[int]:
        with db.transaction():
            posts.publish(town.olive, town.noor, Update("Her aunt has rung."))
        while relay.deliver():
            pass
        return told[max(told)]

    push.use(Channel())
    members = {town.olive.id, town.otto.id}
    assert publish() == members
    glass = broken(town)
    while relay.deliver():
        pass
    assert max(told)[1] == "break_glass"
    assert told[max(told)] == {*members, town.dan.id}
    assert publish() == {*members, town.dan.id}
    with clock.held(MORNING + HOUR):
        assert publish() == members
    with clock.held(MORNING + 5 * MINUTE):
        with db.transaction():
            emergencies.end(town.dan, glass.id)
        while relay.deliver():
            pass
        assert max(told)[1] == "access_changed"
        assert told[max(told)] == {town.dan.id}, "what is on the screen goes"
        assert publish() == members


def test_a_day_allows_ten_of_which_none_before_is_refused(town: Cast) -> None:
    for _ in range(9):
        broken(town, nobody())
    assert broken(town).opened_at, "the tenth opens"
    with pytest.raises(TooFast, match="999"):
        broken(town, nobody())
    with pytest.raises(TooFast):
        broken(town, children.of_case(str(town.noor.id)))  # open already, and counted
    with clock.held(MORNING + 15 * HOUR):
        assert broken(town).opened_at


@pytest.mark.parametrize(
    ("emergency", "reason", "fields"),
    [
        ("missing", "Not seen.", {"reason"}),
        ("boredom", "Not seen since noon.", {"emergency"}),
        ("", " ", {"emergency", "reason"}),
        ("missing", "x" * 301, {"reason"}),
    ],
)
def test_it_needs_a_kind_of_emergency_and_a_sentence(
    database: str, emergency: str, reason: str, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused, db.transaction():
        emergencies.why(emergency, reason)
    assert set(refused.value.fields) == fields


def test_accounts_without_content_break_nothing(town: Cast) -> None:
    for person in (town.ada, town.audrey):
        with pytest.raises(NotAllowed), db.transaction():
            emergencies.break_glass(person, noor(), WHY)


def test_nobody_else_reads_a_request(town: Cast) -> None:
    glass = broken(town, nobody())
    with db.transaction():
        for person in (town.ruth, town.olive, town.ada):
            with pytest.raises(NotFound):
                emergencies.find(person, glass.id)
        with pytest.raises(NotFound):
            emergencies.find(town.dan, 2**64)


def test_a_request_is_gone_for_its_second_people_in_one_way_only(town: Cast) -> None:
    """Answered, lapsed, or kept from them since: what is gone tells nothing of a conflict."""

    def is_read_by(person: Person, glass: BreakGlass) -> bool:
        try:
            with db.transaction():
                return bool(emergencies.find(person, glass.id))
        except NotFound:
            return False

    restrict(town, town.dan)
    answered, lapsing = broken(town), broken(town, nobody())
    for glass in (answered, lapsing):
        assert is_read_by(town.mo, glass)
    with db.transaction():
        emergencies.approve(town.mo, answered.id)
    with clock.held(MORNING + HOUR):
        for glass in (answered, lapsing):
            assert not is_read_by(town.mo, glass)
            assert not is_read_by(town.olive, glass)
            assert is_read_by(town.dan, glass), "their own stays"


def test_managers_do_not_read_what_opened_without_them(town: Cast) -> None:
    glass = broken(town)
    with db.transaction():
        assert emergencies.find(town.dan, glass.id)
        for ask in (emergencies.find, emergencies.approve):
            with pytest.raises(NotFound):
                ask(town.mo, glass.id)


def test_the_hour_is_not_lost_when_a_restriction_ends(town: Cast) -> None:
    """Waiting for a second person, somebody may just ask again."""
    restrict(town, town.dan)
    broken(town)
    with db.transaction() as session:
        session.scalars(select(Restriction)).one().until_at = clock.now()
    assert broken(town).opened_at


def test_pressed_six_times_at_once_it_breaks_once(town: Cast) -> None:
    def press(_number: int) -> bool:
        with db.transaction():
            return emergencies.break_glass(town.dan, noor(), WHY).opened_at is not None

    with ThreadPoolExecutor(6) as hands:
        assert sum(hands.map(press, range(6))) == 1
    with db.transaction() as session:
        assert len(session.scalars(select(Review)).all()) == 1
        assert len(timeline.stream(town.olive, town.noor).posts) == 1


def test_of_two_second_people_at_once_one_is_it(town: Cast) -> None:
    restrict(town, town.dan)
    glass = broken(town)

    def approve(second: Person) -> str:
        try:
            with db.transaction():
                emergencies.approve(second, glass.id)
        except NotFound:
            return "late"
        return "approved"

    with ThreadPoolExecutor(3) as hands:
        answers = sorted(hands.map(approve, (town.mo, town.olive, town.otto)))
    assert answers == ["approved", "late", "late"]
    with db.transaction() as session:
        assert len(session.scalars(select(Review)).all()) == 1
