"""What people say to each other, and what they make of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import access, push, relay
from app.casework import networks, people
from app.core import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Activity, Conversation, Message, MessageMention, Notice, Person
from feeds import changes, posts
from feeds.posts import Update
from messaging import conversations, messages, reading, unread
from tests.cast import Cast


class Pages:
    """Whom the live channel told of what."""

    def __init__(self) -> None:
        self.told: list[tuple[set[int], push.Pointer]] = []

    def tell(self, person_ids: object, pointer: push.Pointer) -> None:
        self.told.append((set(person_ids), pointer))  # type: ignore[call-overload]


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    with db.transaction():
        return conversations.start(cast.priya, [cast.dan, cast.ruth], case=cast.amara, name="Plan")


def test_a_message_is_cleaned_and_stands_in_order(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        messages.say(cast.priya, talk, "**Now** <script>alert(1)</script>")
        messages.say(cast.dan, talk, "Yes")
        rows = [row for row in reading.newest(cast.ruth, talk).messages if row.kind == "said"]
        assert [row.position for row in rows] == [2, 3]
        assert "<strong>Now</strong>" in rows[0].body_html
        assert "<script" not in rows[0].body_html
        with pytest.raises(Invalid):
            messages.say(cast.dan, talk, "  ")
        with pytest.raises(Invalid):
            messages.say(cast.dan, talk, "x" * (messages.LONGEST + 1))


def test_an_answer_names_what_it_answers_to_those_who_heard_it(
    cast: Cast, talk: Conversation
) -> None:
    with db.transaction():
        asked = messages.say(cast.priya, talk, "Who goes on Friday?")
        other = messages.say(cast.priya, conversations.start(cast.priya, [cast.dan]), "Hello")
        messages.say(cast.dan, talk, "I do", reply_to_id=asked.id)
        rows = reading.newest(cast.ruth, talk).messages
        answered = messages.round_them(cast.ruth, rows)[rows[-1].id].reply_to
        assert answered is not None
        assert (answered.author_name, answered.body) == ("Priya Shah", "Who goes on Friday?")
        with pytest.raises(Invalid):
            messages.say(cast.dan, talk, "No", reply_to_id=other.id)
        messages.withdraw(cast.priya, asked)
        rows = reading.newest(cast.ruth, talk).messages
        assert messages.round_them(cast.ruth, rows)[rows[-1].id].reply_to is None


def test_an_edit_keeps_what_it_said_before(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        said = messages.say(cast.dan, talk, "He was late")
        assert messages.edit(cast.dan, said, "He was late twice", version=1)
        assert not messages.edit(cast.dan, said, "He was late twice")
        assert [each.body for each in messages.versions(said)] == ["He was late"]
        with pytest.raises(Conflict):
            messages.edit(cast.dan, said, "Thrice", version=1)
        with pytest.raises(NotAllowed):
            messages.edit(cast.priya, said, "Never")


def test_a_withdrawn_message_is_gone_for_everybody(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        said = messages.say(cast.dan, talk, "Wrong child")
        with pytest.raises(NotAllowed):
            messages.withdraw(cast.ruth, said)
        messages.withdraw(cast.priya, said)  # who leads the case may
        for person in (cast.dan, cast.priya, cast.ruth):
            with pytest.raises(NotFound):
                access.message(person, said.id)
        assert unread.counts(cast.ruth) == {}


def test_a_short_answer_stands_once_and_can_be_taken_back(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        said = messages.say(cast.priya, talk, "Can somebody go?")
        for _ in range(2):
            messages.react(cast.dan, said, "on_it")
        messages.react(cast.ruth, said, "seen")
        assert _answers(cast.priya, talk, said) == [
            ("on_it", "Dan Hughes"),
            ("seen", "Ruth Bell"),
        ]
        messages.take_back(cast.dan, said, "on_it")
        assert _answers(cast.priya, talk, said) == [("seen", "Ruth Bell")]
        with pytest.raises(Invalid):
            messages.react(cast.ruth, said, "haha")


def test_whoever_hears_it_is_named_and_nobody_else(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        said = messages.say(cast.priya, talk, "@Dan Hughes and @Mo Akram: on Friday")
        assert "<strong>@Dan Hughes</strong>" in said.body_html
        assert "<strong>@Mo" not in said.body_html
        rows = reading.newest(cast.dan, talk).messages
        assert messages.round_them(cast.dan, rows)[said.id].names_me
        assert not messages.round_them(cast.ruth, rows)[said.id].names_me


def test_a_link_is_for_those_who_may_see_where_it_leads(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan, cast.olive], name="Duty")
        post = posts.publish(cast.priya, cast.amara, Update("He was seen"))
        said = messages.say(
            cast.priya,
            talk,
            f"Look: https://kith.example/posts/{post.id} and /cases/{cast.tobi.id}, "
            f"not /cases/{cast.noor.id}",
        )
        assert "/cases/" not in said.body
        assert "/posts/" not in said.body
        assert said.body == (
            "Look: (an update, for those who may see it) and (a case, for those who may see it), "
            "not (a case, for those who may see it)"
        )
        assert _links(cast.dan, talk, said) == [("Tobi O", None), ("Amara O", post.id)]
        assert _links(cast.olive, talk, said) == [], "not even that there is something"


def test_those_it_was_said_to_are_pointed_to_it_and_no_word_is_sent(
    cast: Cast, talk: Conversation
) -> None:
    relay.deliver()
    pages = Pages()
    push.use(pages)
    with db.transaction():
        before = changes.newest()
        said = messages.say(cast.dan, talk, "Secret words")
        messages.withdraw(cast.dan, said)
    relay.deliver()
    hearers = {cast.priya.id, cast.dan.id, cast.ruth.id}
    assert [people for people, _ in pages.told] == [set(), hearers]
    assert "Secret" not in str(pages.told)
    with db.transaction():
        for person in cast.people:
            found = [row.did for row in changes.since(person, before)]
            assert found == (["message_withdrawn"] if person.id in hearers else []), person.name


def test_who_has_read_it_is_counted_among_those_it_was_said_to(
    cast: Cast, talk: Conversation
) -> None:
    with db.transaction():
        said = messages.say(cast.priya, talk, "Hello")
        unread.mark(cast.dan, talk, said.position)
        read, not_yet = unread.receipts(conversations.people(talk), said)  # type: ignore[arg-type]
        assert [each.name for each in read] == ["Dan Hughes"]
        assert [each.name for each in not_yet] == ["Ruth Bell"]
        assert not unread.mark(cast.dan, talk, 1), "it never moves back"
        assert unread.last_read(cast.dan, talk) == said.position
        unread.mark(cast.dan, talk, 10**9)
        assert unread.last_read(cast.dan, talk) == said.position, "nor past the newest"


def _answers(viewer: Person, talk: Conversation, message: Message) -> list[tuple[str, str]]:
    rows = reading.newest(viewer, talk).messages
    found = messages.round_them(viewer, rows)[message.id].reactions
    return sorted((row.reaction, row.name) for row in found)


def _links(viewer: Person, talk: Conversation, message: Message) -> list[tuple[str, int | None]]:
    rows = reading.newest(viewer, talk).messages
    found = messages.round_them(viewer, rows)[message.id].links
    return [(row.child_name, row.post_id) for row in found]


def test_nothing_is_said_where_nobody_else_hears_it_until_they_are_back(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.ruth], case=cast.amara)
        networks.remove(cast.priya, cast.amara, cast.ruth, "Moved away")
        with pytest.raises(Conflict, match="Nobody else reads"):
            messages.say(cast.priya, talk, "Are you there?")
        assert conversations.names([talk.id], cast.priya) == {talk.id: ["Ruth Bell"]}
        with pytest.raises(NotFound):
            access.conversation(cast.ruth, talk.id)
        messages.say(cast.priya, conversations.of_case(cast.priya, cast.amara), "For all")


def test_a_first_name_names_the_only_one_who_has_it(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        said = messages.say(cast.priya, talk, "@dan, and @Ruth: on Friday")
        assert "<strong>@dan</strong>, and <strong>@Ruth</strong>:" in said.body_html
        assert _named(said) == {cast.dan.id, cast.ruth.id}
        other = people.add(
            cast.ada,
            name="Dan Smith",
            email="dan.smith@kith.example",
            role="Nurse",
            agency_id=cast.dan.agency_id,
        )
        assert _named(messages.say(cast.priya, talk, "@Dan Smith knows, @Dan will go")) == {
            cast.dan.id
        }
        assert _named(messages.say(cast.priya, talk, "@Dan Smith knows")) == set()
        group = conversations.start(cast.priya, [cast.dan, other], name="Duty")
        assert _named(messages.say(cast.priya, group, "@Dan?")) == set()
        assert _named(messages.say(cast.priya, group, "@Dan Smith?")) == {other.id}


def test_an_author_learns_which_name_reached_nobody(cast: Cast, talk: Conversation) -> None:
    with db.transaction():
        said = messages.say(cast.priya, talk, "@Olive and @Dan: ask dan@kith.example @7")
        rows = reading.these(cast.priya, talk, [said.id])
        assert messages.round_them(cast.priya, rows)[said.id].in_vain == ["Olive"]
        assert messages.round_them(cast.dan, rows)[said.id].in_vain == []


def test_an_edit_tells_whom_it_names_for_the_first_time_once(
    cast: Cast, talk: Conversation
) -> None:
    with db.transaction():
        said = messages.say(cast.priya, talk, "@Dan, on Friday")
    relay.deliver()
    for body in ("@Dan and @Ruth, on Friday", "@Dan and @Ruth, on Monday"):
        with db.transaction():
            messages.edit(cast.priya, said, body)
        relay.deliver()
    with db.transaction() as session:
        told = session.execute(select(Notice.person_id, Notice.reason).order_by(Notice.id))
        assert [tuple(row) for row in told] == [(cast.dan.id, "named"), (cast.ruth.id, "named")]


def test_whoever_calls_a_whole_network_is_not_told_of_it_themselves(cast: Cast) -> None:
    everybody = "@Priya, @Dan and @Ruth"
    with db.transaction():
        talk = conversations.of_case(cast.priya, cast.amara)
        said = messages.say(cast.priya, talk, f"{everybody}: on Friday")
        later = messages.say(cast.priya, talk, "On Friday")
        assert _named(said) == {cast.priya.id, cast.dan.id, cast.ruth.id}
        messages.edit(cast.priya, later, f"{everybody}: on Monday")
    relay.deliver()
    with db.transaction() as session:
        others = {cast.dan.id, cast.ruth.id}
        assert set(session.scalars(select(Notice.person_id))) == others
        named_later = select(Activity.person_id).where(Activity.did == "message_named")
        assert set(session.scalars(named_later)) == others


def _named(message: Message) -> set[int]:
    db.session().flush()
    named = select(MessageMention.person_id).where(MessageMention.message_id == message.id)
    return set(db.session().scalars(named))
