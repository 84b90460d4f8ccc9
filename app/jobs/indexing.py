"""Keeps the index in step with what is done, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import structlog

from app import activity
from app.jobs.deliveries import survive
from search import indexing
from search.whoosh_index import Damaged, WhooshIndex

log = structlog.get_logger()

# Seconds. What comes within the first goes into the index together; the sweep finds what another
# process wrote, and what was told to nobody.
GATHER_FOR = 0.2
SWEEP_EVERY = 2.0


class _Stopping(Exception):
    """Left off where it can be gone on from."""


def keep(index: WhooshIndex, going_on: indexing.Say) -> None:
    """Bring it up to what was done last; make it, where there is none or it cannot be trusted."""
    try:
        while taken := indexing.catch_up(index):
            going_on(taken, taken)
    except Damaged:
        if indexing.rebuild(index, going_on):
            log.info("index built")


def begin(
    index: WhooshIndex, gather_for: float = GATHER_FOR, sweep_every: float = SWEEP_EVERY
) -> Callable[[], None]:
    """Keep it from now on; answers what stops it."""
    woken, stopping = threading.Event(), threading.Event()
    activity.wakes(woken.set)

    def go_on(_done: int = 0, _all: int = 0) -> None:
        if stopping.is_set():
            raise _Stopping

    def keep_on() -> None:
        with suppress(_Stopping):
            keep(index, go_on)

    def work() -> None:
        while not stopping.is_set():
            survive(keep_on, "index not kept")
            woken.wait(sweep_every)
            stopping.wait(gather_for)
            woken.clear()

    def stop() -> None:
        activity.wakes_no_more(woken.set)
        stopping.set()
        woken.set()
        thread.join()

    thread = threading.Thread(target=work, name="index", daemon=True)
    thread.start()
    return stop
