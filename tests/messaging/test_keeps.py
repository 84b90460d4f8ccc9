"""Keeping what was said as an update, after its authors have been told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import relay
from app.casework import networks
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.jobs import keeping
from app.models import Activity, Conversation, Keep, Message, Notice, Post
from messaging import conversations, keeps, messages
from tests.cast import MORNING, Cast

LATER = MORNING + keeps.NOTICE + timedelta(seconds=1)


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    with db.transaction():
        return conversations.start(cast.priya, [cast.dan, cast.ruth], case=cast.amara, name="Plan")


def kept(cast: Cast) -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(Post.body).where(Post.case_id == cast.amara.id)))


def asked(cast: Cast, talk: Conversation) -> tuple[Keep, list[Message]]:
    with db.transaction():
        said = [
            messages.say(cast.dan, talk, "He was late.\nTwice."),
            messages.say(cast.ruth, talk, "And tired."),
        ]
        return keeps.ask(cast.priya, talk, [each.id for each in said]), said


def test_ones_own_words_are_kept_at_once(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        said = messages.say(cast.priya, talk, "Seen today")
        keeps.ask(cast.priya, talk, [said.id])
    assert keeping.run() == 1
    assert keeping.run() == 0
    (body,) = kept(cast)
    assert body.startswith("**Priya Shah**, Social worker, North team, 23 November 09:00:")
    assert "> Seen today" in body


def test_the_words_of_others_wait_until_they_have_been_told(cast: Cast, talk: Conversation) -> None:
    asked(cast, talk)
    assert keeping.run() == 0
    with clock.held(LATER):
        assert keeping.run() == 1
    (body,) = kept(cast)
    assert body.index("**Dan Hughes**") < body.index("> He was late.\n> Twice.")
    assert body.index("> Twice.") < body.index("**Ruth Bell**") < body.index("> And tired.")
    with db.transaction():
        assert {row.keeper_name for row in keeps.of(cast.dan, [2, 3])} == {"Priya Shah"}


def test_it_is_kept_when_all_have_agreed(cast: Cast, talk: Conversation) -> None:
    keep, _ = asked(cast, talk)
    with db.transaction():
        keeps.agree(cast.dan, keeps.find(cast.dan, keep.id))
        with pytest.raises(NotAllowed):
            keeps.agree(cast.priya, keeps.find(cast.priya, keep.id))
    assert keeping.run() == 0
    with db.transaction():
        keeps.agree(cast.ruth, keeps.find(cast.ruth, keep.id))
    assert keeping.run() == 1
    assert len(kept(cast)) == 1


def test_one_no_and_nothing_is_kept(cast: Cast, talk: Conversation) -> None:
    keep, said = asked(cast, talk)
    with db.transaction():
        keeps.decline(cast.ruth, keeps.find(cast.ruth, keep.id))
    with clock.held(LATER):
        assert keeping.run() == 0
        assert kept(cast) == []
    with db.transaction():
        with pytest.raises(Conflict):
            keeps.agree(cast.dan, keeps.find(cast.dan, keep.id))
        assert list(keeps.of(cast.dan, [each.id for each in said])) == []
        with pytest.raises(NotFound):
            keeps.find(cast.mo, keep.id)


def test_what_was_withdrawn_meanwhile_is_not_kept(cast: Cast, talk: Conversation) -> None:
    _, said = asked(cast, talk)
    with db.transaction():
        messages.withdraw(cast.dan, said[0])
    with clock.held(LATER):
        keeping.run()
    (body,) = kept(cast)
    assert "late" not in body
    assert "> And tired." in body


def test_nothing_is_kept_for_who_no_longer_works_on_the_case(
    cast: Cast, talk: Conversation
) -> None:
    with db.transaction():
        said = messages.say(cast.ruth, talk, "And tired.")
        keeps.ask(cast.dan, talk, [said.id])
        networks.remove(cast.priya, cast.amara, cast.dan, "Moved")
    with clock.held(LATER):
        assert keeping.run() == 1
    assert "tired" not in str(kept(cast))


def test_only_what_is_about_a_case_can_be_kept_and_only_once(
    cast: Cast, talk: Conversation
) -> None:
    _, said = asked(cast, talk)
    with db.transaction():
        none = conversations.start(cast.priya, [cast.dan])
        other = messages.say(cast.dan, none, "Hello")
        with pytest.raises(NotAllowed):
            keeps.ask(cast.priya, none, [other.id])
        with pytest.raises(Invalid):
            keeps.ask(cast.priya, talk, [other.id])
        with pytest.raises(Invalid):
            keeps.ask(cast.priya, talk, [])
        with pytest.raises(Conflict):
            keeps.ask(cast.dan, talk, [said[0].id])


def test_whose_words_they_are_is_told_and_who_asked_hears_a_no(
    cast: Cast, talk: Conversation
) -> None:
    keep, _ = asked(cast, talk)
    deliver_all()
    assert told(cast) == {(cast.dan.id, cast.priya.id), (cast.ruth.id, cast.priya.id)}
    with db.transaction():
        keeps.decline(cast.dan, keeps.find(cast.dan, keep.id))
    deliver_all()
    assert (cast.priya.id, cast.dan.id) in told(cast)


def deliver_all() -> None:
    while relay.deliver():
        pass


def told(cast: Cast) -> set[tuple[int, int | None]]:
    """Who has a notice of a keep, and by whom."""
    with db.transaction() as session:
        rows = session.execute(
            select(Notice.person_id, Activity.actor_id)
            .join(Activity, Activity.position == Notice.activity_position)
            .where(Activity.did.in_(["keep_asked", "keep_declined"]))
        )
        return {(row.person_id, row.actor_id) for row in rows}
