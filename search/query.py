"""What somebody looks for, as a small tree that every engine understands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Word:
    """One word, in any of its English forms: visit finds visited."""

    text: str


@dataclass(frozen=True)
class Prefix:
    """How a word begins: what is being typed."""

    text: str


@dataclass(frozen=True)
class Phrase:
    """Words that stand next to each other in this order, each as written."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class All:
    parts: tuple[Query, ...]


@dataclass(frozen=True)
class Either:
    parts: tuple[Query, ...]


@dataclass(frozen=True)
class Not:
    part: Query


@dataclass(frozen=True)
class Everything:
    """No words: whatever the filters let through."""


Query = Word | Prefix | Phrase | All | Either | Not | Everything


@dataclass(frozen=True)
class Filters:
    """What narrows a search; an empty set narrows nothing."""

    things: frozenset[str] = field(default_factory=frozenset)  # post, comment, message, file
    kinds: frozenset[str] = field(default_factory=frozenset)  # kinds of post
    worries: frozenset[str] = field(default_factory=frozenset)
    case_ids: frozenset[int] = field(default_factory=frozenset)
    agency_ids: frozenset[int] = field(default_factory=frozenset)
    author_ids: frozenset[int] = field(default_factory=frozenset)
    since: datetime | None = None
    until: datetime | None = None
