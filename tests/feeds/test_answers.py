"""Comments, answers and acknowledgements under a post."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import access
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Activity, Post
from feeds import acknowledgements, comments, facts, posts, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast


@pytest.fixture
def question(cast: Cast) -> Post:
    with db.transaction():
        due = MORNING + timedelta(hours=7)
        return posts.publish(
            cast.dan, cast.amara, Update("Seen since Friday?", kind="question", due_at=due)
        )


def did() -> list[str]:
    return list(db.session().scalars(select(Activity.did).order_by(Activity.position)))


def test_comments_stand_oldest_first_with_who_wrote_them(cast: Cast, question: Post) -> None:
    with db.transaction():
        comments.add(cast.ruth, question, "At *clinic* on Saturday.")
        comments.add(cast.priya, question, "Not by me.")
        rows = comments.under([question.id])
        assert [(row.author_name, row.agency_name) for row in rows] == [
            ("Ruth Bell", "Vale health visitors"),
            ("Priya Shah", "North team"),
        ]
        assert rows[0].body_html == "<p>At <em>clinic</em> on Saturday.</p>"
        assert timeline.post(cast.dan, question.id).comment_count == 2
        assert did() == ["published", "commented", "commented"]


def test_a_comment_withdrawn_is_gone_and_needs_a_reason(cast: Cast, question: Post) -> None:
    with db.transaction():
        comment = comments.add(cast.ruth, question, "Wrong child.")
        with pytest.raises(NotAllowed), db.attempt():
            comments.withdraw(cast.dan, comment, "Not mine to take back")
        with pytest.raises(Invalid), db.attempt():
            comments.withdraw(cast.ruth, comment, " ")
        comments.withdraw(cast.priya, comment, "Wrong child")  # the lead may
        db.session().flush()
        assert comments.under([question.id]) == []
        assert timeline.post(cast.dan, question.id).comment_count == 0
        with pytest.raises(NotFound):
            access.comment(cast.dan, comment.id)


def test_whoever_asked_or_leads_accepts_the_answer(cast: Cast, question: Post) -> None:
    with db.transaction():
        first = comments.add(cast.ruth, question, "On Saturday.")
        second = comments.add(cast.priya, question, "Today.")
        with pytest.raises(NotAllowed), db.attempt():
            comments.accept(cast.ruth, question, first)
        comments.accept(cast.priya, question, first)
        comments.accept(cast.dan, question, second)
        db.session().flush()
        assert [row.accepted_at for row in comments.under([question.id])] == [None, MORNING]
        assert timeline.post(cast.dan, question.id).accepted_comment_id == second.id


def test_only_a_standing_comment_on_the_question_answers_it(cast: Cast, question: Post) -> None:
    with db.transaction():
        other = posts.publish(cast.dan, cast.amara, Update("In school."))
        elsewhere = comments.add(cast.ruth, other, "Good.")
        gone = comments.add(cast.ruth, question, "On Saturday.")
        comments.withdraw(cast.ruth, gone, "Mixed up the day")
        for post, comment in ((question, elsewhere), (other, elsewhere), (question, gone)):
            with pytest.raises(Conflict), db.attempt():
                comments.accept(cast.dan, post, comment)


def test_acknowledging_twice_changes_nothing(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(
            cast.ruth, cast.amara, Update("Door open.", worry="urgent", phoned=True)
        )
        acknowledgements.add(cast.priya, post)
    with clock.held(MORNING + timedelta(hours=1)), db.transaction():
        acknowledgements.add(cast.priya, post)
        acknowledgements.add(cast.dan, post)
        rows = acknowledgements.of(post)
        card = timeline.post(cast.ruth, post.id)
        assert did() == ["published", "acknowledged", "acknowledged"]
    assert [(row.name, row.acknowledged_at) for row in rows] == [
        ("Priya Shah", MORNING),
        ("Dan Hughes", MORNING + timedelta(hours=1)),
    ]
    assert (card.acknowledged_by, card.acknowledged_at) == ("Priya Shah", MORNING)


def test_acknowledging_counts_in_every_siblings_stream_she_reads(cast: Cast) -> None:
    urgent = Update("Door open.", worry="urgent", phoned=True)
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, urgent, also=[cast.tobi])
        acknowledgements.add(cast.ruth, post)  # she is in Amara's network alone
        found = [facts.of(cast.priya, case).unacknowledged for case in (cast.amara, cast.tobi)]
        assert [len(each) for each in found] == [0, 1]
        acknowledgements.add(cast.priya, post)
        assert facts.of(cast.priya, cast.tobi).unacknowledged == []


def test_nobody_acknowledges_what_they_posted_themselves(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.ruth, cast.amara, Update("Door open."))
    with pytest.raises(Conflict, match="Somebody else"), db.transaction():
        acknowledgements.add(cast.ruth, post)
