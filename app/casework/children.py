"""What a child is known by, written one way, and the case of a child somebody describes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db, text
from app.core.errors import Invalid
from app.models import Case, Child, ChildName, Membership, Person

# The oldest a care leaver can be is 25, and their record began before they were born.
OLDEST = timedelta(days=30 * 365)

_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
_CASE = re.compile(r"(?:(?:https?://[^/\s]+)?/cases/)?([0-9]{1,15})(?:[/?#]\S*)?")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´"))
_HYPHENS = dict.fromkeys(map(ord, "-‐‑‒–—"), " ")


@dataclass(frozen=True)
class Sought:
    """A child as somebody without a case describes them, or the number of a case they know."""

    name: str = ""
    born_on: date | None = None
    nhs_number: str | None = None
    postcode: str | None = None
    case_id: int | None = None


@dataclass(frozen=True)
class Found:
    """The case that was meant, of those the person does not see, and those of the child they do.

    The first is none when there is none, or none this person may know of.
    """

    case_id: int | None = None
    is_restricted: bool = False
    seen: tuple[int, ...] = ()


def nhs_number(number: str | None, field: str = "nhs_number") -> str | None:
    """Ten digits whose last one checks the others (modulus 11), or none."""
    digits = "".join((number or "").split()).replace("-", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) == 10):
        raise Invalid(**{field: "An NHS number has 10 digits."})
    weighted = sum(
        int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)
    )
    if (11 - weighted % 11) % 11 != int(digits[9]):
        raise Invalid(**{field: "That is not an NHS number: check the digits."})
    return digits


def postcode(written: str | None, field: str = "postcode") -> str | None:
    """In capitals with one space, "LS1 4AP", or none."""
    together = "".join(text.plain(written or "").upper().split())
    if not together:
        return None
    shape = _POSTCODE.fullmatch(together)
    if shape is None:
        raise Invalid(**{field: "Write a whole UK postcode, such as LS1 4AP."})
    return f"{shape[1]} {shape[2]}"


def sought(name: str | None, born_on: date | None, number_or_postcode: str | None) -> Sought:
    """What is asked for of a child with whom one has no case; every part of it is needed."""
    wrong: dict[str, str] = {}
    called, number, place = text.line(name, field="name"), None, None
    if len(called.split()) < 2:
        wrong["name"] = "Write the child’s full name: first name and surname."
    if born_on is None:
        wrong["born_on"] = "Write the child’s date of birth."
    elif not clock.today() - OLDEST <= born_on <= clock.today():
        wrong["born_on"] = "That is no child’s date of birth. Check the year."
    try:
        number, place = _number_or_postcode(number_or_postcode or "")
    except Invalid as refusal:
        wrong |= refusal.fields
    if wrong:
        raise Invalid(**wrong)
    return Sought(called, born_on, number, place)


def of_case(number_or_link: str) -> Sought:
    """The case whose number, or the address of whose page, somebody knows."""
    shape = _CASE.fullmatch(number_or_link.strip())
    if shape is None or not number_or_link.isascii():
        raise Invalid(case="Write the number of the case, or paste the link to its page.")
    return Sought(case_id=int(shape[1]))


def find(person: Person, sought: Sought) -> Found:
    """The case that is meant; always one question, so that no answer takes longer than another.

    A case they see is never the one that is meant: whoever has a duplicate of their own would
    learn from it whether there is another. A conflict hides the case it was declared on and no
    other: whoever can open a duplicate could shut a colleague out of an emergency with it.
    """
    lead = aliased(Membership)
    has_lead = (
        exists(1)
        .where(lead.case_id == Case.id, lead.is_lead, access.current(lead))
        .correlate_except(lead)
    )
    conflict = access.is_conflicted(person.id, Case)
    rows = db.rows(
        select(
            Case.id,
            Child.name,
            ChildName.name.label("other_name"),
            conflict.label("is_conflicted"),
            access.is_restricted(Case).label("is_restricted"),
            access.sees_case(person.id, Case).label("is_seen"),
        )
        .join(Child, Child.id == Case.child_id)
        .outerjoin(ChildName, ChildName.child_id == Child.id)
        .where(_is_described(sought))
        .order_by(has_lead.desc(), Case.id)
    )
    meant = [
        row
        for row in rows
        if sought.case_id is not None
        or same_name(sought.name) in (same_name(row.name), same_name(row.other_name))
    ]
    seen = tuple(sorted({row.id for row in meant if row.is_seen}))
    unseen = [row for row in meant if not row.is_seen and not row.is_conflicted]
    if not unseen:
        return Found(seen=seen)
    return Found(unseen[0].id, bool(unseen[0].is_restricted), seen)


def same_name(name: str | None) -> str:
    """A name as it is compared: capitals, spaces, apostrophes and hyphens make no difference."""
    plain = text.plain(name or "").casefold().translate(_APOSTROPHES | _HYPHENS)
    return " ".join(text.plain(plain).split())


def _is_described(sought: Sought) -> ColumnElement[bool]:
    if sought.case_id is not None:
        return Case.id == sought.case_id
    known_by = (
        Child.nhs_number == sought.nhs_number
        if sought.nhs_number
        else Child.postcode == sought.postcode
    )
    return and_(Child.born_on == sought.born_on, known_by)


def _number_or_postcode(written: str) -> tuple[str | None, str | None]:
    field = "number_or_postcode"
    if not written.strip():
        raise Invalid(**{field: "Write the child’s NHS number or postcode."})
    if any(character.isalpha() for character in written):
        return None, postcode(written, field)
    return nhs_number(written, field), None
