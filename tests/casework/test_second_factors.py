"""A code from the phone works once; so does a recovery code; a wrong one opens nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.casework import people, second_factors, sign_ins
from app.core import clock, db, passwords, seals
from app.core.errors import Conflict, Invalid, NotAllowed
from app.models import HalfSignIn, Person, RecoveryCode, SecondFactor, SignIn
from tests import phone
from tests.cast import MORNING, PASSWORD, Cast
from tests.phone import Phone


@pytest.fixture
def desk(cast: Cast) -> SignIn:
    """Where Priya is signed in."""
    seals.use("a secret for these tests")
    return device(cast.priya)


@pytest.fixture
def priyas(cast: Cast, desk: SignIn) -> Phone:
    return phone.given_to(cast.priya, desk)


def device(person: Person) -> SignIn:
    with db.transaction() as session:
        session.get_one(Person, person.id).password_hash = passwords.hashed(PASSWORD)
        token = sign_ins.begin(person, "Firefox", hours=12)
        found = sign_ins.find(token, idle_minutes=60)
        assert found is not None
        return found[1]


def half(person: Person, known: int | None = None) -> str:
    with db.transaction():
        return second_factors.wait_for_code(person, known)


def finish(token: str, code: str = "", recovery: str = "") -> str:
    """What becomes of a code: "in", the sentence of its refusal, or "nothing waits"."""
    with db.transaction():
        found = second_factors.waiting(token)
        if found is None:
            return "nothing waits"
        try:
            second_factors.finish(*found, code, recovery)
        except Invalid as refusal:
            return refusal.sentence
        return "in"


def test_it_counts_once_a_right_code_has_confirmed_it(cast: Cast, desk: SignIn) -> None:
    with db.transaction() as session:
        second_factors.begin(cast.priya)
        assert not second_factors.is_on(cast.priya)
        with pytest.raises(Invalid), db.attempt():
            second_factors.confirm(cast.priya, "000000", session.merge(desk))
        assert not second_factors.is_on(cast.priya)
        secret = second_factors.pending(cast.priya)
        assert secret
        codes = second_factors.confirm(cast.priya, Phone(secret, []).code(), session.merge(desk))
        assert second_factors.is_on(cast.priya)
        assert len(set(codes)) == second_factors.codes_left(cast.priya) == 10


def test_nothing_is_kept_that_a_thief_of_the_database_could_use(cast: Cast, priyas: Phone) -> None:
    with db.transaction() as session:
        factor = session.scalars(select(SecondFactor)).one()
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
    assert factor.sealed
    assert priyas.secret not in factor.sealed
    assert not [each for each in priyas.recovery if each.replace(" ", "") in hashes]


def test_setting_it_up_signs_every_other_device_out(cast: Cast, desk: SignIn) -> None:
    other = device(cast.priya)
    phone.given_to(cast.priya, desk)
    with db.transaction():
        assert sign_ins.ended([desk.id, other.id]) == {other.id}


def test_a_code_works_once(cast: Cast, priyas: Phone) -> None:
    code = priyas.code()
    assert finish(half(cast.priya), f"{code[:3]} {code[3:]}") == "in"
    assert finish(half(cast.priya), code) == second_factors.WRONG


def test_one_code_sent_by_many_at_once_opens_once(cast: Cast, priyas: Phone) -> None:
    tokens, code = [half(cast.priya) for _ in range(6)], priyas.code()
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda token: finish(token, code), tokens))
    assert sorted(answers) == sorted(["in"] + [second_factors.WRONG] * 5)


def test_one_sign_in_finished_by_many_at_once_is_finished_once(cast: Cast, priyas: Phone) -> None:
    token, code = half(cast.priya), priyas.code()
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: finish(token, code), range(6)))
    assert answers.count("in") == 1
    assert set(answers) <= {"in", "nothing waits", second_factors.TOO_LATE}


def test_many_guesses_at_once_are_counted_each(cast: Cast, priyas: Phone) -> None:
    token = half(cast.priya)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: finish(token, "000000"), range(16)))
    assert answers.count(second_factors.WRONG) == second_factors.TRIES


def test_the_code_that_confirmed_it_does_not_sign_in_too(cast: Cast, desk: SignIn) -> None:
    with clock.held(MORNING):
        priyas = phone.given_to(cast.priya, desk)
        assert finish(half(cast.priya), priyas.code(minutes=-5)) == second_factors.WRONG


@pytest.mark.parametrize(("minutes", "taken"), [(-1, False), (-0.5, True), (0.5, True), (1, False)])
def test_a_clock_may_be_half_a_minute_off(
    cast: Cast, priyas: Phone, minutes: float, taken: bool
) -> None:
    assert (finish(half(cast.priya), priyas.code(minutes=minutes)) == "in") is taken


def test_a_code_before_one_that_was_used_works_no_more(cast: Cast, priyas: Phone) -> None:
    assert finish(half(cast.priya), priyas.code(minutes=0.5)) == "in"
    assert finish(half(cast.priya), priyas.code()) == second_factors.WRONG


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "\x00" * 6])
def test_what_is_no_code_is_refused(cast: Cast, priyas: Phone, code: str) -> None:
    assert finish(half(cast.priya), code) == second_factors.WRONG


def test_a_recovery_code_works_once_however_it_is_typed(cast: Cast, priyas: Phone) -> None:
    first, second = priyas.recovery[0], priyas.recovery[1].upper().replace(" ", "-")
    assert finish(half(cast.priya), recovery=first) == "in"
    assert finish(half(cast.priya), recovery=first) == second_factors.WRONG_RECOVERY
    assert finish(half(cast.priya), recovery=second) == "in"
    with db.transaction():
        assert second_factors.codes_left(cast.priya) == 8


def test_new_recovery_codes_end_the_old(cast: Cast, priyas: Phone) -> None:
    with db.transaction():
        fresh = second_factors.new_codes(cast.priya)
    assert finish(half(cast.priya), recovery=priyas.recovery[3]) == second_factors.WRONG_RECOVERY
    assert finish(half(cast.priya), recovery=fresh[3]) == "in"


def test_nobody_uses_somebody_elses_codes(cast: Cast, priyas: Phone) -> None:
    dans = phone.given_to(cast.dan, device(cast.dan))
    assert finish(half(cast.priya), dans.code()) == second_factors.WRONG
    assert finish(half(cast.priya), recovery=dans.recovery[0]) == second_factors.WRONG_RECOVERY


def test_five_wrong_codes_end_the_half_finished_sign_in(cast: Cast, priyas: Phone) -> None:
    token = half(cast.priya)
    assert [finish(token, "000000") for _ in range(5)] == [second_factors.WRONG] * 5
    assert finish(token, priyas.code()) == "nothing waits"


def test_it_waits_five_minutes_and_serves_once(cast: Cast, priyas: Phone) -> None:
    token, late = half(cast.priya), half(cast.priya)
    assert finish(token, priyas.code()) == "in"
    assert finish(token, priyas.code()) == "nothing waits"
    with clock.held(MORNING + timedelta(minutes=5)):
        assert finish(late, priyas.code()) == "nothing waits"


def test_who_has_the_password_guesses_twenty_codes_an_hour_and_no_more(
    cast: Cast, priyas: Phone
) -> None:
    with db.transaction():
        known, _ = sign_ins.know(cast.priya, None, "Firefox")
    for _ in range(4):
        token = half(cast.priya)
        for _ in range(5):
            finish(token, "000000")
    assert finish(half(cast.priya), priyas.code()) == second_factors.TOO_MANY
    # Priya herself, on a device of her own, is not kept out by that.
    assert finish(half(cast.priya, known.id), priyas.code()) == "in"
    with clock.held(MORNING + timedelta(minutes=61)):
        assert finish(half(cast.priya), priyas.code()) == "in"


def test_a_new_password_ends_what_waits_on_the_old(cast: Cast, priyas: Phone) -> None:
    token = half(cast.priya)
    with db.transaction() as session:
        people.set_password(session.get_one(Person, cast.priya.id), "another long password")
    assert finish(token, priyas.code()) == "nothing waits"


def test_a_closed_account_waits_for_nothing(cast: Cast, priyas: Phone) -> None:
    token = half(cast.priya)
    with db.transaction() as session:
        session.get_one(Person, cast.priya.id).active = False
    assert finish(token, priyas.code()) == "nothing waits"


def test_another_phone_takes_over_once_its_code_is_right(
    cast: Cast, desk: SignIn, priyas: Phone
) -> None:
    with db.transaction() as session:
        second_factors.begin(cast.priya)
        new = Phone(second_factors.pending(cast.priya) or "", [])
        with pytest.raises(Invalid), db.attempt():
            second_factors.confirm(cast.priya, "000000", session.merge(desk))
    assert finish(half(cast.priya), priyas.code()) == "in"
    with db.transaction() as session:
        second_factors.confirm(cast.priya, new.code(), session.merge(desk))
    assert finish(half(cast.priya), priyas.code(minutes=0.5)) == second_factors.WRONG
    assert finish(half(cast.priya), new.code(minutes=0.5)) == "in"


def test_under_another_secret_of_the_installation_only_recovery_codes_work(
    cast: Cast, priyas: Phone
) -> None:
    seals.use("the secret was changed")
    assert finish(half(cast.priya), priyas.code()) == second_factors.WRONG
    assert finish(half(cast.priya), recovery=priyas.recovery[0]) == "in"


def test_an_administrator_turns_off_the_factor_of_a_lost_phone(cast: Cast, priyas: Phone) -> None:
    lost, token = device(cast.priya), half(cast.priya)
    with db.transaction() as session:
        priya = session.get_one(Person, cast.priya.id)
        for actor, refused in ((cast.dan, NotAllowed), (cast.mo, NotAllowed)):
            with pytest.raises(refused), db.attempt():
                people.reset_second_factor(actor, priya)
        with pytest.raises(Conflict), db.attempt():
            people.reset_second_factor(cast.ada, session.get_one(Person, cast.ada.id))
        people.reset_second_factor(cast.ada, priya)
    with db.transaction() as session:
        assert not second_factors.is_on(cast.priya)
        assert second_factors.codes_left(cast.priya) == 0
        assert sign_ins.ended([lost.id]) == {lost.id}
        assert session.scalars(select(HalfSignIn)).all() == []
    assert finish(token, priyas.code()) == "nothing waits"


def test_who_sits_there_is_proved_by_all_that_opened_the_device(
    cast: Cast, desk: SignIn, priyas: Phone
) -> None:
    with db.transaction() as session:
        here, priya = session.get_one(SignIn, desk.id), session.get_one(Person, cast.priya.id)
        before = here.proved_at
        for password, code, field in (
            ("wrong", priyas.code(), "proof_password"),
            (PASSWORD, "000000", "proof_code"),
            (PASSWORD, "", "proof_code"),
        ):
            with pytest.raises(Invalid) as refused, db.attempt():
                second_factors.prove(priya, here, password, code, "")
            assert list(refused.value.fields) == [field]
        assert here.proved_at == before
        second_factors.prove(priya, here, PASSWORD, priyas.code(), "")
        assert here.proved_at == MORNING
