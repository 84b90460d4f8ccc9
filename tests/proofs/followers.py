"""Nobody who follows a case by position misses a post, sees one twice, or meets a gap.

    ./run proof followers [POSTS]

Eight writers post into three cases of a real `kith serve`, on each database, while followers
read each case upwards through the API with `?after=POSITION`.
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.casework import tokens
from app.core import db, schema
from app.models import Person
from config.settings import Settings
from tests import servers
from tests.cast import Cast, settle
from tests.realtime import house

WRITERS = 8


class Program:
    """One program with somebody's token and a connection of its own."""

    def __init__(self, settings: Settings, person: Person) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=60)
        with db.transaction():
            token = tokens.issue(person, "proof", scope="write")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = json.dumps(body) if body is not None else None
        try:
            self._line.request(method, path, sent, self._headers | headers)
            answer = self._line.getresponse()
        except (http.client.HTTPException, ConnectionError):
            # The server may close a line that was idle; the key makes asking again safe.
            self._line.close()
            self._line.request(method, path, sent, self._headers | headers)
            answer = self._line.getresponse()
        content = answer.read()
        assert answer.status in {200, 201}, (answer.status, content)
        return json.loads(content)


@dataclass
class Follower:
    """What one reader of one case has seen, in the order it came."""

    case_id: int
    program: Program
    positions: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    def follow(self, is_over: Callable[[], bool]) -> None:
        while True:
            last_look = is_over()
            if not self._look() and last_look:
                return

    def _look(self) -> int:
        after = self.positions[-1] if self.positions else 0
        page = self.program.ask("GET", f"/api/v1/cases/{self.case_id}/posts?after={after}")
        for post in page["posts"]:
            self.positions.append(post["position"])
            self.ids.append(post["id"])
        if not page["posts"]:
            time.sleep(0.05)
        return len(page["posts"])


def main(posts: int = 5000) -> bool:
    with servers.postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        results = [
            _prove("SQLite", f"sqlite:///{data / 'kith.db'}", data, posts),
            _prove("PostgreSQL", postgresql, data, posts),
        ]
    return all(results)


def _prove(name: str, url: str, data: Path, posts: int) -> bool:
    settings = house.free_settings(
        Settings(data=data, database_url=url, secret_key="", limits=False)
    )
    schema.upgrade(db.use(url))
    with db.transaction():
        cast = settle()
    began = time.monotonic()
    with house.served(settings):
        written, followers = _run(settings, cast, posts)
    seconds = time.monotonic() - began
    db.engine().dispose()
    judged = [_judge(each, written[each.case_id]) for each in followers]
    wrong = [sum(each) for each in zip(*judged, strict=True)]
    print(
        f"{name}: {sum(map(len, written.values()))} posts by {WRITERS} writers in {seconds:.0f} s, "
        f"{len(followers)} followers: {wrong[0]} missed, {wrong[1]} repeated, {wrong[2]} gaps"
    )
    return not any(wrong)


def _run(settings: Settings, cast: Cast, posts: int) -> tuple[dict[int, list[int]], list[Follower]]:
    amara, tobi, noor = cast.amara.id, cast.tobi.id, cast.noor.id
    writing = [
        (cast.priya, amara),
        (cast.dan, amara),
        (cast.ruth, amara),
        (cast.mo, amara),
        (cast.priya, tobi),
        (cast.dan, tobi),
        (cast.olive, noor),
        (cast.otto, noor),
    ]
    reading = [(cast.ruth, amara), (cast.mo, amara), (cast.dan, tobi), (cast.otto, noor)]
    written: dict[int, list[int]] = {amara: [], tobi: [], noor: []}
    followers = [Follower(case_id, Program(settings, who)) for who, case_id in reading]
    programs = [(Program(settings, who), case_id) for who, case_id in writing]
    share = posts // WRITERS

    def write(number: int) -> None:
        program, case_id = programs[number]
        for turn in range(share):
            body = {"body": f"Update {turn} of writer {number}."}
            key = {"Idempotency-Key": f"{number}-{turn}"}
            said = program.ask("POST", f"/api/v1/cases/{case_id}/posts", body, **key)
            written[case_id].append(said["id"])

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    is_over = lambda: not any(each.is_alive() for each in writers)  # noqa: E731
    readers = [threading.Thread(target=each.follow, args=(is_over,)) for each in followers]
    for thread in [*writers, *readers]:
        thread.start()
    for thread in [*writers, *readers]:
        thread.join()
    return written, followers


def _judge(follower: Follower, written: list[int]) -> tuple[int, int, int]:
    missed = set(written) - set(follower.ids)
    repeated = sum(times - 1 for times in Counter(follower.ids).values())
    steps = pairwise([0, *follower.positions])
    gaps = sum(later != earlier + 1 for earlier, later in steps)
    return len(missed), repeated, gaps


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
