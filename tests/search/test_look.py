"""Looking through what was said: only what is one's own, all of it, and on record."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from app import access
from app.casework import networks, restrictions
from app.core import clock, db, seals
from app.core.errors import Invalid, Unavailable
from app.models import AuditEntry, Case, Counter, Look, Message, Person, Post, Search
from feeds import comments, follows, posts
from feeds.posts import Update
from messaging import conversations, messages, unread
from search import apart, documents, index, look, matching, parsing
from search.index import BEST, NEWEST, Document, Mark
from search.look import Results
from search.postgresql import PostgreSQL
from search.query import Filters
from tests.cast import MORNING, Cast
from tests.search.oracle import Oracle
from tests.search.world import World

MINUTE = timedelta(minutes=1)


class Nothing(Oracle):
    """An index in which there is nothing yet, as of some activity."""

    def __init__(self, reached: int) -> None:
        self.everything, self.known = [], reached

    def reached(self) -> int | None:
        return self.known


class Everything(Oracle):
    """An index gone wrong: whatever it is asked, it answers with all there is."""

    def find(self, *_: Any, before: Mark | None = None, size: int = 20, **__: Any) -> list[Mark]:
        each = (
            thing.with_only_columns(*list(thing.selected_columns)[:3], maintain_column_froms=True)
            for thing in map(documents.columns, documents.THINGS)
        )
        marks = [Mark(row.at, row.thing, row.id) for rows in each for row in db.rows(rows)]
        return [m for m in sorted(marks, reverse=True) if before is None or m < before][:size]


@pytest.fixture(autouse=True)
def _set_up() -> Iterator[None]:
    seals.use("a secret for these tests")
    yield
    index.use(None)


def looked(viewer: Person, written: str, **how: Any) -> Results:
    index.use(how.pop("engine", None) or (Oracle() if db.is_sqlite() else PostgreSQL()))
    with db.transaction():
        return look.look(viewer, written, how="page", **how)


def found(viewer: Person, written: str, **how: Any) -> list[str]:
    return [each.row.text for each in looked(viewer, written, **how).found]


def say(author: Person, case: Case, body: str, **more: Any) -> int:
    with db.transaction():
        return posts.publish(author, case, Update(body, **more)).id


def test_what_is_found_says_what_where_when_and_whose(cast: Cast) -> None:
    post_id = say(cast.dan, cast.amara, "Bruise on the arm", kind="concern")
    with clock.held(MORNING + MINUTE), db.transaction() as session:
        comments.add(cast.ruth, session.get_one(Post, post_id), "Which arm was bruised?")
    with clock.held(MORNING + 2 * MINUTE):
        with db.transaction():
            talk = conversations.start(cast.priya, [cast.dan, cast.ruth], name="Bruises")
            messages.say(cast.priya, talk, "About these bruises: phone me.")
        message, comment, post = looked(cast.priya, "bruise").found
    assert [each.row.thing for each in (message, comment, post)] == ["message", "comment", "post"]
    assert (post.row.child_name, post.row.kind, post.row.position) == ("Amara O", "concern", 1)
    assert (post.row.author_name, post.row.agency_name) == ("Dan Hughes", "Hillside Primary")
    assert (comment.row.post_id, comment.row.at) == (post_id, MORNING + MINUTE)
    assert (message.row.talk_name, message.row.conversation_id) == ("Bruises", talk.id)
    assert comment.snippet == "Which arm was <mark>bruised</mark>?"


def test_whoever_asks_finds_all_they_may_read_and_nothing_else(cast: Cast) -> None:
    world = World(cast, random.Random(3))
    with db.transaction():
        world.settle(60)
    for viewer in cast.people:
        for order in (NEWEST, BEST):
            written = world.chance.choice(["the", "visit OR school", "no*", "worry -the", "zoe"])
            pages, before = [], None
            while True:
                page = looked(viewer, written, order=order, before=before, size=7)
                pages += [(each.row.thing, each.row.id) for each in page.found]
                before = page.older
                if not before:
                    break
            assert len(pages) == len(set(pages))
            assert set(pages) == _readable(viewer, written), (viewer.name, written)
    assert _readable(cast.priya, "the")


def test_an_index_gone_wrong_shows_nobody_what_is_not_theirs(cast: Cast) -> None:
    for number in range(8):
        say(cast.olive, cast.noor, f"Noor {number}")
        say(
            cast.priya,
            cast.amara,
            f"Amara {number}",
            sharing_reason="Of his school",
            excluded=(cast.dan.agency_id,),
        )
        say(cast.dan, cast.amara, f"From Dan {number}")
    for order in (NEWEST, BEST):
        page = looked(cast.dan, "from", engine=Everything(), size=5, order=order)
        assert len(page.found) == 5
        assert all(each.row.text.startswith("From Dan") for each in page.found)
        assert page.count == 8
        assert looked(cast.lee, "from", engine=Everything(), order=order).found == []


def test_what_is_for_some_alone_is_found_by_them_alone(cast: Cast) -> None:
    named = {"audience": "named", "sharing_reason": "For health", "people": (cast.ruth.id,)}
    say(cast.priya, cast.amara, "A quiet word", **named)
    for engine in (None, Nothing(10**6)):
        assert found(cast.ruth, "quiet", engine=engine) == ["A quiet word"]
        assert found(cast.priya, "quiet word", engine=engine) == ["A quiet word"]
        assert found(cast.dan, "quiet", engine=engine) == found(cast.mo, "word") == []


def test_a_restricted_case_is_found_by_its_members_and_by_no_index(cast: Cast) -> None:
    say(cast.priya, cast.amara, "Before it was shut")
    assert found(cast.mo, "shut")
    with clock.held(MORNING + MINUTE), db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "A colleague is related")
    with clock.held(MORNING + 2 * MINUTE):
        say(cast.dan, cast.amara, "And after it was shut")
        assert found(cast.dan, "shut") == ["And after it was shut", "Before it was shut"]
        assert found(cast.dan, "shut", engine=Nothing(10**6)) == found(cast.dan, "shut")
        assert found(cast.mo, "shut") == []
        with db.transaction():
            scope = access.searchable(cast.dan)
            assert (
                PostgreSQL
                if db.is_sqlite()
                else not PostgreSQL().find(parsing.parse("shut").query, Filters(), scope)
            )


def test_what_an_index_has_not_heard_of_is_found_at_once(cast: Cast) -> None:
    old = say(cast.priya, cast.amara, "First words")
    with db.transaction() as session:
        reached = session.scalar(select(Counter.value).where(Counter.name == "activities"))
    behind = Nothing(reached or 0)
    assert found(cast.dan, "words", engine=behind) == []
    with clock.held(MORNING + MINUTE):
        say(cast.ruth, cast.amara, "New words")
        with db.transaction() as session:
            posts.edit(cast.priya, session.get_one(Post, old), "Better said", version=1)
            comments.add(cast.dan, session.get_one(Post, old), "A word more")
    assert found(cast.dan, "word", engine=behind) == ["New words", "A word more"]
    assert found(cast.dan, "said", engine=behind) == ["Better said"]
    assert found(cast.olive, "word", engine=behind) == []


def test_what_is_hidden_pushes_nothing_out_of_what_was_just_said(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "MOST_AHEAD", 2)
    named = {"audience": "named", "sharing_reason": "For health", "people": (cast.ruth.id,)}
    say(cast.priya, cast.amara, "A word for all")
    for number in range(3):
        say(cast.priya, cast.amara, f"A word apart {number}", **named)
    assert found(cast.dan, "word", engine=Nothing(0)) == ["A word for all"]


def test_an_index_that_is_behind_finds_nothing_by_what_was_said_before(cast: Cast) -> None:
    old = say(cast.priya, cast.amara, "First words")
    behind = Oracle()
    with db.transaction() as session:
        assert len(behind.everything) == 1
        reached = session.scalar(select(Counter.value).where(Counter.name == "activities"))
        posts.edit(cast.priya, session.get_one(Post, old), "Better said", version=1)
    behind.has_reached = reached
    assert found(cast.dan, "first", engine=behind) == []
    assert found(cast.dan, "better", engine=behind) == ["Better said"]


def test_what_was_taken_back_is_gone_at_once(cast: Cast) -> None:
    post_id = say(cast.priya, cast.amara, "Wrong child")
    index_of_then = Oracle()
    with db.transaction() as session:
        assert index_of_then.everything
        posts.withdraw(cast.priya, session.get_one(Post, post_id), "Wrong child")
    assert found(cast.dan, "wrong", engine=index_of_then) == found(cast.priya, "wrong") == []


def test_somebody_new_finds_from_where_their_history_begins(cast: Cast) -> None:
    say(cast.priya, cast.amara, "Words before")
    with clock.held(MORNING + MINUTE):
        with db.transaction():
            networks.add(
                cast.priya,
                cast.amara,
                cast.olive,
                role="Social worker",
                reason="Takes over",
                history_from=clock.now(),
            )
        say(cast.dan, cast.amara, "Words after")
        assert found(cast.olive, "words") == ["Words after"]


def test_the_best_come_first_when_asked_for(cast: Cast) -> None:
    say(cast.priya, cast.amara, "The bruise, the bruise: a bruise on the arm.")
    with clock.held(MORNING + MINUTE):
        say(cast.priya, cast.amara, "Talked of school, lunch, home, the bus, and of a bruise too.")
    newest, best = looked(cast.dan, "bruise"), looked(cast.dan, "bruise", order=BEST)
    assert [each.row.position for each in newest.found] == [2, 1]
    assert [each.row.position for each in best.found] == [1, 2]
    assert (newest.count, best.count) == (2, 2)


def test_no_more_are_counted_than_anybody_would_look_through(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "COUNTED", 3)
    for number in range(4):
        say(cast.priya, cast.amara, f"Word {number}")
        if number < 2:
            say(cast.priya, cast.tobi, f"Word {number}")
    first = looked(cast.priya, "word", size=2)
    assert (first.count, first.more) == (3, True)
    assert looked(cast.ruth, "word").by_case == [(cast.amara.id, "Amara O", 3)]
    assert looked(cast.priya, "word case:tobi").by_case == [(cast.tobi.id, "Tobi O", 2)]
    assert looked(cast.priya, "word", size=2, before=first.older).count is None
    assert (looked(cast.olive, "word").count, looked(cast.olive, "word").more) == (0, False)


def test_filters_narrow_and_one_that_names_nothing_says_so(cast: Cast) -> None:
    say(cast.priya, cast.amara, "A word", kind="visit", seen=True, seen_alone=True)
    say(cast.dan, cast.amara, "A word by Dan")
    assert found(cast.ruth, "kind:visit") == ["A word"]
    assert found(cast.ruth, "word from:dan") == ["A word by Dan"]
    assert found(cast.dan, "word is:mine") == ["A word by Dan"]
    assert found(cast.ruth, "word before:2026-11-23") == []
    nothing = looked(cast.ruth, "word kind:viist")
    assert (nothing.found, nothing.unknown) == ([], (("kind", "viist"),))


def test_unread_is_what_others_said_and_one_has_not_read(cast: Cast) -> None:
    read = say(cast.priya, cast.amara, "Word one")
    say(cast.priya, cast.amara, "Word two")
    say(cast.dan, cast.amara, "Word three")
    with db.transaction() as session:
        post = session.get_one(Post, read)
        follows.mark_read(cast.dan, cast.amara, post.position)
        talk = conversations.start(cast.priya, [cast.dan])
        first = messages.say(cast.priya, talk, "Word four")
        messages.say(cast.priya, talk, "Word five")
        session.flush()
        unread.mark(cast.dan, talk, session.get_one(Message, first.id).position)
    assert set(found(cast.dan, "word is:unread")) == {"Word two", "Word five"}


def test_half_a_word_is_enough_while_typing(cast: Cast) -> None:
    say(cast.priya, cast.amara, "Strategy discussion")
    for written in ("strategy disc", "strategy discussions", "strateg"):
        assert found(cast.dan, written, typing=True) == ["Strategy discussion"], written
    assert found(cast.dan, "strategy disc") == []


def test_every_search_is_on_record_and_its_words_are_sealed(cast: Cast) -> None:
    say(cast.priya, cast.amara, "Siobhan was seen")
    results = looked(cast.dan, "siobhan")
    looked(cast.olive, "siobhan")
    with db.transaction() as session:
        first, second = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        kept = session.get_one(Search, results.search_id)
        looks = session.scalar(select(func.count()).select_from(Look))
    assert (first.did, first.how, first.about) == ("searched", "page", f"search:{kept.id}")
    assert (first.ranges, looks) == ([[cast.amara.id, 1, 1]], 1)
    assert (second.person_id, second.ranges) == (cast.olive.id, None)
    assert "siobhan" not in kept.terms.lower()
    assert (kept.person_id, seals.opened(kept.terms)) == (cast.dan.id, "siobhan")


def test_cases_that_are_shown_by_name_beside_it_are_on_the_same_record(cast: Cast) -> None:
    looked(cast.dan, "amara", beside=[cast.amara.id])
    with db.transaction() as session:
        (row,) = session.scalars(select(AuditEntry))
        assert row.ranges == [[cast.amara.id, 0, 0]]
        assert session.scalars(select(Look.case_id)).all() == [cast.amara.id]


def test_what_no_text_can_hold_is_not_looked_for(cast: Cast) -> None:
    say(cast.priya, cast.amara, "Siobhan was seen")
    half_a_pair, endless = "\ud800", "x" * 9_000
    results = looked(cast.dan, f"siob{half_a_pair}han OR {endless}")
    with db.transaction() as session:
        kept = seals.opened(session.get_one(Search, results.search_id).terms)
    assert len(results.found) == 1
    assert kept == f"siobhan OR {endless}"[: parsing.LONGEST - 1]


def test_nothing_looked_for_is_no_search(cast: Cast) -> None:
    say(cast.priya, cast.amara, "A word")
    assert looked(cast.dan, " … ") == Results()
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Search)) == 0


def test_a_marker_of_nobody_is_refused(cast: Cast) -> None:
    for order, marker in ((NEWEST, "best-2"), (NEWEST, "1-x-2"), (BEST, "1-post-2"), (BEST, "-1")):
        with pytest.raises(Invalid, match="not one of ours"):
            looked(cast.dan, "word", order=order, before=marker)


def test_without_an_index_search_says_that_it_is_away(cast: Cast) -> None:
    index.use(None)
    with db.transaction(), pytest.raises(Unavailable, match="Everything else works"):
        look.look(cast.dan, "word", how="page")


def _readable(viewer: Person, written: str) -> set[tuple[str, int]]:
    """By asking the rules for every row, and reading each."""
    query, all_of_it = parsing.parse(written).query, list[Document]()
    with db.transaction():
        for thing in documents.THINGS:
            rule = documents.readable(viewer.id, thing)
            all_of_it += documents.read(db.rows(documents.columns(thing).where(rule)))
    found = matching.matching(query, Filters(), all_of_it)
    return {(each.mark.thing, each.mark.id) for each in found}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_that_a_search_asks_is_planned_anew(cast: Cast) -> None:
    planned: list[int] = []

    def note(action: int, *_: object) -> int:
        planned.append(action)
        return sqlite3.SQLITE_OK

    def watch(opened: sqlite3.Connection, record: Any, _: object) -> None:
        # Whoever begins to watch makes SQLite plan all anew once.
        if not record.info.get("watched"):
            opened.set_authorizer(note)
            record.info["watched"] = True

    say(cast.priya, cast.amara, "Words to look for")
    event.listen(db.engine(), "checkout", watch)
    for _ in range(3):
        planned.clear()
        assert found(cast.dan, "words", engine=Nothing(0))
    event.remove(db.engine(), "checkout", watch)
    assert sqlite3.SQLITE_SELECT not in planned
