"""`kith person` and `kith agency`: the first accounts of an installation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from app.cli.opening import opened_at_newest
from app.core.errors import Refusal

if TYPE_CHECKING:
    from app.models import Agency

# As app.models.ACCOUNTS, which is not imported: `kith --help` must not wait for the database code.
ACCOUNTS = ("practitioner", "manager", "administrator", "auditor")


@click.group()
def person() -> None:
    """People who sign in."""


@person.command("add")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--email", required=True, help="Work email address; they sign in with it.")
@click.option("--role", required=True, help="What they do: “Health visitor”.")
@click.option("--agency", "agency_name", required=True, help="The name of their agency.")
@click.option("--account", type=click.Choice(ACCOUNTS), default="practitioner", show_default=True)
@click.option("--phone", help="Shown to colleagues, to tap and call.")
def add_person(
    name: str, email: str, role: str, agency_name: str, account: str, phone: str | None
) -> None:
    """Add somebody, such as the first administrator.

    Asks for their password; without a terminal, reads it from the first line of standard input.
    """
    opened_at_newest()
    from app import audit
    from app.casework import people
    from app.core import db

    with db.transaction():
        agency_id = _agency(agency_name).id
    password = _password()
    with db.transaction():
        added = people.add(
            None,
            name=name,
            email=email,
            role=role,
            agency_id=agency_id,
            phone=phone,
            account=account,
            password=password,
        )
        audit.note(None, "person added", how="command", about=f"person:{added.id}", outcome="done")
    click.echo(f"{added.name} can sign in as {added.email} ({account}).")


@person.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """For a lost phone: a password alone opens the account again.

    Signs the person out everywhere. See first that it is they who ask.
    """
    opened_at_newest()
    from app import audit
    from app.casework import people
    from app.core import db

    with db.transaction():
        reset = people.by_email(email)
        if reset is None:
            raise Refusal(f"Nobody signs in as {email}.")
        people.reset_second_factor(None, reset)
        about = f"person:{reset.id}"
        audit.note(None, "reset second factor", how="command", about=about, outcome="done")
    click.echo(f"{reset.name} signs in by password, and can set up a new second factor.")


@click.group()
def agency() -> None:
    """Organisations people work for."""


@agency.command("add")
@click.argument("name")
@click.argument("agency_type", metavar="TYPE")
@click.option("--phone", help="The number colleagues ring.")
def add_agency(name: str, agency_type: str, phone: str | None) -> None:
    """Add an agency.

    TYPE is a referral-source code of the children in need census: 2A school, 2B education
    service, 3A GP, 3B health visitor, 3C school nurse, 3D other primary health, 3E A&E, 3F other
    health, 4 housing, 5A social care, 5B other council service, 5C other council's social care,
    5D early help, 6 police, 7 other legal, 8 other, including voluntary.
    """
    opened_at_newest()
    from app import audit
    from app.casework import people
    from app.core import db
    from app.models import AGENCY_TYPES

    with db.transaction():
        if agency_type.upper() not in AGENCY_TYPES:
            raise Refusal(f"{agency_type} is no type of agency: `kith agency add --help` has them.")
        added = people.add_agency(None, name, agency_type.upper(), phone)
        audit.note(None, "agency added", how="command", about=f"agency:{added.id}", outcome="done")
    click.echo(f"{added.name} is added ({AGENCY_TYPES[added.agency_type]}).")


def _agency(name: str) -> Agency:
    from app.casework import people

    for known in people.agencies():
        if known.name.casefold() == name.strip().casefold():
            return known
    raise Refusal(f"There is no agency named “{name}”: add it with `kith agency add`.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    asked = "Password (at least 12 characters)"
    password: str = click.prompt(asked, hide_input=True, confirmation_prompt=True)
    return password
