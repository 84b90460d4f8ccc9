"""Tables of comma-separated values as programs write them: any encoding, any mark between cells."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO

from app.casework.returns.facts import TooLarge
from app.core.errors import Invalid

CHUNK = 1 << 16
# No cell of a return is as long as a sentence.
LONGEST_LINE = 20_000
MOST_FILES = 50
MARKS = ",;\t|"
# What unpacking raises at an archive somebody broke, made to break us, or locked.
BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError)

Source = str | PathLike[str] | IO[bytes]


@dataclass(frozen=True, slots=True)
class Table:
    """The headings of one file, and its rows with the line each ends on."""

    headings: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


@contextmanager
def opened(sources: Sequence[Source], largest: int) -> Iterator[Iterator[Table]]:
    """The tables of a folder, an archive, a file or several; each is read where it stands."""
    # What is read goes before what it is read from.
    with ExitStack() as stack, closing(_tables(_files(sources, largest, stack), largest)) as each:
        yield each


def _files(sources: Sequence[Source], largest: int, stack: ExitStack) -> Iterator[IO[bytes]]:
    for source in sources:
        if isinstance(source, str | PathLike):
            if Path(source).is_dir():
                inside = sorted(
                    each for each in Path(source).iterdir() if each.suffix.lower() == ".csv"
                )
                yield from _files(inside, largest, stack)
                continue
            file: IO[bytes] = stack.enter_context(Path(source).open("rb"))  # noqa: SIM115 - the stack closes it
        else:
            file = source
        if zipfile.is_zipfile(file):
            yield from _unpacked(file, largest, stack)
        else:
            file.seek(0)
            yield file


def _unpacked(file: IO[bytes], largest: int, stack: ExitStack) -> Iterator[IO[bytes]]:
    try:
        packed = stack.enter_context(zipfile.ZipFile(file))
        inside = [each for each in packed.infolist() if each.filename.lower().endswith(".csv")]
        if len(inside) > MOST_FILES or sum(each.file_size for each in inside) > largest:
            raise TooLarge("This archive is too large to be an SSDA903 return.")
        for each in inside:
            yield stack.enter_context(packed.open(each))
    except BROKEN:
        raise Invalid("This archive is broken or locked: none of it was read.") from None


def _tables(files: Iterable[IO[bytes]], largest: int) -> Generator[Table]:
    for file in files:
        with closing(_lines(file, largest)) as lines:
            top = next((line for line in lines if line.strip()), "")
            mark = max(MARKS, key=top.count)
            headings = next((cells for _, cells in _read([top], mark)), [])
            yield Table(tuple(headings), _rows(lines, mark))


def _rows(lines: Iterator[str], mark: str) -> Iterator[tuple[int, list[str]]]:
    for line, cells in _read(lines, mark):
        if any(cell.strip() for cell in cells):
            yield line + 1, cells


def _read(lines: Iterable[str], mark: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=mark)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid(f"This file breaks at line {reader.line_num + 1}.") from None
        yield reader.line_num, cells


def _lines(file: IO[bytes], largest: int) -> Generator[str]:
    read = 0
    reader = io.TextIOWrapper(file, encoding=_encoding(file), errors="replace", newline="")
    try:
        while line := _line(reader):
            read += len(line)
            if read > largest:
                raise TooLarge("This file is too large to be a return.")
            if len(line) > LONGEST_LINE or "\0" in line:
                raise Invalid("This file is no table of comma-separated values.")
            yield line
    finally:
        # The file is its owner's to close.
        reader.detach()


def _line(reader: IO[str]) -> str:
    try:
        return reader.readline(LONGEST_LINE + 1)
    except BROKEN:
        raise Invalid("This archive is broken or locked: none of it was read.") from None


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else what Windows writes."""
    try:
        first = file.read(2)
        if first in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunk = first
        while chunk:
            decoder.decode(chunk)
            chunk = file.read(CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    except BROKEN:
        raise Invalid("This archive is broken or locked: none of it was read.") from None
    finally:
        file.seek(0)
    return "utf-8-sig"
