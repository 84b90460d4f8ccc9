"""Who belongs to whom: links between children, and to the adults in their lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select
from sqlalchemy.orm import aliased

from app import access, activity
from app.casework import cases
from app.core import db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotFound
from app.models import CONTACTS, STRENGTHS, Case, Child, FamilyLink, Person

# How one child is related to another, and what that makes of the first: for a girl, for a boy,
# and when nobody has recorded which.
BETWEEN_CHILDREN = {
    "brother": ("sister", "brother", "brother or sister"),
    "sister": ("sister", "brother", "brother or sister"),
    "brother or sister": ("sister", "brother", "brother or sister"),
    "half-brother": ("half-sister", "half-brother", "half-brother or half-sister"),
    "half-sister": ("half-sister", "half-brother", "half-brother or half-sister"),
    "step-brother": ("step-sister", "step-brother", "step-brother or step-sister"),
    "step-sister": ("step-sister", "step-brother", "step-brother or step-sister"),
    "twin": ("twin", "twin", "twin"),
    "cousin": ("cousin", "cousin", "cousin"),
    "mother": ("child", "child", "child"),
    "father": ("child", "child", "child"),
    "child": ("mother", "father", "parent"),
}


@dataclass(frozen=True)
class Tie:
    """How close somebody is to the child, and whether they may be turned to; see `FamilyLink`."""

    strength: str | None = None
    is_stressful: bool = False
    contact: str = "ordinary"
    contact_reason: str | None = None
    said_by: str | None = None
    has_died: bool = False


def link_children(
    actor: Person, case: Case, other_case: Case, relation: str, same_household: bool
) -> None:
    """The other child is this one's `relation`; said on both cases, granting nobody access."""
    access.led_case(actor, case.id)
    other_case = access.case(actor, other_case.id)
    if relation not in BETWEEN_CHILDREN:
        raise Invalid(relation="Choose how the children are related.")
    if case.id == other_case.id:
        raise Invalid(other_case="Choose another child.")
    if db.session().scalar(select(FamilyLink.id).where(_between(case, other_case)).limit(1)):
        raise Conflict("These two children are linked already. Take the old link away first.")
    child = db.session().get_one(Child, case.child_id)
    db.session().add_all(
        FamilyLink(
            child_id=of,
            relative_child_id=relative,
            relation=word,
            same_household=same_household,
        )
        for of, relative, word in (
            (case.child_id, other_case.child_id, relation),
            (other_case.child_id, case.child_id, _back(relation, child)),
        )
    )
    for each in sorted((case.id, other_case.id)):
        activity.record(actor, "described", case_id=each)


def link_adult(actor: Person, case: Case, name: str, relation: str, same_household: bool) -> None:
    """An adult in the child's life: mother, grandfather, mother's partner."""
    access.led_case(actor, case.id)
    db.session().add(
        FamilyLink(
            child_id=case.child_id,
            relative_name=text.line(name, field="name", needed="Write the person’s name."),
            relation=text.line(
                relation, field="relation", longest=60, needed="Say how they are related."
            ),
            same_household=same_household,
        )
    )
    activity.record(actor, "described", case_id=case.id)


def relatives(viewer: Person, case: Case, chosen: Iterable[int]) -> list[Case]:
    """The chosen cases beside this one: each one she sees, of a child linked to this child."""
    found = [access.case(viewer, each) for each in sorted(set(chosen) - {case.id})]
    linked = {row.case_id for row in cases.family(viewer, case)}
    if any(each.id not in linked for each in found):
        raise Invalid(also="Choose only children who are linked to this child as family.")
    return found


@dataclass(frozen=True)
class SaidElsewhere:
    """What another child's family says of somebody who stands in this one by the same name."""

    link_id: int
    name: str
    case_id: int
    child_name: str
    contact: str
    has_died: bool


def said_elsewhere(
    viewer: Person, case: Case, family: Sequence[AnyRow] | None = None
) -> list[SaidElsewhere]:
    """Whether an adult has died or may be contacted, as linked children's families say otherwise.

    Of children whose cases she sees. A name may be another's and a court may keep somebody from
    one child alone, so nothing is carried over: who leads is told, and says it here or does not.
    """
    rows = cases.family(viewer, case) if family is None else family
    here = {_plain(row.name): row for row in rows if not row.case_id}
    asked = {"viewer": viewer.id, "child_id": case.child_id}
    if not here or not any(row.case_id for row in rows):
        return []
    return [
        SaidElsewhere(
            here[name].link_id,
            here[name].name,
            row.case_id,
            row.child_name,
            row.contact,
            row.has_died,
        )
        for row in db.rows(_limited_elsewhere(), asked)
        if (name := _plain(row.relative_name)) in here and _differs(row, here[name])
    ]


@cache
def _limited_elsewhere() -> AnySelect:
    """Adults of linked children’s families of whom something is said that counts here too."""
    to, theirs = aliased(FamilyLink), aliased(Case)
    return (
        select(
            FamilyLink.relative_name,
            FamilyLink.contact,
            FamilyLink.has_died,
            theirs.id.label("case_id"),
            Child.label.label("child_name"),
        )
        .join(to, to.relative_child_id == FamilyLink.child_id)
        .join(Child, Child.id == FamilyLink.child_id)
        .join(theirs, theirs.child_id == Child.id)
        .where(
            to.child_id == bindparam("child_id", type_=db.BigKey),
            FamilyLink.relative_name.is_not(None),
            or_(FamilyLink.has_died, FamilyLink.contact != "ordinary"),
            access.sees_case(bindparam("viewer", type_=db.BigKey), theirs),
        )
        .order_by(theirs.id, FamilyLink.id)
    )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _differs(there: AnyRow, here: AnyRow) -> bool:
    is_kept = there.contact not in ("ordinary", here.contact)
    return is_kept or (there.has_died and not here.has_died)


def unlink(actor: Person, case: Case, link_id: int) -> None:
    """Take a link away, on both cases when it joins two children."""
    link, other = _linked(actor, case, link_id)
    if other is None:
        db.session().delete(link)
        activity.record(actor, "described", case_id=case.id)
        return
    db.session().execute(delete(FamilyLink).where(_between(case, other)))
    for each in sorted((case.id, other.id)):
        activity.record(actor, "described", case_id=each)


def describe_tie(actor: Person, case: Case, link_id: int, tie: Tie) -> None:
    """Say how the tie is, on both cases when it joins two children."""
    link, other = _linked(actor, case, link_id)
    said = asdict(_checked(tie))
    links = [link]
    if other is not None:
        links = list(db.session().scalars(select(FamilyLink).where(_between(case, other))))
    for each in links:
        for name, value in said.items():
            setattr(each, name, value)
    for each_id in sorted({case.id, other.id if other else case.id}):
        activity.record(actor, "described", case_id=each_id)


def link(actor: Person, case: Case, link_id: int) -> FamilyLink:
    """One link of a case she leads, and of another child's only if she sees that case too."""
    return _linked(actor, case, link_id)[0]


def _linked(actor: Person, case: Case, link_id: int) -> tuple[FamilyLink, Case | None]:
    """The link, and the other child's case if it joins two children."""
    access.led_case(actor, case.id)
    link = db.session().get(FamilyLink, link_id) if link_id <= db.LARGEST else None
    if link is None or link.child_id != case.child_id:
        raise NotFound(f"family link:{link_id}")
    if link.relative_child_id is None:
        return link, None
    other = db.session().scalar(
        select(Case).where(
            Case.child_id == link.relative_child_id, access.sees_case(actor.id, Case)
        )
    )
    if other is None:
        raise NotFound(f"family link:{link_id}")
    return link, other


def _checked(tie: Tie) -> Tie:
    """As it is kept: why and by whom only where contact is limited, and then both."""
    if tie.strength is not None and tie.strength not in STRENGTHS:
        raise Invalid(strength="Choose how strong the tie is, or leave it out.")
    if tie.contact not in CONTACTS:
        raise Invalid(contact="Choose whether they may be contacted.")
    if tie.contact == "ordinary":
        return replace(tie, contact_reason=None, said_by=None)
    return replace(
        tie,
        contact_reason=text.line(
            tie.contact_reason, field="contact_reason", needed="Say why, in one line."
        ),
        said_by=text.line(
            tie.said_by, field="said_by", longest=120, needed="Say who said so: a court, a person."
        ),
    )


def _between(one: Case, other: Case) -> ColumnElement[bool]:
    return or_(
        and_(
            FamilyLink.child_id == one.child_id,
            FamilyLink.relative_child_id == other.child_id,
        ),
        and_(
            FamilyLink.child_id == other.child_id,
            FamilyLink.relative_child_id == one.child_id,
        ),
    )


def _back(relation: str, child: Child) -> str:
    girl, boy, unknown = BETWEEN_CHILDREN[relation]
    return {"f": girl, "m": boy}.get((child.gender or "")[:1].lower(), unknown)
