"""What stands at the top of a case."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.casework import cases, networks
from app.core import clock, db
from app.models import Person, Post
from feeds import acknowledgements, comments, facts, posts
from feeds.facts import Facts
from feeds.posts import Update
from tests.cast import MORNING, Cast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def known(cast: Cast, viewer: Person | None = None) -> Facts:
    with db.transaction():
        return facts.of(viewer or cast.priya, cast.amara)


def tell(author: Person, cast: Cast, body: str, at: datetime = MORNING, **said: object) -> int:
    with clock.held(at), db.transaction():
        update = Update(body, **said)  # type: ignore[arg-type]
        return posts.publish(author, cast.amara, update).id


def test_a_case_nobody_has_written_in_says_so(cast: Cast) -> None:
    found = known(cast)
    assert (found.last_seen, found.next_at, found.questions, found.overdue) == (None, None, [], [])
    assert found.unacknowledged == []
    assert (found.status, found.category) == ("child_protection_plan", "NEG")
    assert found.since == (MORNING - 30 * DAY).date()
    assert found.lead is not None
    assert (found.lead.name, found.lead.phone) == ("Priya Shah", "01632 960001")


def test_last_seen_is_by_when_it_happened_and_says_whether_alone(cast: Cast) -> None:
    tell(cast.ruth, cast, "Seen.", kind="visit", seen=True, seen_alone=True)
    for later, said in (
        (HOUR, {"kind": "visit", "seen": False}),
        (2 * HOUR, {"kind": "was_not_brought"}),
        (3 * HOUR, {"kind": "health", "seen": True}),
        (4 * HOUR, {"kind": "visit", "seen": True, "seen_alone": False}),
    ):
        happened = MORNING - DAY if later == 4 * HOUR else None
        tell(cast.priya, cast, "x", MORNING + later, occurred_at=happened, **said)
    with clock.held(MORNING + 5 * HOUR):
        seen = known(cast).last_seen
    assert seen is not None
    assert (seen.name, seen.seen_alone, seen.occurred_at) == ("Ruth Bell", True, MORNING)


def test_a_withdrawn_visit_was_no_visit(cast: Cast) -> None:
    with db.transaction():
        visit = posts.publish(
            cast.ruth, cast.amara, Update("Seen.", kind="visit", seen=True, seen_alone=True)
        )
        posts.withdraw(cast.ruth, visit, "Wrong child")
        assert facts.of(cast.priya, cast.amara).last_seen is None


def test_what_comes_next_is_the_soonest_visit_or_key_date(cast: Cast) -> None:
    visit = tell(cast.ruth, cast, "Visit.", kind="planned_visit", due_at=MORNING + 2 * DAY)
    tell(cast.dan, cast, "Visit.", kind="planned_visit", due_at=MORNING + 3 * DAY)
    found = known(cast)
    assert (found.next_what, found.next_at, found.next_post_id) == (
        "Visit",
        MORNING + 2 * DAY,
        visit,
    )
    with db.transaction():
        review = cases.add_key_date(cast.priya, cast.amara, "Review conference", MORNING + DAY)
    assert known(cast).next_what == "Review conference"
    with db.transaction():
        cases.finish_key_date(cast.priya, cast.amara, review.id)
    assert known(cast).next_what == "Visit"


def test_a_planned_visit_nobody_made_is_overdue_until_a_later_one(cast: Cast) -> None:
    tell(cast.ruth, cast, "Visit.", kind="planned_visit", due_at=MORNING + HOUR)
    tell(cast.dan, cast, "Answer?", kind="question", due_at=MORNING + HOUR)
    with db.transaction():
        cases.add_key_date(cast.priya, cast.amara, "Core group", MORNING + HOUR)
    with clock.held(MORNING + 2 * HOUR):
        assert sorted(known(cast).overdue) == ["Core group", "Planned visit", "Unanswered question"]
        tell(cast.dan, cast, "x", MORNING + 2 * HOUR, kind="was_not_brought")
        assert sorted(known(cast).overdue) == ["Core group", "Unanswered question"]


@pytest.mark.parametrize(
    ("who", "planned", "minutes", "overdue"),
    [
        ("ruth", 0, -30, []),  # made early by who planned it
        ("dan", 0, -30, ["Planned visit"]),  # somebody else's visit the same morning
        ("ruth", -20, -30, ["Planned visit"]),  # planned after that visit
        ("dan", 0, 30, []),  # somebody else has been there since
    ],
)
def test_which_visit_answers_the_one_planned(
    cast: Cast, who: str, planned: int, minutes: int, overdue: list[str]
) -> None:
    due = MORNING + 2 * HOUR
    plan_at = due + timedelta(minutes=planned) if planned else MORNING
    made_at = due + timedelta(minutes=minutes)
    visit = {"kind": "visit", "seen": True, "seen_alone": False}
    tell(cast.ruth, cast, "Visit.", plan_at, kind="planned_visit", due_at=due)
    tell(getattr(cast, who), cast, "x", max(made_at, plan_at), occurred_at=made_at, **visit)
    with clock.held(due + 3 * HOUR):
        assert known(cast).overdue == overdue


def test_an_open_question_stays_until_an_answer_is_accepted(cast: Cast) -> None:
    due = MORNING + HOUR
    with db.transaction():
        asked = posts.publish(
            cast.dan, cast.amara, Update("Seen since Friday?", kind="question", due_at=due)
        )
        answer = comments.add(cast.ruth, asked, "On Saturday.")
        assert [row.id for row in facts.of(cast.ruth, cast.amara).questions] == [asked.id]
        comments.accept(cast.dan, asked, answer)
        assert facts.of(cast.ruth, cast.amara).questions == []
        comments.withdraw(cast.ruth, answer, "Mixed up the day")
        assert [row.id for row in facts.of(cast.ruth, cast.amara).questions] == [asked.id]


def test_an_urgent_post_stands_there_until_somebody_has_it(cast: Cast) -> None:
    urgent = tell(cast.ruth, cast, "Door open.", worry="urgent", phoned=True)
    assert known(cast).unacknowledged == [urgent]
    with db.transaction() as session:
        acknowledgements.add(cast.priya, session.get_one(Post, urgent))
    assert known(cast).unacknowledged == []


def test_a_new_member_is_told_nothing_of_before_their_history(cast: Cast) -> None:
    tell(cast.ruth, cast, "Seen.", kind="visit", seen=True, seen_alone=True)
    tell(cast.dan, cast, "Seen?", kind="question", due_at=MORNING + DAY)
    tell(cast.dan, cast, "Visit.", kind="planned_visit", due_at=MORNING + DAY)
    tell(cast.ruth, cast, "Door open.", worry="urgent", phoned=True)
    with clock.held(MORNING + HOUR):
        with db.transaction():
            networks.add(
                cast.priya,
                cast.amara,
                cast.olive,
                role="",
                reason="Takes over",
                history_from=clock.now(),
            )
        found = known(cast, cast.olive)
    assert (found.last_seen, found.questions, found.next_at) == (None, [], None)
    assert found.unacknowledged == []
    assert found.status == "child_protection_plan"
