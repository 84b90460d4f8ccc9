"""Accounts: who works where, what their account may do, who manages whom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import and_, delete, func, or_, select

from app.casework import children, second_factors, sign_ins, tokens
from app.core import clock, db, passwords, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import ACCOUNTS, AGENCY_TYPES, Agency, Person, Supervision


def must_administer(actor: Person) -> None:
    if actor.account != "administrator":
        raise NotAllowed("Ask an administrator of your organisation to do this.")


def add_agency(
    actor: Person | None, name: str, agency_type: str, phone: str | None = None
) -> Agency:
    """A new agency; without an actor only from the command line of the machine itself."""
    if actor is not None:
        must_administer(actor)
    agency = Agency(**_agency_fields(name, agency_type, phone))
    db.session().add(agency)
    db.session().flush()
    return agency


def change_agency(
    actor: Person, agency: Agency, *, name: str, agency_type: str, phone: str | None
) -> None:
    must_administer(actor)
    fields = _agency_fields(name, agency_type, phone, itself=agency.id)
    for field, value in fields.items():
        setattr(agency, field, value)


def add(
    actor: Person | None,
    *,
    name: str,
    email: str,
    role: str,
    agency_id: int,
    phone: str | None = None,
    account: str = "practitioner",
    password: str | None = None,
) -> Person:
    """A new account; without an actor only from the command line of the machine itself."""
    if actor is not None:
        must_administer(actor)
    rest = _account_fields(name, role, agency_id, phone, account)
    fields = {"name": rest["name"], "email": lambda: _new_email(email), **rest}
    if password:
        fields["password_hash"] = lambda: _password(password)
    person = Person(created_at=clock.now(), **_all(fields))
    db.session().add(person)
    db.session().flush()
    return person


def change(
    actor: Person,
    person: Person,
    *,
    name: str,
    role: str,
    agency_id: int,
    phone: str | None,
    account: str,
) -> None:
    must_administer(actor)
    if actor.id == person.id and account != "administrator":
        raise Conflict("Ask another administrator to change what your own account may do.")
    for field, value in _all(_account_fields(name, role, agency_id, phone, account)).items():
        setattr(person, field, value)
    if account != "manager":
        db.session().execute(delete(Supervision).where(Supervision.manager_id == person.id))


def set_home(actor: Person, person: Person, address: str | None, postcode: str | None) -> None:
    """Where the person lives: who looks at their own household is asked about it."""
    must_administer(actor)
    fields = {
        "home_address": lambda: text.line(address, field="home_address") or None,
        "home_postcode": lambda: children.postcode(postcode, "home_postcode"),
    }
    for field, value in _all(fields).items():
        setattr(person, field, value)


def set_password(person: Person, password: str) -> None:
    """A new password; every device has to sign in again, and tokens work no more.

    Whoever changes it may fear that somebody knew the old one, and a token outlives a session.
    """
    person.password_hash = _password(password)
    sign_ins.end_all(person)
    tokens.revoke_all(person)


def reset_second_factor(actor: Person | None, person: Person) -> None:
    """For a lost phone without recovery codes: a password alone opens the account again.

    Every device has to sign in again. Without an actor only from the command line of the machine.
    """
    if actor is not None:
        must_administer(actor)
        if actor.id == person.id:
            raise Conflict("Change your own second factor in your settings.")
    second_factors.turn_off(person)
    sign_ins.end_all(person)


def set_phone(person: Person, phone: str | None) -> None:
    """The number colleagues ring."""
    number = text.line(phone, field="phone", longest=40)
    if number and not any(character.isdigit() for character in number):
        raise Invalid(phone="Write a phone number, or leave it empty.")
    person.phone = number or None


def set_out_of_office(person: Person, words: str | None) -> None:
    person.out_of_office = text.line(words, field="out_of_office") or None


def set_shortcuts(person: Person, *, on: bool) -> None:
    """Whether a single key does something on this person's pages."""
    person.shortcuts = on


def deactivate(actor: Person, person: Person) -> None:
    """The account ends at once, on every device; what the person wrote stays."""
    must_administer(actor)
    if actor.id == person.id:
        raise Conflict("Ask another administrator to close your own account.")
    person.active = False
    sign_ins.end_all(person)
    tokens.revoke_all(person)


def reactivate(actor: Person, person: Person) -> None:
    must_administer(actor)
    person.active = True


def supervise(actor: Person, manager: Person, people: Sequence[int]) -> None:
    """Whom the manager supervises from now on."""
    must_administer(actor)
    if manager.account != "manager" and people:
        raise Invalid(people="Only a manager's account supervises people.")
    known = set(db.session().scalars(select(Person.id).where(Person.id.in_(people))))
    if not known.issuperset(people):
        raise Invalid(people="Choose people who have an account.")
    db.session().execute(delete(Supervision).where(Supervision.manager_id == manager.id))
    db.session().add_all(
        Supervision(manager_id=manager.id, person_id=each)
        for each in dict.fromkeys(people)
        if each != manager.id
    )


def supervised(manager: Person) -> list[int]:
    return list(
        db.session().scalars(
            select(Supervision.person_id).where(Supervision.manager_id == manager.id)
        )
    )


def find(person_id: int) -> Person:
    """Anybody in the directory: colleagues are known to one another, children are not."""
    person = db.session().get(Person, person_id) if person_id <= db.LARGEST else None
    if person is None:
        raise NotFound(f"person:{person_id}")
    return person


def by_email(email: str) -> Person | None:
    return db.session().scalar(select(Person).where(Person.email == email.strip().lower()))


def names(person_ids: Iterable[int]) -> dict[int, str]:
    """Who these are, closed accounts too: what they did keeps their name."""
    rows = db.session().execute(
        select(Person.id, Person.name).where(Person.id.in_(set(person_ids)))
    )
    return {row.id: row.name for row in rows}


def agency_of(person: Person) -> Agency:
    return db.session().get_one(Agency, person.agency_id)


def agencies() -> list[Agency]:
    return list(db.session().scalars(select(Agency).order_by(Agency.name)))


def find_agency(agency_id: int) -> Agency:
    agency = db.session().get(Agency, agency_id) if agency_id <= db.LARGEST else None
    if agency is None:
        raise NotFound(f"agency:{agency_id}")
    return agency


def directory(
    words: str = "",
    *,
    called: Collection[int] = (),
    everybody: bool = False,
    skip: int = 0,
    size: int = 500,
) -> list[AnyRow]:
    """Active people with their agencies, by name; `everybody` adds closed accounts.

    With `words` those whose name, role or agency has them all, and those who are `called` so.
    """
    query = _listed(select(Person, Agency), words, called, everybody=everybody)
    return list(
        db.session().execute(query.order_by(Person.name, Person.id).offset(skip).limit(size))
    )


def count(words: str = "", *, called: Collection[int] = (), everybody: bool = False) -> int:
    """How many the directory lists with these words."""
    query = _listed(select(func.count(Person.id)), words, called, everybody=everybody)
    return int(db.session().scalar(query) or 0)


def known_as(words: str, *, most: int) -> list[Person]:
    """Whose name or email has these words, closed accounts too."""
    query = select(Person)
    for word in text.plain(words).split()[:5]:
        query = query.where(
            or_(
                Person.name.icontains(word, autoescape=True),
                Person.email.icontains(word, autoescape=True),
            )
        )
    return list(db.session().scalars(query.order_by(Person.name, Person.id).limit(most)))


def _listed(query: AnySelect, words: str, called: Collection[int], *, everybody: bool) -> AnySelect:
    query = query.select_from(Person).join(Agency, Agency.id == Person.agency_id)
    if not everybody:
        query = query.where(Person.active)
    has = [
        or_(
            Person.name.icontains(word, autoescape=True),
            Person.role.icontains(word, autoescape=True),
            Agency.name.icontains(word, autoescape=True),
        )
        for word in text.plain(words).split()[:5]
    ]
    return query.where(or_(and_(*has), Person.id.in_(called))) if has else query


def _all(fields: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """What the fields read as, or one refusal that names every field that cannot be taken."""
    taken: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field, read in fields.items():
        try:
            taken[field] = read()
        except Invalid as refusal:
            wrong |= refusal.fields
    if wrong:
        raise Invalid(**wrong)
    return taken


def _account_fields(
    name: str, role: str, agency_id: int, phone: str | None, account: str
) -> dict[str, Callable[[], Any]]:
    return {
        "name": lambda: text.line(name, field="name", needed="Write the person's name."),
        "role": lambda: text.line(role, field="role", needed="Write the person's role."),
        "agency_id": lambda: _agency_id(agency_id),
        "phone": lambda: text.line(phone, field="phone", longest=40) or None,
        "account": lambda: _account(account),
    }


def _account(account: str) -> str:
    if account not in ACCOUNTS:
        raise Invalid(account="Choose what the account may do.")
    return account


def _agency_id(agency_id: int) -> int:
    if db.session().get(Agency, agency_id) is None:
        raise Invalid(agency_id="Choose the agency the person works for.")
    return agency_id


def _agency_fields(
    name: str, agency_type: str, phone: str | None, *, itself: int | None = None
) -> dict[str, Any]:
    return _all(
        {
            "name": lambda: _agency_name(name, itself),
            "agency_type": lambda: _agency_type(agency_type),
            "phone": lambda: text.line(phone, field="phone", longest=40) or None,
        }
    )


def _agency_name(name: str, itself: int | None) -> str:
    line = text.line(name, field="name", needed="Write the agency's name.")
    # Compared here, because a database may know the capitals of English letters only.
    same = line.casefold()
    if any(each.name.casefold() == same and each.id != itself for each in agencies()):
        raise Invalid(name="There is an agency with this name already.")
    return line


def _agency_type(agency_type: str) -> str:
    if agency_type not in AGENCY_TYPES:
        raise Invalid(agency_type="Choose what kind of agency this is.")
    return agency_type


def _new_email(email: str) -> str:
    address = _email(email)
    if db.session().scalar(select(Person.id).where(Person.email == address)):
        raise Invalid(email="Somebody has this email address already.")
    return address


def _email(email: str) -> str:
    address = text.line(email, field="email", needed="Write the work email address.").lower()
    name, at, domain = address.partition("@")
    if not (name and at and "." in domain) or " " in address:
        raise Invalid(email="Write an email address like name@example.org.")
    return address


def _password(password: str) -> str:
    if len(password) < passwords.LEAST:
        raise Invalid(password=f"Use at least {passwords.LEAST} characters.")
    if len(password) > 1000:
        raise Invalid(password="Use at most 1,000 characters.")  # noqa: S106 - a sentence
    return passwords.hashed(password)
