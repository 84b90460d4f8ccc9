"""Accounts: opened, changed, closed; and who manages whom."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import access
from app.casework import people, sign_ins, tokens
from app.core import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Person
from tests.cast import Cast


def account(cast: Cast, **said: object) -> Person:
    given = {
        "name": "Nia Frost",
        "email": "Nia.Frost@kith.example ",
        "role": "School nurse",
        "agency_id": cast.dan.agency_id,
    } | said
    return people.add(cast.ada, **given)  # type: ignore[arg-type]


def change(cast: Cast, by: Person, person: Person, account: str) -> None:
    people.change(
        by,
        person,
        name=person.name,
        role=person.role,
        agency_id=person.agency_id,
        phone=person.phone,
        account=account,
    )


def test_an_administrator_opens_an_account(cast: Cast) -> None:
    with db.transaction():
        nia = account(cast)
        assert (nia.email, nia.account, nia.active) == (
            "nia.frost@kith.example",
            "practitioner",
            True,
        )
        assert nia.password_hash is None
        assert "Nia Frost" in [row.Person.name for row in people.directory("nurse frost")]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"),
        ({"role": ""}, "role"),
        ({"email": "nobody"}, "email"),
        ({"email": "a b@kith.example"}, "email"),
        ({"email": "PRIYA@kith.example"}, "email"),
        ({"account": "king"}, "account"),
        ({"agency_id": 999}, "agency_id"),
        ({"password": "too short"}, "password"),
    ],
)
def test_an_account_says_what_it_still_needs(
    cast: Cast, said: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused, db.transaction():
        account(cast, **said)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("who", ["priya", "mo", "audrey"])
def test_only_administrators_look_after_accounts(cast: Cast, who: str) -> None:
    actor = getattr(cast, who)
    with db.transaction():
        for act in (
            lambda: people.add_agency(actor, "New", "4"),
            lambda: people.add(actor, name="x", email="x@x.example", role="x", agency_id=1),
            lambda: change(cast, actor, actor, "administrator"),
            lambda: people.deactivate(actor, cast.dan),
            lambda: people.reactivate(actor, cast.zed),
            lambda: people.supervise(actor, cast.mo, [cast.olive.id]),
        ):
            with pytest.raises(NotAllowed), db.attempt():
                act()


def test_a_closed_account_is_signed_out_everywhere_and_sees_nothing(cast: Cast) -> None:
    with db.transaction():
        cookie = sign_ins.begin(cast.dan, "phone", hours=12)
        token = tokens.issue(cast.dan, "script")
    with db.transaction() as session:
        people.deactivate(cast.ada, session.get_one(Person, cast.dan.id))
    with db.transaction():
        assert sign_ins.find(cookie, idle_minutes=60) is None
        assert tokens.find(token) is None
        assert not access.may(access.sees_case(cast.dan.id, cast.amara.id))


def test_an_account_opened_again_sees_again_but_old_keys_stay_dead(cast: Cast) -> None:
    with db.transaction() as session:
        dan = session.get_one(Person, cast.dan.id)
        cookie = sign_ins.begin(dan, "phone", hours=12)
        token = tokens.issue(dan, "script")
        people.deactivate(cast.ada, dan)
        people.reactivate(cast.ada, dan)
    with db.transaction():
        assert access.may(access.sees_case(cast.dan.id, cast.amara.id))
        assert sign_ins.find(cookie, idle_minutes=60) is None
        assert tokens.find(token) is None


def test_no_administrator_closes_or_changes_their_own_account(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(Conflict), db.attempt():
            people.deactivate(cast.ada, cast.ada)
        with pytest.raises(Conflict), db.attempt():
            change(cast, cast.ada, cast.ada, "practitioner")


def test_whoever_stops_being_a_manager_sees_nothing_through_others(cast: Cast) -> None:
    with db.transaction() as session:
        mo = session.get_one(Person, cast.mo.id)
        assert people.supervised(mo) == [cast.priya.id]
        change(cast, cast.ada, mo, "practitioner")
        assert people.supervised(mo) == []
        assert not access.may(access.sees_case(mo.id, cast.amara.id))


def test_whom_a_manager_supervises_is_replaced_as_a_whole(cast: Cast) -> None:
    with db.transaction():
        people.supervise(cast.ada, cast.mo, [cast.olive.id, cast.olive.id, cast.mo.id])
        assert people.supervised(cast.mo) == [cast.olive.id]
        assert access.may(access.sees_case(cast.mo.id, cast.noor.id))
        assert not access.may(access.sees_case(cast.mo.id, cast.amara.id))
        with pytest.raises(Invalid), db.attempt():
            people.supervise(cast.ada, cast.dan, [cast.priya.id])
        with pytest.raises(Invalid), db.attempt():
            people.supervise(cast.ada, cast.mo, [999_999])
        assert people.supervised(cast.mo) == [cast.olive.id]


def test_a_phone_number_has_digits_and_the_rest_is_as_people_write_it(cast: Cast) -> None:
    with db.transaction() as session:
        dan = session.get_one(Person, cast.dan.id)
        people.set_phone(dan, " 01632 960 555 ext 2 ")
        assert dan.phone == "01632 960 555 ext 2"
        with pytest.raises(Invalid), db.attempt():
            people.set_phone(dan, "ring me")
        people.set_phone(dan, " ")
        people.set_out_of_office(dan, "Back on Monday")
        db.session().flush()
        row = session.execute(
            select(Person.phone, Person.out_of_office).where(Person.id == dan.id)
        ).one()
    assert tuple(row) == (None, "Back on Monday")


def test_the_directory_lists_colleagues_who_work_here_now(cast: Cast) -> None:
    with db.transaction():
        names = [row.Person.name for row in people.directory()]
        assert "Zed Cole" not in names
        assert "Priya Shah" in names
        assert "Zed Cole" in [row.Person.name for row in people.directory(everybody=True)]
        assert people.directory("100%_") == []
        with pytest.raises(NotFound):
            people.find(999)


def test_an_agency_keeps_its_name_when_only_its_phone_changes(cast: Cast) -> None:
    with db.transaction():
        agency = people.find_agency(cast.dan.agency_id)
        people.change_agency(
            cast.ada, agency, name=agency.name.upper(), agency_type="2A", phone="01632 960777"
        )
        assert agency.phone == "01632 960777"
        with pytest.raises(NotAllowed), db.attempt():
            people.change_agency(cast.mo, agency, name="X", agency_type="2A", phone=None)


def test_a_changed_account_names_all_that_is_wrong_and_changes_nothing(cast: Cast) -> None:
    with db.transaction() as session:
        dan = session.get_one(Person, cast.dan.id)
        with pytest.raises(Invalid) as refused:
            people.change(
                cast.ada, dan, name="", role="Nurse", agency_id=0, phone="", account="king"
            )
        assert set(refused.value.fields) == {"name", "agency_id", "account"}
        assert dan.role == "Safeguarding lead"
