"""Keeps the monitor watching: every case each night, and what passes with the hours each minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from app.jobs.deliveries import survive
from app.monitor import due, watch
from config.settings import Settings

log = structlog.get_logger()

# Seconds. A night's pass that is due begins within this, and so does what has become overdue.
LOOK_EVERY = 60.0


def use(settings: Settings) -> None:
    """Watch as this organisation has chosen: how patiently, and by which calendar."""
    usual = due.Patience()
    acknowledge = timedelta(hours=settings.acknowledge_hours)
    seen_within = dict(settings.seen_within) or usual.seen_within
    due.use(
        replace(
            usual,
            acknowledge=acknowledge,
            outcome=timedelta(days=settings.outcome_days),
            not_brought_within=timedelta(days=settings.not_brought_days),
            no_lead=timedelta(days=settings.no_lead_days),
            seen_within=seen_within,
            left_out=frozenset(settings.left_out),
        )
    )
    watch.use(settings.terms, settings.holidays)


def begin(look_every: float = LOOK_EVERY) -> Callable[[], None]:
    """Watch in a thread of this process from now on; answers what stops it."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.is_set():
            survive(_look, "cases not looked at")
            stopping.wait(look_every)

    def look_on(_done: int, _all: int) -> None:
        if stopping.is_set():
            raise _Stopping

    def _look() -> None:
        watch.look_by_the_hour()
        if watch.is_due() and watch.sweep(say=look_on):
            log.info("every case looked at")

    def stop() -> None:
        stopping.set()
        thread.join()

    thread = threading.Thread(target=work, name="monitor", daemon=True)
    thread.start()
    return stop


class _Stopping(Exception):
    """Left off where another can go on."""
