"""Finding cases among those the viewer sees, and people in the directory."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db, text
from app.core.db import AnyRow
from app.models import Agency, Case, CaseStatus, Child, ChildName, Person

MOST = 20
LONGEST = 100

_NHS_NUMBER_DIGITS = 10


def cases(viewer: Person, words: str) -> list[AnyRow]:
    """Her own cases whose child has all the words in a name or number; no other is ever told of.

    The NHS number counts only whole, so that nobody can feel their way along its digits.
    """
    wanted = _words(words)
    if not wanted:
        return []
    status = aliased(CaseStatus)
    standing = (
        select(status.status)
        .where(status.case_id == Case.id, status.since <= clock.today())
        .order_by(status.since.desc(), status.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return list(
        db.session().execute(
            select(
                Case.id,
                Child.label.label("child_name"),
                Child.born_on,
                Child.expected_on,
                Child.council_id,
                standing.label("status"),
            )
            .join(Child, Child.id == Case.child_id)
            .where(
                access.sees_case(viewer.id, Case),
                or_(_has_number(words), and_(*(_is_known_by(word) for word in wanted))),
            )
            .order_by(Child.label, Case.id)
            .limit(MOST)
        )
    )


def people(words: str) -> list[AnyRow]:
    """Active colleagues whose name, role or agency has all the words."""
    wanted = _words(words)
    if not wanted:
        return []
    return list(
        db.session().execute(
            select(
                Person.id,
                Person.name,
                Person.role,
                Person.phone,
                Person.out_of_office,
                Agency.name.label("agency_name"),
                Agency.agency_type,
            )
            .join(Agency, Agency.id == Person.agency_id)
            .where(
                Person.active,
                *(
                    or_(
                        Person.name.icontains(word, autoescape=True),
                        Person.role.icontains(word, autoescape=True),
                        Agency.name.icontains(word, autoescape=True),
                    )
                    for word in wanted
                ),
            )
            .order_by(Person.name, Person.id)
            .limit(MOST)
        )
    )


def _words(written: str) -> list[str]:
    return text.plain(written)[:LONGEST].split()[:5]


def _is_known_by(word: str) -> ColumnElement[bool]:
    other = aliased(ChildName)
    return or_(
        Child.name.icontains(word, autoescape=True),
        Child.council_id.istartswith(word, autoescape=True),
        exists(1)
        .where(other.child_id == Child.id, other.name.icontains(word, autoescape=True))
        .correlate_except(other),
    )


def _has_number(words: str) -> ColumnElement[bool]:
    digits = "".join(character for character in words if character.isdigit())
    if len(digits) != _NHS_NUMBER_DIGITS:
        return false()
    return Child.nhs_number == digits
