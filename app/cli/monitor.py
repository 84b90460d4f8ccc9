"""`kith monitor`: how well the monitor sees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from app.core.errors import Invalid

HOUSE = Path(__file__).parents[2]
NOT_HERE = (
    "The evaluation comes with a clone of Kith: run it there with ./run kith monitor evaluate."
)


@click.group()
def monitor() -> None:
    """What says that a case is unusually busy or quiet."""


@monitor.command()
@click.option("--quick", is_flag=True, help="Fewer series; the page of figures stays as it is.")
def evaluate(quick: bool) -> None:
    """Measure the monitor beside published methods, on invented counts; takes minutes.

    It reads nothing of this installation.
    """
    if not (HOUSE / "benchmarks" / "monitor").is_dir():
        raise Invalid(NOT_HERE)
    asked = [sys.executable, "-m", "benchmarks.monitor", *(["--quick"] if quick else [])]
    # A program of its own, for what is installed never imports what only measures it.
    done = subprocess.run(asked, cwd=HOUSE, check=False)  # noqa: S603
    click.get_current_context().exit(done.returncode)
