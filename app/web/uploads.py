"""The files administrators have uploaded, and how far each of them is brought in."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from zipfile import ZipFile

from werkzeug.datastructures import FileStorage

from app.core import clock, json
from app.core.errors import NotFound
from app.models import Person
from app.web import session as door

# What nobody brought in or threw away within a day is not kept any longer.
KEPT_HOURS = 24

# So many that nobody meets another's by guessing.
NUMBERS = 10**15


@dataclass(frozen=True, slots=True)
class SoFar:
    """How far an import is: children, what became of rows, and who is to lead, as was typed."""

    done: int
    total: int
    counts: Mapping[str, int] = field(default_factory=dict)
    lead: str = ""
    allocated: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """One file, and beside it how far it is brought in once that has begun.

    It stands here and not in the page: a page that is closed or opened again loses nothing.
    """

    number: int
    path: Path

    def so_far(self) -> SoFar | None:
        """None while nothing has been brought in."""
        try:
            return SoFar(**json.loads(self._beside.read_bytes()))
        except FileNotFoundError:
            return None

    def keep(self, so_far: SoFar) -> None:
        """Note how far it is; a file somebody has thrown away meanwhile is not there any more."""
        fresh = self._beside.with_suffix(".new")
        fresh.write_bytes(json.dumps(asdict(so_far)))
        fresh.replace(self._beside)
        try:
            # What is being brought in is kept for a day from now.
            os.utime(self.path)
        except FileNotFoundError:
            self.throw_away()
            raise NotFound("upload") from None

    def throw_away(self) -> None:
        for path in (self.path, self._beside):
            path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether nobody else brings this file in at this moment; two would do it all twice."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            raise NotFound("upload") from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @property
    def _beside(self) -> Path:
        return self.path.with_suffix(".far")


def keep(viewer: Person, files: Sequence[FileStorage]) -> Upload:
    """One file, or the files of one return as one, under a name that tells nothing."""
    _throw_away_old()
    number = secrets.randbelow(NUMBERS)
    path = _path(viewer, number)
    path.touch(mode=0o600)
    if len(files) == 1:
        files[0].save(path)
    else:
        _save_together(files, path)
    return Upload(number, path)


def of(viewer: Person, number: int) -> Upload:
    """The viewer's own upload; somebody else's is not there."""
    path = _path(viewer, number)
    if number >= NUMBERS or not path.is_file():
        raise NotFound("upload")
    return Upload(number, path)


def begun(viewer: Person) -> list[tuple[int, SoFar]]:
    """The viewer's imports that are not done, with their numbers."""
    found = []
    for path in sorted(_folder().glob(f"{viewer.id}-*.far")):
        upload = Upload(int(path.stem.partition("-")[2]), path.with_suffix(""))
        so_far = upload.so_far()
        if so_far is not None and upload.path.is_file():
            found.append((upload.number, so_far))
    return found


def _save_together(files: Sequence[FileStorage], path: Path) -> None:
    with ZipFile(path, "w") as archive:
        for place, file in enumerate(files):
            archive.writestr(f"{place}.csv", file.read())


def _path(viewer: Person, number: int) -> Path:
    return _folder() / f"{viewer.id}-{number}"


def _folder() -> Path:
    folder = door.settings().data / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _throw_away_old() -> None:
    oldest = clock.now().timestamp() - KEPT_HOURS * 3600
    for path in _folder().iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
