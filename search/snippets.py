"""A few words of a text round what was sought, as safe HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import islice

from search import matching, words
from search.query import Phrase, Prefix, Query, Word

LONGEST = 240
# So much stands before the first word that was sought.
BEFORE = 60

# What reads as one word, with its apostrophes.
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# A letter that may be folded into others.
_FOREIGN = re.compile(r"[^\W\x00-\x7f]")

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
    asked, spans, behind = _asked(query), set[Span](), len(line)
    for piece in _may_begin(asked, line):
        if piece.start() >= behind:
            break
        for span in _held(asked, line, piece):
            spans.add(span)
            behind = min(behind, span[0] + LONGEST)
    return sorted(spans)


def _may_begin(asked: _Asked, line: str) -> Iterator[re.Match[str]]:
    """Each piece that what is sought may begin with: most are told by their first letter."""
    is_plain = line.isascii() or not _FOREIGN.search(line)
    return (_pieces(asked.initials) if is_plain else _PIECE).finditer(line)


def _held(asked: _Asked, line: str, piece: re.Match[str]) -> Iterator[Span]:
    """The piece where it is sought, and each piece of a phrase that begins with it."""
    for place, token in enumerate(_tokens(piece[0])):
        if not token.startswith(asked.openings):
            continue
        if token.startswith(asked.beginnings):
            yield piece.span()
            if not asked.phrases:
                continue  # its stem says no more
        stem = words.stem(token)
        if stem in asked.stems or stem.startswith(asked.beginnings):
            yield piece.span()
        for phrase in asked.phrases:
            if stem == phrase[0]:
                yield from _standing(phrase, line, piece, place)


def _standing(phrase: Sequence[str], line: str, piece: re.Match[str], place: int) -> Iterator[Span]:
    """Where the words of a phrase stand, if they do from this word of the piece on."""
    following = (
        (words.stem(token), each.span())
        for each in _PIECE.finditer(line, piece.start())
        for token in _tokens(each[0])
    )
    there = list(islice(following, place, place + len(phrase)))
    if [stem for stem, _ in there] == list(phrase):
        yield from (span for _, span in there)


@dataclass(frozen=True)
class _Asked:
    """What is sought, and what its words begin with; and the first letters of that."""

    stems: frozenset[str]
    beginnings: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    openings: tuple[str, ...]
    initials: tuple[str, ...]


@lru_cache(maxsize=1_000)
def _pieces(initials: tuple[str, ...]) -> re.Pattern[str]:
    """Pieces of a line in plain letters that may hold it: 1e5 ends in the midst of one.

    Its first letter is looked for, and then whether a piece begins there: most letters are others.
    Made once for a few letters: that takes longer than all the snippets of a page.
    """
    letters = "".join({each for letter in initials for each in (letter, letter.upper())})
    begins = rf"[0-9{letters}](?<![^\W_].)(?<![^\W_]['’].)"
    return re.compile(rf"{begins}[^\W_]*(?:['’][^\W_]+)*")


@lru_cache(maxsize=100)
def _asked(query: Query) -> _Asked:
    parts = list(matching.sought(query))
    stems = {words.stem(part.text) for part in parts if isinstance(part, Word)}
    begin = {part.text for part in parts if isinstance(part, Prefix)}
    phrases = {tuple(map(words.stem, part.words)) for part in parts if isinstance(part, Phrase)}
    openings = {words.opening(each) for each in (*stems, *begin, *(each[0] for each in phrases))}
    initials = sorted({each[0] for each in openings})
    return _Asked(frozenset(stems), tuple(begin), tuple(phrases), tuple(openings), tuple(initials))


@lru_cache(maxsize=100_000)
def _tokens(piece: str) -> tuple[str, ...]:
    """Remembered: people say the same again and again."""
    return tuple(words.tokens(piece))
