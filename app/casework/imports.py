"""Bring in the cases a council already holds, each row once however often the file comes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row as Result
from sqlalchemy import func, select

from app import access, activity, audit, stream
from app.casework import cases, networks, people
from app.casework.returns.annex_a import ChildFacts, Event, Row, Workbook, statuses
from app.core import clock, db, text
from app.core.errors import Conflict, Invalid, NotFound
from app.models import (
    CONTENT_ACCOUNTS,
    Agency,
    Case,
    CaseStatus,
    Child,
    Membership,
    Person,
    Post,
    PostVersion,
)

SOURCE = "annex-a"

# What a sheet holds is plain words: marks that would format or link it are set aside.
_MARKS = str.maketrans("[]<>", "()()", "*_`\\")


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one workbook says of one child; brought in as a whole or not at all."""

    child: ChildFacts
    events: tuple[Event, ...]
    rows: tuple[Row, ...]
    as_at: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each row of a batch, and what differs from before, in words."""

    rows: tuple[tuple[Row, str], ...]
    differences: tuple[str, ...]


@dataclass(slots=True)
class Report:
    workbook: Workbook
    dry_run: bool = False
    by_list: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    differences: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for row in self.workbook.rows:
            if row.refused:
                self.by_list[row.list_no]["refused"] += 1

    def add(self, outcome: Outcome) -> None:
        for row, became in outcome.rows:
            self.by_list[row.list_no][became] += 1
        self.differences.extend(outcome.differences)

    @property
    def counts(self) -> Counter[str]:
        return sum(self.by_list.values(), Counter())

    def lines(self) -> Iterator[str]:
        """The report as printed; its last line counts every row of lists 1 to 10 once."""
        as_at = self.workbook.as_at
        yield f"Annex A as at {_long(as_at)}" if as_at else "Annex A, date unknown"
        for number in sorted(self.by_list):
            yield f"List {number}: {_counted(self.by_list[number])}"
        if self.workbook.adopters:
            yield f"List 11: {self.workbook.adopters} adopters, not imported"
        yield from (f"Changed: {difference}" for difference in self.differences)
        yield from (f"Refused: {refusal}" for refusal in self.workbook.refusals)
        yield from (f"Left out: {warning}" for warning in self.workbook.warnings)
        if self.dry_run:
            yield "This was a dry run: nothing was kept."
        yield _counted(self.counts)


def annex_a(
    actor: Person | None,
    workbook: Workbook,
    *,
    each: Callable[[], AbstractContextManager[Any]],
    dry_run: bool = False,
    lead: Person | None = None,
    allocated: bool = False,
    how: str = "command",
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Bring in a whole workbook, child by child.

    `each` wraps every child: the door's transaction, or a savepoint inside the one it has open.
    Without an actor it is the command line of the machine itself. Nobody at all sees a case
    without a network: with `allocated`, the worker the file names leads such a case, when exactly
    one social worker has that name here; else `lead` does. `progress` is told how many children
    of how many are done.
    """
    report = Report(workbook, dry_run)
    batches = by_child(workbook)
    for done, batch in enumerate(batches, 1):
        with each():
            if dry_run:
                report.add(compare(actor, batch))
            else:
                leader = _allocated(batch) if allocated else None
                report.add(bring_in(actor, batch, lead=leader or lead, how=how))
        if progress:
            progress(done, len(batches))
    return report


def by_child(workbook: Workbook) -> list[Batch]:
    as_at = workbook.as_at or clock.today()
    events, rows = defaultdict(list), defaultdict(list)
    for event in workbook.events:
        events[event.council_id].append(event)
    for row in workbook.rows:
        if row.council_id is not None:
            rows[row.council_id].append(row)
    return [
        Batch(facts, tuple(events[key]), tuple(rows[key]), as_at)
        for key, facts in workbook.children.items()
    ]


def compare(actor: Person | None, batch: Batch) -> Outcome:
    """What bringing the batch in would do; nothing is kept."""
    _may_import(actor)
    _, outcome = _compared(batch)
    return outcome


def bring_in(
    actor: Person | None, batch: Batch, *, lead: Person | None = None, how: str = "command"
) -> Outcome:
    """Keep what is new and what changed; told to nobody, and never news to a follower."""
    _may_import(actor)
    kept, outcome = _compared(batch)
    case = kept.case or _opened(batch)
    _describe(batch, case)
    for event in sorted(batch.events, key=lambda each: (_day(each, batch), each.natural_key)):
        _keep(kept.posts.get(event.natural_key), event, batch, case)
    _record_statuses(batch, case)
    if lead is not None and not _has_network(case):
        _give_lead(actor or lead, case, lead, f"Annex A as at {_long(batch.as_at)}")
    if any(became != "same" for _, became in outcome.rows):
        activity.record(actor, "imported", case_id=case.id, quiet=True)
        audit.note(actor, "imported", how=how, case_id=case.id, about=SOURCE)
    return outcome


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the database holds of the batch's child so far."""

    child: Child | None
    case: Case | None
    posts: dict[str, Post]


def _kept(batch: Batch) -> _Kept:
    session = db.session()
    child = session.scalar(
        select(Child).where(Child.council_id == batch.child.council_id).order_by(Child.id).limit(1)
    )
    case = session.scalar(select(Case).where(Case.child_id == child.id)) if child else None
    if case is None:
        return _Kept(child, None, {})
    posts = session.scalars(select(Post).where(Post.case_id == case.id, Post.source == SOURCE))
    return _Kept(child, case, {str(post.source_key): post for post in posts})


def _compared(batch: Batch) -> tuple[_Kept, Outcome]:
    kept = _kept(batch)
    events = {event.natural_key: event for event in batch.events}
    became: dict[str, str] = {}
    differences: list[str] = []
    for key, event in events.items():
        became[key], difference = _difference(kept.posts.get(key), event, batch)
        if kept.case is not None and difference:
            differences.append(f"{event.sheet}, row {event.row_no}: {difference}")
    rows = [(row, _row_became(row, became)) for row in batch.rows]
    known = kept.child is not None and _new_facts(batch, kept.child)
    if known:
        differences.append(f"{batch.rows[0].sheet}, row {batch.rows[0].row_no}: {_listed(known)}")
        if all(each == "same" for _, each in rows):
            rows[0] = batch.rows[0], "changed"
    return kept, Outcome(tuple(rows), tuple(differences))


def _difference(post: Post | None, event: Event, batch: Batch) -> tuple[str, str]:
    name = event.what.replace("_", " ")
    if post is None:
        return "new", f"{name} is new"
    at = _at(event, batch)
    if event.occurred_on is not None and post.occurred_at != at:
        was = clock.local(post.occurred_at).date()
        return "changed", f"{name} was on {_long(was)}, is on {_long(_day(event, batch))}"
    if _said(post) != (_words(event, batch), event.seen, event.seen_alone):
        return "changed", f"{name} says something else"
    return "same", ""


def _row_became(row: Row, became: dict[str, str]) -> str:
    """A repeated row is the same; a row whose first event is new is new."""
    each = [became[key] for key in row.keys]
    if row.repeats or all(one == "same" for one in each):
        return "same"
    return "new" if all(one == "new" for one in each) else "changed"


def _said(post: Post) -> tuple[str, bool | None, bool | None]:
    return post.body, post.seen, post.seen_alone


def _words(event: Event, batch: Batch) -> str:
    planned = event.occurred_on is not None and event.occurred_on > batch.as_at
    words = re.sub("!{2,}", "!", event.detail.translate(_MARKS))
    return f"Planned: {words}" if planned else words


def _day(event: Event, batch: Batch) -> date:
    return event.occurred_on or batch.as_at


def _at(event: Event, batch: Batch) -> datetime:
    """The return knows days, not hours: noon in the United Kingdom stands for the day."""
    return clock.instant(_day(event, batch))


def _opened(batch: Batch) -> Case:
    return cases.add(Child(), cases.ChildDetails(council_id=batch.child.council_id))


def _describe(batch: Batch, case: Case) -> None:
    child = db.session().get_one(Child, case.child_id)
    for name, value in _new_facts(batch, child).items():
        setattr(child, name, value)


def _new_facts(batch: Batch, child: Child) -> dict[str, Any]:
    """What the file says of the child that is not so here; what it leaves out stays."""
    said = batch.child
    wanted: dict[str, Any] = {
        "gender": said.gender.capitalize() if said.gender else None,
        "ethnicity": said.ethnicity,
        "born_on": said.date_of_birth,
        "expected_on": None if child.born_on else said.expected_on,
    }
    facts = {
        name: value
        for name, value in wanted.items()
        if value is not None and getattr(child, name) != value
    }
    if "born_on" in facts and child.expected_on is not None:
        facts["expected_on"] = None
    return facts


def _keep(post: Post | None, event: Event, batch: Batch, case: Case) -> None:
    became, _ = _difference(post, event, batch)
    if became == "same":
        return
    said = text.clean(_words(event, batch))
    at = clock.now()
    if post is None:
        post = Post(
            case_id=case.id,
            kind="imported",
            worry="none",
            posted_at=at,
            source=SOURCE,
            source_key=event.natural_key,
        )
    else:
        _keep_version(post)
        post.edited_at = at
    post.body, post.body_html, post.cleaner = said.source, said.html, text.CLEANER
    post.occurred_at, post.source_as_at = _at(event, batch), batch.as_at
    post.seen, post.seen_alone = event.seen, event.seen_alone
    if became == "new":
        stream.append(post)


def _keep_version(post: Post) -> None:
    db.session().add(
        PostVersion(
            post_id=post.id,
            version=post.version,
            body=post.body,
            body_html=post.body_html,
            written_at=post.edited_at or post.posted_at,
        )
    )
    post.version += 1


def _record_statuses(batch: Batch, case: Case) -> None:
    """The history follows the file for what the file tells of; older lines and people's stay."""
    session = db.session()
    changes = {f"status:{each.because}": each for each in statuses(batch.events, batch.as_at)}
    told = {f"status:{event.natural_key}" for event in batch.events}
    kept = {
        line.source_key: line
        for line in session.scalars(
            select(CaseStatus).where(CaseStatus.case_id == case.id, CaseStatus.source == SOURCE)
        )
    }
    for key, line in kept.items():
        if key in told and key not in changes:
            session.delete(line)
    for key, change in changes.items():
        known = kept.get(key)
        if known is None:
            cases.record_status(
                case,
                None,
                change.status,
                since=change.on,
                category=change.category,
                reason=None,
                source=SOURCE,
                source_key=key,
            )
        else:
            known.since, known.status, known.category = change.on, change.status, change.category


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


def _long(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _listed(names: Sequence[str] | dict[str, Any]) -> str:
    words = {"born_on": "date of birth", "expected_on": "expected date"}
    return ", ".join(words.get(name, name) for name in names) + " of the child"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[each]} {each}" for each in ("new", "changed", "same", "refused"))
