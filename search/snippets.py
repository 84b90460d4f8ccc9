"""A few words of a text round what was sought, as safe HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from search import matching, words
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
    """Where in the line what is sought stands; nothing behind what may be shown is read."""
    parts = list(matching.sought(query))
    single = {words.stem(part.text) for part in parts if isinstance(part, Word)}
    begin = tuple(part.text for part in parts if isinstance(part, Prefix))
    phrases = [[*map(words.stem, part.words)] for part in parts if isinstance(part, Phrase)]
    spans: list[Span] = []
    stems: list[str] = []
    found: set[int] = set()
    behind = len(line)
    for piece in _PIECE.finditer(line):
        if piece.start() >= behind:
            break
        for token, stem in _read(piece[0]):
            spans.append(piece.span())
            stems.append(stem)
            if stem in single or token.startswith(begin) or stem.startswith(begin):
                found.add(len(stems) - 1)
            for phrase in phrases:
                if stem == phrase[-1] and stems[-len(phrase) :] == phrase:
                    found.update(range(len(stems) - len(phrase), len(stems)))
        if found:
            behind = min(behind, spans[min(found)][0] + LONGEST)
    return sorted({spans[place] for place in found})


@lru_cache(maxsize=100_000)
def _read(piece: str) -> tuple[tuple[str, str], ...]:
    """Its words, and the stem of each. Remembered: people say the same again and again."""
    return tuple((token, words.stem(token)) for token in words.tokens(piece))
