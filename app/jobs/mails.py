"""Mails what waits, in a thread of its own: a slow post office keeps nobody else waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.core import db
from app.jobs.deliveries import survive
from app.models import Person
from app.monitor import board, words
from app.notices import letters

# Seconds.
LOOK_EVERY = 5.0
PLAN_EVERY = 60.0


def begin(look_every: float = LOOK_EVERY) -> Callable[[], None]:
    """Mail from now on; answers what stops it."""
    stopping = threading.Event()

    def work() -> None:
        plan_at = time.monotonic()
        while not stopping.is_set():
            if time.monotonic() >= plan_at:
                survive(_plan, "the day's emails not made")
                plan_at = time.monotonic() + PLAN_EVERY
            survive(_send_all, "mail paused")
            stopping.wait(look_every)

    def _send_all() -> None:
        while not stopping.is_set() and letters.send(needing=needing) == letters.AT_ONCE:
            pass

    thread = threading.Thread(target=work, name="mails", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        # A post office that keeps us waiting does not keep the server: what waits is mailed later.
        thread.join(1)

    return stop


def _plan() -> None:
    with db.transaction():
        letters.plan()


def needing(person_id: int) -> str:
    """How many of her cases need a look, or nothing where none does: never which."""
    many = len(board.mine(db.session().get_one(Person, person_id)))
    return words.need_a_look(many) if many else ""
