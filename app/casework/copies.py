"""What was taken along of a case: by whom, when and in which form, for all who see the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from app import access
from app.core import clock, db
from app.core.db import AnyRow
from app.core.errors import Invalid, NotAllowed
from app.models import COPIES, FORMS, Agency, Case, Copy, Person

# As many as the page names: the newest.
NEWEST = 20
# And for a program.
AT_ONCE = 500


@dataclass(frozen=True)
class Part:
    """Which part of it was taken; none of these is the whole."""

    from_on: date | None = None
    until_on: date | None = None
    agency_id: int | None = None
    kind: str | None = None
    everything: bool = False
    by_words: bool = False


def take(actor: Person, case: Case, what: str, form: str, part: Part = Part()) -> Copy:
    """Put on record that somebody takes this along; for whoever hands it out to call first."""
    access.case(actor, case.id)
    if what not in COPIES or form not in FORMS:
        raise Invalid(form="Choose how you want to take it along.")
    if what == "record" and not access.may(access.works_on(actor.id, case.id)):
        raise NotAllowed("In an emergency you may read the case, and not take its record along.")
    made = Copy(
        case_id=case.id,
        person_id=actor.id,
        what=what,
        form=form,
        made_at=clock.now(),
        **asdict(part),
    )
    db.session().add(made)
    db.session().flush()
    return made


def of(case: Case, what: str | None = None, size: int = NEWEST) -> Sequence[AnyRow]:
    """Who took what of the case along, newest first; `case` comes from `app.access`."""
    found = (
        select(
            Copy.id,
            Copy.what,
            Copy.form,
            Copy.made_at,
            Copy.from_on,
            Copy.until_on,
            Copy.kind,
            Copy.everything,
            Copy.by_words,
            Copy.agency_id,
            Agency.name.label("agency_name"),
            Copy.person_id,
            Person.name.label("by"),
        )
        .join(Person, Person.id == Copy.person_id)
        .outerjoin(Agency, Agency.id == Copy.agency_id)
        .where(Copy.case_id == case.id)
    )
    if what is not None:
        found = found.where(Copy.what == what)
    return db.rows(found.order_by(Copy.made_at.desc(), Copy.id.desc()).limit(size))
