"""The best first: how much of what is sought each text holds, and how much else it says (BM25).

What a word weighs is worked out from the texts that are ranked and from nothing else: all of them
are the viewer's to read, so that what is hidden from her can move nothing she sees.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from search import matching, words
from search.index import Document
from search.matching import Text
from search.query import Phrase, Prefix, Query, Word

# How soon a word that comes again counts for less, and how much a long text is held back.
SATURATION, LENGTH = 1.2, 0.75
# Among few texts no word is rare: they are weighed as if they were the matches among so many.
FEWEST = 1_000


def best(query: Query, documents: Sequence[Document]) -> list[Document]:
    """Those that answer the query best first; among equals the newest."""
    texts = [matching.read(each.text) for each in documents]
    usual = sum(len(text.tokens) for text in texts) / max(len(texts), 1) or 1
    scores = [0.0] * len(texts)
    for part in dict.fromkeys(matching.sought(query)):
        times = [_times(part, text) for text in texts]
        weight = _weight(sum(map(bool, times)), len(texts))
        for place, many in enumerate(times):
            if many:
                share = 1 - LENGTH + LENGTH * len(texts[place].tokens) / usual
                scores[place] += weight * many / (many + SATURATION * share)
    ranked = sorted(
        zip(scores, documents, strict=True),
        key=lambda each: (each[0], each[1].mark),
        reverse=True,
    )
    return [document for _, document in ranked]


def _weight(holding: int, many: int) -> float:
    many = max(many, FEWEST)
    return math.log(1 + (many - holding + 0.5) / (holding + 0.5))


def _times(part: Word | Prefix | Phrase, text: Text) -> int:
    match part:
        case Word(word):
            return text.stems.count(words.stem(word))
        case Prefix(beginning):
            return sum(each.startswith(beginning) for each in text.tokens)
        case Phrase(phrase):
            return sum(1 for _ in matching.places(phrase, text))
