"""What is sealed is read again here and nowhere else."""

from __future__ import annotations

import pytest

from app.core import seals


def test_what_is_sealed_is_opened_under_the_same_secret_only() -> None:
    seals.use("a secret of this installation")
    kept = seals.sealed("words")
    assert "words" not in kept
    assert kept != seals.sealed("words"), "two equal secrets do not look alike"
    seals.use("a secret of another one")
    assert seals.opened(kept) is None
    seals.use("a secret of this installation")
    assert seals.opened(kept) == "words"


@pytest.mark.parametrize("damaged", ["", "x", "gAAAAA==", "é"])
def test_what_is_damaged_is_nothing(damaged: str) -> None:
    seals.use("a secret of this installation")
    assert seals.opened(damaged) is None


def test_what_is_signed_is_known_again_under_the_same_secret_only() -> None:
    seals.use("a secret of this installation")
    signature = seals.signature(b"bytes")
    assert seals.is_signed(b"bytes", signature)
    for by in (signature[:-1], "", "é", signature.upper()):
        assert not seals.is_signed(b"bytes", by)
    assert not seals.is_signed(b"other bytes", signature)
    seals.use("a secret of another one")
    assert not seals.is_signed(b"bytes", signature)
