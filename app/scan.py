"""Looking for viruses before anybody is given a file (a port: clamd when there is one)."""

from __future__ import annotations

from typing import Protocol

from app.core.errors import Invalid

REFUSED = "the virus check refused this file."
# Harmless, and refused by every scanner: so that people can try whether somebody looks.
TEST_VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

# What is known of a file: nobody looks here; nobody could look yet; somebody did; and it was one.
UNCHECKED, WAITING, CLEAN, INFECTED = "unchecked", "waiting", "clean", "infected"


class Scanner(Protocol):
    def is_infected(self, data: bytes) -> bool:
        """Whether it is harmful; raises `OSError` when nobody can say now."""


_scanner: Scanner | None = None


def use(scanner: Scanner | None) -> None:
    """Choose who looks; nobody does without one."""
    global _scanner
    _scanner = scanner


def is_there() -> bool:
    """Whether anybody looks."""
    return _scanner is not None


def verdict(data: bytes) -> str:
    """What is known of it after looking; never raises because the scanner is away."""
    if TEST_VIRUS in data:
        return INFECTED
    if _scanner is None:
        return UNCHECKED
    try:
        return INFECTED if _scanner.is_infected(data) else CLEAN
    except OSError:
        return WAITING


def checked(name: str, data: bytes) -> str:
    """The verdict on a file somebody sends; `Invalid` when it is infected."""
    said = verdict(data)
    if said == INFECTED:
        raise Invalid(f"{name}: {REFUSED}")
    return said
