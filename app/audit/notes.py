"""Who looked and who was refused: written in the transaction of the read it records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from operator import eq, ge, lt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    cast,
    literal,
    select,
    text,
    true,
    union_all,
)

from app.audit import chain
from app.core import clock, db, json
from app.core.db import AnyRow
from app.core.errors import NotAllowed
from app.models import (
    Alert,
    Attachment,
    AuditEntry,
    Comment,
    Conversation,
    Look,
    Message,
    Person,
    Post,
)

LATELY = timedelta(minutes=10)


def note(
    viewer: Person | None,
    did: str,
    *,
    how: str,
    case_id: int | None = None,
    about: str | None = None,
    ranges: Sequence[tuple[int, int, int]] | None = None,
    outcome: str = "shown",
    why: str | None = None,
) -> None:
    """One row an answer. `how` is the door: "page", "api", "live" or "command".

    `ranges` are (case, first position, last position); `why` is the ground on which a case was
    shown, and is what `app.access` found unless it is given. If the row cannot be written the
    transaction fails, and with it the read.
    """
    grounds = db.session().info.get("why", {})
    if case_id is None and about:
        case_id = _case_of(about, grounds)
    if why is None and case_id is not None:
        why = grounds.get(case_id)
    if search_id := db.session().info.get("search"):
        about = f"{about or ''} search:{search_id}".strip()
    written = chain.Note(
        clock.now(),
        viewer.id if viewer else None,
        did,
        how,
        outcome,
        case_id,
        about,
        [list(each) for each in ranges] if ranges else None,
        why,
    )
    db.before_commit(chain.write, written)
    others = {each[0] for each in ranges or ()} - {case_id}
    if viewer is not None and others and outcome == "shown":
        _find_by_case(viewer, written, others)


def note_unless_lately(viewer: Person, did: str, case_ids: Collection[int], *, how: str) -> None:
    """For what is asked again with every letter: of each case only what is not on record yet.

    Whoever was shown a case within the last minutes learns nothing from its name being offered.
    """
    asked = {"viewer": viewer.id, "since": clock.now() - LATELY, "cases": list(case_ids)}
    fresh = set(case_ids) - {row.case_id for row in db.rows(_lately_shown(), asked)}
    if fresh:
        note(viewer, did, how=how, ranges=[(each, 0, 0) for each in sorted(fresh)])


def opened_from(search_id: int) -> None:
    """What this transaction notes from now on is said to have been opened from this search."""
    db.session().info["search"] = search_id


def _case_of(about: str, grounds: dict[int, str]) -> int | None:
    """The case that was asked for, or the one that what was asked for was found in."""
    what, _, number = about.split(" ", maxsplit=1)[0].partition(":")
    if what == "case" and number.isdecimal():
        return int(number)
    return next(iter(grounds), None) if what in _NAMED else None


def _find_by_case(viewer: Person, note: chain.Note, cases: set[int]) -> None:
    # Nobody finds one case in the ranges of a million rows while a page waits.
    db.session().connection().execute(
        _LOOKS_ON_SQLITE if db.is_sqlite() else _LOOKS,
        {
            "viewer": viewer.id,
            "at": note.at,
            "did": note.did,
            "how": note.how,
            "cases": json.dumps(sorted(cases)).decode(),
        },
    )


@cache
def _lately_shown() -> Any:
    ways: list[tuple[type[AuditEntry] | type[Look], Any]] = [
        (AuditEntry, AuditEntry.outcome == "shown"),
        (Look, true()),
    ]
    return union_all(
        *(
            select(table.case_id).where(
                table.person_id == bindparam("viewer", type_=db.BigKey),
                table.at >= bindparam("since", type_=db.Instant),
                table.case_id.in_(bindparam("cases", expanding=True, type_=db.BigKey)),
                is_shown,
            )
            for table, is_shown in ways
        )
    )


def is_noted() -> bool:
    """Whether this transaction will leave a row so far."""
    return db.awaits_commit(chain.write)


def entries(
    viewer: Person,
    *,
    before: int | None = None,
    person_id: int | None = None,
    case_id: int | None = None,
    outcome: str | None = None,
    why: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    size: int = 50,
) -> list[AnyRow]:
    """Who looked at what, newest first, with the name of who it was: an auditor's to read.

    Of one case it is every row about it, with what was asked of its posts and of what is said
    about it and refused, and lists that showed posts of it.
    """
    if viewer.account != "auditor":
        raise NotAllowed("Ask an auditor of your organisation to do this.")
    rows = select(AuditEntry, Person.name).outerjoin(Person, Person.id == AuditEntry.person_id)
    # One case's rows are few beside one person's, so then no index may lead over the person.
    whose: Any = AuditEntry.person_id if case_id is None else AuditEntry.person_id + 0
    only = (
        (before, lt, AuditEntry.id),
        (person_id, eq, whose),
        (outcome, eq, AuditEntry.outcome),
        (why, eq, AuditEntry.why),
        (since, ge, AuditEntry.at),
        (until, lt, AuditEntry.at),
    )
    asked_for = [is_so(column, asked) for asked, is_so, column in only if asked is not None]
    if case_id is not None:
        places = db.session().scalars(_about(case_id, asked_for, size)).all()
        asked_for = [AuditEntry.id.in_(places)]
    rows = rows.where(*asked_for).order_by(AuditEntry.id.desc()).limit(size)
    return list(db.session().execute(rows))


def _about(case_id: int, only: list[ColumnElement[bool]], size: int) -> Any:
    """The newest places of rows about the case, of each way to name it: each has its index."""
    post, comment, file, talk, message, alert = (
        literal(f"{kind}:") + cast(of.id, String) for kind, of in _NAMED.items()
    )
    ways = [
        select(AuditEntry.id).where(AuditEntry.case_id == case_id),
        select(AuditEntry.id).where(AuditEntry.about == f"case:{case_id}"),
        select(AuditEntry.id).join(Post, AuditEntry.about == post).where(Post.case_id == case_id),
        select(AuditEntry.id)
        .join(Comment, AuditEntry.about == comment)
        .join(Post, Post.id == Comment.post_id)
        .where(Post.case_id == case_id),
        select(AuditEntry.id)
        .join(Attachment, AuditEntry.about == file)
        .where(Attachment.case_id == case_id),
        select(AuditEntry.id)
        .join(Conversation, AuditEntry.about == talk)
        .where(Conversation.case_id == case_id),
        select(AuditEntry.id)
        .join(Message, AuditEntry.about == message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.case_id == case_id),
        select(AuditEntry.id)
        .join(Alert, AuditEntry.about == alert)
        .where(Alert.case_id == case_id),
        select(AuditEntry.id)
        .join(Look, and_(*(getattr(Look, each) == getattr(AuditEntry, each) for each in _SAME)))
        .where(Look.case_id == case_id),
    ]
    newest = (way.where(*only).order_by(AuditEntry.id.desc()).limit(size) for way in ways)
    return union_all(*(select(each.subquery()) for each in newest))


# What may be found in a case; a conversation may be about none.
_NAMED: dict[
    str,
    type[Post]
    | type[Comment]
    | type[Attachment]
    | type[Conversation]
    | type[Message]
    | type[Alert],
] = {
    "post": Post,
    "comment": Comment,
    "attachment": Attachment,
    "conversation": Conversation,
    "message": Message,
    "alert": Alert,
}
# What a look and its row share.
_SAME = ("person_id", "at", "did", "how")

# In one statement: preparing a row for each case costs more than writing them all.
_LOOK = (
    "INSERT INTO looks (case_id, person_id, at, did, how) "
    "SELECT CAST(value AS bigint), :viewer, :at, :did, :how FROM each_of(:cases)"
)
_LOOKS, _LOOKS_ON_SQLITE = (
    text(_LOOK.replace("each_of", name)).bindparams(bindparam("at", type_=db.Instant))
    for name in ("json_array_elements_text", "json_each")
)
