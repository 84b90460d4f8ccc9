"""Finding a child or a colleague by a name, however it was heard, remembered or spelt.

A name is read into words, and each word has keys, equal for words that may stand for each other.
Stored beside the name they find the candidates in any database, or in `Names`. These are compared
word by word, ranked together with what else is known, and each says why it is there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import nlargest
from itertools import pairwise
from typing import NamedTuple, TypeVar

from search import facts, name_words
from search.name_words import Word

# From `ALIKE` on two names are taken for one another. Below `FLOOR` they have nothing to do with
# each other; what lies between is worth a place at the end of a list. Two that look alike and are
# known to be two people's come no higher than `APART`.
ALIKE, APART, FLOOR = 0.65, 0.62, 0.5

# How many are compared, those who promise this part of what the best does; and how much each kind
# of shared key promises.
CANDIDATES, WORTH_IT = 200, 0.4
_PROMISE = {"w": 1.0, "n": 0.9, "s": 0.8, "m": 0.7, "d": 0.65, "c": 0.5, "i": 0.5, "p": 0.5}

# A name says much and never all; who is looked for by other facts alone starts half way.
NAME_ALONE, NO_NAME_WRITTEN = 0.95, 0.5

# As close as a word is to itself in another language; what is only spelt nearly so is not. What one
# such word of a name says beside the day of birth.
SURE, IN_PART = 0.85, 0.4

Owner = TypeVar("Owner", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Match:
    """How well a name answers to what was written, from 0 to 1, and why."""

    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant: `id` is the caller's own, `names` all they are known by.

    An identifier has to be written whole, of the `number` the beginning is enough.
    """

    id: Hashable
    names: Sequence[str]
    born_on: date | None = None
    postcode: str | None = None
    identifiers: Sequence[str] = ()
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate, which of their names answers best, how well all fits, and why.

    `is_told_surely` says that a number or the day of birth points at them as well.
    """

    candidate: Candidate
    name: str
    score: float
    reasons: tuple[str, ...]
    is_told_surely: bool


_Compare = Callable[[Sequence[Word], Sequence[Word]], Match | None]


def keys(name: str) -> frozenset[str]:
    """What to store beside a name, so that whatever it may be written like finds it."""
    read = name_words.read(name)
    return frozenset().union(
        *(name_words.keys(word.text) for word in read),
        *map(_run_keys, name_words.runs(read)),
        _initials(read),
        _beginnings(read),
    )


def sought(written: str) -> list[dict[str, float]]:
    """For each word written, the keys that find it and how much each of them promises.

    What a stored name promises is the sum, over these, of the best key it shares.
    """
    read = name_words.read(written)
    whole = [word.text for word in read if len(word.text) > 1]
    keys_of = name_words.lone_keys if len(whole) == 1 else name_words.telling_keys
    by_word = [keys_of(text) for text in whole] or [_initials(read) or _beginnings(read)]
    by_word += map(_run_keys, name_words.runs(read))
    return [{key: _PROMISE[key[0]] for key in found} for found in by_word]


def _run_keys(text: str) -> frozenset[str]:
    return name_words.sound_keys(text) | {f"w{text}"}


def _initials(read: Sequence[Word]) -> frozenset[str]:
    letters = "".join(sorted(word.text[0] for word in read))
    return frozenset([f"i{letters}"] if len(letters) > 1 else ())


def _beginnings(read: Sequence[Word]) -> frozenset[str]:
    """What a word may begin with that is no name yet."""
    return frozenset(f"p{word.text[:many]}" for word in read for many in (1, 2))


def match(written: str, name: str) -> Match | None:
    """How the name answers to what was written; None if it does not at all."""
    return _compared(name_words.read(written), name_words.read(name))


def promising(
    sought: Sequence[Mapping[str, float]],
    owners: Mapping[str, Collection[Owner]],
) -> list[Owner]:
    """Of those who have the keys sought who promise most, the best first; of equals as named."""
    promise: dict[Owner, float] = defaultdict(float)
    for word in sought:
        seen: set[Owner] = set()
        for key in sorted(word, key=word.__getitem__, reverse=True):
            for owner in owners.get(key, ()):
                if owner not in seen:
                    seen.add(owner)
                    promise[owner] += word[key]
    least = WORTH_IT * max(promise.values(), default=0)
    worth_it = (owner for owner in promise if promise[owner] >= least)
    return sorted(worth_it, key=promise.__getitem__, reverse=True)


def rank(
    written: str,
    candidates: Iterable[Candidate],
    known: facts.Facts = facts.NOTHING,
    most: int = 20,
) -> list[Found]:
    """The candidates who fit, the likeliest first."""
    read = name_words.read(written)
    found = (_weighed(read, candidate, known) for candidate in candidates)
    return nlargest(most, filter(None, found), key=lambda one: one.score)


def _weighed(read: Sequence[Word], candidate: Candidate, known: facts.Facts) -> Found | None:
    """Without a name that answers it takes a number, or the day of birth and a word of the name."""
    told = list(
        facts.evidence(
            known, candidate.born_on, candidate.postcode, candidate.identifiers, candidate.number
        )
    )
    is_told_surely = any(weight >= facts.DAY_EXCHANGED for weight, _ in told)
    name, best = _best(read, candidate.names, _compared)
    if not best and is_told_surely:
        name, best = _best(read, candidate.names, _compared_in_part)
    score = best.score * NAME_ALONE if best else 0.0 if read else NO_NAME_WRITTEN
    reasons = list(best.reasons) if best else []
    for weight, reason in told:
        if score or weight >= facts.BEGUN:
            score = facts.weighed(score, weight)
            reasons += filter(None, [reason])
    if score < FLOOR:
        return None
    return Found(candidate, name, score, tuple(reasons), is_told_surely)


def _best(
    read: Sequence[Word], called: Sequence[str], compare: _Compare
) -> tuple[str, Match | None]:
    """Of all names of somebody the one that answers best."""
    compared = [(name, compare(read, name_words.read(name))) for name in called]
    answers = [(name, match) for name, match in compared if match]
    return max(answers, key=lambda answer: answer[1].score, default=("", None))


def _compared(written: Sequence[Word], name: Sequence[Word]) -> Match | None:
    if not written or not name:
        return None
    one, other = written, name
    if len(written) != len(name):
        one, other = name_words.joined(written, name), name_words.joined(name, written)
    pairs = _paired(one, other)
    score = _score(one, other, pairs)
    if score < FLOOR or all(len(other[to].text) == 1 < len(one[at].text) for at, to, *_ in pairs):
        return None  # An initial alone answers to nobody's whole name.
    reasons = [pair.phrase.format(one[pair.at].shown) for pair in pairs if pair.phrase]
    if len(one) + len(other) < len(written) + len(name):
        reasons.append("written as one word or two")
    if any(before.to > after.to for before, after in pairwise(pairs)):
        score *= 0.98
        reasons.append("in another order")
    if not reasons:
        reasons.append("the same name" if len(one) == len(other) else "part of the name")
    return Match(score, tuple(dict.fromkeys(reasons)))


def _compared_in_part(written: Sequence[Word], name: Sequence[Word]) -> Match | None:
    """One word that surely fits: a child's surname changes, and a family may use another name."""
    sure = [
        pair
        for pair in _paired(written, name)
        if pair.closeness >= SURE
        and pair.phrase != name_words.TWO_NAMES
        and written[pair.at].weight == name[pair.to].weight == 1
    ]
    if not sure:
        return None
    best = max(sure, key=lambda pair: pair.closeness)
    return Match(IN_PART, (f"only {written[best.at].shown} fits",))


class _Pair(NamedTuple):
    at: int
    to: int
    closeness: float
    phrase: str


def _paired(written: Sequence[Word], name: Sequence[Word]) -> list[_Pair]:
    """Each word of the shorter with one of the longer, the closest taken first; as written."""
    every = [
        _Pair(at, to, *name_words.closeness(one.text, other.text))
        for at, one in enumerate(written)
        for to, other in enumerate(name)
    ]
    every.sort(key=lambda pair: (-pair.closeness, abs(pair.at - pair.to)))
    taken: list[_Pair] = []
    for pair in every:
        if all(pair.at != other.at and pair.to != other.to for other in taken):
            taken.append(pair)
    return sorted(taken)


def _score(written: Sequence[Word], name: Sequence[Word], pairs: Sequence[_Pair]) -> float:
    """A mean near the least, so that one word that does not fit outweighs others that do.

    Words the other name lacks cost less: few write every name a person has.
    """
    paired = far = 0.0
    for at, to, closeness, _ in pairs:
        weight = min(written[at].weight, name[to].weight)
        paired += weight
        far += weight / max(closeness, 0.05) ** 3
    mean = math.cbrt(paired / far)
    if any(pair.phrase == name_words.TWO_NAMES for pair in pairs):
        mean = min(mean, APART)
    most = max(sum(word.weight for word in both) for both in (written, name))
    return mean * (1 - 0.3 * (1 - paired / most))


@dataclass
class Names:
    """All names in memory by their keys: for few names, and to measure by."""

    _people: dict[Hashable, Candidate] = field(default_factory=dict)
    _by_key: dict[str, list[Hashable]] = field(default_factory=lambda: defaultdict(list))

    def add(self, candidate: Candidate) -> None:
        """Each id is added once."""
        self._people[candidate.id] = candidate
        for key in frozenset().union(*map(keys, candidate.names)):
            self._by_key[key].append(candidate.id)

    def candidates(self, written: str, most: int = CANDIDATES) -> Iterator[Candidate]:
        """Those who promise most."""
        found = promising(sought(written), self._by_key)
        return (self._people[one] for one in found[:most])
