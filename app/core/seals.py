"""What only this installation can read again: sealed under its own secret."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_seal: Fernet | None = None


def use(secret: str) -> None:
    """Choose the secret; another one opens nothing that was sealed under this."""
    global _seal
    # A key of its own, so that what signs cookies is never what seals.
    derived = HKDF(SHA256(), 32, salt=None, info=b"kith seals").derive(secret.encode())
    _seal = Fernet(urlsafe_b64encode(derived))


def sealed(words: str) -> str:
    return _chosen().encrypt(words.encode()).decode()


def opened(kept: str) -> str | None:
    """What was sealed, or nothing when it was under another secret or is damaged."""
    try:
        return _chosen().decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def _chosen() -> Fernet:
    if _seal is None:
        raise RuntimeError("no secret chosen: call seals.use first")
    return _seal
