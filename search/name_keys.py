"""The keys of all names in the database, in step with the names however these were written.

Each row that has a name says of which name there are keys. Where that is another one an index
knows it, so nobody who writes a name has to think of its keys: whoever looks for names makes them
first.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, or_, select, update

from app.core import db
from app.core.db import AnySelect
from app.models import (
    Child,
    ChildKey,
    ChildName,
    ChildNameKey,
    FamilyLink,
    NameKey,
    NameRules,
    Person,
    PersonKey,
    RelativeKey,
)
from search import names

# The keys of so many names of each kind are made in one go.
WHILE_SOMEBODY_WAITS, AT_ONCE = 200, 2_000

_RULES = (
    "known_names.py",
    "name_words.py",
    "names.py",
    "nicknames.tsv",
    "own_names.txt",
    "sounds.py",
)


class _Named(NamedTuple):
    """Rows with a name, and where its keys are kept."""

    row: Any
    name: Any
    keys: type[NameKey]

    @property
    def is_unkeyed(self) -> Any:
        return self.name.is_distinct_from(self.row.keyed_name)


_NAMED = (
    _Named(Child, Child.name, ChildKey),
    _Named(ChildName, ChildName.name, ChildNameKey),
    _Named(FamilyLink, FamilyLink.relative_name, RelativeKey),
    _Named(Person, Person.name, PersonKey),
)


def catch_up(most: int = WHILE_SOMEBODY_WAITS) -> bool:
    """Make the keys of the newest names that have none; whether there were any."""
    if not db.session().scalar(_is_behind()):
        return False
    for named in _NAMED:
        _key(named, most)
    return True


def make_all(*, anew: bool = False) -> None:
    """Make what is missing: on `anew` and when the rules are not those of the keys, everything."""
    with db.transaction(durable=False) as session:
        rules = _digest()
        is_changed = session.scalar(
            update(NameRules)
            .where(NameRules.digest != rules)
            .values(digest=rules)
            .returning(NameRules.id)
        )
        if is_changed or anew:
            for named in _NAMED:
                session.execute(update(named.row).values(keyed_name=None))
    is_behind = True
    while is_behind:
        with db.transaction(durable=False):
            is_behind = catch_up(AT_ONCE)


def _key(named: _Named, most: int) -> None:
    session = db.session()
    # Locked, so that two who search at once make each but once, and nobody renames one meanwhile.
    rows = session.execute(
        select(named.row.id, named.name.label("name"))
        .where(named.is_unkeyed)
        .order_by(named.row.id.desc())
        .limit(most)
        .with_for_update(key_share=True)
    ).all()
    numbers = [row.id for row in rows]
    keys = [{"owner_id": row.id, "key": key} for row in rows for key in names.keys(row.name or "")]
    session.execute(delete(named.keys).where(named.keys.owner_id.in_(numbers)))
    if keys:
        session.execute(insert(named.keys), keys)
    session.execute(
        update(named.row).where(named.row.id.in_(numbers)).values(keyed_name=named.name)
    )


@cache
def _is_behind() -> AnySelect:
    # By the newest, which its index knows: a database that takes all names for unkeyed, as none of
    # its statistics tells it better, would go through them to ask whether there is one.
    newest = (select(func.max(named.row.id)).where(named.is_unkeyed) for named in _NAMED)
    return select(or_(*(one.scalar_subquery().is_not(None) for one in newest)))


def _digest() -> str:
    """Of all that says which keys a name has."""
    folder = Path(__file__).parent
    return sha256(b"".join((folder / file).read_bytes() for file in _RULES)).hexdigest()
