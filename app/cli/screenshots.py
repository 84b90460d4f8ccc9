"""`kith screenshots`: the pictures of the README, taken from the demo world."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "directory", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/pictures")
)
def screenshots(directory: Path) -> None:
    """Take the pictures of the README with Chromium, from a demo world of their own."""
    raise click.ClickException(f"not yet: {directory}")
