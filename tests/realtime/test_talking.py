"""That somebody is writing, and who is here: heard by those in the conversation, never kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app import presence
from app.core import clock, db
from app.models import Person
from app.notices import choices
from app.realtime.presence import RedisPresence
from messaging import conversations, messages
from tests.cast import Cast
from tests.realtime.house import Page

Open = Callable[[Person], Page]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def nobody_yet() -> None:
    presence.use(presence.Memory())


def test_who_is_in_the_conversation_hears_that_somebody_writes(cast: Cast, page: Open) -> None:
    priya, dan, ruth = page(cast.priya), page(cast.dan), page(cast.ruth)
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan], case=cast.amara)
        messages.say(cast.priya, talk, "Secret words")
    assert [dan.hears()["did"]] == ["said"]  # type: ignore[index]
    priya.socket.emit("typing", {"conversation": talk.id})
    assert dan.hears() == {"did": "typing", "conversation": talk.id, "by": cast.priya.id}
    ruth.socket.emit("typing", {"conversation": talk.id})
    assert dan.hears(0.3) is None, "who is not in it says nothing into it"
    assert ruth.hears(0.1) is None


def test_who_is_here_is_told_to_those_who_talk_with_them(cast: Cast, page: Open) -> None:
    priya, dan, ruth = page(cast.priya), page(cast.dan), page(cast.ruth)
    with db.transaction() as session:
        talk = conversations.start(cast.priya, [cast.dan, cast.mo], name="Duty")
        session.get_one(Person, cast.mo.id).out_of_office = "Back on Monday"
    here = {"conversation": talk.id}
    assert dan.hears()["did"] == "conversation_changed"  # type: ignore[index]
    assert priya.socket.call("here", here) == {str(cast.mo.id): "out"}
    assert dan.hears() == {"did": "here", "conversation": talk.id, "by": cast.priya.id}
    priya.socket.call("here", here)
    assert dan.hears(0.2) is None, "said again it is no news"
    dan.socket.call("here", here | {"away": True})
    assert priya.socket.call("here", here)[str(cast.dan.id)] == "away"
    dan.socket.call("here", here)
    assert priya.socket.call("here", here)[str(cast.dan.id)] == "here"
    assert ruth.socket.call("here", here) == {}
    with db.transaction():
        choices.set_absence(cast.dan, clock.today(), clock.today(), None)
    assert priya.socket.call("here", here)[str(cast.dan.id)] == "out", "whatever their page says"
    for nonsense in (
        None,
        "x",
        {"conversation": "7"},
        {"conversation": True},
        {"conversation": -1},
    ):
        assert priya.socket.call("here", nonsense) == {}


def test_nobody_is_here_for_longer_than_they_say_so(database: str) -> None:
    at = [0.0]
    kept = presence.Memory(lambda: at[0])
    kept.seen(1, "here")
    assert kept.of([1, 2]) == {1: "here"}
    at[0] = presence.LASTS + 1
    assert kept.of([1]) == {}


def test_presence_is_shared_through_redis_and_missed_by_nobody(
    database: str, redis_url: str
) -> None:
    one, other = RedisPresence(redis_url), RedisPresence(redis_url)
    one.seen(1, "here")
    one.seen(2, "away")
    assert other.of([1, 2, 3]) == {1: "here", 2: "away"}
    away = RedisPresence("redis://127.0.0.1:1/0")
    away.seen(1, "here")
    assert away.of([1]) == {}
