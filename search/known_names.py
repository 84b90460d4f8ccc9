"""What is known of single names: other spellings, other languages, short forms, and look-alikes.

`own_names.txt` is written by hand, `nicknames.tsv` made by `search.make_nicknames`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

OWN = Path(__file__).with_name("own_names.txt")
NICKNAMES = Path(__file__).with_name("nicknames.tsv")

Families = Mapping[str, frozenset[str]]
_NONE: frozenset[str] = frozenset()


def spellings(name: str) -> frozenset[str]:
    """The names, each by its first spelling, that this is a spelling of."""
    return _spellings().get(name) or frozenset((name,))


def languages(name: str) -> frozenset[str]:
    """The families of names across languages it belongs to."""
    return _languages().get(name, _NONE)


def full(name: str) -> frozenset[str]:
    """The names it is short for, each by its first spelling."""
    return _full().get(name, _NONE)


def are_apart(one: str, other: str) -> bool:
    """Whether the two look alike and are known to be two names."""
    return not _apart().get(one, _NONE).isdisjoint(_apart().get(other, _NONE))


@cache
def _spellings() -> Families:
    return _families(_lines("spellings"))


@cache
def _languages() -> Families:
    return _families(map(_in_every_spelling, _lines("languages")))


@cache
def _apart() -> Families:
    return _families(map(_in_every_spelling, _lines("apart")))


@cache
def _full() -> Families:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for name, *shorts in [*_lines("short"), *nicknames()]:
        for short in shorts:
            names[short] |= spellings(name)
    return {short: frozenset(of) for short, of in names.items()}


def nicknames() -> Iterator[list[str]]:
    """Of the open table, each name with what it is shortened to."""
    lines = NICKNAMES.read_text(encoding="utf-8").splitlines()
    return (line.split() for line in lines if not line.startswith("#"))


def _families(lines: Iterable[list[str]]) -> Families:
    """To which families, each called after its first name, a name belongs."""
    families = defaultdict(set)
    for words in lines:
        for word in words:
            families[word].add(words[0])
    return {word: frozenset(heads) for word, heads in families.items()}


def _in_every_spelling(words: list[str]) -> list[str]:
    spelt = _spelt()
    return words + [each for word in words for head in spellings(word) for each in spelt[head]]


@cache
def _spelt() -> Mapping[str, list[str]]:
    """Every spelling of a name, by its first."""
    spelt = defaultdict(list)
    for name, heads in _spellings().items():
        for head in heads:
            spelt[head].append(name)
    return spelt


def _lines(wanted: str) -> Iterator[list[str]]:
    section = ""
    for line in OWN.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif section == wanted and line and not line.startswith("#"):
            yield line.replace(":", "").split()
