"""What somebody looks for, as a small tree that every engine understands.

Its words are as `words.tokens` gives them: folded, without punctuation, not yet stemmed. A text
holds each of its words both as written and as its stem, and that is what is matched:

    Word     the text holds the word's stem
    Prefix   something the text holds, word or stem, begins so
    Phrase   the words' stems stand next to each other in this order

No word is left out for being common. `matching.py` says the same in Python.
"""

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
    """Words that stand next to each other in this order, each in any of its English forms."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class All:
    """Each of these; a `Not` among them leaves out."""

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
