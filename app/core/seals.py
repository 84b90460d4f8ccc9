"""What only this installation can read again, or have written: words sealed and bytes signed under
its own secret, files each sealed under a key of their own."""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_seal: Fernet | None = None
_signing: bytes | None = None


def use(secret: str) -> None:
    """Choose the secret; another one opens nothing that was sealed under this."""
    global _seal, _signing
    # Keys of their own, so that what signs cookies is never what seals.
    _seal = Fernet(urlsafe_b64encode(_derived(secret, b"kith seals")))
    _signing = _derived(secret, b"kith signatures")


def sealed(words: str) -> str:
    return _chosen().encrypt(words.encode()).decode()


def opened(kept: str) -> str | None:
    """What was sealed, or nothing when it was under another secret or is damaged."""
    try:
        return _chosen().decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def signature(data: bytes) -> str:
    """What only this installation can put under these bytes."""
    if _signing is None:
        raise RuntimeError("no secret chosen: call seals.use first")
    return hmac.digest(_signing, data, "sha256").hex()


def is_signed(data: bytes, by: str) -> bool:
    return hmac.compare_digest(signature(data).encode(), by.encode(errors="replace"))


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


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret.encode())


def _chosen() -> Fernet:
    if _seal is None:
        raise RuntimeError("no secret chosen: call seals.use first")
    return _seal
