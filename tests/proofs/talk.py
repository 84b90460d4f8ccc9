"""Nobody in a conversation misses a message or sees one twice, and what is new is always counted.

    ./run proof talk [MESSAGES] [STEPS]

Four people in one group say 10,000 things through two real `kith serve` on PostgreSQL and one
Redis, while their sockets break and come back at random; half way Redis is killed and started
again. Each fetches what is after the last position it has, and only when it is pointed to
something, told to ask again, or connects. Bars: 0 lost, 0 twice, 0 out of order at every client,
and all of it there without a last look.

Then one person reads on three devices, 10,000 steps, on both databases: after each the device that
asks is told as many unread as there are by the rows, kept by hand.
"""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from socketio.exceptions import ConnectionError as Refused
from sqlalchemy import create_engine, select, text

from app.casework import sign_ins
from app.core import clock, db, schema
from app.factory import create_app
from app.models import Conversation, Message, Person
from config.settings import Settings
from messaging import conversations, messages, reading, unread
from tests import servers
from tests.cast import MORNING, Cast, settle
from tests.proofs.followers import Program
from tests.realtime import house

# How long after the last word everybody must have all of it, in seconds.
ALL_THERE = 30
# A page that is pointed to several messages at once fetches them together.
AT_ONCE, PAGE = 0.05, 100
SECRET = "a secret for a proof"
# Between two steps: all of them are in one sign-in.
SECONDS = timedelta(seconds=3)


def main(many: int = 10_000, steps: int = 10_000) -> bool:
    results = []
    with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        if many:
            results.append(_four_in_a_group(postgresql, data, many))
        if steps:
            results.append(_three_devices("SQLite", f"sqlite:///{data / 'kith.db'}", steps))
            results.append(_three_devices("PostgreSQL", _another(postgresql), steps))
    return all(results)


# Four in a group.


class Redis:
    """One that can be killed and started again where it was."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = servers.free_port(), folder
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        binary = shutil.which("redis-server") or "redis-server"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [binary, *options, "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


@dataclass
class Client:
    """One person: sends, hears where to look, fetches what is after the last position."""

    number: int
    talk: int
    cookie: str
    houses: Sequence[tuple[str, Callable[[], Program]]]
    share: int
    positions: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    breaks: int = 0
    fetched: int = 0
    is_up: bool = False
    news: threading.Event = field(default_factory=threading.Event)
    failure: str | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)
        self.senders = [program() for _, program in self.houses]
        self.readers = [program() for _, program in self.houses]

    def send(self) -> None:
        for turn in range(self.share):
            body = {"body": f"Word {turn} of {self.number}"}
            place = f"/api/v1/conversations/{self.talk}/messages"
            key = {"Idempotency-Key": f"{self.number}-{turn}"}
            said = self.chance.choice(self.senders).ask("POST", place, body, **key)
            self.sent.append(said["position"])

    def follow(self, is_over: threading.Event) -> None:
        try:
            while not is_over.is_set():
                if self.news.wait(0.1):
                    self.news.clear()
                    self._fetch()
                    time.sleep(AT_ONCE)
        except Exception as error:  # a thread that dies unseen would look like a message lost
            self.failure = repr(error)
            raise

    def connect_and_break(self, is_over: threading.Event, calm: threading.Event) -> None:
        while not is_over.is_set():
            page = self._open()
            if page is None:
                time.sleep(0.2)
                continue
            self.is_up = True
            self.news.set()  # whoever connects asks what they have missed
            end = time.monotonic() + self.chance.uniform(0.5, 6)
            while not is_over.is_set() and not page.closed.wait(0.05):
                if time.monotonic() > end and not calm.is_set():
                    break
            self.is_up = False
            page.socket.shutdown()
            if not is_over.is_set():
                self.breaks += 1
                time.sleep(self.chance.uniform(0, 1.5))

    def has_all(self, newest: int) -> bool:
        return bool(self.positions) and self.positions[-1] >= newest

    def _open(self) -> house.Page | None:
        page = house.Page(self.chance.choice(self.houses)[0], self.cookie)
        page.socket.on("changed", self._hear)
        page.socket.on("resync", lambda *_: self.news.set())
        try:
            return page.open()
        except Refused:
            return None

    def _hear(self, pointer: dict[str, Any]) -> None:
        if pointer.get("conversation") == self.talk and pointer["did"] == "said":
            self.news.set()

    def _fetch(self) -> None:
        while True:
            after = self.positions[-1] if self.positions else 0
            place = f"/api/v1/conversations/{self.talk}/messages?after={after}&size={PAGE}"
            page = self.chance.choice(self.readers).ask("GET", place)
            self.fetched += 1
            self.positions += [each["position"] for each in page["messages"]]
            if page["newer"] is None:
                return


def _four_in_a_group(url: str, data: Path, many: int) -> bool:
    schema.upgrade(db.use(url))
    with db.transaction():
        cast = settle()
        people = [cast.priya, cast.dan, cast.ruth, cast.olive]
        talk = conversations.start(cast.priya, people[1:], name="Four of us").id
    (data / "redis").mkdir()
    kept = Redis(data / "redis")
    settings = Settings(
        data=data, database_url=url, secret_key=SECRET, limits=False, redis_url=kept.url
    )
    both = [house.free_settings(settings) for _ in "ab"]
    app = create_app(replace(both[0], redis_url=""))
    try:
        with ExitStack() as stack, ThreadPoolExecutor() as at_once:
            addresses = list(
                at_once.map(lambda each: stack.enter_context(house.served(each)), both)
            )
            clients = [
                Client(
                    number,
                    talk,
                    house.cookie(app, person)[0],
                    [
                        (address, _programs(each, person))
                        for address, each in zip(addresses, both, strict=True)
                    ],
                    many // len(people),
                )
                for number, person in enumerate(people)
            ]
            seconds, away, late = _talk(clients, kept, many)
    finally:
        kept.kill()
        db.engine().dispose()
    return _judge(clients, seconds, away, late)


def _programs(settings: Settings, person: Person) -> Callable[[], Program]:
    return lambda: Program(settings, person)


def _talk(clients: Sequence[Client], kept: Redis, many: int) -> tuple[float, float, float]:
    """Lets them talk; answers how long it took, how long Redis was away, and when all had all."""
    began, is_over, calm = time.monotonic(), threading.Event(), threading.Event()
    jobs = [threading.Thread(target=each.send) for each in clients]
    others = [threading.Thread(target=each.follow, args=(is_over,)) for each in clients]
    others += [
        threading.Thread(target=each.connect_and_break, args=(is_over, calm)) for each in clients
    ]
    for thread in [*others, *jobs]:
        thread.start()
    while sum(len(each.sent) for each in clients) < many // 2:
        time.sleep(0.05)
        if not any(thread.is_alive() for thread in jobs):
            break
    killed = time.monotonic()
    kept.kill()
    time.sleep(3)
    kept.start()
    away = time.monotonic() - killed
    for thread in jobs:
        thread.join()
    seconds = time.monotonic() - began
    calm.set()
    newest = max(position for each in clients for position in each.sent)
    end = time.monotonic() + ALL_THERE
    while not all(each.has_all(newest) for each in clients) and time.monotonic() < end:
        time.sleep(0.05)
    late = time.monotonic() - began - seconds
    is_over.set()
    for thread in others:
        thread.join()
    return seconds, away, late


def _judge(clients: Sequence[Client], seconds: float, away: float, late: float) -> bool:
    sent = {position for each in clients for position in each.sent}
    many = sum(len(each.sent) for each in clients)
    lost = sum(len(sent - set(each.positions)) for each in clients)
    twice = sum(
        times - 1 for each in clients for times in Counter(each.positions).values() if times > 1
    )
    disorder = sum(
        later != earlier + 1
        for each in clients
        for earlier, later in zip([0, *each.positions], each.positions, strict=False)
    )
    failed = [each.failure for each in clients if each.failure]
    print(
        f"PostgreSQL, two servers: {many:,} messages by {len(clients)} clients in {seconds:.0f} s, "
        f"{sum(each.breaks for each in clients)} broken sockets, Redis away for {away:.1f} s: "
        f"{lost} lost, {twice} twice, {disorder} out of order; "
        f"{sum(each.fetched for each in clients):,} fetches, all there {late:.1f} s after the last"
        + "".join(f"\n  {each}" for each in failed),
        flush=True,
    )
    return not (lost or twice or disorder or failed) and len(sent) == many


# Three devices.


@dataclass
class Row:
    position: int
    author: int
    by_hand: bool
    withdrawn: bool = False


@dataclass
class Kept:
    """One conversation as one person has it, kept by hand."""

    id: int
    rows: list[Row] = field(default_factory=list)
    last_read: int = 0
    after: int = 0
    is_in: bool = True
    muted: bool = False

    def heard(self, person: int) -> Iterator[Row]:
        """What they hear, the newest first."""
        for each in reversed(self.rows):
            if not each.withdrawn and (each.author == person or each.position > self.after):
                yield each

    def news(self, person: int) -> list[Row]:
        """What is new to them, the newest first."""
        newer = itertools.takewhile(lambda each: each.position > self.last_read, self.heard(person))
        return [each for each in newer if each.by_hand and each.author != person]

    def read(self, person: int, up_to: int) -> None:
        newest = next(self.heard(person), None)
        self.last_read = max(self.last_read, min(up_to, newest.position if newest else 0))


class Devices:
    """Dan on three devices, each of which has shown him more or less of what was said."""

    def __init__(self, cast: Cast, chance: random.Random) -> None:
        self.cast, self.chance, self.me = cast, chance, cast.dan.id
        with clock.held(MORNING), db.transaction():
            talks = [
                conversations.of_case(cast.priya, cast.amara),
                conversations.start(cast.priya, [cast.dan, cast.mo], case=cast.amara),
                conversations.start(cast.priya, [cast.dan]),
                conversations.start(cast.olive, [cast.dan, cast.ruth], name="Circle"),
            ]
            self.others = [
                [cast.priya, cast.ruth],
                [cast.priya, cast.mo],
                [cast.priya],
                [cast.olive, cast.ruth],
            ]
            self.talks = [Kept(talk.id) for talk in talks]
            for talk in self.talks:
                self._written(talk)
            self.tokens = [sign_ins.begin(cast.dan, f"device {each}", hours=12) for each in "abc"]
        self.shown: list[Counter[int]] = [Counter() for _ in self.tokens]
        self.chances: dict[Callable[[Kept, int], str], int] = {
            self._other_says: 40,
            self._show: 18,
            self._read: 18,
            self._say: 6,
            self._withdraw: 6,
            self._come_or_go: 3,
            self._mute: 2,
        }

    def step(self) -> str:
        act = self.chance.choices(list(self.chances), list(self.chances.values()))[0]
        return act(self.chance.choice(self.talks), self.chance.randrange(3))

    def differs(self) -> bool:
        """Whether the device that asks now is told otherwise than the rows are."""
        person = self._person(self.chance.randrange(3))
        news = {each.id: each.news(self.me) for each in self.talks if each.is_in}
        loud = [each for each in self.talks if each.is_in and not each.muted]
        one = self.chance.choice([each for each in self.talks if each.is_in])
        first = news[one.id][-1].position if news[one.id] else None
        row = db.session().get_one(Conversation, one.id)
        return (
            unread.counts(person) != {talk: len(new) for talk, new in news.items() if new}
            or unread.total(person) != sum(len(news[each.id]) for each in loud)
            or unread.first(person, row) != first
        )

    def _other_says(self, talk: Kept, _device: int) -> str:
        author = self.chance.choice(self.others[self.talks.index(talk)])
        messages.say(author, self._row(talk), "A word")
        self._written(talk)
        return "said by others"

    def _say(self, talk: Kept, device: int) -> str:
        if talk.is_in:
            messages.say(self._person(device), self._row(talk), "A word of mine")
            self._written(talk)
        return "said"

    def _show(self, talk: Kept, device: int) -> str:
        if talk.is_in:
            shown = reading.newest(self._person(device), self._row(talk)).range[1]
            self.shown[device][talk.id] = shown
        return "shown"

    def _read(self, talk: Kept, device: int) -> str:
        """Read as far as this device has shown, or not so far: another may be ahead of it."""
        if talk.is_in:
            up_to = self.chance.randint(0, self.shown[device][talk.id] + 1)
            up_to = self.chance.choice([self.shown[device][talk.id], up_to])
            unread.mark(self._person(device), self._row(talk), up_to)
            talk.read(self.me, up_to)
        return "read"

    def _withdraw(self, talk: Kept, _device: int) -> str:
        late = [each for each in talk.rows[-30:] if each.by_hand and not each.withdrawn]
        if late:
            gone = self.chance.choice(late)
            place = (Message.conversation_id == talk.id) & (Message.position == gone.position)
            found = db.session().scalars(select(Message).where(place)).one()
            messages.withdraw(db.session().get_one(Person, gone.author), found)
            gone.withdrawn = True
        return "withdrawn"

    def _come_or_go(self, _talk: Kept, device: int) -> str:
        circle = self.talks[-1]
        if circle.is_in:
            conversations.leave(self._person(device), self._row(circle))
        else:
            since = self.chance.choice([None, clock.now()])
            circle.after = len(circle.rows) if since else 0
            row, dan = self._row(circle), db.session().get_one(Person, self.me)
            conversations.add(self.cast.olive, row, dan, history_from=since)
        circle.is_in = not circle.is_in
        self._written(circle)
        return "left or added"

    def _mute(self, talk: Kept, device: int) -> str:
        if talk.is_in:
            talk.muted = not talk.muted
            conversations.mute(self._person(device), self._row(talk), muted=talk.muted)
        return "muted"

    def _person(self, device: int) -> Person:
        found = sign_ins.find(self.tokens[device], idle_minutes=60)
        assert found is not None
        return found[0]

    def _row(self, talk: Kept) -> Conversation:
        return db.session().get_one(Conversation, talk.id)

    def _written(self, talk: Kept) -> None:
        """What has just been written there: who wrote it, and whether by hand."""
        db.session().flush()
        new = (Message.conversation_id == talk.id) & (Message.position > len(talk.rows))
        query = select(Message.position, Message.author_id, Message.kind).where(new)
        for row in db.rows(query.order_by(Message.position)):
            talk.rows.append(Row(row.position, row.author_id, row.kind == "said"))


def _three_devices(name: str, url: str, steps: int) -> bool:
    schema.upgrade(db.use(url))
    began, wrong, done = time.monotonic(), 0, Counter[str]()
    with clock.held(MORNING), db.transaction():
        cast = settle()
    devices = Devices(cast, random.Random(3))
    for step in range(steps):
        with clock.held(MORNING + step * SECONDS), db.transaction(durable=False):
            done[devices.step()] += 1
            wrong += devices.differs()
    db.engine().dispose()
    kinds = ", ".join(f"{many:,} {what}" for what, many in done.most_common())
    print(
        f"{name}: {steps:,} steps on three devices ({kinds}): {wrong} differences, "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
    return wrong == 0


def _another(url: str) -> str:
    """Another empty database of the same server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE another"))
    engine.dispose()
    return url.replace("/postgres?", "/another?")


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
