"""Looking at every case from the command line, saying when that was done last; how well it sees."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.core import clock, db
from app.models import MonitorPass
from tests.cast import Cast
from tests.cli.conftest import Kith

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


def test_every_case_is_looked_at_now_and_a_day_that_is_done_only_when_asked_again(
    kith: Kith, cast: Cast
) -> None:
    assert kith("monitor", "status").output.startswith("No pass has begun yet")
    looked = kith("monitor", "pass")
    assert looked.exit_code == 0
    assert looked.output.startswith("Up to 22 November 2026: begun 23 November, 09:00, 3 cases in")
    assert looked.output.endswith(" in 0 s, 1 alert opened.\n"), "Amara has not been seen"
    assert kith("monitor", "status").output == looked.output
    assert kith("monitor", "pass").output.startswith("Yesterday has been looked at already")
    assert kith("monitor", "pass", "--again").output == looked.output, "nothing stands twice"


def test_a_pass_that_another_process_makes_is_left_to_it(kith: Kith, cast: Cast) -> None:
    yesterday, lease = clock.today() - timedelta(days=1), clock.now() + timedelta(minutes=1)
    with db.transaction() as session:
        session.add(
            MonitorPass(on=yesterday, began_at=clock.now(), leased_until=lease, cases=2, reached=2)
        )
    for again in ((), ("--again",)):
        said = kith("monitor", "pass", *again)
        assert said.output.startswith("Another process is looking")
    assert kith("monitor", "status").output.endswith("2 cases so far, not finished.\n")
