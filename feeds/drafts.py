"""What somebody has typed and not yet posted, so that a lost page loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.core import clock, db
from app.core.errors import Invalid
from app.core.text import LONGEST
from app.models import Case, Draft, Person

KEPT = timedelta(hours=72)


def save(author: Person, case: Case, fields: dict[str, Any]) -> None:
    """Keep it; one draft a person and case. Without words or scores there is nothing to keep."""
    if len(str(fields.get("body", ""))) > LONGEST:
        raise Invalid(body=f"Write at most {LONGEST:,} characters.")
    written = (fields.get("body", ""), *(fields.get("score_value") or ()))
    if not any(str(each).strip() for each in written):
        drop(author, case)
        return
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    values = {"fields": fields, "saved_at": clock.now()}
    db.session().execute(
        insert(Draft)
        .values(person_id=author.id, case_id=case.id, **values)
        .on_conflict_do_update(index_elements=["person_id", "case_id"], set_=values)
    )


def find(author: Person, case: Case) -> Draft | None:
    return db.session().scalar(
        select(Draft).where(
            Draft.person_id == author.id,
            Draft.case_id == case.id,
            Draft.saved_at > clock.now() - KEPT,
        )
    )


def drop(author: Person, case: Case) -> None:
    db.session().execute(
        delete(Draft).where(Draft.person_id == author.id, Draft.case_id == case.id)
    )


def drop_old() -> int:
    """Forget drafts nobody came back to; answers how many."""
    gone = db.session().execute(delete(Draft).where(Draft.saved_at <= clock.now() - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]
