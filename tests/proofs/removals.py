"""200 people lose a case while their pages are open: what they hear and open afterwards.

    ./run proof removals [PEOPLE]

In turn somebody is taken out of the network, signs out, or has their account closed, beside a
real `kith serve` on each database. Bars: nothing is heard of a post written after the commit,
the old cookie opens nothing, and the sockets of the last two close within 2 s (99 of 100).
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from app.casework import networks, people, sign_ins
from app.core import clock, db, schema
from app.factory import create_app
from app.models import Case, Follow, Person
from config.settings import Settings
from feeds import posts
from tests import servers
from tests.cast import Cast, settle
from tests.realtime import house

BAR = 2.0
WAYS = ("removed", "signed out", "deactivated")


@dataclass
class Leaver:
    person: Person
    way: str
    sign_in_id: int
    page: house.Page
    after: int = 0  # the newest post when they lost it
    lost_at: float = 0.0
    closed_at: float = 0.0
    heard: list[int] = field(default_factory=list)

    def watch(self) -> None:
        self.page.socket.on("disconnect", lambda *_: self._closed())
        self.page.socket.on("changed", self._hear)
        self.page.open()

    def _closed(self) -> None:
        self.closed_at = time.monotonic()

    def _hear(self, pointer: dict[str, int]) -> None:
        if pointer["post"]:
            self.heard.append(pointer["post"])


def main(how_many: int = 200) -> bool:
    with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        results = [
            _prove("SQLite", f"sqlite:///{data / 'kith.db'}", data, how_many),
            _prove("PostgreSQL", postgresql, data, how_many),
        ]
    return all(results)


def _prove(name: str, url: str, data: Path, how_many: int) -> bool:
    settings = house.free_settings(
        Settings(data=data, database_url=url, secret_key="", limits=False)
    )
    schema.upgrade(db.use(url))
    with db.transaction():
        cast = settle()
        everybody = [_newcomer(cast, number) for number in range(how_many)]
    app = create_app(settings)
    with house.served(settings) as address:
        leavers = []
        for number, person in enumerate(everybody):
            cookie, sign_in_id = house.cookie(app, person)
            leaver = Leaver(
                person, WAYS[number % len(WAYS)], sign_in_id, house.Page(address, cookie)
            )
            leaver.watch()
            leavers.append(leaver)
        first = _tell(cast.priya, cast.amara)
        house.eventually(lambda: all(first in each.heard for each in leavers), 60)
        for leaver in leavers:
            leaver.after = _tell(cast.priya, cast.amara)
            _lose(cast, leaver)
            _tell(cast.priya, cast.amara)
        last = [each for each in leavers if each.way != "removed"]
        deadline = time.monotonic() + 20
        while not all(each.closed_at for each in last) and time.monotonic() < deadline:
            time.sleep(0.05)
        refused = [_is_refused(address, each) for each in leavers]
        late = [post for each in leavers for post in each.heard if post > each.after]
        for leaver in leavers:
            leaver.page.socket.disconnect()
    db.engine().dispose()
    taken = sorted(
        (each.closed_at - each.lost_at) if each.closed_at else float("inf") for each in last
    )
    p99 = taken[min(len(taken) - 1, int(len(taken) * 0.99))]
    print(
        f"{name}: {how_many} lost it; heard of {len(late)} posts afterwards; "
        f"{len(refused) - sum(refused)} old cookies opened something; sockets of {len(taken)} "
        f"closed after p50 {taken[len(taken) // 2]:.2f} s, p99 {p99:.2f} s, most {taken[-1]:.2f} s"
    )
    return not late and all(refused) and p99 <= BAR


def _newcomer(cast: Cast, number: int) -> Person:
    person = Person(
        name=f"Practitioner {number}",
        role="Health visitor",
        agency_id=cast.ruth.agency_id,
        email=f"practitioner{number}@kith.example",
        created_at=clock.now(),
    )
    session = db.session()
    session.add(person)
    session.flush()
    networks.join(cast.priya, cast.amara, person, role="", reason="Helps", announced=False)
    assert session.get(Follow, (person.id, cast.amara.id))
    return person


def _tell(author: Person, case: Case) -> int:
    with db.transaction():
        return posts.publish(author, case, posts.Update("He ran to the door.")).id


def _lose(cast: Cast, leaver: Leaver) -> None:
    with db.transaction() as session:
        person = session.merge(leaver.person, load=True)
        if leaver.way == "removed":
            networks.remove(cast.priya, cast.amara, person, "Has another post")
        elif leaver.way == "signed out":
            sign_ins.end(leaver.sign_in_id)
        else:
            people.deactivate(cast.ada, person)
    leaver.lost_at = time.monotonic()


def _is_refused(address: str, leaver: Leaver) -> bool:
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=20)
    connection.request("GET", "/cases/1", headers={"Cookie": leaver.page.cookie or ""})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    expected = 404 if leaver.way == "removed" else 302
    return answer.status == expected and b"Amara" not in body


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
