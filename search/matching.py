"""Whether a text matches a query, in Python: for the few things that no index knows of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from search import words
from search.index import Document
from search.query import All, Either, Filters, Not, Phrase, Prefix, Query, Word


@dataclass(frozen=True)
class Text:
    """The words of a text as they are looked through."""

    tokens: Sequence[str]

    @cached_property
    def stems(self) -> list[str]:
        return [words.stem(each) for each in self.tokens]

    @cached_property
    def held(self) -> frozenset[str]:
        """Each word as written and as its stem."""
        return frozenset((*self.tokens, *self.stems))

    @cached_property
    def beginnings(self) -> str:
        """All of them with a space before each, which none holds: one look finds what begins so."""
        return f" {' '.join(self.held)}"

    @cached_property
    def line(self) -> str:
        """The stems in order: one look finds some that stand next to each other."""
        return f" {' '.join(self.stems)} "


@lru_cache(maxsize=2_000)
def read(text: str) -> Text:
    """Remembered: what stands in no index is looked through by each search of those who read it."""
    return Text(words.tokens(text))


def matching(query: Query, filters: Filters, documents: Iterable[Document]) -> Iterator[Document]:
    """Those that match."""
    is_wide, holds = filters == Filters(), _test(query)
    for document in documents:
        if (is_wide or lets_in(filters, document)) and holds(read(document.text)):
            yield document


def matches(query: Query, text: Text) -> bool:
    return _test(query)(text)


@lru_cache(maxsize=1_000)
def _test(query: Query) -> Callable[[Text], bool]:
    """Whether a text matches, worked out as far as it is the same for each."""
    match query:
        case Word(word):
            stem = words.stem(word)
            return lambda text: stem in text.held
        case Prefix(beginning):
            begins = f" {beginning}"
            return lambda text: begins in text.beginnings
        case Phrase(phrase):
            stands = f" {' '.join(map(words.stem, phrase))} "
            return lambda text: stands in text.line
        case All(parts):
            tests = [_test(part) for part in parts]
            return lambda text: all(holds(text) for holds in tests)
        case Either(parts):
            tests = [_test(part) for part in parts]
            return lambda text: any(holds(text) for holds in tests)
        case Not(part):
            holds = _test(part)
            return lambda text: not holds(text)
    return lambda _text: True


def places(phrase: Sequence[str], text: Text) -> Iterator[int]:
    """Where the words of a phrase begin to stand next to each other."""
    wanted = [words.stem(each) for each in phrase]
    for place, stem in enumerate(text.stems):
        if stem == wanted[0] and text.stems[place : place + len(wanted)] == wanted:
            yield place


def lets_in(filters: Filters, document: Document) -> bool:
    return (
        _in(document.mark.thing, filters.things)
        and _in(document.kind, filters.kinds)
        and _in(document.worry, filters.worries)
        and _in(document.case_id, filters.case_ids)
        and _in(document.agency_id, filters.agency_ids)
        and _in(document.author_id, filters.author_ids)
        and (filters.since is None or document.mark.at >= filters.since)
        and (filters.until is None or document.mark.at < filters.until)
    )


def sought(query: Query) -> Iterator[Word | Prefix | Phrase]:
    """What a text is to hold, from left to right; nothing of what it must not."""
    match query:
        case Word() | Prefix() | Phrase():
            yield query
        case All(parts) | Either(parts):
            for part in parts:
                yield from sought(part)


def held(query: Query, text: Text) -> int:
    """How many parts of the query a text holds: what it promises, whatever others hold."""
    return sum(matches(part, text) for part in dict.fromkeys(sought(query)))


def _in(value: object, allowed: frozenset[str] | frozenset[int]) -> bool:
    return not allowed or value in allowed
