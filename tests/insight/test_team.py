"""The team board: the cases a manager answers for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from app.casework import cases
from app.core import clock, db
from app.insight import team
from app.insight.team import Choice, Line, TeamBoard
from app.models import Case, CaseStatus, Person, Post
from feeds import comments, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

DAY = timedelta(days=1)


def board(viewer: Person, **choice: Any) -> TeamBoard:
    with db.transaction():
        return team.of(viewer, Choice(**choice))


def line(viewer: Person, name: str = "Amara O") -> Line:
    return next(each for each in board(viewer).lines if each.name == name)


def tell(author: Person, case: Case, **said: Any) -> int:
    with db.transaction():
        return posts.publish(author, case, Update("x", **said)).id


def test_a_manager_finds_the_cases_of_her_people_and_no_others(cast: Cast) -> None:
    found = board(cast.mo)
    assert [(each.name, each.lead) for each in found.lines] == [
        ("Amara O", "Priya Shah"),
        ("Tobi O", "Priya Shah"),
    ]
    assert [each.name for each in board(cast.otto).lines] == ["Noor R"]
    assert board(cast.ada).lines == []
    assert found.sentence == "2 open cases: nothing is late."


def test_a_line_says_who_saw_the_child_when_what_is_due_and_what_is_asked(cast: Cast) -> None:
    tell(
        cast.priya,
        cast.amara,
        kind="visit",
        seen=True,
        seen_alone=True,
        occurred_at=MORNING - 2 * DAY,
    )
    tell(cast.dan, cast.amara, worry="worried", meaning="She is cold.")
    tell(cast.ruth, cast.amara, kind="question", due_at=MORNING + DAY)
    with db.transaction():
        cases.add_key_date(cast.priya, cast.amara, "Core group", MORNING + 3 * DAY)
    found = line(cast.mo)
    assert found.last_seen_at == MORNING - 2 * DAY
    assert (found.review, found.review_at) == ("Core group", MORNING + 3 * DAY)
    assert (found.worry, found.questions, found.late) == ("worried", 1, 0)


def test_what_is_late_stands_in_the_sentence(cast: Cast) -> None:
    asked = tell(cast.ruth, cast.amara, kind="question", due_at=MORNING + DAY)
    with db.transaction():
        cases.add_key_date(cast.priya, cast.tobi, "Review", MORNING + DAY)
    with clock.held(MORNING + 2 * DAY):
        found = board(cast.mo)
        assert found.sentence == (
            "2 open cases: 1 case with a date that has passed,"
            " 1 question waiting longer than asked."
        )
        with db.transaction() as session:
            post = session.get_one(Post, asked)
            comments.accept(cast.ruth, post, comments.add(cast.dan, post, "Yes."))
        assert line(cast.mo).late == 0


def test_a_worry_counts_for_28_days_and_the_highest_of_them(cast: Cast) -> None:
    tell(cast.dan, cast.amara, worry="urgent", phoned=True, meaning="She is hurt.")
    with clock.held(MORNING + 20 * DAY):
        tell(cast.dan, cast.amara, worry="keep_an_eye_on")
        assert line(cast.mo).worry == "urgent"
    with clock.held(MORNING + 30 * DAY):
        assert line(cast.mo).worry == "keep_an_eye_on"


def test_what_she_may_not_read_counts_for_nothing(cast: Cast) -> None:
    only: dict[str, Any] = {
        "audience": "named",
        "people": (cast.priya.id,),
        "sharing_reason": "An allegation",
    }
    tell(cast.ruth, cast.amara, worry="urgent", phoned=True, meaning="She is hurt.", **only)
    tell(cast.ruth, cast.amara, kind="question", due_at=MORNING + DAY, **only)
    tell(cast.ruth, cast.amara, kind="visit", seen=True, seen_alone=True, **only)
    hidden, open_ = line(cast.dan), line(cast.priya)
    assert (hidden.worry, hidden.questions, hidden.last_seen_at) == ("none", 0, None)
    assert (open_.worry, open_.questions, open_.last_seen_at) == ("urgent", 1, MORNING)


@pytest.mark.parametrize(
    ("sort", "first", "first_down"),
    [
        ("child", "Amara O", "Tobi O"),
        ("status", "Amara O", "Tobi O"),
        ("last_seen",) + ("Tobi O",) * 2,
    ],
)
def test_each_column_sorts_both_ways_and_the_unknown_stands_last(
    cast: Cast, sort: str, first: str, first_down: str
) -> None:
    tell(cast.priya, cast.tobi, kind="visit", seen=True, seen_alone=True)
    assert board(cast.mo, sort=sort).lines[0].name == first
    assert board(cast.mo, sort=sort, down=True).lines[0].name == first_down


def test_every_sort_takes_cases_of_which_nothing_is_known(cast: Cast) -> None:
    for sort in team.SORTS:
        assert len(board(cast.mo, sort=sort).lines) == 2
        bare = replace(line(cast.mo), status=None, lead=None, lead_id=None)
        assert team._ordered([bare, line(cast.mo)], Choice(sort=sort))


def test_the_board_is_narrowed_by_status_lead_team_and_worry(cast: Cast) -> None:
    tell(cast.dan, cast.tobi, worry="worried", meaning="He is hungry.")
    for choice, names in (
        ({"status": "child_in_need"}, ["Tobi O"]),
        ({"status": "closed"}, []),
        ({"lead": cast.priya.id}, ["Amara O", "Tobi O"]),
        ({"lead": cast.olive.id}, []),
        ({"team": cast.mo.id}, ["Amara O", "Tobi O"]),
        ({"team": cast.otto.id}, []),
        ({"worry": "keep_an_eye_on"}, ["Tobi O"]),
    ):
        assert [each.name for each in board(cast.mo, **choice).lines] == names, choice


def test_a_closed_case_is_found_only_when_asked_for(cast: Cast) -> None:
    with db.transaction():
        cases.close(cast.priya, cast.tobi, on=MORNING.date(), reason="All is well")
    assert [each.name for each in board(cast.mo).lines] == ["Amara O"]
    assert [each.name for each in board(cast.mo, status="closed").lines] == ["Tobi O"]


def test_the_workload_counts_open_cases_by_who_leads_them(cast: Cast) -> None:
    (load,) = board(cast.mo).loads
    assert (load.name, load.cases) == ("Priya Shah", 2)
    assert load.statuses == {"child_protection_plan": 1, "child_in_need": 1}
    assert board(cast.mo).teams == [(cast.mo.id, "Mo Akram")]


def test_what_was_chosen_is_told_of_how_many(cast: Cast) -> None:
    with db.transaction():
        cases.add_key_date(cast.priya, cast.amara, "Review", MORNING + DAY)
    with clock.held(MORNING + 2 * DAY):
        said = {
            status: board(cast.mo, status=status).sentence
            for status in ("child_protection_plan", "child_in_need", "looked_after", "closed")
        }
    assert said == {
        "child_protection_plan": "1 of 2 open cases: 1 case with a date that has passed.",
        "child_in_need": "1 of 2 open cases: nothing is late.",
        "looked_after": "No case fits; 2 are open.",
        "closed": "No case fits; 2 are open.",
    }


def test_a_case_without_a_status_is_counted_as_such(cast: Cast) -> None:
    with db.transaction() as session:
        session.execute(delete(CaseStatus).where(CaseStatus.case_id == cast.tobi.id))
    found = board(cast.mo)
    assert sum(found.statuses.values()) == sum(found.loads[0].statuses.values()) == 2
    assert [each.name for each in board(cast.mo, status="unknown").lines] == ["Tobi O"]
