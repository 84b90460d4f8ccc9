"""`kith search`: the index in which an installation on SQLite looks for words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.opening import opened_at_newest
from app.cli.progress import show

if TYPE_CHECKING:
    from search.indexing import Differences
    from search.whoosh_index import WhooshIndex

NO_INDEX = "There is no index to look after: the database finds words itself, or search is off."
# Of so many differences each is named; of more their number tells enough.
NAMED = 20


@click.group()
def search() -> None:
    """The index in which words are looked for. A server may run meanwhile."""


@search.command()
def rebuild() -> None:
    """Make the index anew beside the one there is, which answers until the new one is whole.

    The keys that names are found by are made anew first.
    """
    opened_at_newest()
    from search import indexing, name_keys

    name_keys.make_all(anew=True)
    index = _index()
    if indexing.rebuild(index, show):
        click.echo(f"The index is built: {len(index):,} things can be found.")
    else:
        click.echo("Another process is building the index.")


@search.command()
def check() -> None:
    """Compare the index with the database, name what differs, and mend it."""
    index = _index(whole=True)
    from search import indexing

    _tell(indexing.check(index, show), len(index))


@search.command()
def erase() -> None:
    """Leave no word in the index of what is not in the database any more, nor of older versions."""
    index = _index(whole=True)
    from search import indexing

    _tell(indexing.erase(index, show), len(index))
    click.echo("No word is left of what cannot be found.")


def _index(*, whole: bool = False) -> WhooshIndex:
    settings = opened_at_newest()
    from app.core import seals
    from search import engines

    seals.use(settings.secret_key)
    engines.use(settings.search, settings.index)
    index = engines.kept()
    if index is None:
        click.echo(NO_INDEX)
        click.get_current_context().exit()
    if whole and not index.is_ready():
        from search import indexing

        click.echo("There is no index yet, or it is not as it was written: it is built now.")
        indexing.rebuild(index, show)
    return index


def _tell(found: Differences, total: int) -> None:
    for what, things in (("wrong", found.wrong), ("left over", found.left_over)):
        for thing, number in things[:NAMED]:
            click.echo(f"{thing} {number} was {what}")
        if len(things) > NAMED:
            click.echo(f"{len(things) - NAMED:,} more were {what}")
    differ = len(found.wrong) + len(found.left_over)
    mended = f"{differ:,} differed and are mended" if differ else "all are as in the database"
    click.echo(f"{total:,} things can be found: {mended}.")
