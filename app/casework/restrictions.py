"""A case for its members alone: those who supervise them do not see it while it is so."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from app import access, activity, stream
from app.casework import networks
from app.core import clock, db, text
from app.core.db import AnyRow
from app.core.errors import Conflict
from app.models import Case, Person, Restriction


def restrict(actor: Person, case: Case, reason: str) -> None:
    """From now on members alone see the case, and an emergency takes two people to open it."""
    access.led_case(actor, case.id)
    why = text.line(reason, field="reason", needed="Say why only members may see this case.")
    networks.hold(case)
    if current(case) is not None:
        raise Conflict("This case is for members only already.")
    if not access.may(networks.is_led(case.id)):
        raise Conflict("Nobody who leads this case could open it again: hand over the lead first.")
    stream.note(actor, case.id, "restricted", f"Managers of members do not see it. {why}")
    with networks.telling_who_loses(actor, case):
        db.session().add(
            Restriction(case_id=case.id, from_at=clock.now(), reason=why, decided_by_id=actor.id)
        )
    activity.record(actor, "restricted", case_id=case.id)


def lift(actor: Person, case: Case, reason: str) -> None:
    """Those who supervise members see the case again."""
    access.led_case(actor, case.id)
    why = text.line(reason, field="reason", needed="Say why others may see this case again.")
    networks.hold(case)
    restriction = current(case)
    if restriction is None:
        raise Conflict("This case is not for members only.")
    restriction.until_at = clock.now()
    restriction.ended_by_id = actor.id
    restriction.ended_reason = why
    stream.note(actor, case.id, "unrestricted", f"Managers of members see it again. {why}")
    activity.record(actor, "unrestricted", case_id=case.id)


def stands(case: Case) -> bool:
    """Whether the case is for its members only now."""
    return bool(db.session().scalar(_stands(), {"case_id": case.id}))


def current(case: Case) -> Restriction | None:
    return db.session().scalar(
        select(Restriction).where(Restriction.case_id == case.id, Restriction.until_at.is_(None))
    )


def history(case: Case) -> list[AnyRow]:
    """When it was for members only and why, newest first, with the names of who decided."""
    decider, ender = aliased(Person), aliased(Person)
    return list(
        db.session().execute(
            select(
                Restriction.id,
                Restriction.from_at,
                Restriction.until_at,
                Restriction.reason,
                Restriction.ended_reason,
                decider.name.label("decided_by"),
                ender.name.label("ended_by"),
            )
            .join(decider, decider.id == Restriction.decided_by_id)
            .outerjoin(ender, ender.id == Restriction.ended_by_id)
            .where(Restriction.case_id == case.id)
            .order_by(Restriction.id.desc())
        )
    )


@cache
def _stands() -> Select[bool]:
    return select(access.is_restricted(bindparam("case_id", type_=db.BigKey)))
