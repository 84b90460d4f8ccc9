"""Everybody asks every route for every thing: no word leaves the network it was meant for.

Here in turns: everybody is asked for what is read most, somebody for every address. All of it,
and every planted leak, is `./run proof crawler`. The longest two ask SQLite alone here: the proof
asks PostgreSQL as well, and hidden against absent goes through every rule on both.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import db
from app.models import AuditEntry, Person
from tests.cast import Cast
from tests.rules import canaries
from tests.rules.canaries import SCOPE, Street
from tests.rules.crawl import Crawl, caught, talks
from tests.rules.leaks import LEAKS, TALK_LEAKS

SHARE = 16
# What everybody who may read it meets on the pages that are read most.
PLAIN = {"amara", "old", "excluded", "named", "tobi", "noor"} | canaries.TALK
# One for each check; the proof plants all.
PLANTED = (
    "the stream forgets whom a post is for",
    "the search forgets whom a post is for",
    "what is offered while one types is any child",
    "everybody is offered one's draft",
    "the page of what is not there says which",
    "the network is told that somebody asks",
    "a pointer holds a word",
    "an email names who wrote",
)
PLANTED_IN_TALK = (
    "an answer shows what was not said to one",
    "everybody is pointed to every message",
)


@pytest.fixture
def street(cast: Cast) -> Street:
    with db.transaction():
        return canaries.settle(cast)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_word_reaches_anybody_out_of_scope(street: Street, app: Flask) -> None:
    crawl = Crawl(app, street, share=SHARE)
    assert list(crawl.words()) == []
    assert crawl.asked > 600
    plain = PLAIN if talks(app) else PLAIN - canaries.TALK
    for role, scope in SCOPE.items():
        expected = scope & plain if role != "break-glass over" else set()
        assert crawl.met[role] & plain == expected, f"{role} meets what they should"


def test_hidden_and_absent_are_answered_alike(street: Street, app: Flask, database: str) -> None:
    # What PostgreSQL could do otherwise shows in a few pairs; the proof asks it for all of them.
    share, least = (SHARE, 300) if database.startswith("sqlite") else (SHARE * 5, 60)
    crawl = Crawl(app, street, share=share)
    assert list(crawl.alike()) == []
    assert crawl.compared > least


def test_what_goes_to_open_pages_holds_no_word_and_reaches_nobody_else(
    street: Street, app: Flask
) -> None:
    crawl = Crawl(app, street, share=SHARE)
    assert list(crawl.live()) == []
    assert crawl.told > 30


def test_what_is_mailed_and_logged_holds_no_word(street: Street, app: Flask) -> None:
    crawl = Crawl(app, street, share=SHARE)
    assert list(crawl.outbound()) == []
    assert crawl.told > 20


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_kept_of_who_looked_holds_no_word(street: Street, app: Flask) -> None:
    assert list(Crawl(app, street, share=SHARE).kept()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_notices_what_is_done_out_of_their_sight(street: Street, app: Flask) -> None:
    assert list(Crawl(app, street, share=SHARE).silent()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_planted_leaks_are_caught(street: Street, app: Flask) -> None:
    leaks = {name: LEAKS[name] for name in PLANTED}
    if talks(app):
        leaks |= {name: TALK_LEAKS[name] for name in PLANTED_IN_TALK}
    missed = [name for name in leaks if not caught(app, street, leaks[name], share=SHARE)]
    assert missed == []


def test_every_answer_with_words_is_audited_once(
    street: Street, app: Flask, browser: Callable[..., FlaskClient]
) -> None:
    dan, client = street.cast.dan, browser(street.cast.dan)
    pages = ["/", "/cases", "/search?q=zz", "/memberships", "/quick"]
    pages += [
        f"/cases/1{page}" for page in ("", "/details", "/network", "/fragments?after=0", "/status")
    ]
    unrecorded = []
    for path in pages:
        before = _audited(dan)
        shown = canaries.met(client.get(path).text)
        if shown and _audited(dan) != before + 1:
            unrecorded.append((path, _audited(dan) - before))
    assert unrecorded == []


def _audited(person: Person) -> int:
    with db.transaction() as session:
        return session.scalars(select(func.count()).where(AuditEntry.person_id == person.id)).one()
