"""One thing that somebody does in a town that lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.core.errors import Refusal

Refused = type[Refusal] | None


@dataclass(frozen=True)
class Deed:
    """What somebody does: whether it is refused, the verb, and what comes of it in the world."""

    words: str
    refused: Refused
    act: Callable[[], Any]
    effect: Callable[[Any], None]


def first(*grounds: tuple[bool, type[Refusal]]) -> Refused:
    """On the first ground that holds, or not at all."""
    return next((refusal for holds, refusal in grounds if holds), None)
