"""Asking about a child one has no case with: the lead answers, if there is one to ask."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app import access, activity
from app.casework import children
from app.casework.children import Sought
from app.core import clock, db, text
from app.core.db import AnyRow
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooFast
from app.models import CONTENT_ACCOUNTS, Agency, Case, Child, LookUp, Person

A_DAY = 10
# What a lead may answer by hand; bringing somebody into the network answers them too.
ANSWERS = {"phoned": "I have phoned them, or will", "declined": "No, and here is why"}

# Said to everybody who asks, whatever was found.
REPLY = (
    "Your request goes to the lead practitioner if there is one. "
    "Phone your children’s services front door if it cannot wait, and 999 if a child is in danger."
)
ENOUGH = (
    f"You have asked about {A_DAY} children today, which is as many as a day allows. "
    "Phone your children’s services front door."
)


def ask(actor: Person, sought: Sought, reason: str) -> LookUp:
    """Pass a request on to whoever leads the child's case, if there is one they do not see.

    Nobody learns from it whether there is: every request does and writes the same, and what was
    typed of the child is kept nowhere.
    """
    must_work_with_children(actor)
    why = text.line(reason, field="reason", needed="Say why you ask, in a sentence.")
    hold(actor)
    today = select(func.count()).where(LookUp.person_id == actor.id, LookUp.asked_at >= midnight())
    if (db.session().scalar(today) or 0) >= A_DAY:
        raise TooFast(ENOUGH)
    found = children.find(actor, sought)
    asked = LookUp(person_id=actor.id, case_id=found.case_id, reason=why, asked_at=clock.now())
    db.session().add(asked)
    activity.record(None, "look_up", case_id=found.case_id)
    return asked


def mine(person: Person) -> list[AnyRow]:
    """What somebody has asked, newest first, with the answer and who gave it once there is one."""
    answerer = aliased(Person)
    # A conflict found later takes back what it would have kept from them.
    may_know = ~access.is_conflicted(person.id, LookUp.case_id)
    is_told = and_(LookUp.answered_by_id == answerer.id, may_know)
    return list(
        db.session().execute(
            select(
                LookUp.id,
                LookUp.asked_at,
                LookUp.reason,
                when((may_know, LookUp.outcome)).label("outcome"),
                when((may_know, LookUp.answer)).label("answer"),
                when((may_know, LookUp.answered_at)).label("answered_at"),
                answerer.name.label("answered_by"),
                answerer.phone.label("answered_by_phone"),
            )
            .outerjoin(answerer, is_told)
            .where(LookUp.person_id == person.id)
            .order_by(LookUp.id.desc())
            .limit(100)
        )
    )


def waiting(viewer: Person, case: Case) -> list[AnyRow]:
    """Who asks about the child and has no answer yet, for those who may lead."""
    return list(
        db.session().execute(
            select(
                LookUp.id,
                LookUp.asked_at,
                LookUp.reason,
                Person.id.label("person_id"),
                Person.name,
                Person.role,
                Person.phone,
                Agency.name.label("agency_name"),
                access.is_member(Person, LookUp.case_id).label("is_member"),
            )
            .join(Person, Person.id == LookUp.person_id)
            .join(Agency, Agency.id == Person.agency_id)
            .where(LookUp.case_id == case.id, _is_for(viewer))
            .order_by(LookUp.id)
        )
    )


def waiting_anywhere(viewer: Person) -> list[AnyRow]:
    """The cases with requests that wait for this person to answer, and how many."""
    return list(
        db.session().execute(
            select(
                Case.id.label("case_id"),
                Child.label.label("child_name"),
                func.count(LookUp.id).label("many"),
            )
            .join(Case, Case.id == LookUp.case_id)
            .join(Child, Child.id == Case.child_id)
            .where(_is_for(viewer))
            .group_by(Case.id, Child.id)
            .order_by(Case.id)
        )
    )


def reason_of(viewer: Person, look_up_id: int) -> str:
    """Why somebody asks, to begin the reason for sharing with; nothing when it is not hers."""
    return db.session().scalar(_one(viewer, look_up_id).with_only_columns(LookUp.reason)) or ""


def answer(actor: Person, look_up_id: int, outcome: str, words: str | None) -> LookUp:
    """Tell who asked that they are phoned, or not told, and by whom."""
    asked = db.session().scalar(_one(actor, look_up_id).with_for_update())
    if asked is None:
        raise NotFound(f"look-up:{look_up_id}")
    if asked.outcome:
        raise Conflict("Somebody has answered this request already.")
    if outcome not in ANSWERS:
        raise Invalid(outcome="Choose an answer.")
    needed = "Say why, in a sentence they may read." if outcome == "declined" else None
    said = text.line(words, field="answer", longest=500, needed=needed)
    asked.outcome, asked.answer = outcome, said or None
    asked.answered_by_id, asked.answered_at = actor.id, clock.now()
    activity.record(None, "look_up_answered", case_id=asked.case_id)
    return asked


def answer_by_adding(actor: Person, case: Case, person: Person) -> None:
    """What the person had asked about this child is answered: they are in the network."""
    db.session().execute(
        update(LookUp)
        .where(
            LookUp.case_id == case.id,
            LookUp.person_id == person.id,
            LookUp.outcome.is_(None),
        )
        .values(outcome="added", answered_by_id=actor.id, answered_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def must_work_with_children(person: Person) -> None:
    if person.account not in CONTENT_ACCOUNTS:
        raise NotAllowed("Your account looks after Kith itself and sees no child’s case.")


def hold(person: Person) -> None:
    """Make what one person sends at once take turns, or more than a day's could pass."""
    db.session().execute(
        select(Person.id).where(Person.id == person.id).with_for_update(key_share=True)
    )


def midnight(day: date | None = None) -> datetime:
    return clock.instant(day or clock.today(), time())


def _is_for(viewer: Person) -> ColumnElement[bool]:
    """Who asks and begins to lead the case later does not answer themselves."""
    return and_(
        LookUp.outcome.is_(None),
        LookUp.person_id != viewer.id,
        access.may_lead(viewer.id, LookUp.case_id),
    )


def _one(viewer: Person, look_up_id: int) -> Select[LookUp]:
    return select(LookUp).where(
        LookUp.id == (look_up_id if look_up_id <= db.LARGEST else 0),
        LookUp.person_id != viewer.id,
        access.may_lead(viewer.id, LookUp.case_id),
    )
