"""The chronology: what mattered in a child's life, of all agencies, by when it happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import bindparam, or_, select

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.core.errors import Invalid
from app.insight import ages, events
from app.models import (
    CATEGORIES,
    KINDS,
    RATERS,
    SOURCES,
    STATUSES,
    WORRIES,
    Agency,
    Case,
    Child,
    Measure,
    Person,
    Post,
    Reading,
)

# Of what the system writes, the rest is about the network and not about the child.
TOLD = (*KINDS, "imported")
# What a line may be, for the filter and the table.
LINES = {"status": "Status"} | KINDS | {"imported": "From another system", "reading": "Reading"}
# Whose word it is that nobody here wrote: a return, or a list of scores that was brought in.
SYSTEMS = {source: f"{name[0].upper()}{name[1:]}" for source, name in SOURCES.items()} | {
    "scores": "A file of scores"
}
HEADINGS = (
    "Date",
    "Age",
    "Source",
    "Kind",
    "What happened",
    "What it meant for the child",
    "Worry",
)
# A silence shorter than this is none worth a sentence.
SILENCE = timedelta(days=28)
NARROWED = "Not shared with the whole network."
NOT_SHARED = "Why and by whom is not shared with you."
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
# What happened at the same moment: how the case stands first, then what was told, then measured.
STOOD, POST, READ = 0, 1, 2


@dataclass(frozen=True)
class Only:
    """What to leave in, and from which end to read."""

    from_on: date | None = None
    until_on: date | None = None
    agency_id: int | None = None
    kind: str | None = None
    words: str = ""
    everything: bool = False
    newest_first: bool = False

    @property
    def is_set(self) -> bool:
        narrowing = (self.from_on, self.until_on, self.agency_id, self.kind, self.words)
        return any(each is not None and each != "" for each in narrowing)


class Stood(Protocol):
    """A line of how the case has stood, as much of it as the viewer may read."""

    @property
    def id(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def category(self) -> str | None: ...
    @property
    def since(self) -> date: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def recorded_by_id(self) -> int | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def is_shared(self) -> bool: ...


@dataclass(frozen=True, order=True)
class Mark:
    """Where something stands in the order, and what it can be narrowed by."""

    at: datetime
    of: int  # STOOD, POST or READ
    number: int
    kind: str = field(compare=False)
    agency_id: int | None = field(compare=False)
    words: str = field(compare=False, repr=False, default="")

    @property
    def on(self) -> date:
        return clock.local(self.at).date()

    @property
    def cursor(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}-{self.of}-{self.number}"


@dataclass(frozen=True)
class Line:
    """One thing that happened; `html` is its words as they were cleaned when they were written."""

    key: str
    at: datetime
    on: date
    age: str
    kind: str
    heading: str
    html: str
    said: str
    facts: tuple[str, ...]
    meaning: str | None
    worry: str
    told_by: str
    role: str | None
    agency: str | None
    agency_type: str | None
    system: str | None
    as_at: date | None
    post_id: int | None

    @property
    def source(self) -> str:
        """Hillside Primary, safeguarding lead, Dan Hughes; or Annex A, as at 31 March 2026."""
        if self.system:
            return f"{self.system}, as at {_day(self.as_at)}" if self.as_at else self.system
        return ", ".join(each for each in (self.agency, self.role, self.told_by) if each)

    @property
    def happened(self) -> str:
        return " ".join(each for each in (self.said, *self.facts) if each)

    @property
    def worry_word(self) -> str:
        return "" if self.worry == "none" else WORRIES.get(self.worry, self.worry)

    @property
    def cells(self) -> tuple[date | str, ...]:
        """As a row under `HEADINGS`."""
        return (
            self.on,
            self.age,
            self.source,
            self.heading,
            self.happened,
            self.meaning or "",
            self.worry_word,
        )


@dataclass(frozen=True)
class Chronology:
    """All that is in it, in order; `read` says the words of a page of it."""

    only: Only
    marks: Sequence[Mark]
    agencies: Sequence[tuple[int, str]]  # of all that could be shown, for the filter
    kinds: Sequence[tuple[str, str]]
    stood: Sequence[Stood]
    reads_from: date | None = None  # what was told before is not the viewer's to read
    withheld: int = 0  # how many updates she is told of without reading them

    @property
    def sentence(self) -> str:
        return sentence(
            self.marks,
            everything=self.only.everything,
            narrowed=self.only.is_set,
            reads_from=self.reads_from,
            withheld=self.withheld,
        )

    def kept_back(self, reader: str) -> list[str]:
        """What is not in it, for those who have only the paper or the file: a sentence each."""
        said = []
        if self.withheld:
            are = "item is" if self.withheld == 1 else "items are"
            said.append(f"{self.withheld} {are} not shared with the role of {reader}.")
        if self.reads_from:
            said.append(
                f"{reader} reads this case from {_day(self.reads_from)} on. "
                "What was told before is not here."
            )
        return said

    def after(self, cursor: str) -> Sequence[Mark]:
        """What comes behind a place, which need not be taken any more."""
        place = _place(cursor)
        if self.only.newest_first:
            return [each for each in self.marks if (each.at, each.of, each.number) < place]
        return [each for each in self.marks if (each.at, each.of, each.number) > place]


def of(viewer: Person, case: Case, only: Only, stood: Sequence[Stood]) -> Chronology:
    """What is in the chronology of a case from `app.access`, each thing without its words yet.

    `stood` is how the case has stood, as the viewer may read it.
    """
    marks = [*_posts(viewer, case, only), *_stood(stood), *_readings(viewer, case)]
    cut = access.reads_from(viewer, case.id)
    return Chronology(
        only,
        sorted((each for each in marks if _fits(each, only)), reverse=only.newest_first),
        _agencies({each.agency_id for each in marks if each.agency_id}),
        [(kind, word) for kind, word in LINES.items() if kind in {each.kind for each in marks}],
        stood,
        clock.local(cut).date() if cut else None,
        access.withheld(viewer, case.id),
    )


def read(viewer: Person, case: Case, found: Chronology, marks: Sequence[Mark]) -> list[Line]:
    """What these say, in their order."""
    child = db.session().get_one(Child, case.child_id)
    lines: dict[tuple[int, int], Line] = {}
    for row in _told(viewer, case, [each.number for each in marks if each.of == POST]):
        lines[POST, row.id] = _of_post(row, child)
    for row in _measured(viewer, case) if any(each.of == READ for each in marks) else ():
        lines[READ, row.id] = _of_reading(row, child)
    wanted = {each.number for each in marks if each.of == STOOD}
    names = _names(row.recorded_by_id for row in found.stood if row.id in wanted)
    for stood in found.stood:
        lines[STOOD, stood.id] = _of_status(stood, child, names)
    return [lines[each.of, each.number] for each in marks]


def sentence(
    marks: Sequence[Mark],
    *,
    everything: bool,
    narrowed: bool,
    reads_from: date | None = None,
    withheld: int = 0,
) -> str:
    """How much there is, between which days, from how many agencies, and the longest silence.

    Of what is not the viewer's to read it does not say that it did not happen.
    """
    if not marks:
        return _nothing(narrowed=narrowed, is_part=bool(reads_from or withheld))
    days = sorted(each.on for each in marks)
    noun = "event" if everything else "significant event"
    said = f"{_many(len(marks), noun)} {_between(days[0], days[-1])}"
    agencies = len({each.agency_id for each in marks if each.agency_id})
    if agencies:
        said += f", from {_many(agencies, 'agency', 'agencies')}"
    return f"{said}.{_silence(days, reads_from, is_part=bool(withheld))}"


def is_past(value: float, threshold: float | None, better: str) -> bool:
    """Whether a value is where its measure says that it means something."""
    if threshold is None or better == "neither":
        return False
    return value < threshold if better == "up" else value >= threshold


def crossings(rows: Iterable[AnyRow]) -> list[AnyRow]:
    """Of readings by day, those that came past the threshold; not the ones that stayed there.

    Each rater is compared with what they said before, and with nobody else.
    """
    were: dict[tuple[int, str], bool] = {}
    found = []
    for row in rows:
        one = (row.measure_id, row.rater)
        now = is_past(row.value, row.threshold, row.better)
        if now and not were.get(one, False):
            found.append(row)
        were[one] = now
    return found


def _fits(mark: Mark, only: Only) -> bool:
    on, words = mark.on, only.words.casefold().split()
    return (
        (only.from_on is None or on >= only.from_on)
        and (only.until_on is None or on <= only.until_on)
        and (only.agency_id is None or mark.agency_id == only.agency_id)
        and (only.kind is None or mark.kind == only.kind)
        and all(word in mark.words for word in words)
    )


# Marks


def _posts(viewer: Person, case: Case, only: Only) -> list[Mark]:
    asked = {"viewer": viewer.id, "case": case.id}
    return [
        Mark(
            row.occurred_at,
            POST,
            row.id,
            row.kind,
            row.agency_id,
            f"{row.body} {row.meaning or ''}".casefold() if only.words else "",
        )
        for row in db.rows(_marked(everything=only.everything, with_words=bool(only.words)), asked)
    ]


def _stood(stood: Sequence[Stood]) -> list[Mark]:
    return [
        Mark(
            clock.instant(row.since, time()),
            STOOD,
            row.id,
            "status",
            None,
            words=_standing(row).casefold(),
        )
        for row in stood
    ]


def _readings(viewer: Person, case: Case) -> list[Mark]:
    return [
        Mark(
            clock.instant(row.read_on),
            READ,
            row.id,
            "reading",
            row.agency_id,
            words=_value(row).casefold(),
        )
        for row in crossings(_measured(viewer, case))
    ]


# Lines


def _of_post(row: AnyRow, child: Child) -> Line:
    on = clock.local(row.occurred_at).date()
    return Line(
        key=f"post-{row.id}",
        at=row.occurred_at,
        on=on,
        age=ages.at(child.born_on, child.expected_on, on),
        kind=row.kind,
        heading=LINES[row.kind],
        html=row.body_html,
        said=row.body,
        facts=tuple(_facts(row)),
        meaning=row.meaning,
        worry=row.worry,
        told_by=row.author_name or "",
        role=row.author_role,
        agency=row.agency_name,
        agency_type=row.agency_type,
        system=SYSTEMS.get(row.source, row.source) if row.source else None,
        as_at=row.source_as_at,
        post_id=row.id,
    )


def _facts(row: AnyRow) -> Iterable[str]:
    """What stands in fields of its own, as its card in the updates says it."""
    if row.seen is not None:
        alone = "alone" if row.seen_alone else "not alone"
        yield f"Seen, {alone}." if row.seen else "Not seen."
    if row.kind == "concern":
        referral = row.referral
        yield f"Referral made: {referral}." if referral else "Information shared, not a referral."
    if row.sharing_reason:
        yield NARROWED


def _of_status(row: Stood, child: Child, names: dict[int, str]) -> Line:
    by = names.get(row.recorded_by_id or 0)
    return Line(
        key=f"status-{row.id}",
        at=clock.instant(row.since, time()),
        on=row.since,
        age=ages.at(child.born_on, child.expected_on, row.since),
        kind="status",
        heading=LINES["status"],
        html="",
        said=_standing(row),
        facts=() if row.is_shared else (NOT_SHARED,),
        meaning=None,
        worry="none",
        told_by=f"Recorded by {by}" if by else "",
        role=None,
        agency=None,
        agency_type=None,
        system=SYSTEMS.get(row.source, row.source) if row.source else None,
        as_at=None,
        post_id=None,
    )


def _of_reading(row: AnyRow, child: Child) -> Line:
    return Line(
        key=f"reading-{row.id}",
        at=clock.instant(row.read_on),
        on=row.read_on,
        age=ages.at(child.born_on, child.expected_on, row.read_on),
        kind="reading",
        heading=LINES["reading"],
        html="",
        said=_value(row),
        facts=(
            f"Said by: {RATERS[row.rater].lower()}.",
            *((NARROWED,) if row.sharing_reason else ()),
        ),
        meaning=None,
        worry="none",
        told_by="",
        role=None,
        agency=row.agency_name,
        agency_type=row.agency_type,
        system=SYSTEMS.get(row.source, row.source) if row.source else None,
        as_at=row.source_as_at,
        post_id=row.post_id,
    )


def _standing(row: Stood) -> str:
    """Child protection plan, neglect. The reason, where it is the viewer's to read."""
    words = STATUSES.get(row.status, row.status)
    if row.category:
        words += f", {CATEGORIES[row.category].lower()}"
    return f"{words}. {row.reason}" if row.reason else f"{words}."


def _value(row: AnyRow) -> str:
    """School attendance: 86%. From 90% on: below this a child is persistently absent."""
    means = f": {row.threshold_means}" if row.threshold_means else ""
    return f"{row.name}: {row.value:g}{row.unit}. The mark is {row.threshold:g}{row.unit}{means}."


# Words


def _nothing(*, narrowed: bool, is_part: bool) -> str:
    so = "shared with you" if is_part else "recorded"
    if narrowed:
        return f"Nothing {so} fits what you chose."
    return f"Nothing that belongs in a chronology is {so} yet."


def _silence(days: Sequence[date], reads_from: date | None, *, is_part: bool) -> str:
    """Before somebody's history begins a silence is only hers, and says nothing of the child."""
    days = [each for each in days if reads_from is None or each >= reads_from]
    if len(days) < 3:
        return ""
    longest = max(pairwise(days), key=lambda pair: pair[1] - pair[0])
    lasted = longest[1] - longest[0]
    if lasted < SILENCE:
        return ""
    one = "one that is shared with you" if is_part else "one"
    since = f" since {_day(reads_from)}" if reads_from else ""
    weeks = f"{lasted.days // 7} weeks"
    return f" The longest time without {one}{since} is {weeks}, {_from_to(*longest)}."


def _between(first: date, last: date) -> str:
    return f"on {_day(first)}" if first == last else _from_to(first, last)


def _from_to(first: date, last: date) -> str:
    return f"from {_day(first)} to {_day(last)}"


def _day(on: date | None) -> str:
    return f"{on.day} {on:%B %Y}" if on else ""


def _many(number: int, noun: str, nouns: str = "") -> str:
    return f"1 {noun}" if number == 1 else f"{number} {nouns or noun + 's'}"


def _place(cursor: str) -> tuple[datetime, int, int]:
    parts = cursor.split("-") if cursor.isascii() and len(cursor) < 48 else []
    if len(parts) != 3 or not all(each.isdigit() and len(each) < 18 for each in parts):
        raise Invalid("That page marker is not one of ours.")
    at, of, number = (int(each) for each in parts)
    try:
        return EPOCH + at * MICROSECOND, of, number
    except OverflowError:
        raise Invalid("That page marker is not one of ours.") from None


# Questions, each built once


def _agencies(numbers: set[int]) -> list[tuple[int, str]]:
    found = db.rows(_named(), {"numbers": sorted(numbers)}) if numbers else ()
    return [(row.id, row.name) for row in found]


def _names(numbers: Iterable[int | None]) -> dict[int, str]:
    asked = sorted({each for each in numbers if each})
    found = db.rows(_called(), {"numbers": asked}) if asked else ()
    return {row.id: row.name for row in found}


def _told(viewer: Person, case: Case, numbers: Sequence[int]) -> Sequence[AnyRow]:
    asked = {"viewer": viewer.id, "case": case.id, "numbers": numbers}
    return db.rows(_worded(sqlite=db.is_sqlite()), asked) if numbers else ()


def _measured(viewer: Person, case: Case) -> Sequence[AnyRow]:
    return db.rows(_with_thresholds(), {"viewer": viewer.id, "case": case.id})


@cache
def _marked(*, everything: bool, with_words: bool) -> AnySelect:
    columns: list[Any] = [Post.id, Post.occurred_at, Post.kind, Post.agency_id]
    if with_words:
        columns += [Post.body, Post.meaning]
    told = select(*columns).where(
        Post.case_id == _CASE, Post.kind.in_(TOLD), access.open_to(_VIEWER, Post)
    )
    return told if everything else told.where(or_(events.is_significant(), Post.kind == "imported"))


@cache
def _worded(*, sqlite: bool) -> AnySelect:
    return (
        select(
            Post.id,
            Post.occurred_at,
            Post.kind,
            Post.worry,
            Post.body,
            Post.body_html,
            Post.meaning,
            Post.seen,
            Post.seen_alone,
            Post.referral,
            Post.sharing_reason,
            Post.source,
            Post.source_as_at,
            Post.author_role,
            Person.name.label("author_name"),
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .outerjoin(Person, Person.id == Post.author_id)
        .outerjoin(Agency, Agency.id == Post.agency_id)
        .where(
            Post.case_id == _CASE,
            db.is_among(Post.id, "numbers", sqlite=sqlite),
            access.open_to(_VIEWER, Post),
        )
    )


@cache
def _with_thresholds() -> AnySelect:
    return (
        select(
            Reading.id,
            Reading.measure_id,
            Reading.post_id,
            Reading.value,
            Reading.read_on,
            Reading.rater,
            Reading.agency_id,
            Reading.source,
            Reading.source_as_at,
            Measure.name,
            Measure.unit,
            Measure.better,
            Measure.threshold,
            Measure.threshold_means,
            Post.sharing_reason,
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .join(Measure, Measure.id == Reading.measure_id)
        .outerjoin(Post, Post.id == Reading.post_id)
        .outerjoin(Agency, Agency.id == Reading.agency_id)
        .where(
            Reading.case_id == _CASE,
            Measure.threshold.is_not(None),
            access.is_open_reading(_VIEWER, Reading),
        )
        .order_by(Reading.read_on, Reading.id)
    )


@cache
def _named() -> AnySelect:
    return (
        select(Agency.id, Agency.name)
        .where(Agency.id.in_(_NUMBERS))
        .order_by(Agency.name, Agency.id)
    )


@cache
def _called() -> AnySelect:
    return select(Person.id, Person.name).where(Person.id.in_(_NUMBERS))


_VIEWER, _CASE = bindparam("viewer", type_=db.BigKey), bindparam("case", type_=db.BigKey)
_NUMBERS = bindparam("numbers", expanding=True, type_=db.BigKey)
