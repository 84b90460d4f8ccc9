"""Finding cases among those the viewer sees, and people in the directory, by what they are called.

Whoever shares a key with a name that is written is compared with it (see `search/names.py`). Of
cases only hers are counted: how many others share a key moves nothing that she is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    bindparam,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.models import (
    ACCOUNTS,
    Agency,
    Case,
    CaseStatus,
    Child,
    ChildKey,
    ChildName,
    ChildNameKey,
    FamilyLink,
    Person,
    PersonKey,
    RelativeKey,
)
from search import facts, name_keys, name_words, names

MOST = 20
LONGEST, MOST_WORDS = 100, 5
# What needs no saying: the name is there as it was written.
PLAIN = ("the same name", "part of the name")
# A list without an order of its own leaves out who is so much less like the name than the best is.
FARTHER = 0.1

_NHS_NUMBER_DIGITS, YEAR = 10, timedelta(days=365.25)
_VIEWER = bindparam("viewer", type_=db.BigKey)
_KEYS = bindparam("keys", expanding=True, type_=String)
_ACCOUNTS = bindparam("accounts", expanding=True, type_=String)
_NUMBERS = bindparam("numbers", expanding=True, type_=db.BigKey)


@dataclass(frozen=True, slots=True)
class FoundCase:
    """One of her cases, and why it answers; nothing where that is plain.

    `is_known` says that the name is surely meant, by itself or by what is written beside it.
    """

    id: int
    child_name: str
    born_on: date | None
    expected_on: date | None
    council_id: str | None
    status: str | None
    why: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class FoundPerson:
    id: int
    name: str
    role: str
    phone: str | None
    out_of_office: str | None
    account: str
    agency_name: str
    agency_type: str
    why: str
    is_known: bool


def cases(viewer: Person, written: str) -> list[FoundCase]:
    """Her own cases by a name, date or number of the child; no other is ever told of.

    The name may be another the child is known by, or that of an adult of the family. The NHS
    number counts only whole, so that nobody can feel their way along its digits.
    """
    name, known = facts.read(text.plain(written)[:LONGEST])
    if not name and known == facts.NOTHING:
        return []
    name_keys.catch_up()
    sought = names.sought(name)
    asked = {"viewer": viewer.id, "keys": _keys(sought)}
    called = names.promising(sought, _owners(db.rows(_children_called(), asked)))
    called = called[: names.CANDIDATES]
    numbers = {*called, *_children_with(viewer, known, by_name=bool(name))}
    rows: dict[Hashable, AnyRow] = {
        row.child_id: row for row in db.rows(_cases(), asked | {"numbers": [*numbers]})
    }
    others = _other_names(rows)
    found = names.rank(
        name,
        [_candidate(row, others[number]) for number, row in rows.items()],
        known,
        names.CANDIDATES,
    )
    shown = [(rows[one.candidate.id], one, others[one.candidate.id].get(one.name)) for one in found]
    shown.sort(key=lambda each: (-each[1].score, each[2] or "", each[0].child_name, each[0].id))
    return [
        FoundCase(
            row.id,
            row.child_name,
            row.born_on,
            row.expected_on,
            row.council_id,
            row.status,
            _why(one, other),
            not name or one.is_told_surely or is_known(name, one.name),
        )
        for row, one, other in shown[:MOST]
    ]


def people(written: str, accounts: Sequence[str] = ACCOUNTS) -> list[FoundPerson]:
    """Active colleagues with one of these accounts, by name, and by the words of their agency.

    Where no name answers well, those whose name, role or agency has all the words: this goes
    through everybody.
    """
    words = text.plain(written)[:LONGEST]
    # No number is part of a name: N204037 is nobody whose name begins with N.
    name, _ = facts.read(words)
    name_keys.catch_up()
    sought = names.sought(name)
    owners = _owners(db.rows(_people_called(), {"keys": _keys(sought)}))
    rows = {row.id: row for row in _active(names.promising(sought, owners), accounts)}
    ranked = names.rank(name, [names.Candidate(row.id, [row.name]) for row in rows.values()])
    ranked.sort(key=lambda one: (-one.score, one.name, one.candidate.id))
    alike = [one.candidate.id for one in ranked if one.score >= names.ALIKE]
    by_words = _people_with(words.split()[:MOST_WORDS], accounts, anywhere=not alike)
    rows |= {row.id: row for row in by_words}
    nearly = {one.candidate.id: _why(one) for one in ranked}
    order = dict.fromkeys([*alike, *(row.id for row in by_words), *nearly])
    return [
        FoundPerson(**row._asdict(), why=nearly.get(row.id, ""), is_known=is_known(name, row.name))
        for row in (rows[number] for number in list(order)[:MOST])
    ]


def called(written: str) -> dict[int, str]:
    """Everybody whose name is taken for this, closed accounts too, and why where that is not plain.

    Of very many only those who promise most; nobody who is much less like it than somebody else.
    """
    read = text.plain(written)[:LONGEST]
    rows = db.rows(_names_of(), {"numbers": people_near(read)})
    matches = {row.id: match for row in rows if (match := names.match(read, row.name))}
    best = max((match.score for match in matches.values()), default=0)
    least = max(names.ALIKE, best - FARTHER)
    return {row: _reasons(match) for row, match in matches.items() if match.score >= least}


def people_near(written: str) -> list[int]:
    """Of all people, closed accounts too, those who may be meant; each name is to be compared."""
    name_keys.catch_up()
    sought = names.sought(written[:LONGEST])
    owners = _owners(db.rows(_people_called(), {"keys": _keys(sought)}))
    return names.promising(sought, owners)[: names.CANDIDATES]


def children_near(viewer: Person, written: str) -> list[int]:
    """Of her children those who may be meant; each name is to be compared."""
    name_keys.catch_up()
    sought = names.sought(written[:LONGEST])
    asked = {"viewer": viewer.id, "keys": _keys(sought)}
    return names.promising(sought, _owners(db.rows(_children_called(), asked)))[: names.CANDIDATES]


def is_surely(written: str, name: str) -> bool:
    """Whether each word is one of the name, in any order, or known or heard as the same name.

    For filters, which show no reason and must not let in a stranger.
    """
    words, others = _words(written, name)
    return bool(words) and all(any(_is_surely(word, each) for each in others) for word in words)


def is_known(written: str, name: str) -> bool:
    """Whether each word is one of the name or known to be the same, or the initial beside one.

    What is only heard as the same does not do: one in eight ordinary words sounds like some name.
    """
    words, others = _words(written, name)
    known = [any(name_words.is_known(word, each) for each in others) for word in words]
    initial = [any(name_words.is_initial(word, each) for each in others) for word in words]
    return any(known) and all(map(max, known, initial))


def _words(written: str, name: str) -> tuple[list[str], list[str]]:
    """The words of both, with those as one that the other has so."""
    one, other = name_words.read(written), name_words.read(name)
    words, others = name_words.joined(one, other), name_words.joined(other, one)
    return [word.text for word in words], [word.text for word in others]


def _is_surely(word: str, other: str) -> bool:
    closeness, phrase = name_words.closeness(word, other)
    return closeness >= names.SURE and phrase != name_words.TWO_NAMES


def _active(numbers: Sequence[int], accounts: Sequence[str]) -> list[AnyRow]:
    """The first of these who have such an account and work here still: enough to be compared."""
    found: list[AnyRow] = []
    for at in range(0, len(numbers), names.CANDIDATES):
        some = numbers[at : at + names.CANDIDATES]
        found += db.rows(_among(), {"numbers": some, "accounts": accounts})
        if len(found) >= names.CANDIDATES:
            break
    return found


def _keys(sought: Sequence[Mapping[str, float]]) -> list[str]:
    return sorted({key for word in sought for key in word})


def _owners(rows: Iterable[AnyRow]) -> Mapping[str, list[int]]:
    """Who has a key, out of pairs of both."""
    owners = defaultdict(list)
    for owner, key in rows:
        owners[key].append(owner)
    return owners


def _children_with(viewer: Person, known: facts.Facts, *, by_name: bool) -> Sequence[int]:
    """Children of hers who have the number or were born on the day.

    Where no name is written the year, the age or the postcode has to do.
    """
    meant = [*_meant_surely(known), *([] if by_name else _meant_perhaps(known))]
    if not meant:
        return []
    query = (
        select(Child.id)
        .join(Case, Case.child_id == Child.id)
        .where(_is_near(Child.id), access.sees_case(_VIEWER, Case), or_(*meant))
        .order_by(Child.council_id, Child.id)
        .limit(names.CANDIDATES)
    )
    return [row.id for row in db.rows(query, {"viewer": viewer.id})]


def _meant_surely(known: facts.Facts) -> Iterator[ColumnElement[bool]]:
    if known.born_on:
        yield Child.born_on == known.born_on
    if known.identifier:
        number = facts.squeezed(known.identifier)
        yield Child.council_id.istartswith(known.identifier, autoescape=True)
        yield Child.upn == number
        if len(number) == _NHS_NUMBER_DIGITS:
            yield Child.nhs_number == number


def _meant_perhaps(known: facts.Facts) -> Iterator[ColumnElement[bool]]:
    if known.born_in:
        yield Child.born_on.between(date(known.born_in, 1, 1), date(known.born_in, 12, 31))
    if known.age is not None:
        first, last = (known.age + 2) * YEAR, (known.age - 1) * YEAR
        yield Child.born_on.between(clock.today() - first, clock.today() - last)
    if known.postcode:
        yield Child.postcode.istartswith(known.postcode, autoescape=True)


def _candidate(row: AnyRow, others: Mapping[str, str]) -> names.Candidate:
    whole = [number for number in (row.upn, row.nhs_number) if number]
    return names.Candidate(
        row.child_id, [row.name or "", *others], row.born_on, row.postcode, whole, row.council_id
    )


def _other_names(children: Collection[Hashable]) -> Mapping[Hashable, dict[str, str]]:
    """By what other names these children are found, and whose each is."""
    others: defaultdict[Hashable, dict[str, str]] = defaultdict(dict)
    for row in db.rows(_named(), {"numbers": [*children]}):
        others[row.child_id].setdefault(row.name, f"{row.whose} {row.name}")
    return others


def _why(found: names.Found, other: str | None = None) -> str:
    return ", ".join(filter(None, [other, _reasons(found)]))


def _reasons(found: names.Found | names.Match) -> str:
    return ", ".join(reason for reason in found.reasons if reason not in PLAIN)


def _people_with(
    words: Sequence[str], accounts: Sequence[str], *, anywhere: bool
) -> Sequence[AnyRow]:
    """Active colleagues whose agency has all the words; or their name or role, anywhere.

    Single letters alone are within nearly everybody's.
    """
    if all(len(word) < 2 for word in words):
        return []
    query = _people().where(Person.active, Person.account.in_(accounts))
    for word in words:
        named = select(Agency.id).where(Agency.name.icontains(word, autoescape=True))
        has: ColumnElement[bool] = Person.agency_id.in_(named)
        if anywhere:
            elsewhere = (Person.name, Person.role)
            has = or_(has, *(column.icontains(word, autoescape=True) for column in elsewhere))
        query = query.where(has)
    return db.rows(query.order_by(Person.name, Person.id).limit(MOST))


def _is_near(child: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether it is one of the few whose case she could see on some ground.

    By the child and not by the case, or SQLite tries all of hers for each that was found.
    """
    return child.in_(select(Case.child_id).where(Case.id.in_(access.her_cases(_VIEWER))))


@cache
def _children_called() -> AnySelect:
    """Which of her children have which of the keys, in any of their names."""
    own = select(ChildKey.owner_id.label("child_id"), ChildKey.key).where(ChildKey.key.in_(_KEYS))
    other = (
        select(ChildName.child_id, ChildNameKey.key)
        .join(ChildName, ChildName.id == ChildNameKey.owner_id)
        .where(ChildNameKey.key.in_(_KEYS))
    )
    relative = (
        select(FamilyLink.child_id, RelativeKey.key)
        .join(FamilyLink, FamilyLink.id == RelativeKey.owner_id)
        .where(RelativeKey.key.in_(_KEYS))
    )
    # Made once: a database that thinks it few might go through it for each of her cases.
    found = union_all(own, other, relative).cte("found").prefix_with("MATERIALIZED")
    hers = select(Case.child_id).where(Case.id.in_(access.seen_cases(_VIEWER)))
    return (
        select(found.c.child_id, found.c.key)
        .where(found.c.child_id.in_(hers))
        .order_by(found.c.child_id)
    )


@cache
def _people_called() -> AnySelect:
    """Who has which of the keys, also of those who left: the directory is no secret."""
    return (
        select(PersonKey.owner_id, PersonKey.key)
        .where(PersonKey.key.in_(_KEYS))
        .order_by(PersonKey.owner_id)
    )


@cache
def _names_of() -> AnySelect:
    return select(Person.id, Person.name).where(Person.id.in_(_NUMBERS)).order_by(Person.id)


@cache
def _cases() -> AnySelect:
    status = aliased(CaseStatus)
    standing = (
        select(status.status)
        .where(status.case_id == Case.id, status.since <= bindparam("today", callable_=clock.today))
        .order_by(status.since.desc(), status.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(
            Case.id,
            Case.child_id,
            Child.label.label("child_name"),
            Child.name,
            Child.born_on,
            Child.expected_on,
            Child.council_id,
            Child.postcode,
            Child.upn,
            Child.nhs_number,
            standing.label("status"),
        )
        .join(Child, Child.id == Case.child_id)
        .where(Child.id.in_(_NUMBERS), access.sees_case(_VIEWER, Case))
        .order_by(Case.id)
    )


@cache
def _named() -> Any:
    also = select(ChildName.child_id, ChildName.name, literal("also").label("whose"))
    adult = select(FamilyLink.child_id, FamilyLink.relative_name, FamilyLink.relation)
    return union_all(
        also.where(ChildName.child_id.in_(_NUMBERS)),
        adult.where(FamilyLink.child_id.in_(_NUMBERS), FamilyLink.relative_name.is_not(None)),
    )


@cache
def _among() -> AnySelect:
    return _people().where(Person.id.in_(_NUMBERS), Person.active, Person.account.in_(_ACCOUNTS))


def _people() -> AnySelect:
    return select(
        Person.id,
        Person.name,
        Person.role,
        Person.phone,
        Person.out_of_office,
        Person.account,
        Agency.name.label("agency_name"),
        Agency.agency_type,
    ).join(Agency, Agency.id == Person.agency_id)
