"""The command line on a database of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main

Kith = Callable[..., Result]


@pytest.fixture
def kith(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kith:
    """Run it: `kith("token", "list", "ann@north.example")`; `typed` is its standard input."""
    monkeypatch.setenv("KITH_DATABASE_URL", database)
    monkeypatch.setenv("KITH_DATA", str(tmp_path))

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, words, input=typed)

    return run


@pytest.fixture
def office(kith: Kith) -> Kith:
    """A command line whose installation has one agency and one administrator."""
    assert kith("agency", "add", "North team", "5A").exit_code == 0
    add = "person add --name Ann --email ann@north.example --role Office --account administrator"
    added = kith(*add.split(), "--agency", "north team", typed="a long enough password\n")
    assert added.exit_code == 0, added.output
    return kith
