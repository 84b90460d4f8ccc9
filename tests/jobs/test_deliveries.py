"""What follows a commit: told at least once, whoever fails or dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app import push, relay
from app.core import clock, db, log
from app.jobs import deliveries
from app.models import Activity, Delivery
from feeds import drafts, posts
from tests.cast import MORNING, Cast
from tests.realtime.house import eventually


class Recorder:
    """A live channel that remembers whom it told of what."""

    def __init__(self) -> None:
        self.told: list[tuple[frozenset[int], push.Pointer]] = []

    def tell(self, person_ids: object, pointer: push.Pointer) -> None:
        self.told.append((frozenset(person_ids), pointer))  # type: ignore[call-overload]


@pytest.fixture
def channel(database: str) -> Recorder:
    recorder = Recorder()
    push.use(recorder)
    return recorder


@pytest.fixture
def begin() -> Iterator[Callable[[float], None]]:
    """Deliver in a thread, as a server does, until the test ends."""
    stops = []
    yield lambda seconds: stops.append(deliveries.begin(sweep_every=seconds))
    for stop in stops:
        stop()


def publish(cast: Cast) -> int:
    """In a case of which nothing is overdue: the monitor would have something to tell as well."""
    with db.transaction():
        return posts.publish(cast.olive, cast.noor, posts.Update(body="He ate well.")).id


def publish_of_amara(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, posts.Update(body="She ate well."))


def waiting() -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_a_post_wakes_the_deliveries_long_before_the_sweep(
    cast: Cast, channel: Recorder, begin: Callable[[float], None]
) -> None:
    begin(600)
    publish(cast)

    eventually(lambda: len(channel.told) == 1, 2)
    eventually(lambda: waiting() == 0, 2)


def test_the_sweep_finds_what_nobody_woke_it_for(
    cast: Cast, channel: Recorder, begin: Callable[[float], None]
) -> None:
    publish(cast)
    assert channel.told == [], "another process wrote it, so nothing was called here"

    begin(0.1)

    eventually(lambda: len(channel.told) == 1, 2)


def test_everybody_who_may_read_it_is_told_and_nobody_else(cast: Cast, channel: Recorder) -> None:
    publish_of_amara(cast)
    relay.deliver()

    [(people, _)] = channel.told
    assert people == {cast.priya.id, cast.dan.id, cast.ruth.id, cast.mo.id}


def test_recipients_are_those_of_the_moment_of_telling(cast: Cast, channel: Recorder) -> None:
    from app.casework import networks

    publish_of_amara(cast)
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    relay.deliver()

    published = next(people for people, pointer in channel.told if pointer["did"] == "published")
    assert cast.dan.id in published
    assert cast.ruth.id not in published


def test_a_listener_that_fails_stops_nobody_and_is_tried_again(
    cast: Cast, channel: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = publish(cast), publish(cast)

    def fails_for_the_first(done: Activity) -> None:
        if done.post_id == first:
            raise ConnectionError
        relay.tell_pages(done)

    monkeypatch.setitem(relay.LISTENERS, "push", fails_for_the_first)
    relay.deliver()
    assert [pointer["post"] for _, pointer in channel.told] == [second]

    monkeypatch.undo()
    with clock.held(MORNING + timedelta(seconds=2)):
        relay.deliver()
    assert [pointer["post"] for _, pointer in channel.told] == [second, first]
    assert waiting() == 0


def test_one_that_keeps_failing_is_tried_less_and_less_often(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(cast)
    monkeypatch.setitem(relay.LISTENERS, "push", _fail)
    waits = []
    for _ in range(12):
        at = _due()
        with clock.held(at):
            relay.deliver()
        waits.append((_due() - at).total_seconds())

    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 300


def test_a_process_that_dies_before_it_has_told_leaves_it_to_another(
    cast: Cast, channel: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(cast)
    monkeypatch.setitem(relay.LISTENERS, "push", _die)
    with pytest.raises(KeyboardInterrupt):
        relay.deliver()
    monkeypatch.undo()

    assert relay.deliver() == 0, "it may still be at work"
    with clock.held(MORNING + relay.LEASE):
        assert relay.deliver() == len(relay.LISTENERS)
    assert len(channel.told) == 1


def test_the_thread_outlives_a_database_that_is_away(
    cast: Cast,
    channel: Recorder,
    begin: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    log.configure()  # where this test looks
    real = relay.deliver
    failed: list[bool] = []

    def away_at_first() -> int:
        if not failed:
            failed.append(True)
            raise OSError("the words of Amara’s post")
        return real()

    monkeypatch.setattr(relay, "deliver", away_at_first)
    publish(cast)
    begin(0.1)

    eventually(lambda: len(channel.told) == 1, 2)
    assert "Amara" not in capfd.readouterr().err


def test_old_drafts_are_forgotten(
    cast: Cast, channel: Recorder, begin: Callable[[float], None]
) -> None:
    with db.transaction():
        drafts.save(cast.dan, cast.amara, {"body": "He said that"})
    with clock.held(MORNING + drafts.KEPT):
        begin(0.1)
        eventually(lambda: _draft_count() == 0, 2)


def _fail(done: Activity) -> None:
    raise ConnectionError


def _die(done: Activity) -> None:
    raise KeyboardInterrupt


def _due() -> datetime:
    with db.transaction() as session:
        return session.scalars(select(Delivery.due_at).where(Delivery.listener == "push")).one()


def _draft_count() -> int:
    from app.models import Draft

    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(Draft)) or 0
