"""The words of a text, the same for every engine: folded, without punctuation, and their stems.

What `folded` does, the migration that made PostgreSQL's columns says again in SQL, and a test
holds the two against each other. So nothing here changes without a migration.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snowballstemmer.english_stemmer import EnglishStemmer

# PostgreSQL indexes no longer one, in bytes.
LONGEST = 2046

# Letters that Unicode does not take apart into a plain one and its marks.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"} | dict(zip("øđðłħıς", "oddlhiσ", strict=True))
)
_MARKS = re.compile("[\u0300-\u036f]+")
# "The child's" is about the child, and O'Connor is one word.
_APOSTROPHES = re.compile("['`´ʼ‘’](?:s(?![a-z0-9]))?")
# PostgreSQL reads 1e5 as a number wherever a word begins so, and what follows as another word.
_WORDS = re.compile(
    "[0-9]+e[0-9]+|[^\u0001-/:-`{-\u00bf×÷\u02b0-\u036f\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f"
    "\ue000-\uf8ff\ufe00-\ufe6f\ufff0-\uffff\U0001f000-\U0001faff]+"
)


def tokens(text: str) -> list[str]:
    """The words in order, as they are written but for case, accents and apostrophes."""
    return [each for each in _WORDS.findall(folded(text)) if len(each.encode()) <= LONGEST]


def folded(text: str) -> str:
    """Without case, accents and apostrophes, letters of other alphabets as they are."""
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = text.lower()
    if not text.isascii():
        text = text.translate(_PLAIN)
    return _APOSTROPHES.sub("", text)


@lru_cache(maxsize=100_000)
def stem(token: str) -> str:
    """What the English forms of a word have in common: visit, visits, visited, visiting."""
    stemmed: str = _stemmer().stemWord(token)
    return stemmed


def opening(beginning: str) -> str:
    """What a word begins with whose stem begins so: to tell most words without their stems.

    The ending of a stem may be another than that of its word: die of dying, cri of cry.
    """
    apart = 2 if beginning.endswith(("ie", "le")) else 1
    return beginning[:-apart] or beginning[:1]


@cache
def _stemmer() -> EnglishStemmer:
    import snowballstemmer  # met late: it brings thirty languages, and nobody starts with a stem

    return snowballstemmer.stemmer("english")
