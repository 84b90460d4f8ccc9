"""What councils send each year, read into facts about one child at a time."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from app.casework.returns import annex_a, cin_census, ssda903
from app.casework.returns.facts import Return
from app.core.errors import Invalid

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

NONE = (
    "This is none of the returns: not an Excel workbook (.xlsx), not a census as XML, and no file "
    "of SSDA903, whose first line has the heading CHILD."
)


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
    said = begins.replace(b"\0", b"").strip()
    if not said:
        raise Invalid("This file is empty: there is nothing in it to bring in.")
    if b"CHILD" in said.upper():
        return ssda903.read
    raise Invalid(NONE)


def _of_archive(path: Path) -> Callable[..., Return]:
    try:
        with ZipFile(path) as packed:
            names = packed.namelist()
    except (BadZipFile, OSError, ValueError):
        return annex_a.read
    return ssda903.read if any(name.lower().endswith(".csv") for name in names) else annex_a.read
