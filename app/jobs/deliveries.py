"""Tells what follows each commit, as soon as it is woken and every few seconds in any case.

Beside that it forgets old drafts, notices and files nobody posted, has files checked that wait for
it, anchors the audit, asks for reviews of what it holds, and takes questions a step on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from app import activity, attachments, relay, scan
from app.casework import review_rules
from app.core import db
from app.jobs import keeping
from app.notices import inbox
from feeds import drafts, questions
from messaging import drafts as message_drafts

log = structlog.get_logger()

# Seconds. The sweep finds what another process wrote, or one that died was about to tell.
SWEEP_EVERY = 2.0
FORGET_EVERY = 3600.0
ANCHOR_EVERY = 60.0
REVIEW_EVERY = 60.0
CHECK_EVERY = 60.0
QUESTIONS_EVERY = 20.0
# How much longer than the lead a manager is left alone.
PATIENCE = timedelta(hours=24)


def begin(
    sweep_every: float = SWEEP_EVERY,
    anchor: Callable[[], object] | None = None,
    patience: timedelta = PATIENCE,
) -> Callable[[], None]:
    """Deliver in a thread of this process from now on; answers what stops it.

    `anchor` writes an anchor of the audit: every minute, and once more when all ends. `patience` is
    how long after the lead a manager is told of a question that nobody answers.
    """
    woken, stopping = threading.Event(), threading.Event()
    activity.wakes(woken.set)

    now_and_then: list[tuple[Callable[[], object], str, float]] = [
        (_forget, "what is old not forgotten", FORGET_EVERY),
        (_review, "audit not looked into", REVIEW_EVERY),
        (lambda: _escalate(patience), "questions not taken on", QUESTIONS_EVERY),
    ]
    if anchor:
        now_and_then.append((anchor, "audit not anchored", ANCHOR_EVERY))

    def work() -> None:
        due = dict.fromkeys(range(len(now_and_then)), time.monotonic())
        while not stopping.is_set():
            survive(keeping.run, "messages not kept")
            survive(_deliver_all, "deliveries paused")
            for which, (act, otherwise, every) in enumerate(now_and_then):
                if time.monotonic() >= due[which]:
                    survive(act, otherwise)
                    due[which] = time.monotonic() + every
            woken.wait(sweep_every)
            woken.clear()
        if anchor:
            survive(anchor, "audit not anchored")

    def stop() -> None:
        activity.wakes_no_more(woken.set)
        stopping.set()
        woken.set()
        thread.join()

    thread = threading.Thread(target=work, name="deliveries", daemon=True)
    thread.start()
    # By itself, because a scanner that hangs must keep nobody's news waiting.
    threading.Thread(target=_keep_checking, args=[stopping], name="files", daemon=True).start()
    return stop


def _keep_checking(stopping: threading.Event) -> None:
    while not stopping.wait(CHECK_EVERY):
        survive(check_files, "files not checked")


def _deliver_all() -> None:
    while relay.deliver():
        pass


def _forget() -> None:
    with db.transaction():
        drafts.drop_old()
        message_drafts.drop_old()
        attachments.forget_unposted()
        inbox.forget_old()
    with db.transaction():
        attachments.sweep()


def check_files() -> None:
    """Have looked at what came while the scanner was away; while it is away nothing changes."""
    with db.transaction():
        waiting = attachments.to_check()
    for each in waiting:
        verdict = attachments.look(each)
        if verdict == scan.WAITING:
            return
        with db.transaction():
            attachments.decide(each.file, verdict)


def _escalate(patience: timedelta) -> None:
    with db.transaction():
        questions.escalate(patience)


def _review() -> None:
    more = True
    while more:
        with db.transaction():
            more = review_rules.run() == review_rules.BATCH


def survive(act: Callable[[], object], otherwise: str) -> None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the database may be away; the next round tries again
        log.warning(otherwise, error=type(error).__name__)
