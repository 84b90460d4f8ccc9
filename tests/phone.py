"""An authenticator app in somebody's pocket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from app.casework import second_factors
from app.core import clock, db
from app.models import Person, SignIn


@dataclass
class Phone:
    secret: str
    recovery: list[str]

    def code(self, *, minutes: float = 0) -> str:
        """What it shows; `minutes` for a phone whose clock is off, or for a code of before."""
        at = clock.now() + timedelta(minutes=minutes)
        return pyotp.TOTP(self.secret).at(at)


def given_to(person: Person, sign_in: SignIn) -> Phone:
    """Set up a second factor, half a minute ago so that the code of now is still to be used."""
    with clock.held(clock.now() - timedelta(minutes=5)), db.transaction() as session:
        here = session.merge(sign_in)
        second_factors.begin(person)
        secret = second_factors.pending(person)
        assert secret
        phone = Phone(secret, [])
        phone.recovery = second_factors.confirm(person, phone.code(), here)
        return phone
