"""What somebody wrote into the field of a search, as a query; nothing they write is an error.

    bruise school            both words, in any of their forms
    "no further action"      these words in this order
    nurs*                    whatever begins so
    school OR nursery        either; AND and NOT as well, in capitals, unless all is
    -visit                   not this one, in front of a phrase or brackets as well
    (a OR b) c               brackets
    kind:visit from:"Dan Hughes"     what narrows: see `FILTERS`

What does not fit (a quotation mark or bracket without the other, OR with nothing behind it) is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.core import text
from search import words
from search.query import All, Either, Everything, Not, Phrase, Prefix, Query, Word

LONGEST = 500
MOST_WORDS = 32
DEEPEST = 8  # brackets inside brackets
# A beginning of one letter is no beginning of anything.
SHORTEST = 2

FILTERS = ("kind", "case", "agency", "from", "person", "worry", "since", "before", "in", "is")

_PIECE = re.compile(
    rf"""(?P<name>-?(?i:{"|".join(FILTERS)})):\s*(?P<value>"[^"]+"|[^\s"()]+)   # a filter
    |   (?P<not>-)?"(?P<phrase>[^"]*)"
    |   (?P<open>-?\()
    |   (?P<close>\))
    |   (?P<word>[^\s"()]+)
    """,
    re.VERBOSE,
)
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))

_AND, _OR, _NOT, _OPEN, _CLOSE = "AND", "OR", "NOT", "(", ")"
_OPERATORS = frozenset((_AND, _OR, _NOT))
# A filter in its own words.
Named = tuple[str, str]
# An operator or bracket, or a part of the query itself.
_Token = str | Query


@dataclass(frozen=True)
class Parsed:
    """A query, the filters in their own words: ("kind", "visit"), and what stands beside them.

    `names` is that without operators, and without what must not be found: who may be meant by it.
    A filter behind a minus is kept as ("-kind", "visit"), which no filter is called. `left_out` are
    operators that have nothing to work on.
    """

    query: Query
    filters: tuple[Named, ...] = ()
    words: str = field(default="", compare=False)
    names: str = field(default="", compare=False)
    left_out: tuple[str, ...] = field(default=(), compare=False)


def parse(written: str, *, typing: bool = False) -> Parsed:
    """Read what somebody wrote; `typing` says that the last word may not be at its end yet."""
    line = text.plain(written.translate(_QUOTES)[:LONGEST])
    if line.count('"') % 2:
        last = line.rindex('"')
        line = f"{line[:last]} {line[last + 1 :]}"
    unfinished = typing and written[:LONGEST][-1:].strip() != ""
    pieces = list(_PIECE.finditer(line))
    operators = _operators([piece[0] for piece in pieces if not piece["name"]])
    tokens, filters, words = _read(pieces, operators, unfinished=unfinished)
    fitting, left_out = _fitting(_balanced(tokens))
    names = " ".join(_looked_for(words, operators))
    return Parsed(_Tree(fitting).query(), tuple(filters), " ".join(words), names, left_out)


def _operators(words: Sequence[str]) -> frozenset[str]:
    """None where everything is in capitals, as with caps lock on, or nothing else is written."""
    others = "".join(word for word in words if word not in _OPERATORS)
    is_shouted = others.isupper() or not any(map(str.isalnum, others))
    return frozenset() if is_shouted else _OPERATORS


def written(words: str, filters: Iterable[Named]) -> str:
    """The line that is read as these words and filters."""
    named = [(name, " ".join(_plain(value).split())) for name, value in filters]
    pieces = [words, *(f"{name}:{_quoted(value)}" for name, value in named if value)]
    return " ".join(filter(None, pieces))


def _plain(value: str) -> str:
    return value.translate(_QUOTES).replace('"', " ")


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s()]", value) else value


def _read(
    pieces: Sequence[re.Match[str]], operators: frozenset[str], *, unfinished: bool
) -> tuple[list[_Token], list[Named], list[str]]:
    tokens: list[_Token] = []
    filters: list[Named] = []
    words: list[str] = []
    many = 0
    for piece in pieces:
        if piece["name"]:
            filters.append((piece["name"].lower(), piece["value"].strip('"')))
            while tokens and tokens[-1] in _OPERATORS:  # it stood before the filter
                tokens.pop()
                words.pop()
            continue
        is_last = piece.end() == len(piece.string)
        new = list(_tokens(piece, operators, unfinished=unfinished and is_last))
        many += sum(not isinstance(each, str) for each in new)
        if new and many <= MOST_WORDS:  # a filter behind too many words narrows all the same
            tokens += new
            words.append(piece[0])
    return tokens, filters, words


def _looked_for(pieces: Iterable[str], operators: frozenset[str]) -> Iterator[str]:
    """Without operators and brackets, and without what stands behind NOT or a minus."""
    leaves_out, open_within = False, 0
    for piece in pieces:
        if piece in (_OPEN, f"-{_OPEN}"):
            open_within += bool(open_within or leaves_out or piece != _OPEN)
        elif piece == _CLOSE:
            open_within = max(open_within - 1, 0)
        elif piece not in operators and not (open_within or leaves_out or piece.startswith("-")):
            yield piece.replace('"', " ").strip()
        leaves_out = piece == _NOT and piece in operators


def _tokens(
    piece: re.Match[str], operators: frozenset[str], *, unfinished: bool
) -> Iterator[_Token]:
    if piece["open"]:
        yield from [_NOT, _OPEN] if piece["open"] == "-(" else [_OPEN]
    elif piece["close"]:
        yield _CLOSE
    elif piece["phrase"] is not None:
        phrase = _spelt(piece["phrase"])
        if phrase:
            yield from [_NOT, phrase] if piece["not"] else [phrase]
    elif piece[0] in operators:
        yield piece[0]
    else:
        yield from _word(piece[0], unfinished=unfinished)


def _word(written: str, *, unfinished: bool) -> Iterator[_Token]:
    spelt = _spelt(written)
    if spelt is None:
        return
    if written.startswith("-"):
        yield _NOT
    if isinstance(spelt, Word) and len(spelt.text) >= SHORTEST:
        if written.endswith("*"):
            spelt = Prefix(spelt.text)
        elif unfinished:
            spelt = Either((spelt, Prefix(spelt.text)))
    yield spelt


def _spelt(written: str) -> Query | None:
    """One word, or as many as stand there next to each other: a date, a name with a hyphen."""
    spelt = tuple(words.tokens(written))
    if not spelt:
        return None
    return Word(spelt[0]) if len(spelt) == 1 else Phrase(spelt)


def _balanced(tokens: Sequence[_Token]) -> list[_Token]:
    """Without brackets that have no other, hold nothing, or stand too deep."""
    open_at: list[int] = []
    kept: set[int] = set()
    for place, token in enumerate(tokens):
        if token == _OPEN:
            open_at.append(place)
        elif token == _CLOSE and open_at:
            opened = open_at.pop()
            inside = tokens[opened + 1 : place]
            if len(open_at) < DEEPEST and any(not isinstance(each, str) for each in inside):
                kept |= {opened, place}
    return [
        token for place, token in enumerate(tokens) if token not in (_OPEN, _CLOSE) or place in kept
    ]


def _fitting(tokens: Sequence[_Token]) -> tuple[list[_Token], tuple[str, ...]]:
    """Without operators that have nothing behind them or nothing before, and which these are."""
    followed = _with_operands(tokens[::-1], _OPERATORS, (_AND, _OR, _CLOSE))[::-1]
    fitting = _with_operands(followed, {_AND, _OR}, (*_OPERATORS, _OPEN))
    left_out = [*filter(_OPERATORS.__contains__, tokens)]
    for kept in filter(_OPERATORS.__contains__, fitting):
        left_out.remove(kept)
    return fitting, tuple(map(str, left_out))


def _with_operands(
    tokens: Sequence[_Token], operators: Collection[str], no_operands: Collection[str]
) -> list[_Token]:
    """Each of these operators stands behind something it can work on."""
    kept: list[_Token] = []
    for token in tokens:
        if token not in operators or (kept and kept[-1] not in no_operands):
            kept.append(token)
    return kept


class _Tree:
    """Reads tokens that fit from left to right; NOT binds most tightly, OR least."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens[::-1]

    def query(self) -> Query:
        return self._either() if self.tokens else Everything()

    def _either(self) -> Query:
        parts = [self._all()]
        while self._take(_OR):
            parts.append(self._all())
        return _one(Either, parts)

    def _all(self) -> Query:
        parts = [self._part()]
        while self.tokens and self.tokens[-1] not in (_OR, _CLOSE):
            self._take(_AND)
            parts.append(self._part())
        return _one(All, parts)

    def _part(self) -> Query:
        if self._take(_NOT):
            part = self._part()
            return part.part if isinstance(part, Not) else Not(part)
        if self._take(_OPEN):
            inside = self._either()
            self._take(_CLOSE)
            return inside
        leaf = self.tokens.pop()
        return Word(leaf.lower()) if isinstance(leaf, str) else leaf

    def _take(self, token: str) -> bool:
        if not self.tokens or self.tokens[-1] != token:
            return False
        self.tokens.pop()
        return True


def _one(kind: Callable[[tuple[Query, ...]], Query], parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))
