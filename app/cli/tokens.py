"""`kith token`: keys for programs that act as one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.opening import opened_at_newest
from app.core.errors import Refusal

if TYPE_CHECKING:
    from app.models import Person


@click.group()
def token() -> None:
    """Keys for programs that act as one person."""


@token.command()
@click.argument("email")
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--scope", type=click.Choice(["read", "write"]), default="read", show_default=True)
@click.option("--days", type=int, default=90, show_default=True, help="How long it lasts.")
def issue(email: str, name: str, scope: str, days: int) -> None:
    """Make a token and show it, this once."""
    opened_at_newest()
    from app import audit
    from app.casework import tokens
    from app.core import db

    with db.transaction():
        person = _person(email)
        secret = tokens.issue(person, name, scope=scope, days=days)
        audit.note(None, "token issued", how="command", about=f"person:{person.id}", outcome="done")
    click.echo(f"For {scope}, {days} days, shown only now:", err=True)
    click.echo(secret)


@token.command()
@click.argument("email")
@click.argument("token_id", metavar="ID", type=int)
def revoke(email: str, token_id: int) -> None:
    """End a token at once; `kith token list` shows its ID."""
    opened_at_newest()
    from app import audit
    from app.casework import tokens
    from app.core import db
    from app.core.errors import NotFound

    with db.transaction():
        person = _person(email)
        try:
            tokens.revoke(person, token_id)
        except NotFound:
            raise Refusal(f"{email} has no token {token_id}.") from None
        audit.note(None, "token revoked", how="command", about=f"token:{token_id}", outcome="done")
    click.echo(f"Token {token_id} no longer works.")


@token.command("list")
@click.argument("email")
def show(email: str) -> None:
    """The tokens of one person that still work."""
    opened_at_newest()
    from app.casework import tokens
    from app.core import db

    with db.transaction():
        kept = tokens.of(_person(email))
        for each in kept:
            used = f"last used {each.used_at:%d %b %Y}" if each.used_at else "never used"
            click.echo(
                f"{each.id:>6}  {each.scope:<5}  until {each.expires_at:%d %b %Y}  {used}  "
                f"{each.name}"
            )
    if not kept:
        click.echo("No tokens.")


def _person(email: str) -> Person:
    from sqlalchemy import select

    from app.core import db
    from app.models import Person

    person = db.session().scalar(
        select(Person).where(Person.email == email.strip().lower(), Person.active)
    )
    if person is None:
        raise Refusal(f"Nobody signs in as {email}.")
    return person
