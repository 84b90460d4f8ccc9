"""`kith demo`: an empty database becomes a small, invented Northmoor."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import click

from app.cli.opening import opened, read_settings
from app.core.errors import Refusal
from config.demo import DEMO_PASSWORD, SUGGESTED
from config.settings import Settings


@click.command()
@click.option("--again", is_flag=True, help="Delete a demo world that is there, and make it anew.")
def demo(again: bool) -> None:
    """Prepare the database, and the demo world when it is empty."""
    if not again and _has_people(read_settings()):
        click.echo("The demo world is there. `kith demo --again` makes it anew, up to today.")
        return
    settings = opened()
    from app.audit import anchors
    from app.core import clock, db, schema
    from app.demo import world

    schema.upgrade(db.engine())
    with db.transaction():
        if not world.is_empty():
            if not again:
                click.echo("There are people in this database already: nothing was changed.")
                return
            if not world.is_demo():
                raise Refusal("People work in this database: it is not made anew.")
    if again:
        # The audit cannot be emptied: everything is made anew, and so are its anchors.
        schema.begin_anew(db.engine())
        settings.anchors.unlink(missing_ok=True)
    with db.transaction():
        made = world.build(clock.today())
    world.watch_over(clock.today())
    # What is told of the last weeks is older than a minute: it is anchored at once.
    anchors.write(settings.anchors, settings.anchor_key)
    click.echo(
        f"Made the demo world: {made.children} children, {made.people} people in "
        f"{made.agencies} agencies, {made.posts:,} posts in 12 months."
    )
    click.echo(f"Sign in as {SUGGESTED[0].email}, password: {DEMO_PASSWORD}")
    if not settings.demo:
        click.echo("With KITH_DEMO=on the sign-in page offers these accounts.")


def _has_people(settings: Settings) -> bool:
    # Asked without SQLAlchemy and Alembic, whose import alone would be most of a second start.
    name = settings.database_url.removeprefix("sqlite:///")
    if name == settings.database_url or not Path(name).exists():
        return False
    newest = max(
        each.name
        for each in (files("migrations") / "versions").iterdir()
        if each.name[:4].isdigit()
    )
    try:
        with closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True)) as database:
            at = database.execute("SELECT version_num FROM alembic_version").fetchone()
            someone = database.execute("SELECT 1 FROM people LIMIT 1").fetchone()
    except sqlite3.Error:
        return False
    return bool(at and someone and f"{at[0]}.py" == newest)
