"""`kith monitor`: the look at every case that the server takes each night, and how well it sees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.opening import opened_at_newest
from app.core.errors import Invalid

if TYPE_CHECKING:
    from app.models import MonitorPass

HOUSE = Path(__file__).parents[2]
NOT_HERE = (
    "The evaluation comes with a clone of Kith: run it there with ./run kith monitor evaluate."
)
NONE_YET = "No pass has begun yet: a server makes the first within a minute of its start."


@click.group()
def monitor() -> None:
    """Watching cases for what is unusual or overdue. A server may run meanwhile."""


@monitor.command("pass")
@click.option("--again", is_flag=True, help="Also when that day has been looked at already.")
def look(again: bool) -> None:
    """Look at every case now, up to the end of yesterday, as the server does each night."""
    settings = opened_at_newest()
    from app.cli.progress import show
    from app.jobs import watching
    from app.monitor import watch

    watching.use(settings)
    if again:
        watch.forget_newest()
    if watch.sweep(say=show):
        _tell_status()
    elif watch.is_under_way():
        click.echo("Another process is looking, or has died at it: try again in two minutes.")
    else:
        click.echo("Yesterday has been looked at already; --again looks anew.")


@monitor.command()
def status() -> None:
    """Say when every case was last looked at, how long that took and what it pointed out."""
    opened_at_newest()
    _tell_status()


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


def _tell_status() -> None:
    from app.core import db
    from app.monitor import watch

    with db.transaction():
        newest = watch.newest_pass()
        if newest is None:
            click.echo(NONE_YET)
        else:
            click.echo(_sentence(newest, watch.opened_in(newest)))


def _sentence(newest: MonitorPass, opened: int) -> str:
    from app.core import clock

    began = clock.local(newest.began_at)
    said = f"Up to {newest.on:%-d %B %Y}: begun {began:%-d %B, %H:%M}, {newest.cases:,} cases"
    if newest.ended_at is None:
        return f"{said} so far, not finished."
    seconds = (newest.ended_at - newest.began_at).total_seconds()
    return f"{said} in {seconds:,.0f} s, {opened:,} {'alert' if opened == 1 else 'alerts'} opened."
