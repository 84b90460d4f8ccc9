"""Read an Ofsted Annex A workbook into facts, accounting for every row."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain, islice
from os import PathLike
from typing import IO, TYPE_CHECKING, Any

from app.casework.returns import cells
from app.casework.returns.annex_a import rows
from app.casework.returns.annex_a.lists import ADOPTERS, BY_NUMBER, COMMON, LISTS, List, squeezed
from app.casework.returns.annex_a.rows import Gathered
from app.casework.returns.facts import (
    ChildFacts,
    Event,
    Refusal,
    Row,
    StatusChange,
    TooLarge,
    Workbook,
)
from app.casework.returns.lines import Cells
from app.casework.returns.statuses import statuses
from app.core import clock
from app.core.errors import Invalid

if TYPE_CHECKING:
    import openpyxl

__all__ = [
    "ChildFacts",
    "Event",
    "Refusal",
    "Row",
    "StatusChange",
    "TooLarge",
    "Workbook",
    "read",
    "statuses",
]

# Councils put a title, a date and a note or two above the headings.
HEADINGS_WITHIN = 25
# A sheet formatted to its last line holds a million empty rows; nobody leaves so many by hand.
EMPTY_ROWS = 5_000
# Unpacked. A council's year is some 20 MB; a small file that unpacks to more than this is no list.
LARGEST = 400_000_000

# What unpacking, the XML parser and openpyxl raise at a file somebody broke, or made to break us.
# An XML ParseError is a SyntaxError; a locked or an unknown archive raises a RuntimeError.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
    EOFError,
    OSError,
)

_SHEET_NAME = re.compile(
    r"(?:ofsted)?\W*(?:annex\W*a)?\W*(list|l)?[\W_]*0*(1[01]|[1-9])(?![0-9a-z])"
)
_AS_AT = re.compile(
    r"\b(as at|as of|data (?:at|to)|extract(?:ed)?(?: on| date)?|snapshot|reporting date"
    r"|report date|period end|end of period|date of (?:data|extract|report|inspection))\b"
)
_DATE_INSIDE = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9} \d{4}"
)

Values = tuple[object, ...]
Columns = dict[str, tuple[int, str]]


def read(
    source: str | PathLike[str] | IO[bytes],
    *,
    largest: int = LARGEST,
    most_rows: int | None = None,
) -> Workbook:
    """Read a workbook by its path or from an open file; raises `Invalid` when it is none.

    One that unpacks to more than `largest` bytes or holds more than `most_rows` raises `TooLarge`.

    Every sheet row that holds anything ends as one `Row`: accepted with the keys of what it tells,
    or refused with the cell and the reason. A row is refused only when nothing in it can be
    placed: no usable identifier of a child, or no date that can be read. One bad cell in a row
    that says something else as well is left out and noted among the warnings. A refused row says
    nothing about its child either.

    A date in the future is refused, except for what can be booked ahead: an initial or review
    conference, a statutory review, a pathway plan review and an expected date of birth.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl remarks on styles and validations it skips
        book = _open(source, largest)
        try:
            return _read(book, most_rows)
        finally:
            book.close()


def _open(source: str | PathLike[str] | IO[bytes], largest: int) -> openpyxl.Workbook:
    with _sound():
        with zipfile.ZipFile(source) as packed:
            if sum(part.file_size for part in packed.infolist()) > largest:
                raise TooLarge("This workbook is too large to be an Annex A return.")
        # Met late: nobody waits for it at a start.
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            return openpyxl.load_workbook(source, read_only=True, data_only=True)
        except InvalidFileException as error:
            raise ValueError from error


@contextmanager
def _sound() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except BROKEN:
        raise Invalid("This is not an Excel workbook (.xlsx) that can be read.") from None


def _lines(sheet: Any) -> Iterator[Values]:
    """The sheet's rows; what goes wrong with a row after it was read is not the file's doing."""
    with _sound():
        sheet.reset_dimensions()  # other programs write sizes that hide rows
        yield from sheet.iter_rows(values_only=True)


def _read(book: openpyxl.Workbook, most_rows: int | None) -> Workbook:
    gathered = Gathered(book.epoch.date(), clock.today(), most_rows)
    found = 0
    for sheet in book.worksheets:
        found += _read_sheet(gathered, sheet.title, _lines(sheet))
    if not found:
        raise Invalid("None of the lists of an Annex A return is in this workbook.")
    return Workbook(
        as_at=_as_at(gathered, book),
        children=gathered.facts(),
        events=tuple(gathered.events.values()),
        rows=tuple(gathered.rows),
        refusals=tuple(gathered.refusals),
        warnings=tuple(gathered.warnings),
        adopters=gathered.adopters,
    )


def _as_at(gathered: Gathered, book: openpyxl.Workbook) -> date | None:
    """What the file says; else its newest event, for a file is often saved again much later."""
    saved = book.properties.modified
    known = (gathered.stated, gathered.latest, saved.date() if saved else None)
    return next((on for on in known if on is not None and on <= gathered.today), None)


def _read_sheet(gathered: Gathered, title: str, lines: Iterator[Values]) -> bool:
    """Whether the sheet was one of the lists."""
    top = list(islice(lines, HEADINGS_WITHIN))
    named, number = _number(title)
    headings = (_headings(top, (BY_NUMBER[number],)) if number else None) or _headings(top, LISTS)
    if headings is None and not named:
        _look_for_date(gathered, top)
        return False
    if headings is None:
        for row_no, _ in _filled(gathered, chain(top, lines), 1):
            reason = "no headings of this list stand above this row"
            rows.refuse(
                gathered, BY_NUMBER[number], Refusal(title, row_no, f"A{row_no}", "", "", reason)
            )
        return True
    at, each, columns = headings
    _look_for_date(gathered, top[:at])
    for row_no, values in _filled(gathered, chain(top[at + 1 :], lines), at + 2):
        if each.number == ADOPTERS:
            gathered.adopters += 1
        else:
            rows.read_row(
                gathered,
                each,
                Cells((title, row_no), values, columns, gathered.epoch, gathered.today),
            )
    return True


def _number(title: str) -> tuple[bool, int]:
    """The list's number in a sheet's name, and whether the name calls it a list."""
    name = _SHEET_NAME.match((cells.words(title) or "").casefold())
    return (bool(name[1]), int(name[2])) if name else (False, 0)


def _headings(top: Sequence[Values], lists: tuple[List, ...]) -> tuple[int, List, Columns] | None:
    """The row of headings: which one it is, whose list, and where each field stands."""
    best: tuple[int, int, List, Columns] | None = None
    for at, values in enumerate(top):
        keys = [(squeezed(value), str(value or "")) for value in values]
        for each in lists:
            columns = _columns(each, keys)
            telling = len(columns.keys() - COMMON)
            if "child" in columns and telling > 1 and (best is None or telling > best[0]):
                best = telling, at, each, columns
    return best[1:] if best else None


def _columns(each: List, keys: Sequence[tuple[str, str]]) -> Columns:
    columns: Columns = {}
    for exactly in (True, False):
        for name, spellings in each.fields.items():
            for index, (key, heading) in enumerate(keys):
                if name not in columns and _means(key, spellings, exactly=exactly):
                    columns[name] = index, " ".join(heading.split())
    return columns


def _means(key: str, spellings: tuple[str, ...], *, exactly: bool) -> bool:
    if exactly:
        return key in spellings
    # Headings grow notes: "(Y/N)", "during placement", a year. Short ones would meet others.
    return key.startswith(tuple(spelling for spelling in spellings if len(spelling) > 10))


def _filled(
    gathered: Gathered, lines: Iterator[Values], first: int
) -> Iterator[tuple[int, Values]]:
    empty = 0
    for row_no, values in enumerate(lines, first):
        if any(value is not None and cells.words(value) is not None for value in values):
            empty = 0
            if gathered.is_full():
                raise TooLarge("This workbook has too many rows.")
            yield row_no, values
        else:
            empty += 1
            if empty > EMPTY_ROWS:
                return


def _look_for_date(gathered: Gathered, lines: Sequence[Values]) -> None:
    for values in lines:
        for index, value in enumerate(values):
            text = (cells.words(value) or "").casefold() if isinstance(value, str) else ""
            if gathered.stated is None and _AS_AT.search(text):
                inside = _DATE_INSIDE.search(text)
                near = (inside[0],) if inside else values[index + 1 : index + 4]
                gathered.stated = next(filter(None, (_try(gathered, each) for each in near)), None)


def _try(gathered: Gathered, value: object) -> date | None:
    try:
        return cells.day(value, gathered.epoch)
    except cells.Unreadable:
        return None
