"""Whether two children who stand here are one child: arithmetic on what is known of both.

After Fellegi and Sunter: each thing that is known of both adds the logarithm of how much more often
it is so of one child than of two. What is missing says nothing. No database and no clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import Literal, NamedTuple

from metaphone import doublemetaphone
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

# From here on a person is asked. Of 100,000 children some five thousand million pairs are two
# children, which takes 2 to the 16th to make up for; the day of birth alone must not be enough,
# nor day of birth and gender, of which all children of a return would be asked.
ASKS_FROM = 15.0
# Nobody finds a child by a key that so many share.
MOST_SHARING = 60
# A household with more children than that is a home, and they are no brothers and sisters.
MOST_SIBLINGS = 12

IDENTIFIERS = ("council_id", "nhs_number", "upn")

# How much more often of one child than of two, as powers of two. A day of birth is one of some
# 6,600; names are taken as moderately common, for a rare one is asked about soon enough.
EQUAL = {"council_id": 14.0, "nhs_number": 18.0, "upn": 16.0}
OTHER = {"council_id": -4.0, "nhs_number": -6.0, "upn": -4.0}
BORN_SAME, BORN_SWAPPED, BORN_ONE_OFF, BORN_OTHERWISE = 12.5, 8.0, 4.5, -7.0
FORENAME_SAME, FORENAME_CLOSE, FORENAME_OTHER = 7.0, 4.0, -5.0
SURNAME_SAME, SURNAME_CLOSE, SURNAME_OTHER = 8.0, 5.0, -2.5
POSTCODE_SAME, POSTCODE_NEAR, POSTCODE_OTHER = 9.0, 2.5, -1.0
GENDER_SAME, GENDER_OTHER = 0.9, -4.0

# How alike two names are that are written otherwise and heard the same.
CLOSE = 0.88

Way = Literal["itself", "person"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one child; `names` with those the child was known by otherwise."""

    id: int
    names: tuple[str, ...] = ()
    born_on: date | None = None
    gender: str | None = None
    postcodes: tuple[str, ...] = ()
    address: str | None = None
    council_id: str | None = None
    nhs_number: str | None = None
    upn: str | None = None
    family_id: str | None = None


class Compared(NamedTuple):
    """The score, and what agrees and what does not, each as a word for `WORDS`."""

    score: float
    why: tuple[str, ...]


class Pair(NamedTuple):
    """Two children who may be one: linked by itself, or for a person to say."""

    one: int
    other: int
    score: float
    why: tuple[str, ...]
    way: Way


# What a person reads of why; none holds what is known, only how it compares.
WORDS = {
    "council_id": "the same council number",
    "council_id_other": "different council numbers",
    "nhs_number": "the same NHS number",
    "nhs_number_other": "different NHS numbers",
    "upn": "the same pupil number",
    "upn_other": "different pupil numbers",
    "born": "the same date of birth",
    "born_swapped": "dates of birth with day and month exchanged",
    "born_one_off": "dates of birth one digit apart",
    "born_other": "different dates of birth",
    "forename": "the same first name",
    "forename_close": "first names that are alike",
    "forename_other": "different first names",
    "surname": "the same surname",
    "surname_close": "surnames that are alike",
    "surname_other": "different surnames",
    "postcode": "the same postcode",
    "postcode_near": "postcodes near each other",
    "gender_other": "a different gender",
    "family": "the same family number",
    "address": "the same address and surname",
}


def compare(one: Known, other: Known) -> Compared:
    parts = [
        *(_identifier(name, one, other) for name in IDENTIFIERS),
        _born(one.born_on, other.born_on),
        *_names(one.names, other.names),
        _postcode(one.postcodes, other.postcodes),
        _gender(one.gender, other.gender),
    ]
    said = [part for part in parts if part is not None]
    return Compared(sum(weight for weight, _ in said), tuple(word for _, word in said if word))


def pair(one: Known, other: Known) -> Pair | None:
    """The two as a pair, or none when there is too little for anybody to look at."""
    score, why = compare(one, other)
    first, last = sorted((one.id, other.id))
    if _is_settled(why):
        return Pair(first, last, score, why, "itself")
    return Pair(first, last, score, why, "person") if score >= ASKS_FROM else None


def _is_settled(why: Sequence[str]) -> bool:
    """One number that only one child has, and nothing that speaks against it.

    Without a day of birth that agrees, a number may have been typed into the wrong child's row;
    and twins share all but their first names and numbers.
    """
    agreed = set(why) & set(IDENTIFIERS)
    against = any(word.endswith("_other") and word != "surname_other" for word in why)
    born = "born" in why or "born_swapped" in why or len(agreed) > 1
    return bool(agreed) and born and not against


def pairs(
    children: Sequence[Known], progress: Callable[[int, int], None] | None = None
) -> Iterator[Pair]:
    """Every pair worth a look, of children who share a key: each child with each would be n².

    A key at a time, so that only one kind of them is in memory.
    """
    seen: set[int] = set()
    by_id = {child.id: child for child in children}
    for done, keys in enumerate(KEYS, 1):
        for one, other in _sharing(children, keys):
            # One number takes a third of the room of two.
            both = one << 48 | other
            if both not in seen:
                seen.add(both)
                found = pair(by_id[one], by_id[other])
                if found is not None:
                    yield found
        if progress:
            progress(done, len(KEYS))


def siblings(children: Sequence[Known]) -> Iterator[Pair]:
    """Children who may be brothers and sisters: a family number, or an address and a surname."""
    by_id = {child.id: child for child in children}
    seen: set[tuple[int, int]] = set()
    for word, keys in (("family", _family_keys), ("address", _household_keys)):
        for one, other in _sharing(children, keys, most=MOST_SIBLINGS):
            if (one, other) not in seen and pair(by_id[one], by_id[other]) is None:
                yield Pair(one, other, 0, (word,), "person")
            seen.add((one, other))


def _sharing(
    children: Iterable[Known],
    keys: Callable[[Known], Iterable[object]],
    most: int = MOST_SHARING,
) -> Iterator[tuple[int, int]]:
    shared: dict[object, list[int]] = defaultdict(list)
    for child in children:
        for key in set(keys(child)):
            shared[key].append(child.id)
    for ids in shared.values():
        if 1 < len(ids) <= most:
            yield from combinations(sorted(ids), 2)


# What is compared


Part = tuple[float, str] | None


def _identifier(name: str, one: Known, other: Known) -> Part:
    here, there = getattr(one, name), getattr(other, name)
    if not here or not there:
        return None
    return (EQUAL[name], name) if here == there else (OTHER[name], f"{name}_other")


def _born(here: date | None, there: date | None) -> Part:
    if here is None or there is None:
        return None
    if here == there:
        return BORN_SAME, "born"
    if (here.year, here.month, here.day) == (there.year, there.day, there.month):
        return BORN_SWAPPED, "born_swapped"
    written = here.strftime("%d%m%Y"), there.strftime("%d%m%Y")
    a_year_off = written[0][:4] == written[1][:4] and abs(here.year - there.year) == 1
    if a_year_off or DamerauLevenshtein.distance(*written) == 1:
        return BORN_ONE_OFF, "born_one_off"
    return BORN_OTHERWISE, "born_other"


def _gender(here: str | None, there: str | None) -> Part:
    known = {(each or "").strip()[:1].casefold() for each in (here, there)}
    if not known <= {"f", "m"}:
        return None
    return (GENDER_SAME, "") if len(known) == 1 else (GENDER_OTHER, "gender_other")


def _postcode(here: Sequence[str], there: Sequence[str]) -> Part:
    if not here or not there:
        return None
    if set(here) & set(there):
        return POSTCODE_SAME, "postcode"
    if {each.split()[0] for each in here} & {each.split()[0] for each in there}:
        return POSTCODE_NEAR, "postcode_near"
    return POSTCODE_OTHER, ""


def _names(here: Sequence[str], there: Sequence[str]) -> tuple[Part, ...]:
    """The best of all names each is known by: forename and surname, in either order."""
    best: tuple[Part, ...] = ()
    for one in here:
        for other in there:
            found = _name(words(one), words(other))
            if found and (not best or _weight(found) > _weight(best)):
                best = found
    return best


def _name(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Part, ...]:
    if not one or not other:
        return ()
    straight = _as_written(one, other)
    turned = _as_written(one[::-1], other) if len(one) > 1 < len(other) else straight
    return max(straight, turned, key=_weight)


def _as_written(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Part, ...]:
    forename = _alike(one[0], other[0])
    parts: list[Part] = [
        (FORENAME_SAME, "forename")
        if forename == 1
        else (FORENAME_CLOSE, "forename_close")
        if forename >= CLOSE
        else (FORENAME_OTHER, "forename_other")
    ]
    if len(one) > 1 < len(other):
        surname = _alike(one[-1], other[-1])
        parts.append(
            (SURNAME_SAME, "surname")
            if surname == 1
            else (SURNAME_CLOSE, "surname_close")
            if surname >= CLOSE
            else (SURNAME_OTHER, "surname_other")
        )
    return tuple(parts)


def _weight(parts: Iterable[Part]) -> float:
    return sum(part[0] for part in parts if part)


@lru_cache(maxsize=1 << 16)
def _alike(one: str, other: str) -> float:
    """1 for the same; else how alike they are written, or close when they sound the same."""
    if one == other:
        return 1
    if len(one) == 1 or len(other) == 1:
        return CLOSE if one[0] == other[0] else 0
    close = JaroWinkler.similarity(one, other)
    off = DamerauLevenshtein.distance(one, other)
    if sound(one) == sound(other) or (off == 1 and min(len(one), len(other)) > 3):
        return max(CLOSE, min(close, 0.99))
    return min(close, 0.99)


@lru_cache(maxsize=1 << 16)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, folded: without accents, apostrophes and hyphens."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return tuple(re.sub(r"['’`]", "", plain).replace("-", " ").split())


@lru_cache(maxsize=1 << 16)
def sound(word: str) -> str:
    """How a word sounds, or the word where that says nothing."""
    return str(doublemetaphone(word)[0]) or word


# By what they are found


def _sounds(child: Known) -> Iterator[tuple[str, str]]:
    """First and last word of each name as they sound, in both orders alike."""
    for name in child.names:
        found = words(name)
        if len(found) > 1:
            first, last = sorted((sound(found[0]), sound(found[-1])))
            yield first, last


def _each_sound(child: Known) -> Iterator[str]:
    for name in child.names:
        found = words(name)
        yield from (sound(word) for word in (found[:1] + found[-1:]))


def _numbers(child: Known) -> Iterator[object]:
    for name in IDENTIFIERS:
        if value := getattr(child, name):
            yield name, value


def _days(child: Known) -> Iterator[tuple[int, int, int]]:
    """The day of birth, the same for a day and a month that were exchanged."""
    if born := child.born_on:
        yield born.year, min(born.day, born.month), max(born.day, born.month)


def _day_and_initial(child: Known) -> Iterator[object]:
    """For words that were run together or torn apart."""
    found = (word for name in child.names for word in words(name))
    return ((day, each) for each in {word[0] for word in found} for day in _days(child))


def _day_and_sound(child: Known) -> Iterator[object]:
    return ((day, each) for day in _days(child) for each in _each_sound(child))


def _day_and_place(child: Known) -> Iterator[object]:
    return ((day, place) for day in _days(child) for place in child.postcodes)


def _both_sounds(child: Known) -> Iterator[object]:
    return ((each, child.born_on and child.born_on.year) for each in _sounds(child))


def _sounds_and_day_of_month(child: Known) -> Iterator[object]:
    """For years of birth that were mistyped."""
    born = child.born_on
    return ((each, born and (born.day, born.month)) for each in _sounds(child))


def _place_and_sound(child: Known) -> Iterator[object]:
    return ((place, each) for place in child.postcodes for each in _each_sound(child))


def _family_keys(child: Known) -> Iterator[object]:
    if child.family_id:
        yield child.family_id


def _household_keys(child: Known) -> Iterator[object]:
    address = " ".join(words(child.address or ""))
    surnames = {words(name)[-1] for name in child.names if len(words(name)) > 1}
    if address:
        yield from ((place, address, each) for place in child.postcodes for each in surnames)


KEYS = (
    _numbers,
    _day_and_initial,
    _day_and_sound,
    _day_and_place,
    _both_sounds,
    _sounds_and_day_of_month,
    _place_and_sound,
)
