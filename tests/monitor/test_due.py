"""What is overdue, and when it is not any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app import access
from app.casework import cases
from app.core import clock, db
from app.models import Case, Child, Membership, Person
from app.monitor import due
from app.monitor.due import Patience
from feeds import acknowledgements, comments, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.monitor.words_said import DAY, tell

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    yield
    due.use(Patience())


def overdue(case: Case, later: timedelta = timedelta()) -> dict[str, int]:
    """What is overdue in a case after some time, and about what; both questions agree."""
    with clock.held(MORNING + later), db.transaction():
        here = due.found_in(case.id)
        everywhere = {each for kind in due.KINDS for each in due.found(kind)}
    assert here == {each for each in everywhere if each.case_id == case.id}
    return {each.kind: each.about_id for each in here}


def said(author: Person, case: Case, **said: Any) -> int:
    with db.transaction():
        return posts.publish(author, case, Update("Said.", **said)).id


def test_nothing_is_overdue_in_a_case_that_goes_well(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 2, kind="visit", seen=True, seen_alone=True)
    assert overdue(cast.amara) == {}


def test_an_urgent_update_that_nobody_has_is_overdue_after_two_hours(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    urgent = said(cast.dan, cast.amara, worry="urgent", kind="concern", phoned=True)
    assert overdue(cast.amara, HOUR) == {}
    assert overdue(cast.amara, 3 * HOUR) == {"unacknowledged": urgent}
    with db.transaction():
        acknowledgements.add(cast.priya, access.post(cast.priya, urgent))
    assert overdue(cast.amara, 3 * HOUR) == {}


def test_a_question_is_overdue_until_somebody_else_says_a_word(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    question = said(cast.dan, cast.amara, kind="question", due_at=MORNING + 7 * HOUR)
    assert overdue(cast.amara, 6 * HOUR) == {}
    assert overdue(cast.amara, 8 * HOUR) == {"unanswered": question}
    with db.transaction():
        comments.add(cast.dan, access.post(cast.dan, question), "Nobody?")
    assert overdue(cast.amara, 8 * HOUR) == {"unanswered": question}
    with db.transaction():
        comments.add(cast.ruth, access.post(cast.ruth, question), "He was here.")
    assert overdue(cast.amara, 8 * HOUR) == {}


def test_a_planned_visit_wants_an_outcome(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    planned = said(cast.priya, cast.amara, kind="planned_visit", due_at=MORNING + DAY)
    assert overdue(cast.amara, DAY + HOUR) == {}
    assert overdue(cast.amara, 2 * DAY + HOUR) == {"no_outcome": planned}
    with clock.held(MORNING + 2 * DAY):
        said(cast.priya, cast.amara, kind="was_not_brought", occurred_at=MORNING + DAY - HOUR)
    assert overdue(cast.amara, 2 * DAY + HOUR) == {}


def test_a_child_under_a_plan_is_seen_every_three_weeks(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    assert overdue(cast.amara, 18 * DAY) == {}
    assert overdue(cast.amara, 20 * DAY) == {"not_seen": 0}
    with clock.held(MORNING + 19 * DAY):
        said(cast.ruth, cast.amara, kind="visit", seen=False)
    assert overdue(cast.amara, 20 * DAY) == {"not_seen": 0}, "at home is not seen"


def test_a_child_whom_nobody_ever_saw_is_counted_from_the_day_it_was_opened(cast: Cast) -> None:
    assert overdue(cast.amara) == {"not_seen": 0}
    assert overdue(cast.noor) == {}, "early help promises no visits"


def test_a_child_who_is_not_born_yet_cannot_be_seen(cast: Cast) -> None:
    with db.transaction() as session:
        child = session.get_one(Child, cast.amara.child_id)
        child.born_on, child.expected_on = None, (MORNING + 20 * DAY).date()
    assert overdue(cast.amara) == {}
    assert overdue(cast.amara, 20 * DAY) == {"not_seen": 0}


def test_an_organisation_may_be_more_patient(cast: Cast) -> None:
    due.use(Patience(seen_within={"child_protection_plan": 40}))
    assert overdue(cast.amara) == {}
    due.use(Patience(seen_within={}))
    assert overdue(cast.amara, 300 * DAY) == {}


def test_an_organisation_may_leave_something_out(cast: Cast) -> None:
    assert overdue(cast.amara) == {"not_seen": 0}
    due.use(Patience(left_out=frozenset({"not_seen"})))
    assert overdue(cast.amara) == {}


def test_not_brought_twice_within_thirty_days(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    tell(cast.dan, cast.amara, 20, kind="was_not_brought")
    tell(cast.ruth, cast.amara, 20, kind="was_not_brought")
    assert overdue(cast.amara) == {}, "told of by two, it happened once"
    tell(cast.ruth, cast.amara, 3, kind="was_not_brought")
    assert overdue(cast.amara) == {"not_brought": 0}
    assert overdue(cast.amara, 11 * DAY) == {}


def test_a_case_without_a_lead(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    with db.transaction() as session:
        session.query(Membership).filter_by(case_id=cast.amara.id, is_lead=True).update(
            {"until_at": MORNING}
        )
    assert overdue(cast.amara, HOUR) == {}
    assert overdue(cast.amara, DAY + HOUR) == {"no_lead": 0}


def test_a_date_of_the_plan_that_passed(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    with db.transaction():
        review = cases.add_key_date(cast.priya, cast.amara, "Core group", MORNING + DAY).id
    assert overdue(cast.amara) == {}
    assert overdue(cast.amara, 2 * DAY) == {"review_due": review}
    with db.transaction():
        cases.finish_key_date(cast.priya, cast.amara, review)
    assert overdue(cast.amara, 2 * DAY) == {}


def test_nothing_is_overdue_in_a_closed_case(cast: Cast) -> None:
    assert overdue(cast.amara)
    with db.transaction():
        cases.close(cast.priya, cast.amara, on=MORNING.date(), reason="Moved away")
    assert overdue(cast.amara, 90 * DAY) == {}


def test_a_visit_told_to_some_alone_is_no_news_to_the_others(cast: Cast) -> None:
    said(
        cast.priya,
        cast.amara,
        kind="visit",
        seen=True,
        seen_alone=True,
        audience="named",
        people=(cast.ruth.id,),
        sharing_reason="At the shelter",
    )
    assert overdue(cast.amara) == {"not_seen": 0}


@pytest.mark.parametrize("planned_for_some", [False, True])
def test_a_visit_told_to_some_alone_does_not_answer_what_all_await(
    cast: Cast, *, planned_for_some: bool
) -> None:
    """The others would know of it by the card that goes."""
    tell(cast.priya, cast.amara, 1, kind="visit", seen=True, seen_alone=True)
    some = {"audience": "named", "people": (cast.ruth.id,), "sharing_reason": "At the shelter"}
    among = some if planned_for_some else {}
    planned = said(cast.priya, cast.amara, kind="planned_visit", due_at=MORNING + DAY, **among)
    with clock.held(MORNING + 2 * DAY):
        said(cast.priya, cast.amara, kind="visit", seen=True, seen_alone=True, **some)
    left = {} if planned_for_some else {"no_outcome": planned}
    assert overdue(cast.amara, 2 * DAY + HOUR) == left
