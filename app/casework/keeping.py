"""Compare what a return says of some children with what is here, and keep what differs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import insert, select

from app import stream
from app.casework import histories, measures
from app.casework.returns.facts import Batch, ChildFacts, Due, Event, Row, Score, StatusChange
from app.casework.returns.statuses import statuses
from app.core import clock, db, text
from app.core.text import Text
from app.models import (
    Case,
    CaseHead,
    CaseStatus,
    Child,
    KeyDate,
    Post,
    PostVersion,
    Reading,
    Telling,
)

# What a return holds is plain words: marks that would format or link it are set aside.
_MARKS = str.maketrans("[]<>", "()()", "*_`\\")
Values = dict[str, Any]
_WORDS = {"born_on": "date of birth", "expected_on": "expected date", "upn": "pupil number"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each row of a batch, and what differs from before, in words."""

    batch: Batch
    rows: tuple[tuple[Row, str], ...]
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return all(became in ("same", "not kept") for _, became in self.rows)


@dataclass(slots=True)
class Kept:
    """What is here of one batch's child so far; of posts and such what this source told."""

    batch: Batch
    child: Child | None = None
    case: Case | None = None
    posts: dict[str, Post] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    key_dates: dict[str, KeyDate] = field(default_factory=dict)
    statuses: dict[str, CaseStatus] = field(default_factory=dict)
    tellings: dict[str, Telling] = field(default_factory=dict)

    @property
    def telling(self) -> Telling | None:
        return self.tellings.get(self.batch.source)


def look(batches: Sequence[Batch]) -> list[Kept]:
    """What is here of these children, all of one return: a question a kind of thing, for all."""
    found = {batch.child.council_id: Kept(batch) for batch in batches}
    session = db.session()
    for child in session.scalars(
        select(Child).where(Child.council_id.in_(found)).order_by(Child.id.desc())
    ):
        found[str(child.council_id)].child = child
    by_child = {kept.child.id: kept for kept in found.values() if kept.child}
    if not by_child:
        return list(found.values())
    by_case = {}
    for case in session.scalars(select(Case).where(Case.child_id.in_(by_child))):
        by_child[case.child_id].case = case
        by_case[case.id] = by_child[case.child_id]
    _look_at_cases(by_case, batches[0].source)
    return list(found.values())


def _look_at_cases(by_case: dict[int, Kept], source: str) -> None:
    session = db.session()
    for post in session.scalars(_told_of(Post, by_case, source)):
        by_case[post.case_id].posts[str(post.source_key)] = post
    for reading in session.scalars(_told_of(Reading, by_case, source)):
        by_case[reading.case_id].readings[str(reading.source_key)] = reading
    for due in session.scalars(_told_of(KeyDate, by_case, source)):
        by_case[due.case_id].key_dates[str(due.source_key)] = due
    # The history is put together from all sources.
    for line in session.scalars(
        select(CaseStatus).where(CaseStatus.case_id.in_(by_case), CaseStatus.source.is_not(None))
    ):
        by_case[line.case_id].statuses[str(line.source_key)] = line
    for telling in session.scalars(select(Telling).where(Telling.case_id.in_(by_case))):
        by_case[telling.case_id].tellings[telling.source] = telling


def _told_of(noun: Any, by_case: dict[int, Kept], source: str) -> Any:
    return select(noun).where(noun.case_id.in_(by_case), noun.source == source)


def compared(kept: Kept) -> Outcome:
    """What keeping the batch would do."""
    batch = kept.batch
    became: dict[str, str] = {batch.facts_key: _facts_became(kept)}
    differences: list[str] = []
    for said in _said_in(kept):
        became[said.natural_key], difference = _difference(kept, said)
        if kept.case is not None and difference:
            differences.append(f"{said.sheet}, row {said.row_no}: {difference}")
    rows = [(row, _row_became(row, became)) for row in batch.rows]
    known = kept.child is not None and _new_facts(kept, kept.child)
    if known:
        differences.append(f"{batch.rows[0].sheet}, row {batch.rows[0].row_no}: {_listed(known)}")
        if all(each == "same" for _, each in rows):
            rows[0] = batch.rows[0], "changed"
    return Outcome(batch, tuple(rows), tuple(differences))


def keep(all_kept: Sequence[Kept], outcomes: Sequence[Outcome]) -> None:
    """Keep what is new and what changed; told to nobody, and never news to a follower."""
    _open_cases([kept for kept in all_kept if kept.case is None])
    posts: list[Values] = []
    lines: list[Values] = []
    for kept, outcome in zip(all_kept, outcomes, strict=True):
        # What is the same is kept once more when its source has told nothing so far.
        if not outcome.is_same or kept.telling is None:
            _keep_one(kept, posts, lines)
    db.session().flush()
    _keep_readings(all_kept)
    stream.append_all(posts)
    if lines:
        db.session().execute(insert(CaseStatus), lines)


def _open_cases(without: Sequence[Kept]) -> None:
    """As `cases.add` does for one child: so many at once that each is asked for by itself."""
    session = db.session()
    for kept in without:
        kept.child = kept.child or Child(council_id=kept.batch.child.council_id)
    session.add_all(kept.child for kept in without if kept.child)
    session.flush()
    for kept in without:
        assert kept.child is not None
        kept.case = Case(child_id=kept.child.id, opened_at=clock.now())
    session.add_all(kept.case for kept in without if kept.case)
    session.flush()
    session.add_all(CaseHead(case_id=kept.case.id, position=0) for kept in without if kept.case)
    session.flush()


def _keep_one(kept: Kept, posts: list[Values], lines: list[Values]) -> None:
    """Change what is here; new posts and lines of the history are left for all at once."""
    assert kept.case is not None
    assert kept.child is not None
    for name, value in _new_facts(kept, kept.child).items():
        setattr(kept.child, name, value)
    posts.extend(_keep_posts(kept, kept.case))
    _keep_key_dates(kept, kept.case)
    _keep_telling(kept, kept.case)
    lines.extend(_keep_history(kept, kept.case))


# What is said


def _said_in(kept: Kept) -> Iterator[Event | Score | Due]:
    yield from {event.natural_key: event for event in _events(kept)}.values()
    yield from kept.batch.scores
    yield from _due(kept)


def _events(kept: Kept) -> Iterator[Event]:
    """What happened, and with it what was booked for a day that is over by now."""
    yield from kept.batch.events
    for due in kept.batch.due:
        if not _is_to_come(due, kept):
            yield _booked(due, kept.batch)


def _due(kept: Kept) -> list[Due]:
    return [due for due in kept.batch.due if _is_to_come(due, kept)]


def _is_to_come(due: Due, kept: Kept) -> bool:
    """A day to come is a key date, and stays the one it was, until a file knows how it went."""
    if due.on <= kept.batch.as_at:
        return False
    return due.on > clock.today() or due.natural_key in kept.key_dates


def _booked(due: Due, batch: Batch) -> Event:
    return Event(
        0,
        due.row_no,
        due.sheet,
        batch.child.council_id,
        due.what,
        due.on,
        f"{due.what}.",
        due.natural_key,
    )


# What differs


def _difference(kept: Kept, said: Event | Score | Due) -> tuple[str, str]:
    if isinstance(said, Event):
        return _event_differs(kept.posts.get(said.natural_key), said, kept.batch)
    if isinstance(said, Score):
        return _score_differs(kept.readings.get(said.natural_key), said)
    return _due_differs(kept.key_dates.get(said.natural_key), said)


def _event_differs(post: Post | None, event: Event, batch: Batch) -> tuple[str, str]:
    name = event.what.replace("_", " ")
    if post is None:
        return "new", f"{name} is new"
    at = _at(event, batch)
    if event.occurred_on is not None and post.occurred_at != at:
        was = clock.local(post.occurred_at).date()
        return "changed", f"{name} was on {long_day(was)}, is on {long_day(_day(event, batch))}"
    if _said(post) != (_plain(_words(event, batch)).source, event.seen, event.seen_alone):
        return "changed", f"{name} says something else"
    return "same", ""


def _score_differs(reading: Reading | None, score: Score) -> tuple[str, str]:
    if reading is None:
        return "new", "a score is new"
    told = (reading.value, reading.read_on, reading.rater)
    if told != (score.value, score.read_on, score.rater):
        return "changed", "a score is another"
    return "same", ""


def _due_differs(known: KeyDate | None, due: Due) -> tuple[str, str]:
    if known is None:
        return "new", f"{due.what.lower()} is booked"
    if known.due_at != clock.instant(due.on):
        return "changed", f"{due.what.lower()} is booked for {long_day(due.on)}"
    return "same", ""


def _facts_became(kept: Kept) -> str:
    if kept.telling is None:
        return "new"
    return "same" if kept.telling.facts == _facts(kept.batch.child) else "changed"


def _row_became(row: Row, became: dict[str, str]) -> str:
    """A repeated row is the same; a row whose first event is new is new."""
    if not row.kept:
        return "not kept"
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


@lru_cache(maxsize=4096)
def _plain(words: str) -> Text:
    """Cleaned as every text is; most rows of a return say what others have said."""
    return text.clean(words)


def _day(event: Event, batch: Batch) -> date:
    return event.occurred_on or batch.as_at


def _at(event: Event, batch: Batch) -> datetime:
    """The return knows days, not hours: noon in the United Kingdom stands for the day."""
    return clock.instant(_day(event, batch))


# The child


def _new_facts(kept: Kept, child: Child) -> dict[str, Any]:
    """What the file says of the child that is not so here; what it leaves out stays.

    A newer file of another source is not undone, and a pupil number that is here is not replaced:
    who is who hangs on it.
    """
    said = kept.batch.child
    wanted: dict[str, Any] = {
        "gender": said.gender.capitalize() if said.gender else None,
        "ethnicity": said.ethnicity,
        "born_on": said.date_of_birth,
        "expected_on": None if child.born_on else said.expected_on,
        "upn": None if child.upn else said.upn,
    }
    facts = {
        name: value
        for name, value in wanted.items()
        if value is not None and getattr(child, name) != value and not _is_newer(kept, name)
    }
    if "born_on" in facts and child.expected_on is not None:
        facts["expected_on"] = None
    return facts


def _is_newer(kept: Kept, name: str) -> bool:
    """Whether another source, as at a later day, says what this one says of the child."""
    batch = kept.batch
    return any(
        name in telling.facts and (telling.as_at, source) > (batch.as_at, batch.source)
        for source, telling in kept.tellings.items()
        if source != batch.source
    )


def _facts(child: ChildFacts) -> dict[str, Any]:
    """As they are kept beside what others tell; who works with the child is no fact of theirs."""
    said = {
        "gender": child.gender.capitalize() if child.gender else None,
        "ethnicity": child.ethnicity,
        "born_on": child.date_of_birth and child.date_of_birth.isoformat(),
        "expected_on": child.expected_on and child.expected_on.isoformat(),
        "upn": child.upn,
        "home_postcode": child.home_postcode,
        "family_id": child.family_id,
    }
    return {name: value for name, value in said.items() if value is not None}


# Keeping


def _keep_posts(kept: Kept, case: Case) -> Iterator[Values]:
    """Changes what is here, and answers what is new as rows."""
    batch = kept.batch
    for event in sorted(_events(kept), key=lambda each: (_day(each, batch), each.natural_key)):
        post = kept.posts.get(event.natural_key)
        became, _ = _event_differs(post, event, batch)
        if post is None:
            yield _new_post(case, event, batch)
        elif became == "changed":
            _keep_version(post)
            for name, value in _written(event, batch).items():
                setattr(post, name, value)


def _new_post(case: Case, event: Event, batch: Batch) -> Values:
    return {
        "case_id": case.id,
        "kind": event.kind,
        "significant": event.significant,
        "posted_at": clock.now(),
        "source": batch.source,
        "source_key": event.natural_key,
        **_written(event, batch),
    }


def _written(event: Event, batch: Batch) -> Values:
    said = _plain(_words(event, batch))
    return {
        "body": said.source,
        "body_html": said.html,
        "cleaner": text.CLEANER,
        "occurred_at": _at(event, batch),
        "source_as_at": batch.as_at,
        "seen": event.seen,
        "seen_alone": event.seen_alone,
    }


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
    post.edited_at = clock.now()


def _keep_readings(all_kept: Sequence[Kept]) -> None:
    told: dict[str, list[measures.Imported]] = defaultdict(list)
    for kept in all_kept:
        for score in kept.batch.scores:
            told[score.measure].append(_imported(kept, score))
    for measure, scores in told.items():
        batch = all_kept[0].batch
        measures.import_all(measure, scores, source=batch.source, as_at=batch.as_at)


def _imported(kept: Kept, score: Score) -> measures.Imported:
    assert kept.case is not None
    assert kept.child is not None
    return measures.Imported(
        kept.case.id,
        kept.child.born_on,
        score.value,
        score.read_on,
        score.rater,
        score.natural_key,
        kept.readings.get(score.natural_key),
    )


def _keep_key_dates(kept: Kept, case: Case) -> None:
    for due in _due(kept):
        known = kept.key_dates.get(due.natural_key)
        if known is None:
            db.session().add(
                KeyDate(
                    case_id=case.id,
                    what=due.what,
                    due_at=clock.instant(due.on),
                    source=kept.batch.source,
                    source_key=due.natural_key,
                )
            )
    for event in kept.batch.events:
        known = kept.key_dates.get(event.natural_key)
        if known is not None and known.done_at is None:
            known.done_at = _at(event, kept.batch)


def _keep_telling(kept: Kept, case: Case) -> None:
    batch, known = kept.batch, kept.telling
    facts, history = _facts(batch.child), _history(batch, known)
    if known is None:
        kept.tellings[batch.source] = Telling(
            case_id=case.id,
            source=batch.source,
            as_at=batch.as_at,
            brought_in_at=clock.now(),
            facts=facts,
            history=history,
        )
        db.session().add(kept.tellings[batch.source])
    else:
        known.as_at, known.brought_in_at = max(known.as_at, batch.as_at), clock.now()
        known.facts, known.history = facts, history


def _history(batch: Batch, known: Telling | None) -> list[list[str | None]]:
    """By this source alone: it follows the file for what the file tells of; older lines stay."""
    changes = statuses(batch.events, batch.as_at)
    told = {event.natural_key for event in batch.events}
    told |= {change.because for change in changes}
    older = [line for line in (known.history if known else []) if line[3] not in told]
    newer = [[str(each.on), each.status, each.category, each.because] for each in changes]
    return sorted([*older, *newer], key=lambda line: (line[0], line[3]))


def _keep_history(kept: Kept, case: Case) -> Iterator[Values]:
    """The case's lines as all sources together tell them; what people recorded stays."""
    told = [
        histories.Told(source, telling.as_at, tuple(map(_change, telling.history)))
        for source, telling in sorted(kept.tellings.items())
    ]
    lines = {f"status:{each.change.because}": each for each in histories.together(told)}
    for key, line in kept.statuses.items():
        if key not in lines:
            db.session().delete(line)
    for key, each in lines.items():
        known = kept.statuses.get(key)
        if known is None:
            yield {
                "case_id": case.id,
                "source_key": key,
                "recorded_at": clock.now(),
                **_line(each),
            }
        else:
            for name, value in _line(each).items():
                setattr(known, name, value)


def _line(each: histories.Line) -> Values:
    change = each.change
    on_plan = change.status == "child_protection_plan"
    return {
        "source": each.source,
        "since": change.on,
        "status": change.status,
        "category": (change.category or "MUL") if on_plan else None,
    }


def _change(line: Sequence[str | None]) -> StatusChange:
    on, status, category, because = line
    return StatusChange(date.fromisoformat(str(on)), str(status), category, str(because))


# Words


def long_day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_WORDS.get(name, name) for name in names) + " of the child"
