"""Keeping an index in step with the database: what was done after the activity it has reached.

Activities have one order without gaps and are committed in it, quiet ones too, so that none is
missed; and to index a thing twice is the same as once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, func, literal, select, union_all

from app.core import db
from app.core.db import AnyRow, AnySelect
from app.models import SYSTEM_KINDS, Activity, Attachment, Comment, Counter, Message, Post
from search import documents
from search.documents import THINGS
from search.index import Document
from search.whoosh_index import Damaged, Key, Reached, WhooshIndex, key

# These are about all there is of the case; the others that name no post may have left a row of the
# system's in its stream.
OF_WHOLE_CASES = ("imported", "restricted", "unrestricted")
NOTES = tuple(kind for kind in SYSTEM_KINDS if kind != "imported")

# So many activities, or about so many things, in one go.
ACTIVITIES, AT_ONCE = 500, 5_000

# How many of how many things were looked at.
Say = Callable[[int, int], object]


def _silently(_done: int, _all: int) -> None:
    pass


@dataclass(frozen=True)
class Differences:
    """What an index had otherwise than the database: not at all or other words, or too much."""

    wrong: list[Key]
    left_over: list[Key]


def catch_up(index: WhooshIndex) -> int:
    """Bring the index on by some activities; answers how many. `Damaged`: it is to be built.

    None, while another process is at it.
    """
    with index.leased() as is_ours:
        return _catch_up(index) if is_ours else 0


def rebuild(index: WhooshIndex, say: Say = _silently) -> bool:
    """Make the index anew beside the one there is, and let it be the index then.

    What was begun and not ended is gone on with. Answers no while another process is at it.
    """
    with index.building() as new:
        if new is None:
            return False
        with db.transaction(durable=False):
            newest, total = _newest(), _total()
        come_to = new.begin(newest)
        done = len(new)
        while True:
            with db.transaction(durable=False):
                found, last = _following(come_to)
            if last is None:
                break
            new.add(found, last, come_to)
            come_to, done = last, done + len(found)
            say(done, max(done, total))
        new.finish(come_to)
    return True


def check(index: WhooshIndex, say: Say = _silently) -> Differences:
    """Compare the index with the database, and mend it where they differ."""
    suspected = set(index.keys())
    come_to: Key | None = None
    with db.transaction(durable=False):
        done, total = 0, _total()
    while True:
        with db.transaction(durable=False):
            found, last = _following(come_to)
        if last is None:
            break
        suspected -= {key(document) for document in found}
        suspected |= set(index.differing(found))
        come_to, done = last, done + len(found)
        say(done, max(done, total))
    return _mended(index, suspected)


def erase(index: WhooshIndex, say: Say = _silently) -> Differences:
    """Leave in no segment a word of what the database does not hold any more."""
    found = check(index, say)
    index.erase()
    return found


def _catch_up(index: WhooshIndex) -> int:
    with db.transaction(durable=False):
        reached = index.point()
        if not index.is_ready() or not _is_here(reached):
            raise Damaged
        done, changed = [], set[Key]()
        for activity in _done_after(reached.position):
            done.append(activity)
            changed.update(_touched(activity))
            if len(changed) >= AT_ONCE:
                break
        found = _read(changed)
    if done:
        index.write(found, changed, _reached(done[-1]))
    return len(done)


def _mended(index: WhooshIndex, suspected: set[Key]) -> Differences:
    """What of this does differ, once the index has caught up and nobody else writes it."""
    with index.leased(patiently=True):
        while _catch_up(index):
            pass
        with db.transaction(durable=False):
            found = _read(suspected)
        wrong = index.differing(found)
        left_over = sorted((suspected & set(index.keys())) - {key(each) for each in found})
        if wrong or left_over:
            index.write(found, suspected)
    return Differences(sorted(wrong), left_over)


def _following(come_to: Key | None) -> tuple[list[Document], Key | None]:
    """The documents that come after this thing, in one order for all; and the last of them."""
    after, number = come_to or (THINGS[0], 0)
    for thing in THINGS[THINGS.index(after) :]:
        rows = db.rows(_page(thing), {"after": number, "most": AT_ONCE})
        if rows:
            return documents.read(rows), (thing, rows[-1].id)
        number = 0
    return [], None


def _read(things: Iterable[Key]) -> list[Document]:
    """Those of these things that belong in an index, as they are now."""
    found: list[Document] = []
    for thing, keys in groupby(sorted(things), itemgetter(0)):
        numbers = [number for _, number in keys]
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            found += documents.read(db.rows(_some(thing), {"numbers": some}))
    return found


def _newest() -> Reached:
    position = db.session().scalar(select(Counter.value).where(Counter.name == "activities"))
    newest = db.session().get(Activity, position)
    return _reached(newest) if newest else Reached()


def _reached(activity: Any) -> Reached:
    return Reached(activity.position, activity.at.isoformat())


def _is_here(reached: Reached) -> bool:
    """Whether that was done in this database: it may be a copy of an earlier day, or another."""
    if reached == Reached():
        return True
    activity = db.session().get(Activity, reached.position)
    return activity is not None and _reached(activity) == reached


def _done_after(position: int) -> Sequence[AnyRow]:
    return db.rows(_activities(), {"position": position})


def _touched(activity: AnyRow) -> Iterator[Key]:
    """What is to be looked at again, whether or not it is there."""
    if activity.post_id is not None:
        yield "post", activity.post_id
        yield from _keys(_under_post(), activity.post_id)
    elif activity.message_id is not None:
        yield "message", activity.message_id
        yield from _keys(_under_message(), activity.message_id)
    elif activity.did in OF_WHOLE_CASES:
        yield from _keys(_in_case(), activity.case_id)
    elif activity.case_id is not None:
        yield from _keys(_notes(), activity.case_id)


def _keys(question: Any, number: int) -> Iterator[Key]:
    return ((row.thing, row.id) for row in db.rows(question, {"number": number}))


def _total() -> int:
    counts = (select(func.count()).select_from(table) for table in (Post, Comment, Message))
    return sum(db.session().scalar(each) or 0 for each in counts)


_number = bindparam("number", type_=db.BigKey)


def _named(thing: str) -> AnySelect:
    return select(literal(thing).label("thing"), documents.table(thing).id)


@cache
def _activities() -> AnySelect:
    after = bindparam("position", type_=db.BigKey)
    return (
        select(
            Activity.position,
            Activity.at,
            Activity.did,
            Activity.case_id,
            Activity.post_id,
            Activity.message_id,
        )
        .where(Activity.position > after)
        .order_by(Activity.position)
        .limit(ACTIVITIES)
    )


@cache
def _under_post() -> Any:
    return union_all(
        _named("comment").where(Comment.post_id == _number),
        _named("file").where(Attachment.post_id == _number),
    )


@cache
def _under_message() -> AnySelect:
    return _named("file").where(Attachment.message_id == _number)


@cache
def _in_case() -> Any:
    return union_all(
        *(_named(thing).where(documents.table(thing).case_id == _number) for thing in THINGS)
    )


@cache
def _notes() -> AnySelect:
    return _named("post").where(Post.case_id == _number, Post.kind.in_(NOTES))


@cache
def _page(thing: str) -> AnySelect:
    after, number = bindparam("after", type_=db.BigKey), documents.table(thing).id
    rows = documents.columns(thing).where(documents.belongs(thing), number > after)
    return rows.order_by(number).limit(bindparam("most"))


@cache
def _some(thing: str) -> AnySelect:
    wanted = bindparam("numbers", expanding=True, type_=db.BigKey)
    rows = documents.columns(thing)
    return rows.where(documents.belongs(thing), documents.table(thing).id.in_(wanted))
