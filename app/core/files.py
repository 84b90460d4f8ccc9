"""What is kept outside the database: each file sealed, under a name that tells nothing."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from app.core import seals
from app.core.errors import Unavailable

_NAME = re.compile(r"[0-9a-f]{32}")
_folder: Path | None = None


def use(folder: Path) -> None:
    """Choose where files are kept; it is made when the first one comes."""
    global _folder
    _folder = folder


def keep(data: bytes, key: bytes) -> str:
    """Seal it and write it so that it outlives a power cut from now on; answers its name.

    It is put in its place whole. The row that names it is committed later, so what nobody names
    after a day is left over from something that was never done.
    """
    name = secrets.token_hex(16)
    place = _place(name)
    try:
        _make(place.parent)
        part = place.with_suffix(".part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(seals.sealed_file(data, key, name))
            file.flush()
            os.fsync(file.fileno())
        part.rename(place)
        _remember(place.parent)
    except OSError as error:
        raise Unavailable("Kith cannot keep files just now. Try again later.") from error
    return name


def read(name: str, key: bytes) -> bytes | None:
    """What was kept, or nothing when it is gone or was changed."""
    try:
        sealed = _place(name).read_bytes()
    except FileNotFoundError:
        return None
    return seals.opened_file(sealed, key, name)


def drop(name: str) -> None:
    _place(name).unlink(missing_ok=True)


def names(*, before: float) -> Iterator[str]:
    """The names of files last written before an instant, halves of such ones included."""
    for path in _chosen().glob("*/*"):
        if path.stat().st_mtime < before:
            if path.suffix:
                path.unlink(missing_ok=True)
            else:
                yield path.name


def _place(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError("no name of a file")
    return _chosen() / name[:2] / name


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _chosen().mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        _remember(folder.parent)


def _remember(folder: Path) -> None:
    # A new name is on the disk once its folder is.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chosen() -> Path:
    if _folder is None:
        raise RuntimeError("no folder chosen: call files.use first")
    return _folder
