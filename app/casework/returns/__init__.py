"""What councils send each year, read into facts about one child at a time."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from app.casework.returns import annex_a, cin_census, ssda903
from app.casework.returns.facts import Return

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(path: Path, **limits: Any) -> Return:
    """A file of any of the returns, told apart by what it holds; raises `Invalid` for another."""
    with path.open("rb") as file:
        return _reader(path)(file, **limits)


def _reader(path: Path) -> Callable[..., Return]:
    with path.open("rb") as file:
        begins = file.read(200)
    if begins.startswith(b"PK"):
        return _of_archive(path)
    for mark in _MARKS:
        begins = begins.removeprefix(mark)
    if begins.replace(b"\0", b"").lstrip().startswith(b"<"):
        return cin_census.read
    # A workbook that is none is refused in the words people know; a table has headings.
    return ssda903.read if b"CHILD" in begins.replace(b"\0", b"").upper() else annex_a.read


def _of_archive(path: Path) -> Callable[..., Return]:
    try:
        with ZipFile(path) as packed:
            names = packed.namelist()
    except (BadZipFile, OSError, ValueError):
        return annex_a.read
    return ssda903.read if any(name.lower().endswith(".csv") for name in names) else annex_a.read
