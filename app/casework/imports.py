"""Bring in the cases a council already holds, each row once however often the file comes."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Row as Result
from sqlalchemy import func, select

from app import access, activity, audit
from app.casework import keeping, networks, people
from app.casework.keeping import Kept, Outcome
from app.casework.returns.facts import Batch, Refusal, Return
from app.core import clock, db, text
from app.core.errors import Conflict, Invalid, NotFound
from app.models import CONTENT_ACCOUNTS, Agency, Case, Child, Membership, Person

# What can become of a row.
BECAME = ("new", "changed", "same", "refused", "not kept")
# So many children are compared and kept at once: a question each takes as long as one for all.
GROUP = 50


@dataclass(slots=True)
class Report:
    """What became of a return so far; `done` of its children are through."""

    returned: Return
    dry_run: bool = False
    done: int = 0
    by_list: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    differences: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    not_kept: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for number, refused in self.returned.refused.items():
            self.by_list[number]["refused"] += refused
        self.refusals.extend(self.returned.refusals)
        self.warnings.extend(self.returned.warnings)

    def add(self, outcome: Outcome) -> None:
        self.done += 1
        for row, became in outcome.rows:
            self.by_list[row.list_no]["refused" if row.refused else became] += 1
        self.differences.extend(outcome.differences)
        self.refusals.extend(outcome.batch.refusals)
        self.warnings.extend(outcome.batch.warnings)
        self.not_kept.update(outcome.batch.not_kept)

    @property
    def as_at(self) -> str:
        """As at which day all of it will stand on a case; a file need not say one."""
        if on := self.returned.as_at:
            return f"as at {keeping.long_day(on)}"
        today = keeping.long_day(clock.today())
        return (
            f"as at {today}, the day it comes in, because the file does not say of which day it is"
        )

    @property
    def counts(self) -> Counter[str]:
        return sum(self.by_list.values(), Counter())

    def lines(self) -> Iterator[str]:
        """The report as printed; its last line counts every row once."""
        yield f"{self.returned.title} {self.as_at}"
        for number in sorted(self.by_list):
            yield f"{self.returned.list_name(number)}: {counted(self.by_list[number])}"
        yield from self.returned.remarks
        if self.not_kept:
            yield f"Not kept: {counted_values(self.not_kept)}"
        yield from (f"Changed: {difference}" for difference in self.differences)
        yield from (f"Refused: {refusal}" for refusal in self.refusals)
        yield from (f"Left out: {warning}" for warning in self.warnings)
        if self.dry_run:
            yield "This was a dry run: nothing was kept."
        yield counted(self.counts)


def bring_in(
    actor: Person | None,
    returned: Return,
    *,
    each: Callable[[], AbstractContextManager[Any]],
    dry_run: bool = False,
    lead: Person | None = None,
    allocated: bool = False,
    how: str = "command",
    progress: Callable[[Report], None] | None = None,
    group: int = GROUP,
    start: int = 0,
    seconds: float | None = None,
) -> Report:
    """Bring in a whole return, some children at a time.

    `each` wraps every group of children: the door's transaction, or a savepoint inside the one it
    has open. Without an actor it is the command line of the machine itself. Nobody at all sees a
    case without a network: with `allocated`, the worker the file names leads such a case, when
    exactly one social worker has that name here; else `lead` does. `progress` is told how far it is
    after each group. It begins at the child `start`, and stops after so many seconds.
    """
    report = Report(returned, dry_run, done=start)
    began = time.monotonic()
    batches = returned.batches(start)
    while some := list(islice(batches, group)):
        with each():
            outcomes = _brought_in(actor, some, dry_run, lead, allocated, how)
        for outcome in outcomes:
            report.add(outcome)
        if progress:
            progress(report)
        if seconds is not None and time.monotonic() - began > seconds:
            break
    return report


def _brought_in(
    actor: Person | None,
    batches: Sequence[Batch],
    dry_run: bool,
    lead: Person | None,
    allocated: bool,
    how: str,
) -> list[Outcome]:
    _may_import(actor)
    found = keeping.look(batches)
    outcomes = [keeping.compared(kept) for kept in found]
    if not dry_run:
        keeping.keep(found, outcomes)
        for kept, outcome in zip(found, outcomes, strict=True):
            _settle(actor, kept, outcome, lead, allocated, how)
        changed = [
            kept.case.id
            for kept, outcome in zip(found, outcomes, strict=True)
            if kept.case and not outcome.is_same
        ]
        activity.record_quietly(actor, "imported", changed)
    return outcomes


def _settle(
    actor: Person | None,
    kept: Kept,
    outcome: Outcome,
    lead: Person | None,
    allocated: bool,
    how: str,
) -> None:
    """Who leads the case, and for the audit that it was brought in."""
    case, batch = kept.case, kept.batch
    assert case is not None
    leader = (_allocated(batch) if allocated else None) or lead
    if leader is not None and not _has_network(case):
        title = f"{batch.title[0].upper()}{batch.title[1:]}"
        _give_lead(actor or leader, case, leader, f"{title} as at {keeping.long_day(batch.as_at)}")
    if not outcome.is_same:
        audit.note(actor, "imported", how=how, case_id=case.id, about=batch.source)


def without_network() -> list[Result[tuple[int, str]]]:
    """Cases brought in that nobody can see yet: (case, council number), for administrators."""
    return list(
        db.session().execute(
            select(Case.id, Child.council_id)
            .join(Child, Child.id == Case.child_id)
            .where(Child.council_id.is_not(None), ~_any_member())
            .order_by(Child.council_id)
        )
    )


def allocate(actor: Person, council_id: str, lead: Person, reason: str) -> None:
    """Give a case that nobody is in the network of to the person who leads it from now on."""
    people.must_administer(actor)
    why = text.line(reason, field="reason", needed="Say why this person leads the work.")
    case = db.session().scalar(
        select(Case)
        .join(Child)
        .where(Child.council_id == council_id.strip())
        .order_by(Case.id)
        .limit(1)
    )
    if case is None:
        raise NotFound("council number")
    if _has_network(case):
        raise Conflict("This case has a network already: its lead hands it over.")
    _give_lead(actor, case, lead, why)
    audit.note(actor, "allocated", how="page", case_id=case.id)


def _give_lead(actor: Person, case: Case, lead: Person, reason: str) -> None:
    if not lead.active or lead.account not in CONTENT_ACCOUNTS:
        raise Invalid(person="Choose somebody who works with children and can sign in.")
    networks.join(actor, case, lead, role=lead.role, reason=reason, is_lead=True, announced=False)
    activity.record(actor, "joined", case_id=case.id, person_id=lead.id, quiet=True)


def _allocated(batch: Batch) -> Person | None:
    """The one active social worker of that name; none when nobody or several have it."""
    surname, comma, first = (batch.child.worker or "").partition(",")
    name = " ".join(f"{first} {surname}".split() if comma else surname.split())
    if not name:
        return None
    found = db.session().scalars(
        select(Person)
        .join(Agency)
        .where(
            func.lower(Person.name) == name.lower(),
            Person.active,
            Person.account.in_(CONTENT_ACCOUNTS),
            Agency.agency_type == "5A",
        )
    )
    same_name = list(found)
    return same_name[0] if len(same_name) == 1 else None


def _has_network(case: Case) -> bool:
    return db.session().scalar(select(Case.id).where(Case.id == case.id, _any_member())) is not None


def _any_member() -> Any:
    return (
        select(Membership.id)
        .where(Membership.case_id == Case.id, access.current(Membership))
        .correlate(Case)
        .exists()
    )


def _may_import(actor: Person | None) -> None:
    if actor is not None:
        people.must_administer(actor)


def counted(counts: Mapping[str, int]) -> str:
    """Each row once; what is not kept only where there is any."""
    words = [f"{counts.get(each, 0)} {each}" for each in BECAME[:4]]
    return ", ".join(
        [*words, *(f"{counts[each]} {each}" for each in BECAME[4:] if counts.get(each))]
    )


def counted_values(not_kept: Mapping[str, int]) -> str:
    """What Kith has no place for, and how many values of it there were."""
    return ", ".join(f"{name} ({count:,})" for name, count in sorted(not_kept.items()))
