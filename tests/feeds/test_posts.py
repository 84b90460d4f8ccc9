"""Telling the network: what an update needs, who hears of it, how it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import access
from app.casework import conflicts, networks
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Activity, Delivery, Mention
from feeds import comments, facts, follows, posts, timeline
from feeds.posts import Update
from tests.cast import Cast


def test_a_post_takes_the_next_position_of_its_case(cast: Cast) -> None:
    with db.transaction():
        first = posts.publish(cast.priya, cast.amara, Update("Rang Mum."))
        second = posts.publish(cast.dan, cast.amara, Update("In school today."))
        elsewhere = posts.publish(cast.olive, cast.noor, Update("Visit on Friday."))
    assert [first.position, second.position, elsewhere.position] == [1, 2, 1]


@pytest.mark.parametrize(
    ("update", "field"),
    [
        (Update(""), "body"),
        (Update("x", kind="gossip"), "kind"),
        (Update("x", worry="very"), "worry"),
        (Update("Seen at home.", kind="visit"), "seen"),
        (Update("Seen at home.", kind="visit", seen=True), "seen_alone"),
        (Update("Next week.", kind="planned_visit"), "due_at"),
        (Update("Has anyone seen him?", kind="question"), "due_at"),
        (Update("Bruise on the arm.", worry="worried"), "meaning"),
        (Update("Not at home, door open.", worry="urgent"), "phoned"),
    ],
)
def test_an_update_says_what_it_still_needs(cast: Cast, update: Update, field: str) -> None:
    with pytest.raises(Invalid) as refused, db.transaction():
        posts.publish(cast.priya, cast.amara, update)
    assert field in refused.value.fields


def test_what_happened_cannot_be_in_the_future(cast: Cast) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        posts.check(Update("Fell at school.", kind="incident", occurred_at=tomorrow))
    assert "occurred_at" in refused.value.fields


def test_a_post_about_siblings_stands_in_each_stream_and_once_in_the_feed(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("Both seen at home."), also=[cast.tobi])
    with db.transaction():
        streams = [timeline.stream(cast.dan, case).posts for case in (cast.amara, cast.tobi)]
        feed = timeline.home(cast.dan).posts
    assert [len(each) for each in streams] == [1, 1]
    assert len(feed) == 1


def test_editing_keeps_what_was_said_before(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Seen at 10."))
        posts.edit(cast.priya, post, "Seen at 11.")
    with db.transaction():
        shown = timeline.post(cast.dan, post.id)
        before = posts.versions(post)
    assert (shown.body, shown.version, [each.body for each in before]) == (
        "Seen at 11.",
        2,
        ["Seen at 10."],
    )


def test_only_the_author_edits(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Seen at 10."))
    with pytest.raises(NotAllowed), db.transaction():
        posts.edit(cast.dan, post, "Seen at 11.")


def test_a_withdrawn_post_is_gone_from_every_place_at_once(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(
            cast.priya, cast.amara, Update("About another family."), also=[cast.tobi]
        )
    with db.transaction():
        posts.withdraw(cast.priya, access.post(cast.priya, post.id), "Wrong child")
    with db.transaction():
        assert not timeline.stream(cast.dan, cast.amara).posts
        assert not timeline.stream(cast.dan, cast.tobi).posts
        assert not timeline.home(cast.dan).posts
        assert follows.unread(cast.dan) == {}
    with pytest.raises(NotFound), db.transaction():
        access.post(cast.dan, post.id)


def test_a_withdrawn_post_is_announced_so_that_screens_drop_it(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Wrong child."))
        posts.withdraw(cast.priya, post, "Wrong child")
    with db.transaction() as session:
        did = session.scalars(select(Activity.did).order_by(Activity.position)).all()
        told = session.scalars(select(Delivery.listener)).all()
    assert did == ["published", "withdrawn"]
    assert told.count("push") == 2


def test_the_lead_may_withdraw_for_somebody_else_and_a_member_may_not(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, Update("Wrong child."))
    with pytest.raises(NotAllowed), db.transaction():
        posts.withdraw(cast.ruth, access.post(cast.ruth, post.id), "Wrong child")
    with db.transaction():
        posts.withdraw(cast.priya, access.post(cast.priya, post.id), "Wrong child")


def test_an_at_sign_and_a_members_name_is_a_mention(cast: Cast) -> None:
    with db.transaction() as session:
        post = posts.publish(
            cast.priya, cast.amara, Update("Thank you @Dan Hughes, and not @Olive Reed.")
        )
        named = session.scalars(select(Mention.person_id).where(Mention.post_id == post.id)).all()
    assert named == [cast.dan.id]
    assert "<strong>@Dan Hughes</strong>" in post.body_html


def test_the_answer_accepted_closes_the_question(cast: Cast) -> None:
    by = clock.now() + timedelta(hours=7)
    with db.transaction():
        question = posts.publish(
            cast.dan, cast.amara, Update("Seen since Friday?", kind="question", due_at=by)
        )
        answer = comments.add(cast.ruth, question, "Yes, at clinic on Saturday.")
        assert [row.id for row in facts.of(cast.dan, cast.amara).questions] == [question.id]
        comments.accept(cast.dan, question, answer)
        assert facts.of(cast.dan, cast.amara).questions == []
        assert timeline.post(cast.dan, question.id).accepted_comment_id == answer.id


def test_an_edit_keeps_what_it_meant_and_takes_no_meaning_from_a_worry(cast: Cast) -> None:
    worried = Update("Bruise on the arm.", worry="worried", meaning="May be hurt at home")
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, worried)
        with pytest.raises(Invalid) as refused, db.attempt():
            posts.edit(cast.priya, post, "Two bruises.")
        posts.edit(cast.priya, post, "Two bruises.", "Is hurt at home")
        before = posts.versions(post)
    assert "meaning" in refused.value.fields
    assert [(each.body, each.meaning) for each in before] == [
        ("Bruise on the arm.", "May be hurt at home")
    ]


def test_an_edit_reaches_every_siblings_stream_and_saying_the_same_changes_nothing(
    cast: Cast,
) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Both seen."), also=[cast.tobi])
        posts.edit(cast.priya, post, "Both seen at home.")
        posts.edit(cast.priya, post, "Both seen at home.")
        shown = [timeline.stream(cast.dan, case).posts[0] for case in (cast.amara, cast.tobi)]
    assert [(row.body, row.version) for row in shown] == [("Both seen at home.", 2)] * 2
    assert shown[0].posted_at == shown[1].posted_at


def test_an_edit_made_from_older_words_never_goes_over_newer_ones(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Seen at 10."), also=[cast.tobi])
        assert posts.edit(cast.priya, post, "Seen at 11.", version=1)
        with pytest.raises(Conflict) as refused, db.attempt():
            posts.edit(cast.priya, post, "Seen at 12.", version=1)
        assert not posts.edit(cast.priya, post, "Seen at 11.", version=1)
        said = [timeline.stream(cast.dan, case).posts[0].body for case in (cast.amara, cast.tobi)]
    assert "changed in the meantime" in refused.value.sentence
    assert said == ["Seen at 11."] * 2


def test_an_edit_reaches_no_stream_its_author_does_not_read_any_more(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Both seen."), also=[cast.tobi])
        conflicts.declare(cast.mo, cast.tobi, cast.priya, "A cousin")
    with db.transaction():
        posts.edit(cast.priya, access.post(cast.priya, post.id), "Both seen at home.")
    with db.transaction():
        said = [timeline.stream(cast.dan, case).posts[-1].body for case in (cast.amara, cast.tobi)]
    assert said == ["Both seen at home.", "Both seen."]


def test_an_author_withdraws_only_what_they_still_read(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Both seen."), also=[cast.tobi])
        there = posts.copies(post)[1]
        conflicts.declare(cast.mo, cast.tobi, cast.priya, "A cousin")
    with db.transaction():
        posts.withdraw(cast.priya, access.post(cast.priya, post.id), "Wrong child")
    with db.transaction():
        assert [each.id for each in posts.copies(post)] == [there.id]
        assert timeline.post(cast.dan, there.id).body == "Both seen."


def test_a_lead_takes_back_nothing_where_they_do_not_lead(cast: Cast) -> None:
    with db.transaction():
        networks.add(cast.priya, cast.tobi, cast.ruth, role="Health visitor", reason="Visits him")
        networks.hand_over(cast.priya, cast.tobi, cast.dan, "Knows him better")
        post = posts.publish(cast.ruth, cast.amara, Update("Both seen."), also=[cast.tobi])
        there = posts.copies(post)[1]
    with db.transaction():
        posts.withdraw(cast.priya, access.post(cast.priya, post.id), "Wrong child")
    with db.transaction():
        assert [each.id for each in posts.copies(post)] == [there.id]


def test_naming_the_same_case_twice_posts_once(cast: Cast) -> None:
    with db.transaction():
        same = access.case(cast.priya, cast.amara.id)
        posts.publish(cast.priya, cast.amara, Update("Once."), also=[same, cast.amara])
        assert len(timeline.stream(cast.priya, cast.amara).posts) == 1
