"""`kith import`: bring in what other systems hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.opening import opened_at_newest

if TYPE_CHECKING:
    from app.casework.imports import Report
    from app.casework.returns.facts import Return
    from app.models import Person

# A line for every so many children, where a terminal would show a growing number.
EACH = 100
ROWS = 1000


@click.group("import")
def import_() -> None:
    """Bring in what other systems hold."""


_DRY = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
_LEAD = click.option("--lead", metavar="EMAIL", help="Who leads the cases nobody is in.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@import_.command("annex-a")
@click.argument("file", type=_FILE)
@_DRY
@_LEAD
@click.option(
    "--allocated", is_flag=True, help="Let the worker the file names lead, where she is known here."
)
def annex_a(file: Path, dry_run: bool, lead: str | None, allocated: bool) -> None:
    """Bring in the lists of an Ofsted Annex A workbook.

    It may be done again at any time: only what has changed is changed, and nobody is notified.
    Nobody sees a case until somebody leads it.
    """
    from app.casework.returns import annex_a as lists

    _bring_in(lambda: lists.read(file), dry_run, lead, allocated=allocated)


@import_.command("cin-census")
@click.argument("file", type=_FILE)
@_DRY
@_LEAD
def cin_census(file: Path, dry_run: bool, lead: str | None) -> None:
    """Bring in a children in need census, as the Department for Education asks for it (XML)."""
    from app.casework.returns import cin_census as census

    _bring_in(lambda: census.read(file), dry_run, lead)


@import_.command("ssda903")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_DRY
@_LEAD
def ssda903(files: tuple[Path, ...], dry_run: bool, lead: str | None) -> None:
    """Bring in an SSDA903 return: a folder, an archive, or its files."""
    from app.casework.returns import ssda903 as looked_after

    _bring_in(lambda: looked_after.read(files), dry_run, lead)


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


@import_.command("match")
def match() -> None:
    """Find children who stand here twice, and brothers and sisters, for people to confirm.

    Two who share a number that only one child has are linked; a link grants nobody access.
    """
    opened_at_newest()
    from app.casework import links
    from app.cli.progress import show
    from app.core import db

    with db.transaction():
        known = links.known(None)
    pairs = links.compare(known, show)
    with db.transaction():
        found = links.keep(None, pairs)
    click.echo(f"{found.linked} linked, {found.asked} for somebody to confirm or refuse")


def _bring_in(
    read: Callable[[], Return], dry_run: bool, lead: str | None, *, allocated: bool = False
) -> None:
    opened_at_newest()
    from app.casework import imports
    from app.core import db

    returned = read()
    with db.transaction():
        leader = _person(lead) if lead else None
    report = imports.bring_in(
        None,
        returned,
        each=db.transaction,
        dry_run=dry_run,
        lead=leader,
        allocated=allocated,
        progress=_progress(),
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


def _progress() -> Callable[[Report], None]:
    """A line for every so many children, and one for the last."""
    said = 0

    def show(report: Report) -> None:
        nonlocal said
        done, of = report.done, report.returned.total
        if done // EACH > said or done == of:
            said = done // EACH
            click.echo(f"{done:,} of {of:,} children ({100 * done // of} %)")

    return show
