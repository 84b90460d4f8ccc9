"""A client that stops reading for a minute among 200: what the others and the server notice.

    ./run proof slow_client [SECONDS]

A real server, 200 clients in rooms of 20, 4,000 deliveries a second. Bars: the others' p99, by
the medians of two-second windows, changes by no more than 20 %, and the server grows by no more
than 4 MB.
"""

from __future__ import annotations

import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import live
from benchmarks.sockets.crowd import Client

CLIENTS, RATE, WINDOW = 200, 4_000, 2.0
WORSE, GROWS = 1.2, 4_096


def main(seconds: int = 60) -> bool:
    with tempfile.TemporaryDirectory(prefix="kith-proof-") as name:
        folder = Path(name)
        database = f"sqlite:///{folder / 'kith.db'}"
        cookies = live.people(folder, database)
        with live.kith(folder, database) as running:
            running.warm_up(cookies)
            running.crowd("connect", size=CLIENTS, cookies=cookies)
            before = _windows(running, seconds / 2)
            memory = running.memory()
            lazy = _stop_reading(running, cookies[0])
            during, most = [], 0.0
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                during += _windows(running, WINDOW)
                most = max(most, running.memory())
            lazy.close()
            after = _windows(running, seconds / 2)
    usual, worse = statistics.median(before + after), statistics.median(during)
    print(
        f"p99 of {CLIENTS} clients: {usual:.2f} ms, {worse:.2f} ms while one of them reads nothing "
        f"for {seconds} s; the server grew by {most - memory:,.0f} KB"
    )
    return worse <= usual * WORSE and most - memory <= GROWS


def _windows(running: live.Running, seconds: float) -> list[float]:
    windows = range(max(int(seconds / WINDOW), 1))
    return [running.crowd("pace", seconds=WINDOW, rate=RATE)["p99"] for _ in windows]


def _stop_reading(running: live.Running, cookie: str) -> socket.socket:
    """It joins a room that is spoken to, and then never looks again."""
    client = Client(("127.0.0.1", running.ports[0]), cookie, "room:0")
    while not any(said.startswith(b"43") for said in client.hear(client.socket.recv(65536))):
        pass
    return client.socket


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
