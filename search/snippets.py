"""A few words of a text round what was sought, as safe HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from search import matching, words
from search.matching import Text
from search.query import Phrase, Prefix, Query, Word

LONGEST = 240
# So much stands before the first word that was sought.
BEFORE = 60

# What reads as one word, with its apostrophes.
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Span = tuple[int, int]


def snippet(query: Query, text: str) -> str:
    """The text where it answers the query, each word that does in `<mark>`; all else escaped."""
    line = " ".join(text.split())
    spans = _sought(query, line)
    start, end = _window(line, spans[0][0] if spans else 0)
    inside = [span for span in spans if start <= span[0] and span[1] <= end]
    marked = "".join(_marked(line, inside, start, end))
    return ("… " if start else "") + marked + (" …" if end < len(line) else "")


def _marked(line: str, spans: Sequence[Span], start: int, end: int) -> Iterator[str]:
    at = start
    for begins, ends in spans:
        yield escape(line[at:begins])
        yield f"<mark>{escape(line[begins:ends])}</mark>"
        at = ends
    yield escape(line[at:end])


def _window(line: str, first: int) -> Span:
    """From a little before the first place on, between words."""
    start = 0
    if first > BEFORE:
        start = line.find(" ", first - BEFORE, first) + 1 or first - BEFORE
    end = min(start + LONGEST, len(line))
    if end < len(line):
        end = max(line.rfind(" ", first + 1, end), 0) or end
    return start, end


def _sought(query: Query, line: str) -> list[Span]:
    """Where in the line what is sought stands."""
    pieces = [(each.span(), _tokens(each[0])) for each in _PIECE.finditer(line)]
    spans = [span for span, tokens in pieces for _ in tokens]
    text = Text([token for _, tokens in pieces for token in tokens])
    places: set[int] = set()
    for part in matching.sought(query):
        places |= set(_places(part, text))
    return sorted({spans[place] for place in places})


@lru_cache(maxsize=100_000)
def _tokens(piece: str) -> tuple[str, ...]:
    """Remembered, for people say the same words again and again."""
    return tuple(words.tokens(piece))


def _places(part: Word | Prefix | Phrase, text: Text) -> Iterator[int]:
    match part:
        case Word(word):
            stem = words.stem(word)
            yield from (place for place, each in enumerate(text.stems) if each == stem)
        case Prefix(beginning):
            both = enumerate(zip(text.tokens, text.stems, strict=True))
            yield from (place for place, each in both if _begins(beginning, each))
        case Phrase(phrase):
            for place in matching.places(phrase, text):
                yield from range(place, place + len(phrase))


def _begins(beginning: str, either: tuple[str, str]) -> bool:
    return any(each.startswith(beginning) for each in either)
