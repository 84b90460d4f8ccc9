"""Anchors: where the chain ended at which moment, signed, and kept outside the database."""

from __future__ import annotations

import fcntl
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from sqlalchemy import update

from app.audit import chain
from app.core import clock, db, json
from app.models import Counter
from config.settings import keep_once


class Unusable(Exception):
    """Anchors or a key that say nothing; the sentence says why."""


@dataclass(frozen=True)
class Anchor:
    """That the chain ended at this place, with this hash, at this moment."""

    place: int
    hash: str
    at: datetime

    def signed_words(self) -> bytes:
        return json.dumps({"place": self.place, "hash": self.hash, "at": self.at})


def write(file: Path, key: Path) -> Anchor | None:
    """Add an anchor if the chain has grown since the last; one process at a time."""
    signs = _private(key)
    with file.open("a+b") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        last = _last(opened)
        ends = _end_on_disk()
        if last is not None and not _goes_on(last, ends):
            raise Unusable(f"The audit does not go on from row {last.place}, its last anchor.")
        if last is not None and ends.place == last.place:
            return None
        if ends.place == 0:
            return None
        anchor = Anchor(ends.place, ends.hash, clock.now())
        opened.write(_line(anchor, signs))
        opened.flush()
        os.fsync(opened.fileno())
    return anchor


def read(file: Path, key: Ed25519PublicKey) -> list[Anchor]:
    """All anchors of a file; refused at the first line the key did not sign."""
    lines = file.read_bytes().split(b"\n")
    # What follows the last end of a line was never finished.
    return [_anchor(line, number, key) for number, line in enumerate(lines[:-1], 1)]


def public_key(key: Path) -> str:
    """What others need to check the anchors, as PEM; the key is made when there is none."""
    made = _private(key).public_key()
    return made.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def as_public_key(pem: str) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable("That is no public key as `kith audit key` shows one.")
    return key


def _end_on_disk() -> chain.Head:
    # Reads are committed without waiting for the disk. A write that waits takes them with it, so
    # that an anchor never knows of a row that the loss of power takes away.
    with db.transaction() as session:
        session.execute(update(Counter).values(value=Counter.value))
        return chain.head()


def _private(file: Path) -> Ed25519PrivateKey:
    made = Ed25519PrivateKey.generate()
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keep_once(file, pem.decode())
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unusable(f"{file.name} holds no whole key.")
    return key


def _line(anchor: Anchor, key: Ed25519PrivateKey) -> bytes:
    signature = b64encode(key.sign(anchor.signed_words())).decode()
    return (
        json.dumps(
            {"place": anchor.place, "hash": anchor.hash, "at": anchor.at, "signature": signature}
        )
        + b"\n"
    )


def _anchor(line: bytes, number: int, key: Ed25519PublicKey | None = None) -> Anchor:
    try:
        said = json.loads(line)
        anchor = Anchor(said["place"], said["hash"], datetime.fromisoformat(said["at"]))
        if key is not None:
            key.verify(b64decode(said["signature"]), anchor.signed_words())
    except (InvalidSignature, KeyError, TypeError, ValueError):
        raise Unusable(f"Line {number} of the anchors was not signed with this key.") from None
    return anchor


def _last(opened: BinaryIO) -> Anchor | None:
    """The last anchor of the file, which is left standing right behind it."""
    size = opened.seek(0, os.SEEK_END)
    opened.seek(max(0, size - 4096))
    tail = opened.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail):
        opened.truncate(size - len(tail) + len(whole))
    lines = whole.splitlines()
    return _anchor(lines[-1], len(lines)) if lines else None


def _goes_on(last: Anchor, ends: chain.Head) -> bool:
    return ends.place > last.place or tuple(ends) == (last.place, last.hash)
