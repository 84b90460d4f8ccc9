"""The evaluation is of a clone; what is installed says where to find it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main

# The package gives this name to the command.
monitor = import_module("app.cli.monitor")


def test_where_there_is_no_clone_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "HOUSE", tmp_path)
    done = CliRunner().invoke(main, ["monitor", "evaluate"])

    assert (done.exit_code, done.stderr) == (2, f"{monitor.NOT_HERE}\n")


def test_in_a_clone_it_is_the_benchmark_and_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "benchmarks" / "monitor"
    there.mkdir(parents=True)
    for package in (there.parent, there):
        (package / "__init__.py").touch()
    (there / "__main__.py").write_text("import sys; sys.exit(len(sys.argv) + 5)")
    monkeypatch.setattr(monitor, "HOUSE", tmp_path)

    assert CliRunner().invoke(main, ["monitor", "evaluate"]).exit_code == 6
    assert CliRunner().invoke(main, ["monitor", "evaluate", "--quick"]).exit_code == 7
