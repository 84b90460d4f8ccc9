"""Read an SSDA903 return, of children who are looked after, accounting for every row.

The Department for Education asks every council for it each year: a file of comma-separated values
for each kind of thing, told apart here by their headings and not by their names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.casework.returns import cells, codes, tables
from app.casework.returns.facts import Batch, Due, Event, Refusal, Score, TooLarge
from app.casework.returns.lines import Cells, sentences
from app.casework.returns.one_child import OneChild
from app.casework.returns.spool import Line, Spool
from app.casework.returns.tables import Source, Table
from app.core import clock
from app.core.errors import Invalid

SOURCE, TITLE = "ssda903", "the SSDA903 return"
# Unpacked. A large council's year is some 5 MB.
LARGEST = 400_000_000
# Nobody books a review further ahead: such a date is a slip of the keyboard.
AHEAD = timedelta(days=3 * 365)
HIGHEST_SCORE = 40

HEADER, EPISODES, REVIEWS, OUTCOMES, MISSING = range(1, 6)
# Each file, and a heading that only it has. Of the last ones Kith keeps nothing, and says so.
LISTS = {
    HEADER: ("header", "ETHNIC"),
    EPISODES: ("episodes", "DECOM"),
    REVIEWS: ("reviews", "REVIEW"),
    OUTCOMES: ("oc2", "SDQ_SCORE"),
    MISSING: ("missing", "MIS_START"),
    6: ("uasc", "DUC"),
    7: ("oc3", "IN_TOUCH"),
    8: ("ad1", "DATE_INT"),
    9: ("placed_adoption", "DATE_PLACED"),
    10: ("prev_perm", "PREV_PERM"),
}
_KEPT = {
    HEADER: frozenset(("SEX", "DOB", "ETHNIC", "UPN")),
    EPISODES: frozenset(
        (
            *("DECOM", "RNE", "LS", "CIN", "PLACE", "DEC", "REC", "HOME_POST"),
            "REASON_PLACE_CHANGE",
        )
    ),
    REVIEWS: frozenset(("DOB", "REVIEW", "REVIEW_CODE")),
    OUTCOMES: frozenset(("DOB", "SDQ_SCORE", "SDQ_REASON")),
    MISSING: frozenset(("DOB", "MISSING", "MIS_START", "MIS_END")),
}


@dataclass(slots=True)
class LookedAfter:
    """A whole return, read once; its children are on the disk until they are asked for."""

    spool: Spool = field(default_factory=Spool)
    columns: dict[int, dict[str, tuple[int, str]]] = field(default_factory=dict)
    latest: date | None = None
    refusals: list[Refusal] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    warnings: Sequence[Refusal] = ()
    unknown: int = 0

    source = SOURCE
    title = TITLE

    @property
    def as_at(self) -> date | None:
        return self.latest

    @property
    def total(self) -> int:
        return self.spool.total

    @property
    def remarks(self) -> Sequence[str]:
        if not self.unknown:
            return []
        files = "1 file is" if self.unknown == 1 else f"{self.unknown} files are"
        return [f"{files} none of the return and not read"]

    def list_name(self, number: int) -> str:
        return LISTS[number][0]

    def batches(self, start: int = 0) -> Iterator[Batch]:
        today = clock.today()
        as_at = self.latest or today
        for council_id, lines in self.spool.children(start):
            reading = _Reading(OneChild(SOURCE, council_id), self.columns, as_at, today)
            yield reading.child_of(lines).batch(TITLE, as_at)


def read(
    source: Source | Sequence[Source],
    *,
    largest: int = LARGEST,
    most_rows: int | None = None,
) -> LookedAfter:
    """Read a folder, an archive, a file or several of them; raises `Invalid` when they are none.

    All is read before any of it is told, so that a file which breaks at its last row brings
    nothing in. More than `largest` bytes or `most_rows` raises `TooLarge`. The return does not say
    of when it is: it is as at the last day on which an episode began or ended, or a child went
    missing or came back.
    """
    sources = [source] if isinstance(source, str) or not isinstance(source, Sequence) else source
    found = LookedAfter()
    with tables.opened(sources, largest) as each:
        for table in each:
            _spool(found, table, most_rows)
    if not found.columns:
        raise Invalid("None of the files of an SSDA903 return is here: no heading is known.")
    return found


# From files to rows on the disk


def _spool(found: LookedAfter, table: Table, most_rows: int | None) -> None:
    columns = _columns(table)
    list_no = next((number for number, (_, own) in LISTS.items() if own in columns), None)
    if list_no is None:
        found.unknown += 1
        return
    if "CHILD" not in columns:
        raise Invalid(f"The file {LISTS[list_no][0]} has no column CHILD: nothing was read.")
    if found.columns.setdefault(list_no, columns) != columns:
        raise Invalid(f"The file {LISTS[list_no][0]} is there twice, with other columns.")
    today = clock.today()
    for row_no, values in table.rows:
        row = _row(list_no, row_no, values, columns, today)
        _spool_row(found, list_no, row)
        if most_rows is not None and found.spool.rows > most_rows:
            raise TooLarge("This return has too many rows.")


def _columns(table: Table) -> dict[str, tuple[int, str]]:
    columns: dict[str, tuple[int, str]] = {}
    for index, heading in enumerate(table.headings):
        name = heading.strip().strip("\ufeff").upper().replace(" ", "_")
        if name:
            columns.setdefault(name, (index, name[:60]))
    return columns


def _spool_row(found: LookedAfter, list_no: int, row: Cells) -> None:
    try:
        child = cells.council_id(row.raw("CHILD"))
    except cells.Unreadable as why:
        found.refusals.append(row.refusal("CHILD", why.value_shape, why.reason))
        found.refused[list_no] += 1
        return
    for name in ("DECOM", "DEC", "MIS_START", "MIS_END"):
        if name in row.columns and (on := row.day(name)):
            found.latest = max(found.latest or on, on)
    found.spool.add(child, list_no, row.row_no, row.values)


def _row(
    list_no: int,
    row_no: int,
    values: Sequence[object],
    columns: dict[str, tuple[int, str]],
    today: date,
) -> Cells:
    return Cells((LISTS[list_no][0], row_no), values, columns, cells.EPOCH, today)


# From rows to what one child's say


@dataclass(slots=True)
class _Reading:
    """What one child's rows become, list by list, as at one day."""

    child: OneChild
    columns: dict[int, dict[str, tuple[int, str]]]
    as_at: date
    today: date

    def child_of(self, lines: Sequence[Line]) -> OneChild:
        by_list: dict[int, list[Cells]] = defaultdict(list)
        for list_no, row_no, values in lines:
            row = _row(list_no, row_no, values, self.columns[list_no], self.today)
            self._count_not_kept(list_no, row)
            if len(values) > len(self.columns[list_no]) and any(values[self._width(list_no) :]):
                why = row.refusal(
                    "CHILD", "a row", "the row has more cells than there are headings"
                )
                self.child.refuse(list_no, row, why)
            else:
                by_list[list_no].append(row)
        for list_no in sorted(by_list):
            for row in by_list[list_no]:
                self._born(row)
            _TAKES.get(list_no, _leave)(self, list_no, by_list[list_no])
        return self.child

    def _width(self, list_no: int) -> int:
        return 1 + max(index for index, _ in self.columns[list_no].values())

    def _count_not_kept(self, list_no: int, row: Cells) -> None:
        kept = _KEPT.get(list_no, frozenset())
        for name in row.columns.keys() - kept - {"CHILD"}:
            if list_no in _KEPT and cells.words(row.raw(name)) is not None:
                self.child.not_kept[name] += 1

    def _born(self, row: Cells) -> None:
        if "DOB" in row.columns and (on := row.day("DOB", planned=True)):
            name = "date_of_birth" if on <= self.today else "expected_on"
            self.child.fact(name, row, "DOB", lambda _: on)

    def event(
        self,
        list_no: int,
        row: Cells,
        what: str,
        on: date,
        words: str,
        key: str,
        *,
        until: date | None = None,
        kind: str = "imported",
        significant: bool = False,
    ) -> Event:
        return Event(
            list_no,
            row.row_no,
            row.sheet,
            self.child.council_id,
            what,
            on,
            words,
            key,
            until=until,
            kind=kind,
            significant=significant,
        )


def _header(reading: _Reading, list_no: int, rows: Sequence[Cells]) -> None:
    child = reading.child
    for number, row in enumerate(rows):
        child.fact("gender", row, "SEX", cells.gender)
        child.fact("ethnicity", row, "ETHNIC", cells.ethnicity)
        child.fact("upn", row, "UPN", cells.upn)
        # A second row of a child says who the child is once more.
        key = f"{SOURCE}:{child.council_id}"
        child.take(list_no, row, [], keys=(key,), repeats=number > 0)


@dataclass(frozen=True, slots=True)
class _Episode:
    row: Cells
    began: date
    ended: date | None
    legal: str
    ending: str

    @property
    def is_short_break(self) -> bool:
        return self.legal in codes.SHORT_BREAKS

    @property
    def ends_care(self) -> bool:
        return self.ended is not None and self.ending != codes.NEXT_EPISODE


def _episodes(reading: _Reading, list_no: int, rows: Sequence[Cells]) -> None:
    read = [_episode(row) for row in rows]
    known = sorted((each for each in read if each), key=lambda each: (each.began, each.row.row_no))
    for row, episode in zip(rows, read, strict=True):
        if episode is None:
            reading.child.refuse(list_no, row)
            continue
        at = known.index(episode)
        before = known[at - 1] if at else None
        told = list(_of_episode(reading, list_no, episode, before, known[at:]))
        reading.child.take(list_no, row, told)
    for episode in reversed(known):
        reading.child.fact("home_postcode", episode.row, "HOME_POST", cells.postcode)
        if "home_postcode" in reading.child.facts:
            break


def _episode(row: Cells) -> _Episode | None:
    began, ended = row.day("DECOM"), row.day("DEC")
    legal, ending = (str(row.raw(name) or "").strip().upper() for name in ("LS", "REC"))
    return _Episode(row, began, ended, legal, ending) if began else None


def _of_episode(
    reading: _Reading,
    list_no: int,
    episode: _Episode,
    before: _Episode | None,
    later: Sequence[_Episode],
) -> Iterator[Event]:
    row, child = episode.row, reading.child
    begins_care = before is None or before.ends_care or before.is_short_break
    in_care = not episode.is_short_break
    started = begins_care and in_care
    opening = codes.BEGINNINGS["S"] if started else _opening(row)
    yield reading.event(
        list_no,
        row,
        "looked_after_started" if started else "placement_episode",
        episode.began,
        sentences(opening, *_standing(row)),
        child.key("episode", episode.began),
        until=next((each.ended for each in later if each.ends_care), None) if started else None,
        significant=in_care,
    )
    if episode.ends_care and episode.ended:
        ended = cells.code(episode.ending, codes.ENDINGS)
        went_home = episode.ending in codes.HOME and in_care
        yield reading.event(
            list_no,
            row,
            ("went_home" if went_home else "looked_after_ended") if in_care else "break_ended",
            episode.ended,
            sentences(
                "Ceased to be looked after" if in_care else "Short breaks ended",
                f"Reason: {ended}" if ended else None,
            ),
            child.key("ended", episode.began),
            significant=in_care,
        )


def _opening(row: Cells) -> str:
    known = row.read("RNE", lambda value: cells.code(value, codes.BEGINNINGS))
    short = str(row.raw("LS") or "").strip().upper() in codes.SHORT_BREAKS
    return "A short break began" if short else known or "Another episode began"


def _standing(row: Cells) -> Iterator[str | None]:
    for label, name, known in (
        ("Legal status", "LS", codes.LEGAL_STATUSES),
        ("Placement", "PLACE", codes.PLACEMENTS),
        ("Need", "CIN", codes.NEEDS),
    ):
        said = cells.code(row.raw(name), known)
        yield f"{label}: {said}" if said else None


def _reviews(reading: _Reading, list_no: int, rows: Sequence[Cells]) -> None:
    for row in rows:
        on = row.day("REVIEW", planned=True)
        if on is None:
            reading.child.refuse(list_no, row)
        elif on > reading.today + AHEAD:
            why = "nobody books a review that far ahead: check the year"
            reading.child.refuse(list_no, row, row.refusal("REVIEW", "a date", why))
        else:
            reading.child.take(list_no, row, [_review(reading, list_no, row, on)])


def _review(reading: _Reading, list_no: int, row: Cells, on: date) -> Event | Due:
    key = reading.child.key("review", on)
    if on > reading.as_at:
        return Due(row.sheet, row.row_no, "Looked-after review", on, key)
    took_part = cells.code(row.raw("REVIEW_CODE"), codes.TOOK_PART)
    words = sentences("Looked-after review", took_part)
    return reading.event(list_no, row, "looked_after_review", on, words, key)


def _outcomes(reading: _Reading, list_no: int, rows: Sequence[Cells]) -> None:
    for row in rows:
        score = row.read("SDQ_SCORE", _score)
        if score is None and not row.notes:
            reading.child.leave(list_no, row)
        elif score is None or _is_unborn(reading, row):
            reading.child.refuse(list_no, row)
        else:
            reading.child.take(list_no, row, [_sdq(reading, row, score)])


def _is_unborn(reading: _Reading, row: Cells) -> bool:
    born = reading.child.facts.get("date_of_birth")
    if born is None or born <= reading.as_at:
        return False
    row.note("DOB", "a date", "the score is older than the child")
    return True


def _sdq(reading: _Reading, row: Cells, score: int) -> Score:
    """The return gives one score a year, and no day: the day of the file stands for it."""
    key = reading.child.key("sdq", _year_end(reading.as_at))
    return Score(row.sheet, row.row_no, "sdq_total", float(score), reading.as_at, "carer", key)


def _score(value: object) -> int | None:
    text = (cells.words(value) or "").removesuffix(".0")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= HIGHEST_SCORE):
        raise cells.Unreadable(cells.shape(value), f"a score is a whole number to {HIGHEST_SCORE}")
    return int(text)


def _year_end(on: date) -> date:
    """The 31 March on which the return's year ends."""
    return date(on.year + (on > date(on.year, 3, 31)), 3, 31)


def _missing(reading: _Reading, list_no: int, rows: Sequence[Cells]) -> None:
    for row in rows:
        reading.child.take(list_no, row, _times_missing(reading, list_no, row))


def _times_missing(reading: _Reading, list_no: int, row: Cells) -> Iterator[Event]:
    went, came_back = row.day("MIS_START"), row.day("MIS_END")
    absent = str(row.raw("MISSING") or "").strip().upper() == "A"
    key = reading.child.key
    if went:
        words = (
            "Away from the placement without leave." if absent else "Missing from the placement."
        )
        yield reading.event(
            list_no,
            row,
            "away" if absent else "missing",
            went,
            words,
            key("missing", went),
            kind="imported" if absent else "missing",
            significant=not absent,
        )
    if came_back:
        words = "Came back to the placement." if absent else "No longer missing."
        yield reading.event(
            list_no,
            row,
            "returned",
            came_back,
            words,
            key("returned", went or came_back),
            kind="imported" if absent else "returned",
        )


def _leave(reading: _Reading, list_no: int, rows: Sequence[Cells]) -> None:
    for row in rows:
        reading.child.leave(list_no, row)


_TAKES: dict[int, Callable[[_Reading, int, Sequence[Cells]], None]] = {
    HEADER: _header,
    EPISODES: _episodes,
    REVIEWS: _reviews,
    OUTCOMES: _outcomes,
    MISSING: _missing,
}
