"""Kith's live channel beside Node's socket.io, with the same crowd of clients in the same run.

    ./run bench live [ROUNDS]

Both servers are up at a time and take turns. Events of 400 bytes go to rooms of 20.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import build_hook
from app.core import db, schema
from app.factory import create_app
from benchmarks import sockets
from config.settings import Settings
from tests import servers
from tests.cast import settle
from tests.realtime import house

HERE = Path(sockets.__path__[0])
# Nothing of it is kept: npm fetches it into a folder that goes with the run.
NODE = ["socket.io@4.8.4", "@socket.io/redis-adapter@8.3.0", "redis@4.7.1"]
SECRET = "a secret of the benchmark"
SIZES = (1_000, 3_000)
FLOOD, PACE = 2.0, 3.0
# Deliveries a second: with little to do, where most of the time is the crowd's own; and more than
# half of what Node manages.
RATE, BUSY = 4_000, 40_000
DEVICES = 40

Say = Callable[..., Any]


@dataclass
class Row:
    what: str
    better: str  # "more" or "less"
    goal: float | None = None
    kith: list[float] = field(default_factory=list)
    node: list[float] = field(default_factory=list)

    def ratio(self) -> float:
        """Turn by turn, so that what else the machine does falls on both."""
        pairs = zip(self.kith, self.node, strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    def is_met(self) -> bool:
        if self.goal is None:
            return True
        return self.ratio() >= self.goal if self.better == "more" else self.ratio() <= self.goal

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"{'≥' if self.better == 'more' else '≤'} {self.goal}"
        met = "" if self.is_met() else "  missed"
        ours, theirs = statistics.median(self.kith), statistics.median(self.node)
        return f"{self.what:<58}{ours:>11,.2f}{theirs:>11,.2f}{self.ratio():>8.2f}  {goal}{met}"


GOALS = {
    "deliveries/s": ("more", 1.0),
    "deliveries/s and CPU second": ("more", None),
    "p50 ms at 4,000/s": ("less", None),
    "p99 ms at 4,000/s": ("less", 0.7),
    "p50 ms at 40,000/s": ("less", None),
    "p99 ms at 40,000/s": ("less", 0.7),
    "p50 ms, said by clients": ("less", None),
    "p99 ms, said by clients": ("less", None),
    "p99 ms, 60 HTTP requests/s beside": ("less", 1.0),
    "p99 ms of those requests": ("less", None),
    "KB a connection": ("less", 0.7),
    "connects/s": ("more", None),
    "deliveries/s, two processes and Redis": ("more", 0.8),
    "p99 ms, two processes and Redis": ("less", None),
}
Table = dict[tuple[int, str], Row]


def main(rounds: int = 7) -> int:
    table: Table = {}
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name, servers.postgresql() as url:
        folder = Path(name)
        node = fetch_node(folder)
        cookies = people(folder, url)
        for size in SIZES:
            with ExitStack() as stack:
                stacks = {
                    "kith": stack.enter_context(kith(folder, url)),
                    "node": stack.enter_context(node_server(node, folder)),
                }
                alone(table, stacks, size, cookies, rounds)
        with servers.redis() as redis_url, ExitStack() as stack:
            stacks = {
                "kith": stack.enter_context(kith(folder, url, redis_url, 2)),
                "node": stack.enter_context(node_server(node, folder, redis_url, 2)),
            }
            over_redis(table, stacks, SIZES[0], cookies, rounds)
    print(f"{'':<58}{'Kith':>11}{'socket.io':>11}{'ratio':>8}  goal")
    for row in table.values():
        print(row)
    return int(not all(row.is_met() for row in table.values()))


def alone(
    table: Table, stacks: dict[str, Running], size: int, cookies: list[str], rounds: int
) -> None:
    note = noting(table, size)
    for name, running in stacks.items():
        running.warm_up(cookies)
        before = running.memory()
        note(name, "connects/s", running.crowd("connect", size=size, cookies=cookies))
        time.sleep(1)
        note(name, "KB a connection", (running.memory() - before) / size)
    for name, running in in_turn(stacks, rounds):
        spent = running.processor_time()
        flood = running.crowd("flood", seconds=FLOOD)
        note(name, "deliveries/s", flood["a second"])
        spent = running.processor_time() - spent
        note(name, "deliveries/s and CPU second", flood["a second"] * FLOOD / spent)
        busy = f"the crowd was busy for {flood['busy']:.0%}"
        print(f"{size:,} · {name}: {flood['a second']:,.0f}/s, {busy}", file=sys.stderr)
        for rate in (RATE, BUSY):
            pace = running.crowd("pace", seconds=PACE, rate=rate)
            note(name, f"p50 ms at {rate:,}/s", pace["p50"])
            note(name, f"p99 ms at {rate:,}/s", pace["p99"])
        with requests(running.ports[0], 60) as times:
            pace = running.crowd("pace", seconds=PACE, rate=RATE)
        note(name, "p99 ms, 60 HTTP requests/s beside", pace["p99"])
        note(name, "p99 ms of those requests", sorted(times)[int(len(times) * 0.99)])
        talk = running.crowd("talk", seconds=PACE, rate=RATE)
        note(name, "p50 ms, said by clients", talk["p50"])
        note(name, "p99 ms, said by clients", talk["p99"])


def over_redis(
    table: Table, stacks: dict[str, Running], size: int, cookies: list[str], rounds: int
) -> None:
    note = noting(table, size)
    for running in stacks.values():
        running.crowd("connect", size=size, cookies=cookies)
    for name, running in in_turn(stacks, rounds):
        flood = running.crowd("flood", seconds=FLOOD)
        note(name, "deliveries/s, two processes and Redis", flood["a second"])
        pace = running.crowd("pace", seconds=PACE, rate=RATE)
        note(name, "p99 ms, two processes and Redis", pace["p99"])


def in_turn(stacks: dict[str, Running], rounds: int) -> Iterator[tuple[str, Running]]:
    for number in range(rounds):
        yield from sorted(stacks.items(), reverse=bool(number % 2))


def noting(table: Table, size: int) -> Callable[[str, str, float], None]:
    def note(name: str, what: str, value: float) -> None:
        better, goal = GOALS[what]
        row = table.setdefault((size, what), Row(f"{size:,} · {what}", better, goal))
        getattr(row, name).append(value)

    return note


# The two stacks


@dataclass
class Running:
    """Server processes of one kind, and the crowd in front of them."""

    ports: list[int]
    lines: int
    servers: list[int]
    say: Say

    def crowd(self, do: str, **how: Any) -> Any:
        where = {"ports": self.ports, "lines": self.lines} if do == "connect" else {}
        return self.say(do=do, **how, **where)

    def memory(self) -> float:
        """KB, of the first server."""
        status = Path(f"/proc/{self.servers[0]}/status").read_text()
        return float(status.partition("VmRSS:")[2].split()[0])

    def processor_time(self) -> float:
        fields = Path(f"/proc/{self.servers[0]}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def warm_up(self, cookies: list[str]) -> None:
        """What each thread and each kind of request needs once is no part of a connection."""
        self.crowd("connect", size=200, cookies=cookies)
        self.crowd("pace", seconds=1, rate=RATE)
        self.crowd("talk", seconds=1, rate=RATE)
        self.crowd("close")
        time.sleep(1)


@contextmanager
def kith(folder: Path, database: str, redis_url: str = "", processes: int = 1) -> Iterator[Running]:
    command = [sys.executable, "-m", "benchmarks.sockets.kith", "{lines}"]
    environ = {
        "KITH_DATA": str(folder),
        "KITH_DATABASE_URL": database,
        "KITH_SECRET_KEY": SECRET,
        "KITH_PORT": "{port}",
        "KITH_URL": "http://127.0.0.1:{port}",
        "KITH_LIMITS": "off",
        "KITH_REDIS_URL": redis_url,
    }
    with running(command, environ, processes) as each:
        yield each


@contextmanager
def node_server(
    node: str, folder: Path, redis_url: str = "", processes: int = 1
) -> Iterator[Running]:
    command = [node, str(HERE / "node.js"), "{port}", "{lines}", redis_url]
    with running(command, {"NODE_PATH": str(folder / "node_modules")}, processes) as each:
        yield each


@contextmanager
def running(command: list[str], environ: dict[str, str], processes: int) -> Iterator[Running]:
    ports, lines, ids, started = [], [], [], []
    with child([sys.executable, "-m", "benchmarks.sockets.crowd"]) as crowd:
        try:
            for _ in range(processes):
                ports.append(servers.free_port())
                lines.append(servers.free_port())
                started.append(begin(command, environ, port=ports[-1], lines=lines[-1]))
                assert started[-1].stdout
                said = iter(started[-1].stdout.readline, "")
                ids.append(next(int(line) for line in said if line.strip().isdecimal()))
            yield Running(ports, lines[0], ids, saying(crowd))
        finally:
            crowd.kill()
            for each in started:
                each.terminate()
                each.wait(30)


def begin(command: list[str], environ: dict[str, str], **ports: int) -> Any:
    filled = {name: value.format(**ports) for name, value in environ.items()}
    return subprocess.Popen(
        [part.format(**ports) for part in command],
        env=os.environ | filled,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def child(command: list[str]) -> Iterator[Any]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def saying(crowd: Any) -> Say:
    def say(**what: Any) -> Any:
        crowd.stdin.write(json.dumps(what) + "\n")
        return json.loads(crowd.stdout.readline())

    return say


@contextmanager
def requests(port: int, rate: int) -> Iterator[list[float]]:
    """So many requests a second that compute for five milliseconds; how long each took, in ms."""
    over, times, kept = threading.Event(), list[float](), threading.local()

    def ask() -> None:
        began = time.perf_counter()
        if not hasattr(kept, "line"):
            kept.line = HTTPConnection("127.0.0.1", port)
        kept.line.request("GET", "/compute")
        kept.line.getresponse().read()
        times.append((time.perf_counter() - began) * 1000)

    def go_on() -> None:
        with ThreadPoolExecutor(16) as pool:
            while not over.wait(1 / rate):
                pool.submit(ask)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


# What they need


def fetch_node(folder: Path) -> str:
    node, npm = build_hook.find_node()
    quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts", "--no-save"]
    build_hook.run([*npm, "install", f"--prefix={folder}", *quiet, *NODE], folder, node)
    return node


def people(folder: Path, database: str) -> list[str]:
    """The cookies of devices that are signed in, as `kith serve` will know them."""
    schema.upgrade(db.use(database))
    with db.transaction():
        cast = settle()
    app = create_app(Settings(data=folder, database_url=database, secret_key=SECRET))
    cookies = [house.cookie(app, cast.priya)[0] for _ in range(DEVICES)]
    db.engine().dispose()
    return cookies


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
