"""Saved searches that tell: whoever may read what is new, and nobody else, of anything."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from app import mail, relay
from app.casework import networks, restrictions
from app.core import clock, db
from app.mail import Letter, Office
from app.models import (
    Activity,
    Case,
    Comment,
    Find,
    Message,
    Notice,
    Person,
    Post,
)
from app.notices import choices, inbox, letters, tell
from feeds import comments, posts
from feeds.posts import Update
from messaging import conversations, messages
from search import alerts, index, look, matching, saved
from tests.cast import MORNING, Cast
from tests.search.oracle import Oracle
from tests.search.world import World

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FOUND = ("found", None)


def save(person: Person, words: str, **how: Any) -> int:
    with db.transaction():
        return saved.save(person, words, **how)


def say(author: Person, case: Case, body: str, **more: Any) -> Post:
    with db.transaction():
        return posts.publish(author, case, Update(body, **more))


def deliver() -> None:
    while relay.deliver():
        pass


def told(person: Person) -> list[tuple[str, str | None]]:
    """Her list as (reason, by whom), once all is delivered, and that as many are counted."""
    deliver()
    with db.transaction():
        rows = inbox.of(person).rows
        assert inbox.unread(person) == sum(row.read_at is None for row in rows)
        return [(row.reason, row.by) for row in rows]


def test_who_saved_a_search_is_told_that_it_found_something(cast: Cast) -> None:
    for person in cast.people:
        save(person, "bruises")
    say(cast.dan, cast.amara, "A bruise on his arm")
    assert told(cast.priya) == told(cast.ruth) == told(cast.mo) == [FOUND]
    for person in (cast.dan, cast.lee, cast.olive, cast.otto, cast.zed, cast.ada):
        assert told(person) == [], person.name


def test_a_notice_of_a_search_says_nothing_of_what_was_found(cast: Cast) -> None:
    number = save(cast.ruth, "bruise")
    say(cast.dan, cast.amara, "A bruise")
    assert told(cast.ruth) == [FOUND]
    with db.transaction():
        (row,) = inbox.of(cast.ruth).rows
    assert (row.saved_search_id, row.did) == (number, "found")
    hidden = (row.case_id, row.child_name, row.post_id, row.comment_id, row.actor_id, row.by)
    assert set(hidden) == {None}


def test_comments_messages_and_names_of_files_are_found(cast: Cast) -> None:
    save(cast.ruth, "bruise in:comments")
    save(cast.priya, "bruise in:messages")
    post = say(cast.dan, cast.amara, "Seen at school")
    with db.transaction():
        comments.add(cast.dan, post, "There was a bruise")
        talk = conversations.start(cast.dan, [cast.priya, cast.ruth], name="All of us")
        messages.say(cast.dan, talk, "Which bruise?")
    assert told(cast.ruth) == [FOUND]
    assert told(cast.priya) == [FOUND]
    with db.transaction() as session:
        found = session.execute(
            select(Find.post_id, Find.comment_id, Find.message_id).order_by(Find.id)
        ).all()
    assert [bool(row.comment_id) for row in found] == [True, False]
    assert [bool(row.message_id) for row in found] == [False, True]


def test_much_that_one_search_finds_gathers_in_one_notice_until_it_is_opened(cast: Cast) -> None:
    number = save(cast.ruth, "bruise")
    for _ in range(3):
        say(cast.dan, cast.amara, "A bruise")
    assert told(cast.ruth) == [FOUND]
    with db.transaction():
        inbox.seen_of_search(cast.ruth, number)
    say(cast.dan, cast.amara, "Another bruise")
    assert told(cast.ruth) == [FOUND, FOUND]


def test_only_the_newest_finds_of_a_notice_are_kept(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    for _ in range(tell.MOST_FINDS + 3):
        last = say(cast.dan, cast.amara, "A bruise")
    deliver()
    with db.transaction() as session:
        assert session.scalar(select(func.count(Find.id))) == tell.MOST_FINDS
        assert session.scalar(select(func.max(Find.post_id))) == last.id


def test_a_notice_stands_as_long_as_one_of_its_finds_does(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    first, second = (say(cast.dan, cast.amara, "A bruise") for _ in range(2))
    for post, left in ((first, [FOUND]), (second, [])):
        deliver()
        with db.transaction() as session:
            posts.withdraw(cast.dan, session.get_one(Post, post.id), "The wrong child")
        assert told(cast.ruth) == left


def test_a_comment_or_message_taken_back_is_told_of_no_more(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    post = say(cast.dan, cast.amara, "Seen at school")
    with db.transaction():
        comment = comments.add(cast.dan, post, "A bruise")
    assert told(cast.ruth) == [FOUND]
    with db.transaction() as session:
        comments.withdraw(cast.dan, session.get_one(Comment, comment.id), "The wrong child")
    assert told(cast.ruth) == []
    with db.transaction():
        talk = conversations.start(cast.dan, [cast.priya, cast.ruth], name="All of us")
        message = messages.say(cast.dan, talk, "A bruise")
    assert told(cast.ruth) == [FOUND]
    with db.transaction() as session:
        messages.withdraw(cast.dan, session.get_one(Message, message.id))
    assert told(cast.ruth) == []


def test_who_leaves_is_told_of_nothing_more_and_loses_what_was_told(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    say(cast.dan, cast.amara, "A bruise")
    assert told(cast.ruth) == [FOUND]
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    say(cast.dan, cast.amara, "Another bruise")
    assert told(cast.ruth) == []
    with db.transaction() as session:
        assert session.scalar(select(func.count(Find.id))) == 1


def test_an_account_that_is_closed_is_told_of_nothing(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    with db.transaction() as session:
        session.execute(update(Person).where(Person.id == cast.ruth.id).values(active=False))
    say(cast.dan, cast.amara, "A bruise")
    deliver()
    assert _notices() == 0


def test_what_is_for_some_alone_or_of_a_restricted_case_alerts_nobody(cast: Cast) -> None:
    for person in (cast.priya, cast.ruth, cast.mo):
        save(person, "bruise")
        with db.transaction():
            choices.choose(person, {"named": "off"})
    kept = {"audience": "named", "people": (cast.ruth.id,), "sharing_reason": "For health"}
    post = say(cast.priya, cast.amara, "A bruise", **kept)
    with db.transaction():
        comments.add(cast.priya, post, "This bruise")
    with clock.held(MORNING + MINUTE):
        with db.transaction():
            restrictions.restrict(cast.priya, cast.amara, "A colleague is related")
        say(cast.dan, cast.amara, "Another bruise")
        with db.transaction():
            talk = conversations.start(cast.dan, [cast.priya, cast.ruth], case=cast.amara)
            messages.say(cast.dan, talk, "About this bruise")
        deliver()
    assert _notices() == 0


def test_an_agency_that_is_kept_out_is_not_told(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    save(cast.mo, "bruise")
    shut = {"excluded": (cast.ruth.agency_id,), "sharing_reason": "Not theirs"}
    say(cast.dan, cast.amara, "A bruise", **shut)
    assert told(cast.ruth) == []
    assert told(cast.mo) == [FOUND]


def test_nobody_is_told_twice_of_one_thing(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    save(cast.ruth, "arm")
    save(cast.priya, "arm")
    with db.transaction():
        said = Update("A bruise on the arm", worry="worried", meaning="He is not safe")
        posts.publish(cast.dan, cast.amara, said, also=[cast.tobi])
        choices.choose(cast.ruth, {"followed": "off"})
    assert told(cast.ruth) == [FOUND]
    assert told(cast.priya) == [("followed", "Dan Hughes")]
    with db.transaction() as session:
        everything = session.scalars(select(Activity)).all()
    for done in everything:
        relay.tell_searchers(done)
    assert told(cast.ruth) == [FOUND]
    assert told(cast.priya) == [("followed", "Dan Hughes")]


def test_an_edit_tells_those_whose_search_it_newly_answers(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    save(cast.mo, "arm")
    post = say(cast.dan, cast.amara, "A mark on the arm")
    assert (told(cast.ruth), told(cast.mo)) == ([], [FOUND])
    with db.transaction() as session:
        posts.edit(cast.dan, session.get_one(Post, post.id), "A bruise on the arm")
    assert (told(cast.ruth), told(cast.mo)) == ([FOUND], [FOUND])


def test_an_edit_of_a_message_tells_those_whose_search_it_newly_answers_once(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    save(cast.priya, "arm")
    save(cast.dan, "bruise")
    with db.transaction():
        talk = conversations.start(cast.dan, [cast.priya, cast.ruth], name="All of us")
        number = messages.say(cast.dan, talk, "A mark on the arm").id
    assert (told(cast.ruth), told(cast.priya)) == ([], [FOUND])
    for body in ("A bruise on the arm", "An old bruise on the arm"):
        with db.transaction() as session:
            messages.edit(cast.dan, session.get_one(Message, number), body)
        assert told(cast.ruth) == told(cast.priya) == [FOUND]
    with db.transaction() as session:
        session.execute(update(Notice).values(read_at=clock.now()))
        messages.edit(cast.dan, session.get_one(Message, number), "A new bruise on the arm")
    assert told(cast.ruth) == told(cast.priya) == [FOUND], "nor when they have looked"
    assert told(cast.dan) == []


def test_an_edit_that_calls_somebody_alerts_them_of_nothing_beside_it(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    with db.transaction():
        talk = conversations.start(cast.dan, [cast.priya, cast.ruth], name="All of us")
        message = messages.say(cast.dan, talk, "A mark")
    with db.transaction() as session:
        messages.edit(cast.dan, session.get_one(Message, message.id), "A bruise, @Ruth")
    assert told(cast.ruth) == [("named", "Dan Hughes")]


def test_an_edit_is_told_to_nobody_whom_a_new_message_would_not_tell(cast: Cast) -> None:
    for person in cast.people:
        save(person, "bruise")
    with db.transaction():
        talk = conversations.start(cast.dan, [cast.priya, cast.ruth, cast.mo], name="All of us")
        message = messages.say(cast.dan, talk, "A mark")
        conversations.mute(cast.ruth, talk, muted=True)
        conversations.leave(cast.mo, talk)
    with db.transaction() as session:
        messages.edit(cast.dan, session.get_one(Message, message.id), "A bruise")
        messages.react(cast.priya, session.get_one(Message, message.id), "seen")
    assert [each.name for each in cast.people if told(each)] == ["Priya Shah"]


def test_an_answer_with_a_word_is_no_edit(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.dan, [cast.priya, cast.ruth], name="All of us")
        message = messages.say(cast.dan, talk, "A bruise")
    deliver()
    save(cast.ruth, "bruise")
    with db.transaction() as session:
        messages.react(cast.priya, session.get_one(Message, message.id), "seen")
    assert told(cast.ruth) == []


def test_what_was_imported_alerts_nobody(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    post = say(cast.dan, cast.amara, "A bruise")
    with db.transaction() as session:
        session.execute(update(Post).where(Post.id == post.id).values(source="annex-a"))
    assert told(cast.ruth) == []


def test_a_muted_conversation_alerts_nobody_who_muted_it(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    save(cast.priya, "bruise")
    with db.transaction():
        talk = conversations.start(cast.dan, [cast.priya, cast.ruth], name="All of us")
        conversations.mute(cast.ruth, talk, muted=True)
        messages.say(cast.dan, talk, "A bruise")
    assert (told(cast.ruth), told(cast.priya)) == ([], [FOUND])


def test_without_alerts_or_when_it_is_deleted_a_search_is_silent(cast: Cast) -> None:
    number = save(cast.ruth, "bruise", alerts=False)
    say(cast.dan, cast.amara, "A bruise")
    assert told(cast.ruth) == []
    with db.transaction():
        saved.change(cast.ruth, number, alerts=True)
    say(cast.dan, cast.amara, "A bruise")
    assert told(cast.ruth) == [FOUND]
    with db.transaction():
        saved.forget(cast.ruth, number)
    say(cast.dan, cast.amara, "A bruise")
    assert told(cast.ruth) == []
    assert _notices() == 0


def test_who_wants_to_hear_of_no_search_is_not_told(cast: Cast) -> None:
    save(cast.ruth, "bruise")
    with db.transaction():
        choices.choose(cast.ruth, {"found": "off"})
    say(cast.dan, cast.amara, "A bruise")
    assert told(cast.ruth) == []


def test_another_process_reads_what_was_saved_here(cast: Cast) -> None:
    """What it had read of searches that are gone, or of another database, counts no more."""
    save(cast.ruth, "bruise")
    say(cast.dan, cast.amara, "A bruise")
    deliver()
    here = alerts._kept
    number = save(cast.mo, "arm")
    with db.transaction() as session:
        session.execute(delete(Find))
        session.execute(delete(Notice))
    say(cast.dan, cast.amara, "A bruise on the arm")
    alerts._kept = here
    assert (told(cast.ruth), told(cast.mo)) == ([FOUND], [FOUND])
    with db.transaction():
        saved.forget(cast.mo, number)
    say(cast.dan, cast.amara, "An arm")
    assert told(cast.mo) == []


def test_each_days_email_counts_the_searches_that_found_something(cast: Cast) -> None:
    bag = _Bag()
    mail.use(Office(bag, "https://kith.example", 8))
    save(cast.ruth, "bruise")
    save(cast.ruth, "arm")
    for day in range(2):
        with clock.held(MORNING + day * DAY):
            for words in ("A bruise", "Again a bruise", "An arm"):
                say(cast.dan, cast.amara, words)
            deliver()
        with clock.held(MORNING + (day + 1) * DAY):
            with db.transaction():
                letters.plan()
            letters.send()
        assert len(bag.kept) == day + 1
        assert "2 searches you saved found something new" in bag.kept[-1].body
        assert "bruise" not in bag.kept[-1].body.lower()
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    with clock.held(MORNING + 3 * DAY):
        with db.transaction():
            letters.plan()
        letters.send()
    assert len(bag.kept) == 2


def test_what_searches_find_is_what_looking_finds(cast: Cast) -> None:
    chance = random.Random(5)
    hers = {
        person.id: chance.sample(WRITTEN, 3)
        for person in (cast.priya, cast.dan, cast.ruth, cast.mo, cast.olive)
    }
    for person in cast.people:
        for words in hers.get(person.id, ()):
            save(person, words)
        with db.transaction():
            choices.choose(person, {"followed": "off"})
    world = World(cast, chance)
    for place in range(tell.MOST_FINDS - 1):
        author, case = chance.choice(
            [(cast.priya, cast.amara), (cast.dan, cast.tobi), (cast.olive, cast.noor)]
        )
        more = chance.choice([{}, {"kind": "concern"}, {"worry": "worried", "meaning": "Not safe"}])
        with clock.held(MORNING + place * MINUTE):
            say(author, case, world.sentence(), **more)
            deliver()
    index.use(Oracle())
    found = [_found_and_looked_for(person, hers.get(person.id, ())) for person in cast.people]
    assert all(told == looked for told, looked in found)
    assert sum(len(told) for told, _ in found) > 20


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_text_matches_that_holds_none_of_the_keys(cast: Cast) -> None:
    world = World(cast, random.Random(7))
    texts = [matching.read(world.sentence()) for _ in range(100)]
    matched = without = 0
    for _ in range(500):
        query = world.query()
        keys = alerts.keys(query)
        for text in texts:
            held = text.held | alerts.beginnings(text.held)
            if matching.matches(query, text):
                matched += 1
                assert keys is None or keys & held, query
            elif keys is not None and not keys & held:
                without += 1
    assert matched > 1_000
    assert without > 10_000, "and most need not be looked at"


WRITTEN = [
    "visit",
    "school OR nursery",
    "school -visit",
    "nurs*",
    '"no further action"',
    "worry kind:concern",
    "kind:concern",
    "worry:worried",
    "from:dan",
    "from:preeya",
    'from:"Hughes, Daniel"',
    "case:amarah",
    'from:"Dan Hughes" visit',
    "from:me",
    "case:amara",
    "case:2 the",
    'agency:"south team"',
    "agency:hillside OR mother",
    "since:2026-11-23 tea",
    "before:2026-11-23",
    "NOT the",
    "in:posts happy",
    "in:comments",
    "kind:nonsense",
]


def _found_and_looked_for(
    person: Person, written: Iterable[str]
) -> tuple[set[int | None], set[int | None]]:
    """The posts she was told of; and those she finds now, of colleagues."""
    with db.transaction() as session:
        told = session.scalars(
            select(Find.post_id)
            .join(Notice, Notice.id == Find.notice_id)
            .where(Notice.person_id == person.id)
        )
        looked = [
            each.row
            for words in written
            for each in look.look(person, words, how="page", size=100).found
        ]
        return set(told), {row.id for row in looked if row.author_name != person.name}


def _notices() -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count(Notice.id))) or 0


class _Bag:
    """A carrier that keeps what it is handed."""

    def __init__(self) -> None:
        self.kept: list[Letter] = []

    @contextmanager
    def round(self) -> Iterator[Callable[[Letter], None]]:
        yield self.kept.append
