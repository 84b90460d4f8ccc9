"""Who talks with whom, and what each of them reads of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import access
from app.casework import conflicts, networks
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import BreakGlass, Conversation, Person
from messaging import conversations, messages, reading, unread
from tests.cast import MORNING, Cast

HOUR = timedelta(hours=1)


def read(viewer: Person, conversation: Conversation) -> list[str]:
    """What she reads there, or nothing where she reads nothing at all."""
    try:
        access.conversation(viewer, conversation.id)
    except NotFound:
        return []
    return [
        each.body for each in reading.newest(viewer, conversation).messages if each.kind == "said"
    ]


def test_two_people_have_one_conversation_about_the_same_thing(cast: Cast) -> None:
    with db.transaction():
        first = conversations.start(cast.priya, [cast.dan])
        assert conversations.start(cast.dan, [cast.priya]).id == first.id
        about = conversations.start(cast.dan, [cast.priya], case=cast.amara)
        assert about.id != first.id
        messages.say(cast.priya, first, "Shall we meet?")
        assert read(cast.dan, first) == ["Shall we meet?"]
        for other in (cast.ruth, cast.mo, cast.olive, cast.ada, cast.zed):
            with pytest.raises(NotFound):
                access.conversation(other, first.id)


def test_who_looks_after_kith_itself_talks_with_nobody(cast: Cast) -> None:
    with db.transaction() as session:
        for actor in (cast.ada, cast.audrey, cast.zed):
            with pytest.raises(NotAllowed):
                conversations.start(actor, [cast.priya, cast.dan])
        assert session.scalars(select(Conversation)).all() == []


def test_what_is_said_about_a_child_is_for_those_who_work_on_the_case(cast: Cast) -> None:
    with db.transaction():
        for kept_out in (cast.olive, cast.lee, cast.zed, cast.ada):
            with pytest.raises(Invalid):
                conversations.start(cast.priya, [cast.dan, kept_out], case=cast.amara)
        group = conversations.start(cast.priya, [cast.dan, cast.mo], case=cast.amara, name="Plan")
        messages.say(cast.mo, group, "Before Friday, please.")
        assert read(cast.dan, group) == read(cast.priya, group) == ["Before Friday, please."]
        assert read(cast.ruth, group) == [], "a member, and not one of them"
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.dan, "Moved school")
        assert read(cast.dan, group) == []
        conflicts.declare(cast.priya, cast.amara, cast.mo, "An aunt")
        assert read(cast.mo, group) == []
        assert read(cast.priya, group) == ["Before Friday, please."]


def test_the_networks_own_conversation_follows_membership(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.of_case(cast.priya, cast.amara)
        assert conversations.of_case(cast.dan, cast.amara).id == talk.id
        messages.say(cast.dan, talk, "He was late again.")
        names = [each.name for each in conversations.people(talk)]
        assert names == ["Dan Hughes", "Priya Shah", "Ruth Bell"]
        assert read(cast.mo, talk) == ["He was late again."], "who supervises a member reads"
        assert [read(each, talk) for each in (cast.olive, cast.lee, cast.zed)] == [[], [], []]
        with pytest.raises(NotAllowed):
            conversations.leave(cast.dan, talk)
    with clock.held(MORNING + HOUR), db.transaction():
        networks.add(
            cast.priya,
            cast.amara,
            cast.olive,
            role="Social worker",
            reason="Takes over",
            history_from=clock.now(),
        )
        messages.say(cast.priya, talk, "Olive joins us.")
        assert read(cast.olive, talk) == ["Olive joins us."], "nothing from before"
        networks.leave(cast.dan, cast.amara, "Done")
        assert read(cast.dan, talk) == []


def test_who_reads_in_an_emergency_does_not_write(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.of_case(cast.priya, cast.amara)
        group = conversations.start(cast.priya, [cast.dan], case=cast.amara, name="Two of us")
        messages.say(cast.priya, talk, "To all")
        messages.say(cast.priya, group, "To Dan")
        _break_glass(cast.olive, cast)
        assert read(cast.olive, talk) == ["To all"]
        assert read(cast.olive, group) == []
        with pytest.raises(NotAllowed):
            messages.say(cast.olive, talk, "Hello")


def test_somebody_added_reads_from_the_moment_that_was_chosen(cast: Cast) -> None:
    with db.transaction():
        group = conversations.start(cast.priya, [cast.dan, cast.olive], name="Heads")
        messages.say(cast.dan, group, "Old")
    with clock.held(MORNING + HOUR), db.transaction():
        conversations.add(cast.dan, group, cast.ruth, history_from=clock.now())
        conversations.add(cast.dan, group, cast.mo)
        messages.say(cast.olive, group, "New")
        assert read(cast.ruth, group) == ["New"]
        assert read(cast.mo, group) == ["Old", "New"]
        with pytest.raises(Conflict):
            conversations.add(cast.dan, group, cast.ruth)


def test_nobody_gives_more_of_a_group_than_they_were_given(cast: Cast) -> None:
    with db.transaction():
        group = conversations.start(cast.priya, [cast.dan, cast.olive], name="Heads")
        messages.say(cast.dan, group, "Old")
    with clock.held(MORNING + HOUR), db.transaction():
        conversations.add(cast.dan, group, cast.ruth, history_from=clock.now())
        messages.say(cast.olive, group, "New")
        conversations.add(cast.ruth, group, cast.mo)
        assert read(cast.mo, group) == ["New"]
        conversations.leave(cast.ruth, group)
        conversations.add(cast.mo, group, cast.ruth)
        assert read(cast.ruth, group) == ["New"]
        conversations.add(cast.dan, group, cast.otto)
        assert read(cast.otto, group) == ["Old", "New"]


def test_who_leaves_reads_nothing_of_it_and_comes_back_anew(cast: Cast) -> None:
    with db.transaction():
        group = conversations.start(cast.priya, [cast.dan, cast.olive], name="Heads")
        messages.say(cast.dan, group, "Before")
        conversations.leave(cast.olive, group)
        messages.say(cast.dan, group, "Between")
        assert read(cast.olive, group) == []
        assert unread.counts(cast.olive) == {}
    with clock.held(MORNING + HOUR), db.transaction():
        conversations.add(cast.priya, group, cast.olive, history_from=clock.now())
        messages.say(cast.dan, group, "After")
        assert read(cast.olive, group) == ["After"]


def test_a_muted_conversation_is_counted_in_its_own_line_alone(cast: Cast) -> None:
    with db.transaction():
        one = conversations.start(cast.priya, [cast.dan])
        two = conversations.start(cast.ruth, [cast.dan])
        messages.say(cast.priya, one, "Hello")
        messages.say(cast.ruth, two, "Hello")
        conversations.mute(cast.dan, one, muted=True)
        assert unread.counts(cast.dan) == {one.id: 1, two.id: 1}
        assert unread.total(cast.dan) == 1
        assert unread.counts(cast.priya) == {}


def test_the_list_holds_her_own_the_newest_first(cast: Cast) -> None:
    with db.transaction():
        one = conversations.start(cast.priya, [cast.dan])
        conversations.start(cast.ruth, [cast.dan])
        messages.say(cast.priya, one, "Hello")
    with clock.held(MORNING + HOUR), db.transaction():
        talk = conversations.of_case(cast.dan, cast.amara)
        messages.say(cast.dan, talk, "To all")
        assert [row.id for row in conversations.mine(cast.dan)] == [talk.id, one.id]
        assert [row.id for row in conversations.mine(cast.ruth)] == [talk.id]
        assert [row.id for row in conversations.mine(cast.mo)] == []
        assert conversations.names([one.id], cast.dan) == {one.id: ["Priya Shah"]}


def _break_glass(person: Person, cast: Cast) -> None:
    db.session().add(
        BreakGlass(
            case_id=cast.amara.id,
            person_id=person.id,
            reference="ABCDE",
            emergency="danger",
            reason="The police rang.",
            asked_at=clock.now(),
            opened_at=clock.now(),
            until_at=clock.now() + HOUR,
        )
    )
    db.session().flush()


def test_who_started_a_group_or_leads_its_case_takes_somebody_out(cast: Cast) -> None:
    with db.transaction():
        group = conversations.start(cast.dan, [cast.ruth, cast.priya], case=cast.amara, name="Plan")
        messages.say(cast.ruth, group, "Before")
        with pytest.raises(NotAllowed):
            conversations.remove(cast.ruth, group, cast.dan)
        with pytest.raises(NotAllowed):
            conversations.remove(cast.dan, group, cast.dan)
        with pytest.raises(NotFound):
            conversations.remove(cast.dan, group, cast.mo)
        conversations.remove(cast.priya, group, cast.ruth)
        messages.say(cast.dan, group, "After")
        assert read(cast.ruth, group) == []
        assert cast.ruth.id not in access.those_in(group.id)
        turns = [each.body for each in reading.newest(cast.dan, group).messages]
        assert "Priya Shah took Ruth Bell out of this group." in turns
        with pytest.raises(NotFound):
            conversations.remove(cast.priya, group, cast.ruth)
        conversations.remove(cast.dan, group, cast.priya)
        with pytest.raises(NotAllowed):
            conversations.remove(cast.dan, conversations.start(cast.dan, [cast.priya]), cast.priya)
