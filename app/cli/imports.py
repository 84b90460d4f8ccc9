"""`kith import`: bring in what other systems hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.opening import opened_at_newest

if TYPE_CHECKING:
    from app.models import Person

# A line for every so many children, where a terminal would show a growing number.
EACH = 100
ROWS = 1000


@click.group("import")
def import_() -> None:
    """Bring in what other systems hold."""


@import_.command("annex-a")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--lead", metavar="EMAIL", help="Who leads the cases nobody is in the network of.")
@click.option(
    "--allocated", is_flag=True, help="Let the worker the file names lead, where she is known here."
)
def annex_a(file: Path, dry_run: bool, lead: str | None, allocated: bool) -> None:
    """Bring in the lists of an Ofsted Annex A workbook.

    It may be done again at any time: only what has changed is changed, and nobody is notified.
    Nobody sees a case until somebody leads it.
    """
    opened_at_newest()
    from app.casework import imports
    from app.casework.returns import annex_a as lists
    from app.core import db

    workbook = lists.read(file)
    with db.transaction():
        leader = _person(lead) if lead else None
    report = imports.annex_a(
        None,
        workbook,
        each=db.transaction,
        dry_run=dry_run,
        lead=leader,
        allocated=allocated,
        progress=_progress,
    )
    for line in report.lines():
        click.echo(line)


def _person(email: str) -> Person:
    from sqlalchemy import select

    from app.core import db
    from app.core.errors import Refusal
    from app.models import Person

    found = db.session().scalar(select(Person).where(Person.email == email.strip().lower()))
    if found is None:
        raise Refusal("Nobody here has that email address.")
    return found


def _progress(done: int, of: int) -> None:
    if done % EACH == 0 or done == of:
        click.echo(f"{done} of {of} children ({100 * done // of} %)")


@import_.command("scores")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def scores(file: Path, dry_run: bool) -> None:
    """Bring in scores from a CSV file: council_id, measure, value, read_on, rater.

    It may be done again at any time: only what has changed is changed, and nobody is notified.
    """
    opened_at_newest()
    from app.casework import score_files
    from app.core import db

    def say(done: int) -> None:
        if done // ROWS > said[0]:
            said[0] = done // ROWS
            click.echo(f"{done} rows")

    said = [0]
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        report = score_files.bring_in(
            None, score_files.read(opened), each=db.transaction, dry_run=dry_run, progress=say
        )
    for line in report.lines():
        click.echo(line)
