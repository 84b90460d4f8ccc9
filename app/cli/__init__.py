"""The `kith` command line: each command imports what it needs when it is called."""

from __future__ import annotations

import gc
import os
from typing import Any, NoReturn

import click

from app.cli.accounts import agency, person
from app.cli.audit import audit
from app.cli.demo import demo
from app.cli.imports import import_
from app.cli.monitor import monitor
from app.cli.opening import answering, opened, read_settings
from app.cli.screenshots import screenshots
from app.cli.search import search
from app.cli.tokens import token
from app.core.errors import Invalid, Refusal
from config.settings import WrongSetting

# Read when arrays are first met, which is later. Threads would wait for each other over sums of a
# few hundred numbers, and take the processors from whoever answers people.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _InSentences(click.Group):
    """Says no in one sentence on standard error, with exit code 2, and never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Invalid as refusal:
            _stop(ctx, " ".join(refusal.fields.values()) or refusal.sentence)
        except Refusal as refusal:
            _stop(ctx, refusal.sentence)
        except WrongSetting as wrong:
            _stop(ctx, str(wrong))


def _stop(ctx: click.Context, sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    ctx.exit(2)


@click.group(cls=_InSentences, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Kith: the working place of the professionals round one child."""


@main.command()
def serve() -> None:
    """Serve Kith until it is stopped."""
    settings = read_settings()
    gc.disable()  # until all is there
    from app.cli.serve import serve as serve_until_stopped

    serve_until_stopped(settings)


@main.command()
def upgrade() -> None:
    """Bring the database to the shape this version needs."""
    opened()
    from app.core import db, schema
    from search import name_keys

    with answering():
        schema.upgrade(db.engine())
        name_keys.make_all()
    click.echo("The database is up to date.")


for command in (audit, demo, person, agency, token, import_, monitor, search, screenshots):
    main.add_command(command)
