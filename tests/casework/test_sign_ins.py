"""Signing in and out, device by device."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.casework import people, sign_ins
from app.core import clock, db
from app.core.errors import Invalid
from app.models import Person, SignIn
from tests.cast import MORNING, PASSWORD, Cast


def begin(person: Person, hours: int = 12) -> str:
    with db.transaction():
        return sign_ins.begin(person, "Firefox on a phone", hours=hours)


def whose(token: str, minutes: int = 0) -> str | None:
    with clock.held(MORNING + timedelta(minutes=minutes)), db.transaction():
        found = sign_ins.find(token, idle_minutes=60)
        return found[0].name if found else None


def test_the_right_password_opens_and_anything_else_gets_one_answer(cast: Cast) -> None:
    with db.transaction() as session:
        for each in (cast.priya, cast.zed):
            people.set_password(session.get_one(Person, each.id), PASSWORD)
    refusals = set()
    with db.transaction():
        assert sign_ins.check(" PRIYA@kith.example ", PASSWORD).id == cast.priya.id
        for email, password in (
            ("priya@kith.example", "not her password"),
            ("nobody@kith.example", PASSWORD),
            ("zed@kith.example", PASSWORD),  # his account is closed
            ("dan@kith.example", PASSWORD),  # he has no password yet
            ("pri\x00ya@kith.exampl", PASSWORD),
        ):
            with pytest.raises(Invalid) as refused, db.attempt():
                sign_ins.check(email, password)
            refusals.add((refused.value.sentence, tuple(refused.value.fields)))
    assert refusals == {(sign_ins.WRONG, ())}


def test_only_the_hash_of_what_the_cookie_carries_is_kept(cast: Cast) -> None:
    token = begin(cast.priya)
    with db.transaction() as session:
        kept = session.scalars(select(SignIn)).one()
    assert token not in (kept.token_hash, kept.device)
    assert whose(token) == "Priya Shah"
    assert whose(kept.token_hash) is None


def test_a_signed_out_device_never_comes_back_and_the_other_stays(cast: Cast) -> None:
    phone, desk = begin(cast.priya), begin(cast.priya)
    with db.transaction():
        found = sign_ins.find(phone, idle_minutes=60)
        assert found is not None
        sign_ins.end(found[1].id)
    assert (whose(phone), whose(desk)) == (None, "Priya Shah")
    with db.transaction():
        assert len(sign_ins.of(cast.priya)) == 1
        assert sign_ins.ended([found[1].id, sign_ins.of(cast.priya)[0].id]) == {found[1].id}


def test_a_session_ends_after_its_hours_however_busy(cast: Cast) -> None:
    token = begin(cast.priya, hours=2)
    for minute in range(30, 120, 30):
        assert whose(token, minute) == "Priya Shah"
    assert whose(token, 120) is None


def test_an_idle_session_ends_and_a_used_one_goes_on(cast: Cast) -> None:
    idle, used = begin(cast.priya), begin(cast.priya)
    assert whose(used, 40) == "Priya Shah"
    assert whose(used, 80) == "Priya Shah"
    assert whose(idle, 60) is None


def test_a_new_password_signs_every_device_out(cast: Cast) -> None:
    tokens = [begin(cast.priya), begin(cast.priya)]
    other = begin(cast.dan)
    with db.transaction() as session:
        people.set_password(session.get_one(Person, cast.priya.id), PASSWORD)
    assert [whose(token) for token in (*tokens, other)] == [None, None, "Dan Hughes"]


def test_nobody_has_a_token_that_was_never_given(cast: Cast) -> None:
    for made_up in ("", "x", "x" * 10_000):
        assert whose(made_up) is None
