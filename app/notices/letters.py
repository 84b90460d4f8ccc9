"""What is mailed, and when: a reference and how many, never a name or a word."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app import access, mail
from app.core import clock, db
from app.core.db import AnyRow
from app.mail import Letter, Refused
from app.models import REASONS, Mail, Notice, Person, QuietHours
from app.notices import choices

log = structlog.get_logger()

# While one process is at the post office the others leave these letters alone.
LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(minutes=15)
AT_ONCE = 20
# A day's email that could not go for longer than this is not made any more.
LATE = timedelta(days=2)

# The whole of what an email may say of a notice: one, and several.
WORDS = {
    "urgent": ("an urgent update", "urgent updates"),
    "question": ("a question to you", "questions to you"),
    "named": ("an update that names you", "updates that name you"),
    "message": ("a message to you", "messages to you"),
    "unanswered": ("a question without an answer", "questions without an answer"),
    "asked": ("somebody asks for access", "requests for access"),
    "unusual": ("a case that is unusually busy or quiet", "cases that are unusually busy or quiet"),
    "access": ("a change of what you may see", "changes of what you may see"),
    "reply": ("a reply to you", "replies to you"),
    "followed": ("an update in a case you follow", "updates in cases you follow"),
    "news": ("another update in a case you follow", "other updates in cases you follow"),
    "found": ("something new in a search you saved", "searches you saved found something new"),
}
assert tuple(WORDS) == tuple(REASONS)

BODY = """\
{what}

Open Kith and sign in to read it:
{link}

This email names nobody and says nothing of what was written, on purpose. It may be read by \
others.
Kith is not an emergency service: if a child is in danger now, phone 999.
{reference}
What is mailed to you, and when: {url}/settings/notices
"""


def plan() -> int:
    """Make the day's emails that are due, each once; answers how many.

    Several processes may do it at the same time.
    """
    if not mail.is_on():
        return 0
    now = clock.local(clock.now())
    last = now.date() if now.hour >= mail.office().hour else now.date() - timedelta(days=1)
    made = 0
    for person_id, day, hours in _without_email(last):
        made += _make(person_id, day, hours)
    return made


# Says of somebody how many of their cases need a look; nothing where none does.
Needing = Callable[[int], str]


def send(most: int = AT_ONCE, needing: Needing = lambda _person_id: "") -> int:
    """Hand over what is due; answers how many letters were dealt with.

    At least once: a process that dies in between leaves them to the next round, and each keeps its
    Message-ID. When nobody answers they wait, longer each time. What `needing` says stands in the
    email of a day.
    """
    carrier = mail.office().carrier
    if carrier is None:
        return 0
    taken = _take(most, needing)
    letters = [(mail_id, letter) for mail_id, letter in taken if letter is not None]
    done = [mail_id for mail_id, letter in taken if letter is None]
    try:
        if letters:
            with carrier.round() as hand_over:
                for mail_id, letter in letters:
                    _hand_over(hand_over, letter)
                    done.append(mail_id)
    except Exception as error:  # noqa: BLE001 - whatever the post office does, the letters wait
        log.warning("mail waits", error=type(error).__name__)
    finally:
        _put_off([mail_id for mail_id, _ in taken], done)
    return len(taken)


def _hand_over(hand_over: Any, letter: Letter) -> None:
    try:
        hand_over(letter)
    except Refused:
        log.warning("mail refused", token=letter.token)


def of(row: AnyRow, needing: Needing = lambda _person_id: "") -> Letter | None:
    """The letter as it is now; none when there is nothing left to say or nobody to say it to."""
    if row.digest_on is None:
        reason = db.session().scalar(_readable(row.person_id, Notice.id == row.notice_id))
        return _about_one(row, reason) if reason else None
    counts = db.session().execute(
        _readable(row.person_id, Notice.digest_on == row.digest_on)
        .add_columns(func.count())
        .group_by(Notice.reason)
    )
    return _of_the_day(row, {row[0]: row[1] for row in counts}, needing)


def _about_one(row: AnyRow, reason: str) -> Letter:
    what, url = WORDS[reason][0], mail.office().url
    body = BODY.format(
        what=f"In Kith there is something for you: {what}.",
        link=f"{url}/notices/{row.notice_id}",
        reference=f"Reference: K-{row.notice_id}",
        url=url,
    )
    return Letter(row.email, f"Kith: {what} (K-{row.notice_id})", body, row.token)


def _of_the_day(row: AnyRow, counts: dict[str, int], needing: Needing) -> Letter | None:
    total, url = sum(counts.values()), mail.office().url
    if not total:
        return None
    lines = [
        f"- {counts[reason]} × {words[0]}"
        if counts[reason] == 1
        else f"- {counts[reason]} {words[1]}"
        for reason, words in WORDS.items()
        if reason in counts
    ]
    if said := needing(row.person_id):
        lines += ["", f"{said}."]
    body = BODY.format(
        what="\n".join(["Since the last email of a day, in Kith:", *lines]),
        link=f"{url}/notices",
        reference=f"Reference: K-{row.digest_on:%Y%m%d}-{row.id}",
        url=url,
    )
    noun = "notice" if total == 1 else "notices"
    return Letter(row.email, f"Kith: {total} {noun} for you", body, row.token)


def _readable(person_id: int, which: Any) -> Any:
    return select(Notice.reason).where(
        which, Notice.read_at.is_(None), access.reads_notice(person_id, Notice)
    )


def _without_email(last: date) -> list[tuple[int, date, QuietHours | None]]:
    """(person, day, quiet hours) of each day up to `last` that has notices and no email yet."""
    written = exists(1).where(
        Mail.person_id == Notice.person_id, Mail.digest_on == Notice.digest_on
    )
    found = (
        db.session()
        .execute(
            select(Notice.person_id, Notice.digest_on)
            .where(
                Notice.digest_on <= last,
                Notice.digest_on > last - LATE,
                Notice.read_at.is_(None),
                ~written,
            )
            .distinct()
            .order_by(Notice.person_id, Notice.digest_on)
        )
        .all()
    )
    people = [row.person_id for row in found]
    kept = db.session().scalars(select(QuietHours).where(QuietHours.person_id.in_(people)))
    quiet = {hours.person_id: hours for hours in kept}
    return [(row.person_id, row.digest_on, quiet.get(row.person_id)) for row in found]


def _make(person_id: int, day: date, hours: QuietHours | None) -> int:
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    new = db.session().scalar(
        insert(Mail)
        .values(
            person_id=person_id,
            digest_on=day,
            token=secrets.token_hex(12),
            due_at=choices.quiet_until(hours, clock.now()),
            tries=0,
        )
        .on_conflict_do_nothing()
        .returning(Mail.id)
    )
    return int(new is not None)


def _take(most: int, needing: Needing) -> list[tuple[int, Letter | None]]:
    """Lease what is due, and write each letter from what may be read at this moment."""
    with db.transaction() as session:
        rows = session.execute(
            select(
                Mail.id, Mail.person_id, Mail.notice_id, Mail.digest_on, Mail.token, Person.email
            )
            .join(Person, Person.id == Mail.person_id)
            .where(Mail.done_at.is_(None), Mail.due_at <= clock.now())
            .order_by(Mail.due_at, Mail.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=Mail)
        ).all()
        if rows:
            session.execute(
                update(Mail)
                .where(Mail.id.in_([row.id for row in rows]))
                .values(due_at=clock.now() + LEASE)
            )
        return [(row.id, of(row, needing)) for row in rows]


def _put_off(taken: list[int], done: list[int]) -> None:
    if not taken:
        return
    with db.transaction() as session:
        session.execute(update(Mail).where(Mail.id.in_(done)).values(done_at=clock.now()))
        for each in session.scalars(select(Mail).where(Mail.id.in_(set(taken) - set(done)))):
            wait = min(timedelta(seconds=10 * 2 ** min(each.tries, 9)), LONGEST_WAIT)
            each.tries += 1
            each.due_at = clock.now() + wait
