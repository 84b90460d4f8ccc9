"""The second proof of who somebody is: codes from a phone, and codes on paper for a lost one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from hmac import compare_digest

import pyotp
from sqlalchemy import delete, func, select, update

from app import audit
from app.casework import sign_ins
from app.casework.sign_ins import digest
from app.core import clock, db, passwords, seals
from app.core.errors import Conflict, Invalid
from app.models import HalfSignIn, Person, RecoveryCode, SecondFactor, SignIn

ISSUER = "Kith"
STEP = 30  # seconds; what every app on a phone counts in
RECOVERY_CODES = 10
# How long a right password waits for its code, and how many codes may be wrong meanwhile.
WAITS = timedelta(minutes=5)
TRIES = 5
# Wrong codes an account takes in an hour after right passwords, from one device it knows or from
# all others together: at that pace guessing takes a lifetime, and an intruder who has the
# password keeps nobody out who sits at a device of their own.
TRIES_AN_HOUR = 20

WRONG = "That code is not right, or was used before. Wait for the next one and type that."
WRONG_RECOVERY = "That recovery code is not right, or was used before."
TOO_MANY = "Too many codes were wrong. Wait an hour, or sign in on a device you have used before."
TOO_LATE = "That took too long. Sign in again."
AGAIN = "That is not the password you sign in with."


def is_on(person: Person) -> bool:
    factor = db.session().get(SecondFactor, person.id)
    return factor is not None and factor.confirmed_at is not None


def since(person: Person) -> SecondFactor | None:
    """The person's second factor, once a code has confirmed it."""
    return db.session().get(SecondFactor, person.id) if is_on(person) else None


def among(person_ids: Iterable[int]) -> set[int]:
    """Which of these people have one."""
    asked = SecondFactor.person_id.in_(set(person_ids)), SecondFactor.confirmed_at.is_not(None)
    return set(db.session().scalars(select(SecondFactor.person_id).where(*asked)))


def begin(person: Person) -> None:
    """Make a new secret; the one that counts stays until a code confirms the new one."""
    factor = _locked(person.id)
    if factor is None:
        factor = SecondFactor(person_id=person.id)
        db.session().add(factor)
    factor.pending = seals.sealed(pyotp.random_base32())
    db.session().flush()


def pending(person: Person) -> str | None:
    """The secret that waits for its first code."""
    factor = db.session().get(SecondFactor, person.id)
    return seals.opened(factor.pending) if factor and factor.pending else None


def address(person: Person, secret: str) -> str:
    """What a phone reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)


def confirm(person: Person, code: str, sign_in: SignIn) -> list[str]:
    """Take the new secret, shown to be on a phone; answers new recovery codes, shown this once.

    Every other device signs in again, for it has never proved more than a password.
    """
    factor = _locked(person.id)
    secret = pending(person)
    if factor is None or secret is None:
        raise Conflict("Begin again: there is no code to compare with.")
    step = _step(secret, code, after=0)
    if step is None:
        raise Invalid(code="That is not the code the phone shows for this key. Type the next one.")
    factor.sealed, factor.pending = factor.pending, None
    factor.confirmed_at, factor.last_step = clock.now(), step
    sign_ins.end_all(person, but=sign_in)
    sign_in.by_code, sign_in.proved_at, sign_in.wrong = True, clock.now(), 0
    return new_codes(person)


def turn_off(person: Person) -> None:
    """A password alone opens the account from now on."""
    for kept in (RecoveryCode, SecondFactor):
        db.session().execute(delete(kept).where(kept.person_id == person.id))
    db.session().execute(update(SignIn).where(SignIn.person_id == person.id).values(by_code=False))


def new_codes(person: Person) -> list[str]:
    """Ten new recovery codes, shown this once; those there were work no more."""
    db.session().execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [pyotp.random_base32()[:16].lower() for _ in range(RECOVERY_CODES)]
    at = clock.now()
    db.session().add_all(
        RecoveryCode(person_id=person.id, code_hash=digest(code), created_at=at) for code in codes
    )
    return [in_groups(code) for code in codes]


def codes_left(person: Person) -> int:
    return (
        db.session().scalar(
            select(func.count()).where(
                RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )


def in_groups(secret: str) -> str:
    """As it is easiest to type."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def wait_for_code(person: Person, known_device_id: int | None) -> str:
    """Keep that the password was right; answers the secret the browser brings with the code."""
    token, at = secrets.token_urlsafe(32), clock.now()
    old = HalfSignIn.begun_at < at - timedelta(hours=1)
    db.session().execute(delete(HalfSignIn).where(HalfSignIn.person_id == person.id, old))
    db.session().add(
        HalfSignIn(
            person_id=person.id,
            token_hash=digest(token),
            known_device_id=known_device_id,
            begun_at=at,
            expires_at=at + WAITS,
        )
    )
    audit.note(person, "gave password", how="page", outcome="done")
    return token


def waiting(token: str) -> tuple[Person, HalfSignIn] | None:
    """Whose right password waits here for a code, while it does."""
    found = (
        db.session()
        .execute(
            select(Person, HalfSignIn)
            .join(HalfSignIn, HalfSignIn.person_id == Person.id)
            .where(
                HalfSignIn.token_hash == digest(token),
                HalfSignIn.expires_at > clock.now(),
                HalfSignIn.wrong < TRIES,
                Person.active,
            )
        )
        .first()
    )
    return (found[0], found[1]) if found else None


def finish(person: Person, half: HalfSignIn, code: str, recovery: str) -> None:
    """Take the code that was waited for; a wrong one counts, also when it is refused."""
    # Whoever tries many at once waits here for the one before.
    _locked(person.id)
    if db.session().get(HalfSignIn, half.id, populate_existing=True) is None:
        raise Invalid(TOO_LATE)
    if half.wrong >= TRIES or _wrong_in_an_hour(half) >= TRIES_AN_HOUR:
        half.wrong = TRIES
        raise Invalid(TOO_MANY)
    try:
        _take(person, code, recovery)
    except Invalid:
        half.wrong += 1
        raise
    db.session().delete(half)


def prove(person: Person, sign_in: SignIn, password: str, code: str, recovery: str) -> None:
    """Show again, by all that opened this device, who sits before it."""
    if not passwords.matches(password, person.password_hash):
        raise Invalid(proof_password=AGAIN)
    if sign_in.by_code:
        try:
            _take(person, code, recovery)
        except Invalid as refusal:
            raise Invalid(
                **{f"proof_{field}": words for field, words in refusal.fields.items()}
            ) from None
    sign_in.proved_at, sign_in.wrong = clock.now(), 0


def _take(person: Person, code: str, recovery: str) -> None:
    """Use up a code of the phone, or a recovery code when one is given; refuse any other."""
    if recovery.strip():
        if not _take_recovery(person, recovery):
            raise Invalid(recovery=WRONG_RECOVERY)
        audit.note(person, "used recovery code", how="page", outcome="done")
    elif not _take_code(person, code):
        raise Invalid(code=WRONG)


def _take_code(person: Person, code: str) -> bool:
    factor = _locked(person.id)
    secret = seals.opened(factor.sealed) if factor and factor.sealed else None
    if factor is None or secret is None:
        return False
    step = _step(secret, code, after=factor.last_step or 0)
    if step is None:
        return False
    factor.last_step = step
    return True


def _take_recovery(person: Person, code: str) -> bool:
    plain = "".join(each for each in code.lower() if each.isalnum())
    _locked(person.id)
    kept = db.session().scalar(
        select(RecoveryCode).where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == digest(plain),
            RecoveryCode.used_at.is_(None),
        )
    )
    if kept is None:
        return False
    kept.used_at = clock.now()
    return True


def _step(secret: str, code: str, *, after: int) -> int | None:
    """The half minute this is the code of: now, or one to either side for a clock that is off."""
    typed = "".join(code.split()).encode()
    now, found = int(clock.now().timestamp()) // STEP, None
    for step in (now - 1, now, now + 1):
        right = pyotp.HOTP(secret).at(step).encode()
        if compare_digest(typed, right) and step > after:
            found = step
    return found


def _wrong_in_an_hour(half: HalfSignIn) -> int:
    same = HalfSignIn.known_device_id.is_not_distinct_from(half.known_device_id)
    recent = HalfSignIn.begun_at > clock.now() - timedelta(hours=1)
    return (
        db.session().scalar(
            select(func.sum(HalfSignIn.wrong)).where(
                HalfSignIn.person_id == half.person_id, same, recent
            )
        )
        or 0
    )


def _locked(person_id: int) -> SecondFactor | None:
    return db.session().get(SecondFactor, person_id, with_for_update=True, populate_existing=True)
