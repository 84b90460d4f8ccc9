"""What is kept outside the database: durable, sealed, for its owner alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core import files, seals
from app.core.errors import Unavailable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.use(tmp_path / "files")
    return tmp_path / "files"


def test_what_is_kept_is_read_again_with_its_key_only(folder: Path) -> None:
    key = seals.new_key()
    name = files.keep(b"A letter", key)
    assert files.read(name, key) == b"A letter"
    assert files.read(name, seals.new_key()) is None


def test_the_disk_holds_no_word_and_no_name_and_is_its_owners_alone(folder: Path) -> None:
    name = files.keep(b"A letter", seals.new_key())
    place = folder / name[:2] / name
    assert b"letter" not in place.read_bytes()
    modes = [path.stat().st_mode & 0o777 for path in (folder, place.parent, place)]
    assert modes == [0o700, 0o700, 0o600]
    assert [path.name for path in place.parent.iterdir()] == [name]


def test_what_was_changed_or_exchanged_is_not_read(folder: Path) -> None:
    key = seals.new_key()
    one, other = files.keep(b"One", key), files.keep(b"Other", key)
    place = folder / one[:2] / one
    place.write_bytes((folder / other[:2] / other).read_bytes())
    assert files.read(one, key) is None
    place.write_bytes(b"")
    assert files.read(one, key) is None
    files.drop(one)
    assert files.read(one, key) is None


def test_it_is_on_the_disk_before_anybody_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    name = files.keep(b"A letter", seals.new_key())
    assert synced == ["files", f"{name}.part", name[:2]]


def test_a_full_disk_is_said_in_a_sentence(folder: Path) -> None:
    folder.write_text("no folder")
    with pytest.raises(Unavailable, match="cannot keep files"):
        files.keep(b"A letter", seals.new_key())


@pytest.mark.parametrize("name", ["../secret", "", "a" * 33, "A" * 32, "."])
def test_no_other_name_leads_anywhere(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a file"):
        files.read(name, seals.new_key())


def test_halves_that_were_left_are_cleared_away(folder: Path) -> None:
    name = files.keep(b"A letter", seals.new_key())
    half = folder / name[:2] / f"{name}.part"
    half.write_bytes(b"half")
    assert list(files.names(before=half.stat().st_mtime + 1)) == [name]
    assert not half.exists()
