"""Twelve months of a case in weeks: who posted how much, where somebody worried, and the gaps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property, lru_cache
from itertools import groupby

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy import case as when

from app import access
from app.core import clock, db
from app.core.db import AnySelect, Instant
from app.models import AGENCY_GROUP_OF, AGENCY_GROUPS, KINDS, Agency, Case, Person, Post

WEEKS, WEEK = 52, timedelta(days=7)
# More rows than these are not read at a glance: the least busy stand together as the others.
ROWS = 5
# Weeks. Most agencies let a month go by now and then; one empty week is no gap.
SILENT, GAP = 4, 2
# Units of the picture: how far one week is from the next, how wide a column is, how high a row,
# and how high the column of one update and of the most.
STEP, WIDE, HIGH, LEAST, MOST = 10, 8, 24, 5, 19
# Where each week begins, as a path says it.
PLACES = tuple(f"M{STEP * week} " for week in range(WEEKS))
# A column is drawn the darker the more there was.
SHADES = (".45", ".7", "1")
# Narrower than this, the name of a month has no room under its weeks.
NAMED_FROM = 3


@dataclass(frozen=True)
class Tally:
    """How many updates people of one kind of agency posted in one week, and how many worried."""

    week: int
    agency_type: str | None
    updates: int
    worried: int = 0


@dataclass(frozen=True)
class Row:
    """One group of agencies, and its updates week by week."""

    group: str
    counts: tuple[int, ...]

    @property
    def name(self) -> str:
        return AGENCY_GROUPS[self.group]

    @property
    def silent(self) -> int:
        """For how many whole weeks up to now it has posted nothing."""
        return next((n for n, many in enumerate(reversed(self.counts)) if many), len(self.counts))


@dataclass(frozen=True)
class Gap:
    """Weeks in a row in which nobody posted."""

    first: int
    weeks: int
    begins_on: date
    ends_on: date

    @property
    def days(self) -> str:
        """6 Aug – 2 Sep."""
        return f"{_day(self.begins_on)} – {_day(self.ends_on)}"


@dataclass(frozen=True)
class Month:
    """One calendar month under the weeks that begin in it.

    It has no name where none fits, nor where she was given nothing of it.
    """

    first_on: date
    weeks: int
    is_given: bool = True

    @property
    def last_on(self) -> date:
        return (self.first_on + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def has_name(self) -> bool:
        return self.is_given and self.weeks >= NAMED_FROM


@dataclass(frozen=True)
class Line:
    """One week of the table; or, where nobody posted, all such weeks in a row."""

    begins_on: date
    ends_on: date
    counts: tuple[int, ...]
    worried: int

    @property
    def weeks(self) -> int:
        return ((self.ends_on - self.begins_on).days + 1) // 7

    @property
    def days(self) -> str:
        return f"{_day(self.begins_on)} – {_day(self.ends_on)}"


@dataclass(frozen=True)
class Strip:
    """The newest week ends today and stands last; before week `begins` she was given nothing.

    `here` says of each group that is in the network for how many of these weeks it has been.
    """

    until: date
    begins: int
    rows: tuple[Row, ...]
    worried: tuple[int, ...]
    here: Mapping[str, int]

    @cached_property
    def sums(self) -> tuple[int, ...]:
        """How many updates there were in each week, whoever posted them."""
        return tuple(map(sum, zip(*(row.counts for row in self.rows), strict=True))) or (0,) * WEEKS

    @property
    def updates(self) -> int:
        return sum(self.sums)

    @cached_property
    def most(self) -> int:
        """The most one group posted in one week: how high the highest column is."""
        return max((many for row in self.rows for many in row.counts), default=0)

    @cached_property
    def gap(self) -> Gap | None:
        """The longest time in which nobody posted; of two as long, the later one."""
        runs = [(last - first + 1, first) for first, last in self._empty()]
        weeks, first = max(runs, default=(0, 0))
        if weeks < GAP:
            return None
        return Gap(first, weeks, self._begin(first), self._begin(first + weeks) - timedelta(1))

    # The sentence

    @property
    def heading(self) -> str:
        return (
            f"Updates since {_day(self._begin(self.begins))}"
            if self.begins
            else ("12 months of updates")
        )

    @property
    def sentence(self) -> str:
        return " ".join(each for each in (self.summary, self.pause, self.silence) if each)

    @property
    def summary(self) -> str:
        if not self.updates:
            return "No updates in this time."
        weeks = [week for week, many in enumerate(self.worried) if many]
        last = f", the latest beginning {_day(self._begin(weeks[-1]))}" if weeks else ""
        worry = f"; somebody was worried in {_many(len(weeks), 'week')}{last}" if weeks else ""
        return f"{_many(self.updates, 'update')}{worry}."

    @property
    def silence(self) -> str:
        """Who of the network has been silent the longest, and who has not posted at all."""
        if not self.updates:
            return ""
        quiet = self._quiet()
        never = [row.name for row in quiet if not any(row.counts)]
        longest = max((many for row, many in quiet.items() if any(row.counts)), default=0)
        said = []
        if longest > self._lately:
            names = [row.name for row, many in quiet.items() if many == longest and any(row.counts)]
            has = "has" if len(names) == 1 and names != ["Others"] else "have"
            said.append(f"{_and(names)} {has} not posted for {_many(longest, 'week')}.")
        if never:
            said.append(f"Nothing from {_and(never)} in this time.")
        return " ".join(said)

    @property
    def pause(self) -> str:
        """That nobody has posted lately, and when it was longer that nobody did."""
        if not self.updates:
            return ""
        said, gap, lately = [], self.gap, self._lately
        if lately >= GAP:
            since = _day(self._begin(WEEKS - lately))
            said.append(f"Nobody has posted for {_many(lately, 'week')}, from {since} on.")
        if gap and gap.first + gap.weeks < WEEKS:
            said.append(f"Longest gap: {_many(gap.weeks, 'week')}, {gap.days}.")
        return " ".join(said)

    def _quiet(self) -> dict[Row, int]:
        """Which rows of the network are silent, and for how many weeks; since it joined at most,
        when it has never posted."""
        weeks = {
            row: row.silent if any(row.counts) else self.here[row.group]
            for row in self.rows
            if row.group in self.here
        }
        return {row: many for row, many in weeks.items() if many >= SILENT}

    @property
    def _lately(self) -> int:
        """For how many weeks up to now nobody has posted: then no agency is silent for itself."""
        return next((n for n, many in enumerate(reversed(self.sums)) if many), WEEKS)

    # The picture

    @property
    def size(self) -> tuple[int, int]:
        return STEP * WEEKS, HIGH * (len(self.rows) + self.has_worry)

    @property
    def has_worry(self) -> bool:
        return any(self.worried)

    @property
    def marks(self) -> str:
        """A triangle over each week in which somebody worried."""
        return "".join(f"M{STEP * at} 20h8l-4-10z" for at, many in enumerate(self.worried) if many)

    @property
    def grounds(self) -> str:
        """Under each row a short line for each week, so that an empty one is seen to be empty."""
        first, width = STEP * self.begins, STEP * (WEEKS - self.begins)
        return "".join(f"M{first} {base}h{width}" for base, _ in self._placed())

    @property
    def columns(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Of each group the columns as paths, one for each shade."""
        return [(row.group, list(self._paths(base, row.counts))) for base, row in self._placed()]

    @property
    def ticks(self) -> str:
        """A line where a month begins."""
        _, height = self.size
        at = 0
        drawn = []
        for month in self.months[:-1]:
            at += month.weeks
            drawn.append(f"M{STEP * at - 1} 0v{height}")
        return "".join(drawn)

    @property
    def band(self) -> tuple[int, int] | None:
        """From where to where nobody posted."""
        return (STEP * self.gap.first - 1, STEP * self.gap.weeks) if self.gap else None

    @cached_property
    def months(self) -> list[Month]:
        """Each week stands under the month in which it begins."""
        found, begins_on, week = [], self._begin(0), 0
        while week < WEEKS:
            month = Month(self._begin(week).replace(day=1), 0)
            after = ((month.last_on - begins_on).days + WEEK.days) // WEEK.days
            found.append(Month(month.first_on, min(after, WEEKS) - week, after > self.begins))
            week = after
        return found

    def _placed(self) -> Iterator[tuple[int, Row]]:
        """The rows from top to bottom, each with the line it stands on."""
        for at, row in enumerate(self.rows, 1 + self.has_worry):
            yield HIGH * at - 2, row

    def _paths(self, base: int, counts: tuple[int, ...]) -> Iterator[tuple[str, str]]:
        drawn: dict[str, list[str]] = {shade: [] for shade in SHADES}
        columns = {many: _column(many, self.most) for many in set(counts) if many}
        for place, many in zip(PLACES, counts, strict=True):
            if many:
                shade, column = columns[many]
                drawn[shade].append(f"{place}{base}{column}")
        return ((shade, "".join(paths)) for shade, paths in drawn.items() if paths)

    # The table

    @property
    def headings(self) -> list[str]:
        return [row.name for row in self.rows]

    @cached_property
    def lines(self) -> list[Line]:
        """Newest first; weeks without an update stand together."""
        empty = dict(self._empty())
        found, week = [], self.begins
        while week < WEEKS:
            last = empty.get(week, week)
            found.append(self._line(week, last))
            week = last + 1
        return found[::-1]

    def _line(self, first: int, last: int) -> Line:
        counts = tuple(row.counts[first] for row in self.rows)
        end = self._begin(last + 1) - timedelta(days=1)
        return Line(self._begin(first), end, counts, self.worried[first])

    def _empty(self) -> Iterator[tuple[int, int]]:
        """The first and the last week of each time in which nobody posted."""
        weeks = range(self.begins, WEEKS)
        for is_empty, run in groupby(weeks, key=lambda week: not self.sums[week]):
            if is_empty:
                found = list(run)
                yield found[0], found[-1]

    def _begin(self, week: int) -> date:
        return self.until + timedelta(days=1) - WEEK * (WEEKS - week)


def height(many: int, most: int) -> float:
    """Of a column: by its root, so that one and two are seen beside a hundred, and apart."""
    if most == 1:
        return MOST
    return round(LEAST + (MOST - LEAST) * math.sqrt((many - 1) / (most - 1)), 2)


@lru_cache(1024)
def _column(many: int, most: int) -> tuple[str, str]:
    """The shade and the shape: the same few are drawn again and again."""
    high = height(many, most)
    shade = SHADES[round((many - 1) / max(most - 1, 1) * (len(SHADES) - 1))]
    return shade, f"v-{high:g}h{WIDE}v{high:g}z"


def read(
    viewer: Person,
    case: Case,
    network: Iterable[tuple[str | None, datetime]],
    reads_from: datetime | None = None,
) -> Strip:
    """Of what she may read; `network` is whose agencies are in it, and since when."""
    until = clock.today()
    begins = [
        clock.instant(until + timedelta(1) - WEEK * (WEEKS - n), time()) for n in range(WEEKS)
    ]
    asked = {f"week_{number}": at for number, at in enumerate(begins)}
    found = db.rows(_tallies(), {"viewer": viewer.id, "case_id": case.id, **asked})
    here: dict[str, int] = {}
    for agency_type, since in network:
        group, weeks = _group(agency_type), (clock.now() - since) // WEEK
        here[group] = max(here.get(group, 0), weeks)
    given = max(case.opened_at, reads_from or case.opened_at)
    first = sum(given >= at for at in begins) - 1
    return of([Tally(*row) for row in found], here, until, max(first, 0))


def of(tallies: Sequence[Tally], here: Mapping[str, int], until: date, begins: int = 0) -> Strip:
    """The weeks of these numbers, the newest of which ends on `until`."""
    counts = {group: [0] * WEEKS for group in here}
    worried = [0] * WEEKS
    for tally in tallies:
        group = _group(tally.agency_type)
        if group not in counts:
            counts[group] = [0] * WEEKS
        counts[group][tally.week] += tally.updates
        worried[tally.week] += tally.worried
    # A case may have been brought in after some of its updates were.
    first = min([begins, *(tally.week for tally in tallies if tally.updates)])
    shown = {group: min(weeks, WEEKS - first) for group, weeks in here.items()}
    rows = tuple(Row(group, tuple(many)) for group, many in _together(counts).items())
    return Strip(until, first, rows, tuple(worried), shown)


def _together(counts: dict[str, list[int]]) -> dict[str, list[int]]:
    """In the order groups always have; those there is no row for stand with the others."""
    apart = set(counts) - {"other"}
    if len(counts) > ROWS:
        busiest = sorted(counts, key=lambda group: sum(counts[group]), reverse=True)
        apart &= set(busiest[: ROWS - 1])
    found = {group: counts[group] for group in AGENCY_GROUPS if group in apart}
    if rest := [many for group, many in counts.items() if group not in apart]:
        found["other"] = [sum(week) for week in zip(*rest, strict=True)]
    return found


def _group(agency_type: str | None) -> str:
    return AGENCY_GROUP_OF.get(agency_type or "", "other")


def _day(on: date) -> str:
    year = f" {on.year}" if on.year != clock.today().year else ""
    return f"{on:%-d %b}{year}"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _and(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


@cache
def _tallies() -> AnySelect:
    """Built once: building costs more than asking."""
    viewer, case_id = (bindparam(name, type_=db.BigKey) for name in ("viewer", "case_id"))
    begins = [bindparam(f"week_{number}", type_=Instant) for number in range(WEEKS)]
    week = when(
        *((Post.posted_at >= begins[number], number) for number in range(WEEKS - 1, 0, -1)),
        else_=0,
    )
    is_worried = when((Post.worry.in_(["worried", "urgent"]), 1), else_=0)
    return (
        select(
            week.label("week"),
            Agency.agency_type,
            func.count().label("updates"),
            func.sum(is_worried).label("worried"),
        )
        .select_from(Post)
        .outerjoin(Agency, Agency.id == Post.agency_id)
        .where(
            Post.case_id == case_id,
            Post.posted_at >= begins[0],
            Post.source.is_(None),
            Post.kind.in_(KINDS),
            access.open_to(viewer, Post),
        )
        .group_by(literal_column("week"), Agency.agency_type)
    )
