"""Children who stand here twice: found, confirmed or refused by a person, and undone again.

A link moves nothing and grants nobody access: what is told in one case is shown in the other to
whoever sees both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app import access, activity
from app.casework import families, matching, people
from app.casework.matching import Known
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotFound
from app.models import (
    DECISIONS,
    LINKS,
    Case,
    Child,
    ChildLink,
    ChildName,
    FamilyLink,
    Membership,
    Person,
    Telling,
)

# What two children may be, and how they compare.
Pairing = tuple[str, matching.Pair]

# A page holds so many pairs, the likeliest first; a decided one makes room for the next.
SHOWN = 50

_one, _other, _member = aliased(Case), aliased(Case), aliased(Membership)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as much of it as whoever decides may know."""

    case_id: int
    label: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair to decide about, or one that is decided, in words."""

    id: int
    kind: str
    one: Side
    other: Side
    why: tuple[str, ...]
    decision: str | None
    by_itself: bool

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """What is known of either, side by side."""
        both = zip(self.one.facts, self.other.facts, strict=True)
        return [(name, here, there) for (name, here), (_, there) in both if here or there]

    def is_of(self, case_id: int) -> bool:
        return case_id in (self.one.case_id, self.other.case_id)

    def beside(self, case_id: int) -> Side:
        """The other of the two."""
        return self.other if self.one.case_id == case_id else self.one


@dataclass(frozen=True, slots=True)
class Found:
    """How many pairs a look has found anew: linked by itself, and for a person to say."""

    linked: int
    asked: int


def compare(
    known: Sequence[Known], progress: Callable[[int, int], None] | None = None
) -> list[Pairing]:
    """Every pair worth a look, outside of any transaction: it takes a while, and nobody waits."""
    found = [("same", pair) for pair in matching.pairs(known, progress)]
    return found + [("family", pair) for pair in matching.siblings(known)]


def keep(actor: Person | None, found: Sequence[Pairing]) -> Found:
    """Keep each pair that nobody has decided about, and forget what nothing speaks for any more."""
    _may_look(actor)
    kept = {
        (link.child_id, link.other_child_id, link.kind): link
        for link in db.session().scalars(select(ChildLink))
    }
    related = _related()
    new = [
        (kind, pair)
        for kind, pair in found
        if (pair.one, pair.other, kind) not in kept
        and not (kind == "family" and (pair.one, pair.other) in related)
    ]
    linked = [pair for kind, pair in new if kind == "same" and pair.way == "itself"]
    for kind, pair in new:
        _keep(kind, pair, by_itself=kind == "same" and pair.way == "itself")
    _forget(kept.values(), {(pair.one, pair.other, kind) for kind, pair in found})
    return Found(len(linked), len(new) - len(linked))


def known(actor: Person | None) -> list[Known]:
    """What is known of every child, for a program to compare; no person reads it."""
    _may_look(actor)
    names: dict[int, list[str]] = defaultdict(list)
    for row in db.rows(select(ChildName.child_id, ChildName.name)):
        names[row.child_id].append(row.name)
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for child_id, facts in db.rows(
        select(Case.child_id, Telling.facts).join(Case, Case.id == Telling.case_id)
    ):
        told[child_id].append(facts)
    rows = db.rows(
        select(
            *(Child.id, Child.name, Child.born_on, Child.gender, Child.postcode, Child.address),
            *(Child.council_id, Child.nhs_number, Child.upn),
        )
    )
    return [_known(row, names[row.id], told[row.id]) for row in rows]


def _known(row: Any, names: Sequence[str], told: Sequence[dict[str, Any]]) -> Known:
    places = [row.postcode, *(facts.get("home_postcode") for facts in told)]
    return Known(
        row.id,
        tuple(name for name in (row.name, *names) if name),
        row.born_on,
        row.gender,
        tuple(dict.fromkeys(place for place in places if place)),
        row.address,
        row.council_id,
        row.nhs_number,
        row.upn,
        next((facts["family_id"] for facts in told if facts.get("family_id")), None),
    )


def _keep(kind: str, pair: matching.Pair, *, by_itself: bool) -> None:
    now = clock.now()
    db.session().add(
        ChildLink(
            child_id=pair.one,
            other_child_id=pair.other,
            kind=kind,
            score=pair.score,
            why=" ".join(pair.why),
            found_at=now,
            decision="linked" if by_itself else None,
            decided_at=now if by_itself else None,
        )
    )


def _forget(kept: Iterable[ChildLink], found: set[tuple[int, int, str]]) -> None:
    """What nobody decided about and nothing speaks for any more: a name was corrected, say."""
    for link in kept:
        key = (link.child_id, link.other_child_id, link.kind)
        if link.decided_by_id is None and link.undone_at is None and key not in found:
            db.session().delete(link)


def _related() -> set[tuple[int, int]]:
    pairs = db.rows(
        select(FamilyLink.child_id, FamilyLink.relative_child_id).where(
            FamilyLink.relative_child_id.is_not(None)
        )
    )
    return {(min(pair), max(pair)) for pair in map(tuple, pairs)}


def _may_look(actor: Person | None) -> None:
    if actor is not None:
        people.must_administer(actor)


# For whoever works with the children


def waiting(viewer: Person) -> list[Pair]:
    """Pairs she may decide about, the likeliest first: she sees both cases and may lead one."""
    return _pairs(_hers(viewer), ChildLink.decision.is_(None))


def decided(viewer: Person, case: Case) -> list[Pair]:
    """What was decided of the child of a case she sees, of pairs whose other case she sees too."""
    return _pairs(
        _sees_both(viewer),
        ChildLink.decision.is_not(None),
        or_(_one.id == case.id, _other.id == case.id),
    )


def same(viewer: Person, case: Case) -> list[Case]:
    """Cases she sees of what is the same child."""
    linked = [pair for pair in decided(viewer, case) if _is_same(pair)]
    numbers = {side.case_id for pair in linked for side in (pair.one, pair.other)} - {case.id}
    return [access.case(viewer, number) for number in sorted(numbers)]


def _is_same(pair: Pair) -> bool:
    return (pair.kind, pair.decision) == ("same", "linked")


def decide(actor: Person, link_id: int, decision: str) -> tuple[int, int]:
    """Say whether it is so; answers the two cases. Not hers is not there."""
    link, one, other = _link(_hers(actor), link_id)
    if decision not in DECISIONS:
        raise Invalid(decision="Say whether it is so.")
    if link.decision is not None:
        raise Conflict("Somebody has decided about these two already.")
    link.decision, link.decided_by_id, link.decided_at = decision, actor.id, clock.now()
    if (link.kind, decision) == ("family", "linked"):
        led, beside = _led_first(actor, one, other)
        families.link_children(actor, led, beside, "brother or sister", same_household=True)
    else:
        _tell(actor, one, other)
    return one.id, other.id


def undo(actor: Person, link_id: int) -> tuple[int, int]:
    """Take a decision back: it waits for somebody again, and nothing else has changed."""
    link, one, other = _link(_hers(actor), link_id)
    _take_back(link, actor)
    _unlink_family(actor, link, one, other)
    _tell(actor, one, other)
    return one.id, other.id


def _take_back(link: ChildLink, actor: Person) -> None:
    if link.decision is None:
        raise Conflict("Nobody has decided about these two.")
    link.decision = link.decided_by_id = link.decided_at = None
    link.undone_by_id, link.undone_at = actor.id, clock.now()


def _unlink_family(actor: Person, link: ChildLink, one: Case, other: Case) -> None:
    if link.kind != "family":
        return
    led, beside = _led_first(actor, one, other)
    made = db.session().scalar(
        select(FamilyLink.id).where(
            FamilyLink.child_id == led.child_id, FamilyLink.relative_child_id == beside.child_id
        )
    )
    if made is not None:
        families.unlink(actor, led, made)


def _led_first(actor: Person, one: Case, other: Case) -> tuple[Case, Case]:
    return (one, other) if access.leads(actor, one.id) else (other, one)


def _tell(actor: Person, *both: Case) -> None:
    for number in sorted(case.id for case in both):
        activity.record(actor, "described", case_id=number)


# For administrators, who see no case


def waiting_by_number(actor: Person) -> list[Pair]:
    """Pairs that may be one child, by council number: of cases that nobody is in the network of.

    These numbers an administrator has at hand already, to give the cases to somebody; of a case
    with a network its people are asked.
    """
    people.must_administer(actor)
    return _pairs(_for_administrators(actor), ChildLink.decision.is_(None), by_number=True)


def decide_by_number(actor: Person, link_id: int, decision: str) -> None:
    people.must_administer(actor)
    link, _, _ = _link(_for_administrators(actor), link_id)
    if decision not in DECISIONS:
        raise Invalid(decision="Say whether it is so.")
    if link.decision is not None:
        raise Conflict("Somebody has decided about these two already.")
    link.decision, link.decided_by_id, link.decided_at = decision, actor.id, clock.now()


def _for_administrators(actor: Person) -> ColumnElement[bool]:
    free = [
        and_(~_has_network(case), ~access.is_conflicted(actor.id, case)) for case in (_one, _other)
    ]
    return and_(ChildLink.kind == "same", *free)


def _has_network(case: Any) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(_member.case_id == case.id, access.current(_member))
        .correlate_except(_member)
    )


# Rows to pairs


def _sees_both(viewer: Person) -> ColumnElement[bool]:
    return and_(access.works_on(viewer.id, _one), access.works_on(viewer.id, _other))


def _hers(viewer: Person) -> ColumnElement[bool]:
    may_lead = or_(access.may_lead(viewer.id, _one), access.may_lead(viewer.id, _other))
    return and_(_sees_both(viewer), may_lead)


def _link(whose: ColumnElement[bool], link_id: int) -> tuple[ChildLink, Case, Case]:
    found = (
        db.session()
        .execute(
            select(ChildLink, _one, _other)
            .join(_one, _one.child_id == ChildLink.child_id)
            .join(_other, _other.child_id == ChildLink.other_child_id)
            .where(ChildLink.id == min(link_id, db.LARGEST), whose)
        )
        .first()
    )
    if found is None:
        raise NotFound(f"child link:{link_id}")
    link, one, other = found
    return link, one, other


def _pairs(*which: ColumnElement[bool], by_number: bool = False) -> list[Pair]:
    child, twin = aliased(Child), aliased(Child)
    rows = db.session().execute(
        select(ChildLink, _one.id, _other.id, child, twin)
        .join(child, child.id == ChildLink.child_id)
        .join(twin, twin.id == ChildLink.other_child_id)
        .join(_one, _one.child_id == child.id)
        .join(_other, _other.child_id == twin.id)
        .where(*which)
        .order_by(ChildLink.score.desc(), ChildLink.id)
        .limit(SHOWN)
    )
    side = _numbered if by_number else _described
    return [
        Pair(
            link.id,
            LINKS[link.kind] if by_number else link.kind,
            side(one_id, one),
            side(other_id, other),
            tuple(matching.WORDS[word] for word in link.why.split() if word in matching.WORDS),
            link.decision,
            link.decision is not None and link.decided_by_id is None,
        )
        for link, one_id, other_id, one, other in rows
    ]


def _numbered(case_id: int, child: Child) -> Side:
    number = f"Council number {child.council_id}" if child.council_id else f"Case {case_id}"
    return Side(case_id, number)


def _described(case_id: int, child: Child) -> Side:
    born = child.born_on
    facts = (
        ("Date of birth", f"{born.day} {born:%B %Y}" if born else ""),
        ("Gender", child.gender or ""),
        ("Address", ", ".join(each for each in (child.address, child.postcode) if each)),
        ("School or nursery", child.school or ""),
        ("Council number", child.council_id or ""),
        ("NHS number", child.nhs_number or ""),
        ("Pupil number", child.upn or ""),
    )
    return Side(case_id, child.label, facts)
