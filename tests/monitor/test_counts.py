"""What is counted: agencies a day, and not clicks."""

from __future__ import annotations

from datetime import timedelta

from app.core import clock, db
from app.models import CaseCounts, Post
from app.monitor import counts
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.monitor.words_said import take_back, tell


def of_amara(cast: Cast) -> list[int]:
    """The counts of the last days, today's last."""
    with db.transaction():
        return list(counts.of([cast.amara.id], clock.today())[cast.amara.id].days)


def test_an_agency_counts_once_a_day_however_much_it_writes(cast: Cast) -> None:
    for who in (cast.priya, cast.priya, cast.dan, cast.dan, cast.dan):
        tell(who, cast.amara)
    tell(cast.ruth, cast.amara, 1)
    assert of_amara(cast)[-2:] == [1, 2]


def test_where_one_agency_alone_is_involved_its_people_count(cast: Cast) -> None:
    tell(cast.priya, cast.amara)
    tell(cast.mo, cast.amara)
    assert of_amara(cast)[-1] == 2
    tell(cast.dan, cast.amara, 1)
    assert of_amara(cast)[-2:] == [1, 1], "now there are agencies to count"


def test_it_counts_on_the_day_it_happened(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 2, noted=0)
    assert of_amara(cast)[-3:] == [1, 0, 0]


def test_one_persons_catching_up_is_one(cast: Cast) -> None:
    for ago in range(5, 20):
        tell(cast.priya, cast.amara, ago, noted=0)
    tell(cast.dan, cast.amara, 1)
    assert of_amara(cast)[-7:] == [0, 1, 0, 0, 0, 1, 0]
    assert sum(of_amara(cast)) == 2


def test_what_several_write_down_late_is_several(cast: Cast) -> None:
    for who in (cast.priya, cast.dan, cast.ruth):
        tell(who, cast.amara, 6, noted=0)
    assert of_amara(cast)[-7] == 3


def test_questions_plans_and_what_is_withdrawn_have_not_occurred(cast: Cast) -> None:
    later = MORNING + timedelta(days=2)
    tell(cast.priya, cast.amara, kind="question", due_at=later)
    tell(cast.dan, cast.amara, kind="planned_visit", due_at=later)
    withdrawn = tell(cast.ruth, cast.amara)
    take_back(cast.ruth, withdrawn)
    assert sum(of_amara(cast)) == 0


def test_what_is_for_some_alone_is_not_counted(cast: Cast) -> None:
    with db.transaction():
        for words in (
            Update("x", audience="named", people=(cast.dan.id,), sharing_reason="Needs to know"),
            Update("y", excluded=(cast.dan.agency_id,), sharing_reason="His sister"),
        ):
            posts.publish(cast.priya, cast.amara, words)
    assert sum(of_amara(cast)) == 0


def test_what_was_brought_in_is_not_counted(cast: Cast) -> None:
    post = tell(cast.priya, cast.amara)
    with db.transaction() as session:
        session.get_one(Post, post).source = "annex-a"
    assert sum(of_amara(cast)) == 0


def test_nothing_counts_from_before_the_case_was_opened(cast: Cast) -> None:
    tell(cast.priya, cast.amara, 40, noted=0)
    assert sum(of_amara(cast)) == 0
    assert len(of_amara(cast)) == 31


def test_counts_are_kept_and_made_anew(cast: Cast) -> None:
    post = tell(cast.priya, cast.amara)
    assert kept(cast) == [0] * 30 + [1]
    take_back(cast.priya, post)
    assert kept(cast) == [0] * 31


def kept(cast: Cast) -> list[int]:
    with db.transaction() as session:
        counts.keep(cast.amara.id, clock.today())
        return list(session.get_one(CaseCounts, cast.amara.id).days)


def test_the_day_is_the_one_people_live_in(cast: Cast) -> None:
    """Half past midnight in British summer is still yesterday in UTC."""
    tell(cast.priya, cast.amara, days_ago=0.4)
    assert of_amara(cast)[-2:] == [1, 0]
