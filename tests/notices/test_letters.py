"""What is mailed: to whom, when, once; and never a name or a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app import mail, relay
from app.casework import networks
from app.core import clock, db
from app.jobs import mails
from app.mail import Letter, Office, Refused
from app.models import Alert, Mail, Person, Post, QuietHours
from app.notices import choices, inbox, letters
from feeds import comments, posts
from feeds.posts import Update
from tests.alerts import point_out
from tests.cast import MORNING, Cast

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOMORROW = MORNING.replace(hour=7) + DAY


class Bag:
    """A carrier that keeps what it is handed, and can be out of order."""

    def __init__(self) -> None:
        self.kept: list[Letter] = []
        self.fails: type[Exception] | None = None

    @contextmanager
    def round(self) -> Iterator[Callable[[Letter], None]]:
        if self.fails is ConnectionError:
            raise ConnectionError
        yield self._take

    def _take(self, letter: Letter) -> None:
        if self.fails is not None:
            raise self.fails
        self.kept.append(letter)

    @property
    def to(self) -> list[str]:
        return sorted(letter.to.partition("@")[0] for letter in self.kept)


@pytest.fixture
def bag(database: str) -> Bag:
    carrier = Bag()
    mail.use(Office(carrier, "https://kith.example", 7))
    return carrier


def publish(cast: Cast, words: str = "Ring me.", **more: Any) -> Post:
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, Update(words, **more))
    while relay.deliver():
        pass
    return post


def urgent(cast: Cast) -> Post:
    return publish(cast, worry="urgent", phoned=True)


def worried(cast: Cast) -> Post:
    return publish(cast, worry="worried", meaning="Less sleep")


def go(at: datetime = MORNING) -> None:
    """A turn of the thread that mails."""
    with clock.held(at):
        with db.transaction():
            letters.plan()
        while letters.send(needing=mails.needing):
            pass


def waiting() -> int:
    with db.transaction() as session:
        found = select(func.count()).select_from(Mail).where(Mail.done_at.is_(None))
        return session.scalar(found) or 0


def test_what_cannot_wait_is_mailed_at_once(cast: Cast, bag: Bag) -> None:
    urgent(cast)
    go()
    assert bag.to == ["mo", "priya", "ruth"]
    go()
    assert len(bag.kept) == 3, "once"


def test_a_letter_says_where_to_look_and_nothing_else(cast: Cast, bag: Bag) -> None:
    publish(cast, "Words about @Priya Shah", kind="question", due_at=MORNING + HOUR)
    worried(cast)
    go()
    go(TOMORROW)
    with db.transaction() as session:
        people = session.scalars(select(Person.name)).all()
    names = [*people, "Amara", "Tobi", "O’", "Hillside", "North team"]
    assert len(bag.kept) == 3
    for letter in bag.kept:
        said = f"{letter.subject}\n{letter.body}"
        assert not [name for name in names if name in said]
        assert "Words" not in said
        assert "Less sleep" not in said
        assert "/cases/" not in said
        assert "/posts/" not in said
    first = bag.kept[0]
    assert first.subject == "Kith: a question to you (K-1)"
    assert "https://kith.example/notices/1\n" in first.body
    assert bag.kept[1].subject.startswith("Kith: 1 notice")


def test_nothing_is_written_while_kith_sends_no_mail(cast: Cast) -> None:
    urgent(cast)
    go()
    assert waiting() == 0


@pytest.mark.parametrize("end", ["read", "withdrawn", "left", "closed"])
def test_what_is_read_or_no_longer_hers_is_not_mailed(cast: Cast, bag: Bag, end: str) -> None:
    post = urgent(cast)
    with db.transaction() as session:
        if end == "read":
            inbox.seen(cast.ruth, [post.id])
        elif end == "withdrawn":
            posts.withdraw(cast.dan, session.get_one(Post, post.id), "Wrong child")
        elif end == "left":
            networks.leave(cast.ruth, cast.amara, "Moved away")
        else:
            session.get_one(Person, cast.ruth.id).active = False
    go()
    assert "ruth" not in bag.to
    assert waiting() == 0, "nor does it wait for ever"


def test_the_days_email_counts_and_comes_once(cast: Cast, bag: Bag) -> None:
    worried(cast)
    worried(cast)
    go(TOMORROW - MINUTE)
    assert bag.kept == []
    go(TOMORROW)
    go(TOMORROW + HOUR)
    assert bag.to == ["priya", "ruth"]
    assert bag.kept[0].subject == "Kith: 2 notices for you"
    assert "- 2 updates in cases you follow" in bag.kept[0].body


def test_a_day_without_news_has_no_email(cast: Cast, bag: Bag) -> None:
    post = worried(cast)
    with db.transaction():
        inbox.seen(cast.ruth, [post.id])
    go(TOMORROW)
    assert bag.to == ["priya"]


def test_what_comes_before_the_hour_is_in_the_same_days_email(cast: Cast, bag: Bag) -> None:
    early = TOMORROW - HOUR
    with clock.held(early):
        worried(cast)
    go(TOMORROW)
    assert bag.to == ["priya", "ruth"]


def test_in_quiet_hours_letters_wait_unless_they_are_urgent(cast: Cast, bag: Bag) -> None:
    evening = MORNING + 10 * HOUR
    with db.transaction():
        choices.set_quiet(cast.priya, time(18), time(8), [5, 6], urgent_passes=True)
        choices.set_quiet(cast.ruth, time(18), time(8), urgent_passes=False)
    with clock.held(evening):
        publish(cast, "See @Priya Shah, @Ruth Bell")
        urgent(cast)
    go(evening)
    assert bag.to == ["mo", "priya"]
    go(MORNING.replace(hour=8) + DAY)
    assert bag.to == ["mo", "priya", "priya", "ruth", "ruth"]


def test_when_nobody_answers_letters_wait_longer_each_time(cast: Cast, bag: Bag) -> None:
    publish(cast, "See @Priya Shah")
    bag.fails, waits, at = ConnectionError, [], MORNING
    for _ in range(9):
        go(at)
        with db.transaction() as session:
            due = session.scalars(select(Mail.due_at)).one()
        waits.append((due - at).total_seconds())
        at = due
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]
    bag.fails = None
    go(at)
    assert (bag.to, waiting()) == (["priya"], 0)


def test_a_refused_letter_is_not_tried_again_and_stops_no_other(cast: Cast, bag: Bag) -> None:
    publish(cast, "See @Priya Shah")
    bag.fails = Refused
    go()
    assert waiting() == 0
    bag.fails = None
    publish(cast, "See @Ruth Bell")
    go()
    assert bag.to == ["ruth"]


def test_a_process_that_dies_on_the_way_sends_the_same_letter_again(cast: Cast, bag: Bag) -> None:
    publish(cast, "See @Priya Shah")

    def dies(_: list[int], __: list[int]) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(letters, "_put_off", dies)
        with pytest.raises(KeyboardInterrupt):
            go()
    go(MORNING + letters.LEASE - MINUTE)
    assert len(bag.kept) == 1, "it may still be under way"
    go(MORNING + letters.LEASE)
    assert len({letter.token for letter in bag.kept}) == 1
    assert len(bag.kept) == 2


def test_several_processes_send_each_letter_once(cast: Cast, bag: Bag) -> None:
    for _ in range(4):
        urgent(cast)
    worried(cast)
    with ThreadPoolExecutor(4) as several:
        list(several.map(go, [TOMORROW] * 4))
    tokens = [letter.token for letter in bag.kept]
    assert len(tokens) == len(set(tokens)) == 4 * 3 + 2


def test_while_she_is_away_nothing_is_mailed_and_it_is_counted_on_her_return(
    cast: Cast, bag: Bag
) -> None:
    with db.transaction():
        choices.set_absence(cast.ruth, clock.today(), clock.today() + DAY, cast.priya.id)
    publish(cast, "See @Ruth Bell")
    go()
    assert bag.to == ["priya"]
    go(TOMORROW)
    assert bag.to == ["priya"]
    go(TOMORROW + DAY)
    assert bag.to == ["priya", "ruth"]


def test_a_reply_stands_in_kith_only_unless_she_wants_more(cast: Cast, bag: Bag) -> None:
    post = publish(cast, "At school.")
    with db.transaction():
        choices.choose(cast.dan, {"reply": "at_once"})
        comments.add(cast.priya, post, "Thank you")
    while relay.deliver():
        pass
    go()
    assert bag.to == ["dan"]


NIGHT = QuietHours(from_time=time(18), until_time=time(8), days=[5, 6], urgent_passes=True)
LUNCH = QuietHours(from_time=time(12), until_time=time(13), days=[], urgent_passes=True)


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (NIGHT, "2026-11-23 09:00", "2026-11-23 09:00"),
        (NIGHT, "2026-11-23 18:00", "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 07:59", "2026-11-24 08:00"),
        # From Friday evening through the weekend and its nights to Monday morning.
        (NIGHT, "2026-11-27 20:00", "2026-11-30 08:00"),
        (LUNCH, "2026-11-23 12:30", "2026-11-23 13:00"),
        (LUNCH, "2026-11-23 13:00", "2026-11-23 13:00"),
        # On the night the clocks go back, and in summer, it is the clock on the wall that counts.
        (NIGHT, "2026-10-23 18:00", "2026-10-26 08:00"),
        (NIGHT, "2026-07-06 19:00", "2026-07-07 07:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(hours: QuietHours, at: str, until: str) -> None:
    began, ended = (datetime.fromisoformat(f"{each}Z") for each in (at, until))
    assert choices.quiet_until(hours, began) == ended


def test_wrong_choices_are_refused_by_field(cast: Cast) -> None:
    from app.core.errors import Invalid

    def wrong(act: Callable[..., Any], *given: Any) -> set[str]:
        with db.transaction(), pytest.raises(Invalid) as refused:
            act(cast.priya, *given)
        return set(refused.value.fields)

    today = clock.today()
    assert wrong(choices.choose, {"urgent": "off"}) == {"urgent"}
    assert wrong(choices.choose, {"reply": "shouted"}) == {"reply"}
    assert wrong(choices.set_quiet, time(8), None) == {"until_time"}
    assert wrong(choices.set_quiet, time(8), time(8)) == {"until_time"}
    assert wrong(choices.set_quiet, None, None, range(7)) == {"days"}
    assert wrong(choices.set_absence, today, None, None) == {"until_on"}
    assert wrong(choices.set_absence, today, today - DAY, None) == {"until_on"}
    assert wrong(choices.set_absence, today, today + 400 * DAY, None) == {"until_on"}
    assert wrong(choices.set_absence, today, today, cast.zed.id) == {"cover_id"}
    assert wrong(choices.set_absence, today, today, cast.priya.id) == {"cover_id"}


def test_the_email_of_a_day_says_how_many_cases_need_a_look_and_never_which(
    cast: Cast, bag: Bag
) -> None:
    with db.transaction():
        point_out(cast.amara)
        point_out(cast.tobi, "no_lead")
        point_out(cast.noor, "no_lead")
    while relay.deliver():
        pass
    go(TOMORROW)
    assert bag.to == ["priya"], "and Olive, who was told of nothing else, gets none for it"
    (priyas,) = bag.kept
    said = "- 1 × a case that is unusually busy or quiet\n\n2 of your cases need a look.\n"
    assert said in priyas.body
    for word in ("Amara", "Tobi", "Busier", "cases/"):
        assert word not in priyas.subject + priyas.body


def test_where_nothing_needs_a_look_the_email_of_a_day_says_nothing_of_it(
    cast: Cast, bag: Bag
) -> None:
    worried(cast)
    with db.transaction() as session:
        session.execute(delete(Alert))
    go(TOMORROW)
    assert bag.kept
    assert not any("a look" in letter.body for letter in bag.kept)
