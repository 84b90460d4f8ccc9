"""Who looked and who was refused: written in the transaction of the read it records."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert

from app.core import clock, db
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
) -> None:
    """One row an answer. `how` is the door: "page", "api", "live" or "command".

    `ranges` are (case, first position, last position). If the row cannot be written the
    transaction fails, and with it the read.
    """
    db.session().execute(
        insert(AuditEntry),
        {
            "at": clock.now(),
            "person_id": viewer.id if viewer else None,
            "did": did,
            "how": how,
            "outcome": outcome,
            "case_id": case_id,
            "about": about,
            "ranges": [list(r) for r in ranges] if ranges else None,
        },
    )
