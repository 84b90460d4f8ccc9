"""The journeys people named, told from end to end in the verbs every door uses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import access
from app.casework import networks
from app.core import clock, db
from app.core.errors import NotFound
from feeds import comments, facts, follows, posts, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_health_visitor_tells_that_a_child_was_not_brought(cast: Cast) -> None:
    with db.transaction():
        case = access.case(cast.ruth, cast.amara.id)
        post = posts.publish(
            cast.ruth, case, Update("Not brought to the 10 o'clock clinic.", kind="was_not_brought")
        )
        readers = access.readers(post.id)
    assert {cast.priya.id, cast.dan.id, cast.mo.id} < set(readers)
    with clock.held(MORNING + HOUR):
        with db.transaction():
            assert follows.unread(cast.priya) == {cast.amara.id: 1}
            card = timeline.home(cast.priya).posts[0]
            assert (card.kind, card.author_name, card.referral) == (
                "was_not_brought",
                "Ruth Bell",
                None,
            )
            follows.mark_read(cast.priya, cast.amara, card.position)
        with db.transaction():
            assert follows.unread(cast.priya) == {}
            assert {row.name: row.has_read for row in follows.readers_of(post)} == {
                "Dan Hughes": False,
                "Priya Shah": True,
            }
    with db.transaction(), pytest.raises(NotFound):
        access.case(cast.olive, cast.amara.id)


def test_a_covering_social_worker_learns_how_a_case_stands(cast: Cast) -> None:
    seen = Update("Seen at school, alone.", kind="visit", seen=True, seen_alone=True)
    with clock.held(MORNING - 5 * DAY), db.transaction():
        posts.publish(cast.ruth, cast.amara, seen)
    with clock.held(MORNING - DAY), db.transaction():
        worry = Update("Asleep in lessons.", worry="worried", meaning="May not sleep at home")
        posts.publish(cast.dan, cast.amara, worry)
        plan = Update("Home visit.", kind="planned_visit", due_at=MORNING + 2 * DAY)
        posts.publish(cast.priya, cast.amara, plan)
    with db.transaction():
        networks.add(cast.mo, cast.amara, cast.olive, role="Cover", reason="Priya is on leave")
        case = access.case(cast.olive, cast.amara.id)
        known = facts.of(cast.olive, case)
        worries = timeline.stream(cast.olive, case, only=timeline.Filter(view="worries")).posts
    assert known.since == (MORNING - 30 * DAY).date()
    assert known.last_seen is not None
    assert (known.last_seen.name, known.last_seen.seen_alone) == ("Ruth Bell", True)
    assert (known.next_what, known.next_at) == ("Visit", MORNING + 2 * DAY)
    assert known.lead is not None
    assert known.lead.name == "Priya Shah"
    assert [row.meaning for row in worries] == ["May not sleep at home"]


def test_a_school_asks_and_housing_answers(cast: Cast) -> None:
    by_four = MORNING + 7 * HOUR
    with db.transaction():
        networks.add(cast.priya, cast.amara, cast.lee, role="", reason="Tenancy at risk")
        asked = posts.publish(
            cast.dan,
            cast.amara,
            Update("Has anyone seen him since Friday?", kind="question", due_at=by_four),
        )
    with clock.held(MORNING + 3 * HOUR), db.transaction():
        assert [row.due_at for row in facts.of(cast.lee, cast.amara).questions] == [by_four]
        question = access.post(cast.lee, asked.id)
        comments.add(cast.lee, question, "Yes: at the flat on Sunday, with his aunt.")
    with clock.held(by_four + HOUR), db.transaction():
        assert facts.of(cast.priya, cast.amara).overdue == ["Unanswered question"]
        answer = comments.under([asked.id])[0]
        comments.accept(cast.dan, question, access.comment(cast.dan, answer.id))
    with clock.held(by_four + HOUR), db.transaction():
        known = facts.of(cast.priya, cast.amara)
        assert (known.questions, known.overdue) == ([], [])
        assert timeline.post(cast.ruth, asked.id).accepted_comment_id == answer.id


def test_a_new_member_catches_up_from_today(cast: Cast) -> None:
    with db.transaction():
        old = posts.publish(cast.priya, cast.amara, Update("About somebody else in the family."))
    with clock.held(MORNING + DAY), db.transaction():
        networks.add(
            cast.priya,
            cast.amara,
            cast.olive,
            role="",
            reason="Works with the older sister",
            history_from=clock.now(),
        )
        posts.publish(cast.dan, cast.amara, Update("In school all week."))
    with clock.held(MORNING + 2 * DAY), db.transaction():
        case = access.case(cast.olive, cast.amara.id)
        page = timeline.stream(cast.olive, case)
        assert "In school all week." in [row.body for row in page.posts]
        assert old.id not in [row.id for row in page.posts]
        assert timeline.posts(cast.olive, [old.id]) == []
        assert follows.unread(cast.olive) == {case.id: len(page.posts)}
        assert next(row.name for row in networks.of(case)) == "Priya Shah"
        assert facts.of(cast.olive, case).status == "child_protection_plan"
        with pytest.raises(NotFound):
            access.post(cast.olive, old.id)
        assert cast.olive.id not in access.readers(old.id)
