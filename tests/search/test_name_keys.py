from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from app.core import db
from app.models import Child, ChildKey, FamilyLink, NameRules, Person, PersonKey, RelativeKey
from search import name_keys, names
from tests.cast import Cast


def test_every_name_has_its_keys_and_no_others(cast: Cast) -> None:
    name_keys.make_all()

    with db.transaction() as session:
        for child in session.scalars(select(Child)):
            assert _keys(ChildKey, child.id) == names.keys(child.name or "")
        for person in session.scalars(select(Person)):
            assert _keys(PersonKey, person.id) == names.keys(person.name)
        assert not name_keys.catch_up()


def test_a_name_written_past_everything_is_noticed(cast: Cast) -> None:
    with db.transaction() as session:
        name_keys.catch_up()
        session.execute(update(Child).values(name="Wanjiru Kamau"))
        session.execute(insert(Child), [{"name": "Ngozi Eze"}])

        assert name_keys.catch_up()
        for child in session.scalars(select(Child)):
            assert _keys(ChildKey, child.id) == names.keys(child.name or "")


def test_who_has_no_name_any_more_has_no_keys(cast: Cast) -> None:
    with db.transaction() as session:
        name_keys.catch_up()
        session.get_one(Child, cast.amara.child_id).name = None
        name_keys.catch_up()

        assert _keys(ChildKey, cast.amara.child_id) == set()


def test_keys_go_with_the_name(cast: Cast) -> None:
    with db.transaction() as session:
        session.execute(insert(FamilyLink), [_grandmother(cast)])
        name_keys.catch_up()
        assert session.scalar(select(func.count()).select_from(RelativeKey))

        session.execute(delete(FamilyLink))
        assert not session.scalar(select(func.count()).select_from(RelativeKey))


def test_keys_are_made_anew_when_the_rules_are_others(cast: Cast) -> None:
    name_keys.make_all()
    with db.transaction() as session:
        session.execute(delete(PersonKey))
        session.execute(update(NameRules).values(digest="as it was"))
    name_keys.make_all()

    with db.transaction() as session:
        assert _keys(PersonKey, cast.ruth.id) == names.keys(cast.ruth.name)
        session.execute(delete(PersonKey))
    name_keys.make_all()
    with db.transaction():
        assert _keys(PersonKey, cast.ruth.id) == set(), "the same rules, and so nothing to do"
    name_keys.make_all(anew=True)
    with db.transaction():
        assert _keys(PersonKey, cast.ruth.id) == names.keys(cast.ruth.name)


def test_many_new_names_are_made_in_parts_the_newest_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_keys.make_all()
    with db.transaction() as session:
        session.execute(insert(Child), [{"name": f"Ngozi {end}"} for end in ("A", "B", "C")])
        first, second, last = session.scalars(
            select(Child.id)
            .where(Child.keyed_name.is_(None), Child.name.is_not(None))
            .order_by(Child.id)
        )
        name_keys.catch_up(2)

        assert [bool(_keys(ChildKey, each)) for each in (first, second, last)] == [
            False,
            True,
            True,
        ]
        assert name_keys.catch_up(2)
        assert not name_keys.catch_up(2)


def _grandmother(cast: Cast) -> dict[str, object]:
    return {
        "child_id": cast.amara.child_id,
        "relative_name": "Kathleen Doyle",
        "relation": "grandmother",
        "same_household": True,
    }


def _keys(table: Any, owner_id: int) -> set[str]:
    return set(db.session().scalars(select(table.key).where(table.owner_id == owner_id)))
