"""What other systems told of a child, side by side with what stands here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app import access
from app.casework import cases
from app.core import clock, db
from app.core.db import AnyRow
from app.models import (
    CATEGORIES,
    ETHNICITIES,
    RATERS,
    SOURCES,
    STATUSES,
    Case,
    Child,
    Measure,
    Person,
    Post,
    Reading,
    Telling,
)

NOT_SAID = "Not said"


@dataclass(frozen=True, slots=True)
class Source:
    """One return that tells of the child, as at which day, and whose case it stands in.

    One that says no day stands as at the day it came in.
    """

    title: str
    as_at: date
    case_id: int
    is_here: bool
    came_in: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that can be said of a child: here, and by each source in their order."""

    label: str
    here: str
    told: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it, for a table; the sentence says the same in short."""

    sentence: str
    sources: tuple[Source, ...]
    lines: tuple[Line, ...]


def of(viewer: Person, case: Case, also: Iterable[Case] = ()) -> Beside:
    """What is told of the child of a case she sees, and of the same child in others she sees.

    `also` are cases that `app.casework.links` gave for her. Scores and times missing are those she
    may read; whoever was given only what came later is not told how often it was before.
    """
    others = [each for each in also if each.id != case.id]
    everywhere = [case, *others]
    tellings = _tellings(everywhere)
    sources = tuple(
        Source(
            SOURCES[each.source],
            each.as_at,
            each.case_id,
            each.case_id == case.id,
            came_in=each.as_at == clock.local(each.brought_in_at).date(),
        )
        for each in tellings
    )
    scores, score_here = _scores(viewer, case, everywhere)
    missing, missing_here = _missing(viewer, case, everywhere)
    keys = [(each.case_id, each.source) for each in tellings]
    lines = (
        _line("Status", _status_here(case), [_status_told(each) for each in tellings]),
        *_facts(case, tellings),
        _alone("SDQ, newest", score_here, [scores.get(key, "") for key in keys]),
        _alone("Times missing", missing_here, [missing.get(key, "") for key in keys]),
    )
    shown = tuple(line for line in lines if any(said != NOT_SAID for said in line.told))
    return Beside(_sentence(sources, shown), sources, shown)


def _tellings(everywhere: Sequence[Case]) -> list[Telling]:
    order = {case.id: place for place, case in enumerate(everywhere)}
    found = db.session().scalars(select(Telling).where(Telling.case_id.in_(order)))
    return sorted(found, key=lambda each: (order[each.case_id], list(SOURCES).index(each.source)))


def _facts(case: Case, tellings: Sequence[Telling]) -> Iterable[Line]:
    child = db.session().get_one(Child, case.child_id)
    known: Sequence[tuple[str, str, Any, Callable[[Any], str]]] = (
        ("Date of birth", "born_on", child.born_on, _day),
        ("Birth expected", "expected_on", child.expected_on, _day),
        ("Gender", "gender", child.gender, str),
        ("Ethnicity", "ethnicity", child.ethnicity, _ethnicity),
        ("Unique pupil number", "upn", child.upn, str),
        ("Postcode before care", "home_postcode", None, str),
        ("Family number", "family_id", None, str),
    )
    for label, name, here, words in known:
        yield _line(
            label,
            words(here) if here else "",
            [_said(each.facts.get(name), words) for each in tellings],
        )


def _said(value: Any, words: Callable[[Any], str]) -> str:
    return words(value) if value else ""


def _line(label: str, here: str, told: Sequence[str]) -> Line:
    """They differ when two of them, or one and what stands here, say otherwise."""
    said = {each for each in (here, *told) if each}
    return Line(label, here, tuple(each or NOT_SAID for each in told), len(said) > 1)


def _alone(label: str, here: str, told: Sequence[str]) -> Line:
    """What one source counts, another need not; here stands what all of them and people told."""
    return Line(label, here, tuple(each or NOT_SAID for each in told), differs=False)


def _status_here(case: Case) -> str:
    today = clock.today()
    now = next((line for line in cases.history(case) if line.since <= today), None)
    return _status(now.status, now.category) if now else ""


def _status_told(telling: Telling) -> str:
    if not telling.history:
        return ""
    _, status, category, _ = telling.history[-1]
    return _status(status, category)


def _status(status: str, category: str | None) -> str:
    words = STATUSES[status]
    return f"{words}, {CATEGORIES[category].lower()}" if category else words


# What each source told of a case, and what stands here.
Told = tuple[dict[tuple[int, str], str], str]


def _scores(viewer: Person, case: Case, everywhere: Sequence[Case]) -> Told:
    rows = db.rows(
        select(Reading.case_id, Reading.source, Reading.value, Reading.read_on, Reading.rater)
        .join(Measure, Measure.id == Reading.measure_id)
        .where(
            Measure.key == "sdq_total",
            Reading.case_id.in_([each.id for each in everywhere]),
            access.reads_reading(viewer.id, Reading),
        )
        .order_by(Reading.read_on, Reading.id)
    )
    told = {(row.case_id, row.source): _score(row) for row in rows if row.source}
    here = [_score(row) for row in rows if row.case_id == case.id]
    return told, here[-1] if here else ""


def _score(row: AnyRow) -> str:
    """Who says it, too: a mother and a carer need not see the same."""
    return f"{row.value:g} on {_day(row.read_on)}, {RATERS[row.rater].lower()}"


def _missing(viewer: Person, case: Case, everywhere: Sequence[Case]) -> Told:
    rows = db.rows(
        select(
            Post.case_id,
            Post.source,
            func.count().label("times"),
            func.max(Post.occurred_at).label("last"),
        )
        .where(
            Post.kind == "missing",
            Post.case_id.in_([each.id for each in everywhere]),
            access.reads_post(viewer.id, Post),
        )
        .group_by(Post.case_id, Post.source)
    )
    told = {(row.case_id, row.source): _times(row.times, row.last) for row in rows if row.source}
    here = [row for row in rows if row.case_id == case.id]
    if not here:
        return told, ""
    return told, _times(sum(row.times for row in here), max(row.last for row in here))


def _times(times: int, last: datetime) -> str:
    return f"{times}, last on {_day(clock.local(last).date())}"


def _sentence(sources: Sequence[Source], lines: Sequence[Line]) -> str:
    if not sources:
        return "No other system has told of this child."
    differing = [line.label.lower() for line in lines if line.differs]
    count, places = len({each.title for each in sources}), len({each.case_id for each in sources})
    systems = "1 other system tells" if count == 1 else f"{count} other systems tell"
    # One system can tell of a child under two numbers: it is one system all the same.
    where = f" in {places} cases" if places > 1 else ""
    if not differing:
        return f"{systems} of this child{where}."
    return f"{systems} of this child{where}. Not all say the same of: {', '.join(differing)}."


def _day(on: date | str) -> str:
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return f"{day.day} {day:%B %Y}"


def _ethnicity(code: str) -> str:
    return ETHNICITIES.get(code, code)
