"""`kith audit`: whether the record of who looked is as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from app.cli.opening import opened_at_newest, read_settings

if TYPE_CHECKING:
    from app.audit.anchors import Anchor
    from app.audit.proof import Finding
    from config.settings import Settings

ALONE = (
    "Without anchors this cannot see rows made anew from some row to the end, nor an end cut off "
    "together with the head."
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Whether the record of who looked is as it was written."""


@audit.command()
@click.option("--anchors", "file", type=FILE, help="Another file of anchors, such as a copy.")
@click.option("--key", type=FILE, help="The public key, as `kith audit key` showed it.")
@click.option("--chain-only", is_flag=True, help="Look at no anchors.")
def verify(file: Path | None, key: Path | None, chain_only: bool) -> None:
    """Check every row of the audit, and name the first that is wrong; then the exit code is 1."""
    settings = opened_at_newest()
    from app.audit import proof

    with _usable():
        known = [] if chain_only else _anchors(settings, file, key)
    found = proof.check(known)
    click.echo(_good(found))
    if found.wrong is None and not chain_only:
        found.wrong = proof.waiting_too_long(found)
    if found.wrong:
        _fail(found.wrong)
    if chain_only:
        click.echo(ALONE)


@audit.command()
def anchor() -> None:
    """Sign where the audit ends now, outside the database; a server does it every minute."""
    settings = opened_at_newest()
    from app.audit import anchors

    with _usable():
        made = anchors.write(settings.anchors, settings.anchor_key)
    click.echo(f"Anchored at row {made.place}." if made else "Nothing has come since the last one.")


@audit.command()
def key() -> None:
    """Show the public key of the anchors, to be kept elsewhere."""
    settings = read_settings()
    from app.audit import anchors

    with _usable():
        click.echo(anchors.public_key(settings.anchor_key), nl=False)


def _anchors(settings: Settings, file: Path | None, key: Path | None) -> list[Anchor]:
    from app.audit import anchors

    file = file or settings.anchors
    if not file.exists():
        return []
    pem = key.read_text(errors="replace") if key else anchors.public_key(settings.anchor_key)
    return anchors.read(file, anchors.as_public_key(pem))


def _good(found: Finding) -> str:
    rows = "1 row is" if found.good == 1 else f"{found.good:,} rows are"
    if found.anchored is None:
        return f"{rows} good; no anchor holds them."
    after = found.good - found.anchored.place
    held = f"{rows} good, anchored up to row {found.anchored.place:,}"
    return f"{held}; the chain alone holds the {after:,} after it." if after else f"{held}."


@contextmanager
def _usable() -> Iterator[None]:
    from app.audit.anchors import Unusable

    try:
        yield
    except Unusable as unusable:
        _fail(str(unusable))
    except OSError as error:
        _fail(f"The anchors or their key cannot be read or written: {error.strerror}.")


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    click.get_current_context().exit(1)
