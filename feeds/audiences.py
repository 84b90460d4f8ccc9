"""Whom a post is for: the whole network or those named; and from which agencies it is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from sqlalchemy import bindparam, func, literal, select, union_all

from app import access
from app.core import db
from app.core.db import AnyRow, AnySelect
from app.core.errors import Invalid
from app.models import AUDIENCES, Agency, Audience, Exclusion, Membership, Person, Post

NOBODY_NAMED = "Choose who this is for: at least one person or agency."
NOT_SO = "You named people or agencies, so say that it is only for them. Or name nobody."
WHY = "Say why you share it in this way: the reason stays on record."
BOTH = "An agency cannot be named and kept out. Choose one of the two."
MEMBERS_ONLY = "Only people and agencies who are in this network now can be named."
NOBODY = "Nobody else could read this. Name somebody who can."
NOBODY_THERE = (
    "In one of these networks nobody else could read this. Name somebody there, or post it apart."
)


class Choice(Protocol):
    """The part of an update that says whom it is for."""

    @property
    def audience(self) -> str: ...
    @property
    def people(self) -> Collection[int]: ...
    @property
    def agencies(self) -> Collection[int]: ...
    @property
    def excluded(self) -> Collection[int]: ...
    @property
    def sharing_reason(self) -> str | None: ...
    @property
    def worry(self) -> str: ...


@dataclass
class Shared:
    """For whom a post is and from whom it is kept, as (number, name)."""

    people: list[tuple[int, str]] = field(default_factory=list)
    agencies: list[tuple[int, str]] = field(default_factory=list)
    excluded: list[tuple[int, str]] = field(default_factory=list)


def is_narrowed(choice: Choice) -> bool:
    """Whether it is for less than the whole network, which takes a reason."""
    return choice.audience == "named" or bool(choice.excluded)


def wrong(choice: Choice) -> dict[str, str]:
    """What the choice still needs, whoever makes it and wherever: a sentence a field."""
    found = {}
    names = bool(choice.people or choice.agencies)
    if choice.audience not in AUDIENCES:
        found["audience"] = "Choose who this is for."
    elif choice.audience == "named" and not names:
        found["audience"] = NOBODY_NAMED
    elif choice.audience == "network" and names:
        found["audience"] = NOT_SO
    if set(choice.agencies) & set(choice.excluded):
        found["excluded"] = BOTH
    if is_narrowed(choice) and not (choice.sharing_reason or "").strip():
        found["sharing_reason"] = WHY
    return found


def must_hold(author: Person, choice: Choice, case_ids: Collection[int]) -> Sequence[AnyRow]:
    """Refuse a choice that does not hold in one of the cases; answers who is in them."""
    if not is_narrowed(choice):
        return ()
    there = members(case_ids)
    found = _wrong_there(author, choice, there) or _wrong_readers(author, choice, there, case_ids)
    if found:
        raise Invalid(**found)
    return there


def keep(post: Post, choice: Choice, there: Iterable[AnyRow]) -> None:
    """The rows of the choice for one post: of those named, who is in its own network."""
    here = [member for member in there if member.case_id == post.case_id]
    people = {member.id for member in here} & set(choice.people)
    agencies = {member.agency_id for member in here} & set(choice.agencies)
    session = db.session()
    session.add_all(Audience(post_id=post.id, person_id=each) for each in sorted(people))
    session.add_all(Audience(post_id=post.id, agency_id=each) for each in sorted(agencies))
    session.add_all(Exclusion(post_id=post.id, agency_id=each) for each in set(choice.excluded))
    session.flush()


def meant(choice: Choice, people: Iterable[AnyRow]) -> list[AnyRow]:
    """Those of these members whom a post with this choice would be for."""
    return [
        each
        for each in people
        if each.agency_id not in choice.excluded
        and (
            choice.audience != "named"
            or each.id in choice.people
            or each.agency_id in choice.agencies
        )
    ]


def members(case_ids: Collection[int]) -> Sequence[AnyRow]:
    """Who is in which of these networks and sees its case: the only people a post can name.

    Each with the agency they work for now, which is the one that a post is for or kept from.
    """
    return db.rows(_members(), {"case_ids": list(case_ids)})


def of(posts: Iterable[AnyRow]) -> dict[int, Shared]:
    """For whom each of these posts is, when not for the whole network; for those who read it."""
    narrowed = [post.id for post in posts if post.sharing_reason is not None]
    found = {post_id: Shared() for post_id in narrowed}
    for row in db.rows(_names(), {"post_ids": narrowed}):
        getattr(found[row.post_id], row.what).append((row.id, row.name))
    return found


def _wrong_there(author: Person, choice: Choice, there: Sequence[AnyRow]) -> dict[str, str]:
    people = {member.id: member for member in there}
    agencies = {member.agency_id for member in there}
    if author.agency_id in choice.excluded:
        return {"excluded": "You cannot keep your own agency out."}
    if not (people.keys() >= set(choice.people) and agencies >= set(choice.agencies)):
        return {"audience": MEMBERS_ONLY}
    for each in choice.people:
        if people[each].agency_id in choice.excluded:
            return {"excluded": f"{people[each].name} works for an agency that you keep out."}
    if not _exist(choice.excluded):
        return {"excluded": "Choose an agency from the list."}
    return {}


def _wrong_readers(
    author: Person, choice: Choice, there: Sequence[AnyRow], case_ids: Collection[int]
) -> dict[str, str]:
    """A choice that leaves nobody: what is for nobody is no post, and an emergency needs one."""
    if choice.audience != "named" and choice.worry != "urgent":
        return {}
    reached = {member.case_id for member in meant(choice, there) if member.id != author.id}
    if reached >= set(case_ids):
        return {}
    name = "audience" if choice.audience == "named" else "excluded"
    return {name: NOBODY if len(case_ids) == 1 else NOBODY_THERE}


def _exist(agency_ids: Collection[int]) -> bool:
    wanted = {each for each in agency_ids if each <= db.LARGEST}
    count = select(func.count()).select_from(Agency).where(Agency.id.in_(wanted))
    return len(wanted) == len(set(agency_ids)) == (db.session().scalar(count) if wanted else 0)


@cache
def _members() -> AnySelect:
    return (
        select(
            Membership.case_id,
            Person.id,
            Person.name,
            Person.phone,
            Membership.role,
            Membership.is_lead,
            Person.agency_id,
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .join(Person, Person.id == Membership.person_id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(
            Membership.case_id.in_(bindparam("case_ids", expanding=True, type_=db.BigKey)),
            access.current(Membership),
            access.has_content_account(Membership.person_id),
            ~access.is_conflicted(Membership.person_id, Membership.case_id),
        )
        .order_by(Membership.case_id, Membership.is_lead.desc(), Agency.name, Person.name)
    )


@cache
def _names() -> Any:
    wanted = bindparam("post_ids", expanding=True, type_=db.BigKey)
    people = (
        select(Audience.post_id, literal("people").label("what"), Person.id, Person.name)
        .join(Person, Person.id == Audience.person_id)
        .where(Audience.post_id.in_(wanted))
    )
    agencies = (
        select(Audience.post_id, literal("agencies").label("what"), Agency.id, Agency.name)
        .join(Agency, Agency.id == Audience.agency_id)
        .where(Audience.post_id.in_(wanted))
    )
    excluded = (
        select(Exclusion.post_id, literal("excluded").label("what"), Agency.id, Agency.name)
        .join(Agency, Agency.id == Exclusion.agency_id)
        .where(Exclusion.post_id.in_(wanted))
    )
    rows = union_all(people, agencies, excluded).subquery()
    return select(rows).order_by(rows.c.post_id, rows.c.what, rows.c.name)
