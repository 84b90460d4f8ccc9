"""A case's whole record as tables, so that nothing is keyed twice where it goes next.

Codes stay codes: of agencies as the children in need census has them, of ethnicity, of kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from app import access
from app.casework import cases, networks, people, standing
from app.core import db
from app.core.db import AnyRow, AnySelect
from app.models import Agency, Case, Child, Comment, Measure, Person, Post, Reading

# The tables in their order, and the headings of each.
TABLES: dict[str, tuple[str, ...]] = {
    "child": (
        *("name", "born_on", "expected_on", "gender", "ethnicity", "school"),
        *("address", "postcode", "council_id", "nhs_number", "upn", "before_visit"),
    ),
    "other_names": ("name",),
    "statuses": ("status", "category", "since", "reason", "recorded_by", "recorded_at", "source"),
    "key_dates": ("what", "due_at", "done_at"),
    "family": (
        *("relation", "name", "born_on", "same_household", "case_id", "strength"),
        *("is_stressful", "contact", "contact_reason", "said_by", "has_died"),
    ),
    "network": (
        *("name", "role", "agency_name", "agency_type", "is_lead"),
        *("from_at", "until_at", "legal_basis", "reason"),
    ),
    "updates": (
        *("id", "kind", "occurred_at", "posted_at", "edited_at", "author", "author_role"),
        *("agency_name", "agency_type", "worry", "significant", "body", "meaning"),
        *("seen", "seen_alone", "due_at", "referral", "audience"),
        *("source", "source_key", "source_as_at"),
    ),
    "comments": ("update_id", "posted_at", "author", "author_role", "agency_name", "body"),
    "readings": (
        *("measure", "measure_key", "unit", "value", "read_on", "rater"),
        *("recorded_by", "agency_name", "recorded_at", "source", "source_as_at"),
    ),
}

_VIEWER, _CASE = bindparam("viewer", type_=db.BigKey), bindparam("case", type_=db.BigKey)


@dataclass(frozen=True)
class Table:
    name: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [dict(zip(self.headings, row, strict=True)) for row in self.rows]


def of(viewer: Person, case: Case) -> list[Table]:
    """All that she may read of a case from `app.access`; `copies.take` comes first."""
    child = db.session().get_one(Child, case.child_id)
    asked = {"viewer": viewer.id, "case": case.id}
    found = {
        "child": [_child(child, case)],
        "other_names": [(name,) for name in cases.other_names(case)],
        "statuses": _statuses(viewer, case),
        "key_dates": _picked("key_dates", cases.key_dates(case)),
        "family": _picked("family", cases.family(viewer, case)),
        "network": _picked("network", networks.of(case, viewer)),
        "updates": _plain("updates", db.rows(_updates(), asked)),
        "comments": _plain("comments", db.rows(_comments(), asked)),
        "readings": _plain("readings", db.rows(_readings(), asked)),
    }
    return [Table(name, headings, found[name]) for name, headings in TABLES.items()]


def _child(child: Child, case: Case) -> tuple[Any, ...]:
    known = {name: getattr(child, name, None) for name in TABLES["child"]}
    return tuple((known | {"before_visit": case.before_visit}).values())


def _statuses(viewer: Person, case: Case) -> list[tuple[Any, ...]]:
    lines = standing.history(viewer, case)
    names = people.names(line.recorded_by_id for line in lines if line.recorded_by_id)
    return [
        (
            line.status,
            line.category,
            line.since,
            line.reason,
            names.get(line.recorded_by_id or 0),
            line.recorded_at,
            line.source,
        )
        for line in lines
    ]


def _picked(table: str, rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, name) for name in TABLES[table]) for row in rows]


def _plain(table: str, rows: Sequence[AnyRow]) -> list[tuple[Any, ...]]:
    """Rows of a question that asks for the headings of the table, in their order."""
    assert not rows or rows[0]._fields == TABLES[table]
    return [tuple(row) for row in rows]


def _updates() -> AnySelect:
    return (
        select(
            Post.id,
            Post.kind,
            Post.occurred_at,
            Post.posted_at,
            Post.edited_at,
            Person.name.label("author"),
            Post.author_role,
            Agency.name.label("agency_name"),
            Agency.agency_type,
            Post.worry,
            Post.significant,
            Post.body,
            Post.meaning,
            Post.seen,
            Post.seen_alone,
            Post.due_at,
            Post.referral,
            Post.audience,
            Post.source,
            Post.source_key,
            Post.source_as_at,
        )
        .outerjoin(Person, Person.id == Post.author_id)
        .outerjoin(Agency, Agency.id == Post.agency_id)
        .where(Post.case_id == _CASE, access.open_to(_VIEWER, Post))
        .order_by(Post.position)
    )


def _comments() -> AnySelect:
    return (
        select(
            Comment.post_id.label("update_id"),
            Comment.posted_at,
            Person.name.label("author"),
            Comment.author_role,
            Agency.name.label("agency_name"),
            Comment.body,
        )
        .join(Post, Post.id == Comment.post_id)
        .join(Person, Person.id == Comment.author_id)
        .join(Agency, Agency.id == Comment.agency_id)
        .where(
            Comment.case_id == _CASE,
            Comment.withdrawn_at.is_(None),
            access.open_to(_VIEWER, Post),
        )
        .order_by(Comment.id)
    )


def _readings() -> AnySelect:
    return (
        select(
            Measure.name.label("measure"),
            Measure.key.label("measure_key"),
            Measure.unit,
            Reading.value,
            Reading.read_on,
            Reading.rater,
            Person.name.label("recorded_by"),
            Agency.name.label("agency_name"),
            Reading.recorded_at,
            Reading.source,
            Reading.source_as_at,
        )
        .join(Measure, Measure.id == Reading.measure_id)
        .outerjoin(Person, Person.id == Reading.recorded_by_id)
        .outerjoin(Agency, Agency.id == Reading.agency_id)
        .where(
            Reading.case_id == _CASE,
            access.is_open_reading(_VIEWER, Reading),
        )
        .order_by(Reading.read_on, Reading.id)
    )
