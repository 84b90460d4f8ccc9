"""Who looked and who was refused: written in the transaction of the read it records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import eq, ge, lt

from sqlalchemy import bindparam, select, text

from app.audit import chain
from app.core import clock, db, json
from app.core.db import AnyRow
from app.core.errors import NotAllowed
from app.models import AuditEntry, Person


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
    if why is None and case_id is not None:
        why = db.session().info.get("why", {}).get(case_id)
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
    if viewer is not None and case_id is None and ranges and outcome == "shown":
        _find_by_case(viewer, written, {each[0] for each in ranges})


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
    """Who looked at what, newest first, with the name of who it was: an auditor's to read."""
    if viewer.account != "auditor":
        raise NotAllowed("Ask an auditor of your organisation to do this.")
    rows = select(AuditEntry, Person.name).outerjoin(Person, Person.id == AuditEntry.person_id)
    only = (
        (before, lt, AuditEntry.id),
        (person_id, eq, AuditEntry.person_id),
        (case_id, eq, AuditEntry.case_id),
        (outcome, eq, AuditEntry.outcome),
        (why, eq, AuditEntry.why),
        (since, ge, AuditEntry.at),
        (until, lt, AuditEntry.at),
    )
    rows = rows.where(*(is_so(column, asked) for asked, is_so, column in only if asked is not None))
    return list(db.session().execute(rows.order_by(AuditEntry.id.desc()).limit(size)))


# In one statement: preparing a row for each case costs more than writing them all.
_LOOK = (
    "INSERT INTO looks (case_id, person_id, at, did, how) "
    "SELECT CAST(value AS bigint), :viewer, :at, :did, :how FROM each_of(:cases)"
)
_LOOKS, _LOOKS_ON_SQLITE = (
    text(_LOOK.replace("each_of", name)).bindparams(bindparam("at", type_=db.Instant))
    for name in ("json_array_elements_text", "json_each")
)
