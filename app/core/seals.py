"""What only this installation can read again: words sealed under its own secret, files each
under a key of their own."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
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


def new_key() -> bytes:
    """A key for one file, which is kept apart from it."""
    return AESGCM.generate_key(256)


def sealed_file(data: bytes, key: bytes, name: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, name.encode())


def opened_file(kept: bytes, key: bytes, name: str) -> bytes | None:
    """What was sealed, or nothing when a bit of it, or its name, is another one."""
    try:
        return AESGCM(key).decrypt(kept[:_NONCE], kept[_NONCE:], name.encode())
    except (InvalidTag, ValueError):
        return None


def _chosen() -> Fernet:
    if _seal is None:
        raise RuntimeError("no secret chosen: call seals.use first")
    return _seal
