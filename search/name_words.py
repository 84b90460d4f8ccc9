"""The words of a name: how it is read, by which keys each is found, how close two of them are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from search import known_names, sounds

LONGEST, LONGEST_WORD, MOST_WORDS = 200, 40, 6
PARTICLE_WEIGHT = 0.25
SHARED_SHORT = 0.8
TWO_NAMES = "another name than {}"

_KEPT = 1 << 16
# Beginnings of at least and at most so many letters are keys.
_BEGUN, _LONGEST_BEGUN = 3, 5
_TITLES = frozenset(
    "mr mrs ms miss mx dr doctor prof professor rev reverend sir dame jr sr".split()
)
_PARTICLES = frozenset(
    "al el ul ad bin ibn bint abu umm da das de del della den der des di dos du e la las le los "
    "o of san st ten ter van von y zu".split()
)
_GLUED = "vanden vander della dela des del san van von al ap da de di du el la le st ul o".split()
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_APOSTROPHE = re.compile(r"(?<=\w)['’‘ʼʻ`´](?=\w|\s|$)")
_WORD = re.compile(r"[^\W\d_]+")
_MAC = re.compile(r"^mac(?=[^aeiou]\w\w|\w{4})")


@dataclass(frozen=True, slots=True)
class Word:
    """Folded, as it was written, and how much it says about whom is meant."""

    text: str
    shown: str
    weight: float = 1.0


@lru_cache(maxsize=_KEPT)
def read(name: str) -> tuple[Word, ...]:
    """The words of a name, the given ones first: "Smith, John" is John Smith."""
    last, comma, first = name[:LONGEST].partition(",")
    shown = _with_mac(_WORD.findall(_bare(f"{first} {last}" if comma else last)))
    folded = [(_folded(word)[:LONGEST_WORD], word[:LONGEST_WORD]) for word in shown]
    words = [word for word in folded if word[0] not in _TITLES] or folded
    return tuple(
        Word(text, shown, PARTICLE_WEIGHT if text in _PARTICLES and len(words) > 1 else 1.0)
        for text, shown in words[:MOST_WORDS]
    )


def _bare(name: str) -> str:
    """Without what stands over, under and between letters: O’Brien is OBrien, José Jose."""
    parts = unicodedata.normalize("NFKD", name)
    return _APOSTROPHE.sub("", "".join(part for part in parts if not unicodedata.combining(part)))


def _with_mac(words: Sequence[str]) -> list[str]:
    """Mc Donald is one word."""
    glued: list[str] = []
    for word in words:
        if glued and glued[-1].casefold() in {"mc", "mac"}:
            glued[-1] += word
        else:
            glued.append(word)
    return glued


def _folded(word: str) -> str:
    return _MAC.sub("mc", word.casefold().translate(_LETTERS))


def runs(words: Sequence[Word]) -> list[str]:
    """Two or three words after each other as one, for those who write them so."""
    return [
        "".join(word.text for word in words[at : at + several])
        for several in (2, 3)
        for at in range(len(words) - several + 1)
    ]


@lru_cache(maxsize=_KEPT)
def _stems(text: str) -> frozenset[str]:
    """The word without a particle that may be glued to its front: souza of desouza."""
    return frozenset(
        text[len(particle) :]
        for particle in _GLUED
        if text.startswith(particle) and len(text) >= len(particle) + 4
    )


# The first letter of a key says of what kind it is: the word itself, a name known to go with it,
# its sound, its double metaphone, its letters or its consonants but for one (as two that differ in
# one have in common), its beginning.


@lru_cache(maxsize=_KEPT)
def keys(text: str) -> frozenset[str]:
    names = known_names.spellings(text) | known_names.full(text) | known_names.languages(text)
    stems = _stems(text)
    return frozenset(
        {f"w{each}" for each in (text, *stems)}
        | {f"n{name}" for name in names}
        | {key for each in (text, *stems) for key in sound_keys(each)}
        | {f"d{less}" for less in (text, *_one_less(text))}
        | {f"c{less}" for sound in sounds.keys(text) for less in (sound, *_one_less(sound))}
        | {f"c{sounds.coarse(sound)}" for sound in sounds.keys(text) if len(sound) < 4}
        | _beginnings(text)
    )


@lru_cache(maxsize=_KEPT)
def lone_keys(text: str) -> frozenset[str]:
    """Those by which a word that stands alone is sought: who begins with more begins so as well."""
    return keys(text) - _beginnings(text) | {f"p{text[:_BEGUN]}"}


@lru_cache(maxsize=_KEPT)
def telling_keys(text: str) -> frozenset[str]:
    """Those by which one word among several is sought, without what too many have in common.

    Who is that far from one word is found by another, or not meant.
    """
    telling = frozenset(key for key in keys(text) if key[0] not in "cp")
    return telling | {f"p{text[:_LONGEST_BEGUN]}"}


def _beginnings(text: str) -> frozenset[str]:
    return frozenset(f"p{text[:many]}" for many in range(_BEGUN, _LONGEST_BEGUN + 1))


def _one_less(text: str) -> list[str]:
    """Of four letters or more, so that what is left still says something."""
    return [text[:at] + text[at + 1 :] for at in range(len(text))] if len(text) > 3 else []


def sound_keys(text: str) -> frozenset[str]:
    """A metaphone of one sound is left out: it is shared with too many."""
    metaphones = (f"m{key}" for key in sounds.metaphones(text) if len(key) > 1)
    return frozenset((*metaphones, *(f"s{key}" for key in sounds.keys(text))))


@lru_cache(maxsize=_KEPT)
def closeness(written: str, text: str) -> tuple[float, str]:
    """From 0 to 1, how well a word answers to one that was written, and a phrase that says why."""
    if written == text:
        return 1.0, ""
    if 1 in (len(written), len(text)):
        return (0.8, "initial only") if is_initial(written, text) else (0.0, "")
    one, other = _about(written), _about(text)
    known, alike = _known(one, other), _alike(one, other)
    if known[0] <= SHARED_SHORT and known_names.are_apart(written, text):
        return alike[0], TWO_NAMES
    return max(known, alike, _begins(written, text))


class _About(NamedTuple):
    text: str
    stems: frozenset[str]
    spellings: frozenset[str]
    full: frozenset[str]
    languages: frozenset[str]
    readings: tuple[tuple[str, str], ...]
    sounds: frozenset[str]
    metaphones: frozenset[str]


@lru_cache(maxsize=_KEPT)
def _about(text: str) -> _About:
    return _About(
        text,
        _stems(text),
        known_names.spellings(text),
        known_names.full(text),
        known_names.languages(text),
        tuple((respelt, sounds.consonants(respelt)) for respelt in sounds.respelt(text)),
        sounds.keys(text),
        sounds.metaphones(text),
    )


def is_known(written: str, text: str) -> bool:
    """Whether the two are one word, or belong together by what no ear and no eye tells."""
    return written == text or _known(_about(written), _about(text))[0] > SHARED_SHORT


def is_initial(written: str, text: str) -> bool:
    return 1 in (len(written), len(text)) and written[0] == text[0]


def _known(written: _About, other: _About) -> tuple[float, str]:
    if written.spellings & other.spellings:
        return 0.96, "another spelling of {}"
    if written.spellings & other.full:
        return 0.92, "short for {}"
    if written.full & other.spellings:
        return 0.92, "{} for short"
    if other.text in written.stems or written.text in other.stems:
        return 0.9, "the same but for a particle"
    if written.languages & other.languages:
        return 0.85, "{} in another language"
    if written.full & other.full:
        return SHARED_SHORT, "short for the same name as {}"
    return 0.0, ""


def _alike(written: _About, other: _About) -> tuple[float, str]:
    """By letters and by sounds, each by what must be changed to make one word the other."""
    letters = OSA.normalized_similarity(written.text, other.text)
    sound, metaphone = written.sounds & other.sounds, written.metaphones & other.metaphones
    if letters < 0.3 and not sound and not metaphone:
        return 0.0, ""
    heard = max((_heard(*both) for both in product(written.readings, other.readings)), default=0.0)
    alike = 0.2 * letters + 0.2 * JaroWinkler.similarity(written.text, other.text) + 0.6 * heard
    if sound:
        return alike + (1 - alike) * 0.5 * heard, "sounds like {}"
    if metaphone:
        return alike + (1 - alike) * 0.3 * heard, "sounds like {}"
    return alike, "spelt nearly like {}"


def _heard(one: tuple[str, str], other: tuple[str, str]) -> float:
    """All sounds, and the consonants once more: a vowel is sooner another than a consonant is."""
    (sounds, consonants), (other_sounds, other_consonants) = one, other
    whole = OSA.normalized_similarity(sounds, other_sounds)
    return 0.5 * whole + 0.5 * OSA.normalized_similarity(consonants, other_consonants)


def _begins(written: str, text: str) -> tuple[float, str]:
    if len(written) > 1 and text.startswith(written):
        return 0.7, "begins with {}"
    if len(text) > 2 and written.startswith(text):
        return 0.7, "the beginning of {}"
    return 0.0, ""


def joined(words: Sequence[Word], others: Sequence[Word]) -> Sequence[Word]:
    """The words with two or three of them made one where the others have them so.

    What the others have as it is stays as it is: Anna of Anna O is Anna.
    """
    known = {other.text for other in others}
    for several in (3, 2):
        for at in range(len(words) - several + 1):
            run = words[at : at + several]
            text = "".join(word.text for word in run)
            if text in known or (
                known.isdisjoint(word.text for word in run)
                and any(_is_nearly(text, other) for other in known)
            ):
                one = Word(text, "".join(word.shown for word in run))
                return (*words[:at], one, *words[at + several :])
    return words


def _is_nearly(text: str, other: str) -> bool:
    return len(text) > 5 and OSA.normalized_similarity(text, other) > 0.85
