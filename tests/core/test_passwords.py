"""Passwords: kept as hashes, and the same work whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.core import passwords


@pytest.fixture(autouse=True)
def full_cost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here they cost what they cost everywhere but in the tests."""
    monkeypatch.setattr(passwords, "_hasher", passwords.hasher())
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


def test_the_right_password_matches_and_only_that() -> None:
    kept = passwords.hashed("correct horse battery")
    assert passwords.matches("correct horse battery", kept)
    assert not passwords.matches("correct horse batterz", kept)
    assert "correct" not in kept
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_two_people_with_one_password_have_two_hashes() -> None:
    assert passwords.hashed("same password here") != passwords.hashed("same password here")


def test_somebody_unknown_costs_the_same_work_and_never_matches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verified: list[str] = []

    class Counting:
        def hash(self, password: str) -> str:
            return real.hash(password)

        def verify(self, kept: str, password: str) -> Any:
            verified.append(kept)
            return real.verify(kept, password)

    real = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    assert not passwords.matches("nobody has this password", None)
    assert not passwords.matches("nobody has this password", "")
    assert len(verified) == 2
    assert all(kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for kept in verified)


def test_a_broken_hash_is_a_no() -> None:
    assert not passwords.matches("anything", "not a hash")
