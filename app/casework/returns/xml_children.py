"""Read XML child by child, and nothing in it that a program could be made to follow."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from app.casework.returns.facts import TooLarge
from app.core.errors import Invalid

CHUNK = 1 << 16
# A census is six deep, and its longest value a sentence.
DEEPEST = 20
LONGEST = 2_000
# Of one child. No child has had so many episodes; a file that says so is made to break us.
MOST_ELEMENTS = 20_000


@dataclass(slots=True)
class Element:
    """One element, with the line of the file it begins on."""

    name: str
    line: int
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Element]:
        return (each for each in self.inside if each.name == name)

    def values(self) -> dict[str, str]:
        """What its elements without others inside say; of several of one name, the first."""
        found: dict[str, str] = {}
        for each in self.inside:
            if not each.inside:
                found.setdefault(each.name, each.text.strip())
        return found


class Reader:
    """Calls nothing and fetches nothing: a document type, and with it any entity, is refused."""

    def __init__(self, whole: frozenset[str], encoding: str | None) -> None:
        self._whole = whole
        self._open: list[Element] = []
        self._done: list[Element] = []
        self._count = 0
        self.root: str | None = None
        self._parser = expat.ParserCreate(encoding)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._say
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Element]:
        """The elements that are asked for whole and have ended in this chunk."""
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            raise Invalid(f"This file is no whole XML: it breaks at line {error.lineno}.") from None
        done, self._done = self._done, []
        return done

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        short = name.rpartition(":")[2]
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise Invalid(f"This file is no census: line {self._line} goes too deep.")
        self.root = self.root or short
        element = Element(short, self._line)
        # What is asked for whole is not kept in what it stands in, or all would be in memory.
        if self._open and short not in self._whole:
            self._open[-1].inside.append(element)
        self._open.append(element)

    def _say(self, text: str) -> None:
        element = self._open[-1]
        if len(element.text) + len(text) > LONGEST:
            if text.strip():
                raise Invalid(f"This file is no census: line {self._line} says too much.")
            return
        element.text += text

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if element.name in self._whole:
            self._done.append(element)
            self._count = 0

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber


def elements(file: IO[bytes], whole: frozenset[str], largest: int) -> Iterator[Element]:
    """Each element of these names, as it ends; raises `Invalid` where the file breaks."""
    reader = Reader(whole, _encoding(file))
    read = 0
    while chunk := file.read(CHUNK):
        read += len(chunk)
        if read > largest:
            raise TooLarge("This file is too large to be a return.")
        yield from reader.feed(chunk)
    yield from reader.feed(b"", last=True)


def _encoding(file: IO[bytes]) -> str | None:
    """Old programs write Windows letters and do not say so; read so, no letter is lost."""
    first = file.read(200)
    file.seek(0)
    if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"encoding=" in first:
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return "iso-8859-1"
    finally:
        file.seek(0)
    return None


def _refuse_doctype(*_said: object) -> None:
    raise Invalid("This file has a document type, which no census has. It was not read.")
