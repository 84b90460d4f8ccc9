"""`kith import`: bring in what other systems hold."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.opening import opened_at_newest


@click.group("import")
def import_() -> None:
    """Bring in what other systems hold."""


@import_.command("annex-a")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def annex_a(file: Path, dry_run: bool) -> None:
    """Bring in the lists of an Ofsted Annex A workbook.

    It may be done again at any time: only what has changed is changed, and nobody is notified.
    """
    opened_at_newest()
    raise click.ClickException(f"not yet: {file} {dry_run}")
