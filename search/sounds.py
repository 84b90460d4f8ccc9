"""How a name sounds, however it is spelt: respelt by its sounds, and the keys that follow.

Letters are read as they are in the names met in Britain: English, Irish and Welsh spelling, and
the ways Arabic, South Asian, Slavic and other names are commonly written in Latin letters. Where
a letter is read in two ways (the ch of Michael and of Michelle), there is a key for each.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product

from metaphone import doublemetaphone

MOST_WAYS = 4
KEPT = 1 << 16

# At each place in a word the first line that fits is read; a bar is between two readings and a
# dash is silence. Capitals are consonants (S also that of "shoe"), small letters are vowels.
_READ = """
^[gkp]n         N
^ng             N
^ps             S
^wr             R
^wh             W
^mh             M
^x              S
^kh             K|H
^w(?![aeiouyh]) F
^h              H
^y(?=[aeiou])   Y|J
^j              J|Y
d?h?bhf?        F
(?<=[aeiouy])mh F
dhg             K
dh(?=n|l|$)     -
dh              T
ght             T
(?<=[aeiouy])gh(?=$|[^aeiou]|an$) -
tsch|tch        S
sch             S|K
ch(?=[rl]|ae)   K
(?<=[aou])ch$   K|S
ch              S|K
sh|sz|cz|ts|tz|zz|ss|zs S
ck|cc|cq|k[hk]|qu? K
(?<=u)x$        KS|-
x               KS
c(?=ia|ie)      S|K
c(?=[eiy])      S
c               K
dj|dzh|dg(?=[ey])|zh J
gh|gg           K
g(?=[ei])       K|J
j               J|-
ph|ff|vv|v|f    F
mb$             M
th|tt|dd|d|t    T
bb?             B
pp?             P
kk?|g           K
ll?             L
mm?             M
nn?             N
rh|rr?          R
s|z             S
(?<=[aeiouy])w(?=[aeiouy]) -|F
(?<=[aeiouy])w  -
w               W
h               -
(?<=[^aeiouy])e$ -
eaux?$          o
aoi             i
ee|ea|ie|eo|ey$ i
ai|ay|ei|ey|ae  e
oo|ou|ew|ue|uu  u
au|aw|oa|ow|oe  o
[iy]+           i
aa?             a
e               e
o               o
u               u
"""
_LINES = [line.split() for line in _READ.strip().splitlines()]
_GRAPHEME = re.compile("|".join(f"({pattern})" for pattern, _ in _LINES))
_READINGS = [tuple(way.replace("-", "") for way in ways.split("|")) for _, ways in _LINES]
_VOWEL = re.compile("[a-z]+")
_COARSE = str.maketrans("ABFHJKLMNPRSTWY", "abbksklnnblstwy")
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=KEPT)
def respelt(word: str) -> tuple[str, ...]:
    """The folded word by its sounds, once for each way it may be read, the likeliest first.

    What is not written in Latin letters stays as it is.
    """
    if not _GRAPHEME.search(word):
        return (word,)
    read = [_READINGS[(found.lastindex or 1) - 1] for found in _GRAPHEME.finditer(word)]
    return tuple(dict.fromkeys("".join(ways) for ways in islice(product(*read), MOST_WAYS)))


@lru_cache(maxsize=KEPT)
def keys(word: str) -> frozenset[str]:
    """Its consonants as they sound, with A for a vowel at the beginning: one for each reading."""
    return frozenset(filter(None, map(consonants, respelt(word))))


@lru_cache(maxsize=KEPT)
def metaphones(word: str) -> frozenset[str]:
    """The double metaphone, which knows more of German, French and Italian than of Irish."""
    return frozenset(filter(None, doublemetaphone(word)))


def coarse(key: str) -> str:
    """A key in small letters, with those consonants as one that other alphabets do not tell apart.

    Kim and Gim, Jang and Chang, Rim and Lim, Deb and Dev.
    """
    return key.translate(_COARSE)


def consonants(sounds: str) -> str:
    """What is left of a respelt word without its vowels, but for one at the beginning."""
    first = "A" if sounds[:1].islower() else ""
    return first + _VOWEL.sub("", _TWICE.sub(r"\1", sounds))
