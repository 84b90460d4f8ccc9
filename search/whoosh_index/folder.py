"""The folder of an index: segments, and a signed table that says which of them count.

What is in it was written by this installation, or it is not used. Death at any moment leaves the
table as it was or as it is to be, and never one that names what is not on the disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from app.core import seals

# Whatever changes what is in a segment, or how words are told apart, makes another number of it.
VERSION = 1

INDEX, NEXT = "index", "next"
_TABLES = {f"{each}.table" for each in (INDEX, NEXT)}
_SEGMENT = ".segment"


class Damaged(Exception):
    """It is not as this version of this installation wrote it: it counts as not there."""


@dataclass(frozen=True)
class Part:
    """A segment as a table names it; `gone` are the documents of it that count no more."""

    name: str
    size: int
    digest: str
    count: int
    gone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reached:
    """The last activity that is in an index, by its position, and when it was: in no other
    database, nor in an older state of this one, something else was done then."""

    position: int = 0
    at: str = ""


@dataclass(frozen=True)
class Table:
    """What counts. One that is being built is not whole, and has come to the thing named last."""

    parts: tuple[Part, ...] = ()
    reached: Reached = Reached()
    is_whole: bool = False
    come_to: tuple[str, int] | None = None


class Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self, name: str = "writing", *, patiently: bool = True) -> Iterator[bool]:
        """Let nobody else write meanwhile, in this process or another; says whether that is so.

        The system lets go for whoever dies, at once.
        """
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.chmod(0o700)
        handle = os.open(self._path / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if patiently else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)

    def stamp(self, table: str) -> tuple[int, int, int] | None:
        """Differs whenever the table does; nothing while there is none."""
        try:
            now = self._table(table).stat()
        except FileNotFoundError:
            return None
        return now.st_ino, now.st_mtime_ns, now.st_size

    def read(self, table: str) -> Table | None:
        """The table, or nothing when there is none; `Damaged` when it is not ours."""
        try:
            signed = self._table(table).read_bytes()
        except FileNotFoundError:
            return None
        signature, _, written = signed.partition(b"\n")
        if not seals.is_signed(written, signature.decode(errors="replace")):
            raise Damaged
        kept = json.loads(written)
        if kept.pop("version") != VERSION:
            raise Damaged
        parts = [Part(**{**each, "gone": tuple(each["gone"])}) for each in kept.pop("parts")]
        come_to = kept["come_to"] and tuple(kept["come_to"])
        return Table(tuple(parts), Reached(**kept["reached"]), kept["is_whole"], come_to)

    def write(self, table: str, contents: Table) -> None:
        """Put the table in its place, once all it names is on the disk."""
        written = json.dumps({"version": VERSION, **asdict(contents)}).encode()
        self._put(self._table(table), seals.signature(written).encode() + b"\n" + written)

    def switch(self) -> None:
        """Let the next table be the index from now on."""
        self._table(NEXT).rename(self._table(INDEX))
        self._remember()

    def drop(self, table: str) -> None:
        self._table(table).unlink(missing_ok=True)

    def keep(self, segment: bytes, count: int) -> Part:
        name = secrets.token_hex(16)
        self._put(self._path / (name + _SEGMENT), segment)
        return Part(name, len(segment), _digest(segment), count)

    def load(self, part: Part) -> bytes:
        """What is in the segment, as it was kept: `Damaged` otherwise."""
        data = (self._path / (part.name + _SEGMENT)).read_bytes()
        if len(data) != part.size or _digest(data) != part.digest:
            raise Damaged
        return data

    def sweep(self) -> None:
        """Remove what no table names: segments merged into others, halves of what was written."""
        named = set(_TABLES)
        for table in (INDEX, NEXT):
            with suppress(Damaged):
                kept = self.read(table)
                named |= {part.name + _SEGMENT for part in kept.parts} if kept else set()
        for path in self._path.iterdir():
            if path.name not in named and path.suffix != ".lock":
                path.unlink(missing_ok=True)

    def _table(self, name: str) -> Path:
        return self._path / f"{name}.table"

    def _put(self, place: Path, data: bytes) -> None:
        half = place.with_suffix(".half")
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.rename(place)
        self._remember()

    def _remember(self) -> None:
        # A new name is on the disk once its folder is.
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=32).hexdigest()
