"""Files and photos: taken, given to a post or a message, opened; forgotten when left unused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, inspect, select, union_all

from app import activity, scan
from app.core import accepted, clock, db, files, seals, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, TooFast, Unavailable
from app.models import Attachment, Case, Message, Person, Post

# What is sent and not posted within a day is forgotten.
KEPT = timedelta(days=1)
# So many go with one update, and so many may wait to be posted by one person.
MOST, MOST_WAITING = 5, 50
AT_ONCE = 500

TOO_MANY = f"Send at most {MOST} files at once. Leave some out, or send the rest after it."
GONE = "One of these files is not here any more. Choose it again."
WAITS = "This file waits for its virus check. Try again in a few minutes."
INFECTED = "The virus check refused this file, so nobody can open it."
UNREADABLE = "This file cannot be read. Tell whoever looks after Kith."
# Nothing a file holds may act in the place of a page of ours.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Taken:
    """A file that was looked at and is kept already, though no row names it yet."""

    name: str
    type: str
    size: int
    file: str
    preview: str | None
    width: int | None
    height: int | None
    key: bytes
    verdict: str


def take(name: str, data: bytes) -> Taken:
    """Look at the file and keep what may be kept of it; `Invalid` says what is wrong, by name.

    It draws photos anew and may wait for a scanner, so no transaction is open meanwhile.
    """
    found = accepted.accepted(name, data)
    verdict = scan.checked(found.name, found.data)
    key = seals.new_key()
    return Taken(
        found.name,
        found.type,
        len(found.data),
        files.keep(found.data, key),
        files.keep(found.preview, key) if found.preview else None,
        found.width,
        found.height,
        key,
        verdict,
    )


def leave(taken: Taken) -> None:
    """Drop what was taken and is not wanted after all."""
    _drop(taken.file, taken.preview)


def keep(author: Person, case: Case | None, taken: Taken, alt: str | None = None) -> Attachment:
    """A file its sender may give to a post about the case within a day; only they know of it."""
    waiting = select(func.count()).select_from(_own(author).subquery())
    if (db.session().scalar(waiting) or 0) >= MOST_WAITING:
        raise TooFast("You have sent many files and posted none of them. Post some first.")
    made = Attachment(
        **vars(taken),
        author_id=author.id,
        case_id=_number(case),
        alt=text.line(alt, field="alt") or None,
        kept_at=clock.now(),
    )
    db.session().add(made)
    db.session().flush()
    return made


def unposted(author: Person, case: Case | None, numbers: Iterable[int]) -> list[Attachment]:
    """Those of these files that the author may still give to a post about the case."""
    wanted = set(numbers)
    return list(db.session().scalars(_these(author, case, wanted))) if wanted else []


def attach(
    author: Person, case: Case, posts: Sequence[Post], numbers: Sequence[int], alt: str | None
) -> None:
    """Give files kept for the case to its post, and to the copies of it in siblings' cases.

    `alt` says what the photos among them show. Every copy has a row, all share the file.
    """
    for place, row in enumerate(chosen(author, case, numbers, alt)):
        row.place = place
        for post in posts:
            _put(row, post)
    db.session().flush()


def send(
    author: Person, case: Case | None, message: Message, numbers: Sequence[int], alt: str | None
) -> None:
    """Give files kept for the case, or for none, to a message of a conversation about it."""
    for place, row in enumerate(chosen(author, case, numbers, alt)):
        row.place, row.message_id = place, message.id
    db.session().flush()


def keep_with(post: Post, message_ids: Sequence[int]) -> None:
    """The files of messages that became a post stand with it as well, each as a row of its own."""
    rows = select(Attachment).where(Attachment.message_id.in_(message_ids))
    found = db.session().scalars(rows.order_by(Attachment.message_id, Attachment.place))
    for place, row in enumerate(found.all()):
        _copy(row, post, place=place)
    db.session().flush()


def chosen(
    author: Person, case: Case | None, numbers: Sequence[int], alt: str | None
) -> list[Attachment]:
    """The files the author names, in that order and described; `Invalid` when they may not."""
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) > MOST:
        raise Invalid(attachments=TOO_MANY)
    # Locked: of two updates that name one file at once, the other must not take it away again.
    held = _these(author, case, wanted).with_for_update() if wanted else None
    found = {each.id: each for each in db.session().scalars(held)} if held is not None else {}
    if len(found) != len(wanted):
        raise Invalid(attachments=GONE)
    rows = [found[number] for number in wanted]
    _describe([row for row in rows if row.preview], text.line(alt, field="alt"))
    return rows


def of(posts: Iterable[AnyRow | Post]) -> dict[int, list[AnyRow]]:
    """The files of each of these posts, in order, by the post's number; for those who read it."""
    numbers = [post.id for post in posts]
    found: dict[int, list[AnyRow]] = {}
    for row in db.rows(_of(), {"post_ids": numbers}) if numbers else ():
        found.setdefault(row.post_id, []).append(row)
    return found


def of_messages(messages: Iterable[AnyRow]) -> dict[int, list[AnyRow]]:
    """The files of each of these messages, in order, by its number; for those who hear it."""
    numbers = [message.id for message in messages]
    found: dict[int, list[AnyRow]] = {}
    for row in db.rows(_of_messages(), {"message_ids": numbers}) if numbers else ():
        found.setdefault(row.message_id, []).append(row)
    return found


def opened(attachment: Attachment) -> bytes:
    """What is in it; it comes from `app.access`."""
    return _read(attachment, attachment.file)


def preview(attachment: Attachment) -> bytes | None:
    """The small one of a photo; nothing of any other file."""
    return _read(attachment, attachment.preview) if attachment.preview else None


def headers(attachment: Attachment) -> dict[str, str]:
    """How it is answered: to be saved and not shown, as the type it was found to be."""
    plain = attachment.name.encode("ascii", "replace").decode().replace("?", "_")
    charset = "; charset=utf-8" if attachment.type.startswith("text/") else ""
    return {
        "Content-Type": attachment.type + charset,
        "Content-Disposition": (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.name, safe='')}"
        ),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def forget_unposted() -> int:
    """Forget what nobody posted within a day; answers how many files."""
    old = select(Attachment).where(_is_unposted(), Attachment.kept_at <= clock.now() - KEPT)
    rows = db.session().scalars(old.with_for_update(skip_locked=True)).all()
    for row in rows:
        db.session().delete(row)
        db.afterwards(partial(_drop, row.file, row.preview))
    return len(rows)


def sweep() -> int:
    """Drop files no row names, left by what was never committed; answers how many.

    Where most files have no row, it is the database that is wrong, and nothing is dropped.
    """
    before = clock.now() - KEPT
    kept = list(files.names(before=before.timestamp()))
    named: set[str] = set()
    for start in range(0, len(kept), AT_ONCE):
        some = kept[start : start + AT_ONCE]
        named |= set(db.session().scalars(_named(some)))
    unnamed = set(kept) - named
    if len(unnamed) > len(named):
        return 0
    for name in unnamed:
        files.drop(name)
    return len(unnamed)


def to_check() -> list[AnyRow]:
    """The files that wait for their check: each once, with what it takes to read it."""
    waiting = select(Attachment.file, Attachment.key).where(Attachment.verdict == scan.WAITING)
    return list(db.session().execute(waiting.distinct().order_by(Attachment.file).limit(AT_ONCE)))


def look(waiting: AnyRow) -> str:
    """What the check says of such a file; no transaction is open meanwhile."""
    data = files.read(waiting.file, waiting.key)
    return scan.verdict(data) if data is not None else scan.INFECTED


def decide(file: str, verdict: str) -> None:
    """Say of a file what the check found, and tell those who have it before them.

    An infected one is dropped; that there was one stays to be read.
    """
    waiting = select(Attachment).where(Attachment.file == file, Attachment.verdict == scan.WAITING)
    rows = db.session().scalars(waiting.with_for_update()).all()
    for row in rows:
        row.verdict = verdict
        if verdict == scan.INFECTED:
            db.afterwards(partial(_drop, row.file, row.preview))
    for row in rows:
        if row.post_id:
            activity.record(None, "checked", case_id=row.case_id, post_id=row.post_id)
        if row.message_id:
            talk = db.session().get_one(Message, row.message_id).conversation_id
            activity.record(
                None, "message_changed", conversation_id=talk, message_id=row.message_id
            )


def _is_unposted() -> ColumnElement[bool]:
    return and_(Attachment.post_id.is_(None), Attachment.message_id.is_(None))


def _own(author: Person) -> Select[Attachment]:
    return select(Attachment).where(
        Attachment.author_id == author.id,
        _is_unposted(),
        Attachment.kept_at > clock.now() - KEPT,
    )


def _number(case: Case | None) -> int | None:
    return case.id if case else None


def _these(author: Person, case: Case | None, numbers: Iterable[int]) -> Select[Attachment]:
    possible = [each for each in numbers if each <= db.LARGEST]
    hers = _own(author).where(Attachment.case_id == _number(case), Attachment.id.in_(possible))
    return hers.order_by(Attachment.id).execution_options(populate_existing=True)


def _describe(photos: Sequence[Attachment], alt: str) -> None:
    for number, photo in enumerate(photos, 1):
        if alt:
            photo.alt = alt if len(photos) == 1 else f"{alt} ({number} of {len(photos)})"


def _put(row: Attachment, post: Post) -> None:
    if row.case_id == post.case_id:
        row.post_id = post.id
        return
    _copy(row, post, place=row.place)


def _copy(row: Attachment, post: Post, *, place: int) -> None:
    own = ("id", "case_id", "post_id", "message_id", "place")
    names = [each.key for each in inspect(Attachment).columns if each.key not in own]
    shared = {name: getattr(row, name) for name in names}
    db.session().add(Attachment(**shared, case_id=post.case_id, post_id=post.id, place=place))


def _read(attachment: Attachment, name: str) -> bytes:
    if attachment.verdict == scan.WAITING:
        raise Conflict(WAITS)
    if attachment.verdict == scan.INFECTED:
        raise Conflict(INFECTED)
    data = files.read(name, attachment.key)
    if data is None:
        raise Unavailable(UNREADABLE)
    return data


def _drop(file: str, small: str | None) -> None:
    for name in filter(None, (file, small)):
        files.drop(name)


@cache
def _of() -> Any:
    wanted = bindparam("post_ids", expanding=True, type_=db.BigKey)
    return _shown().where(Attachment.post_id.in_(wanted))


@cache
def _of_messages() -> Any:
    wanted = bindparam("message_ids", expanding=True, type_=db.BigKey)
    return _shown().where(Attachment.message_id.in_(wanted))


def _shown() -> AnySelect:
    return select(
        Attachment.id,
        Attachment.post_id,
        Attachment.message_id,
        Attachment.name,
        Attachment.type,
        Attachment.size,
        Attachment.alt,
        Attachment.width,
        Attachment.height,
        Attachment.verdict,
    ).order_by(Attachment.post_id, Attachment.message_id, Attachment.place, Attachment.id)


def _named(names: Sequence[str]) -> Any:
    return union_all(
        select(Attachment.file).where(Attachment.file.in_(names)),
        select(Attachment.preview).where(Attachment.preview.in_(names)),
    )
