"""What somebody might type where a name is asked for, and what nobody would."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_PIECES = [
    *(
        "Amara",
        "o'",
        "Siobhan",
        "de la",
        "Mc",
        "محمد",
        "王",
        "ß",
        "İ",
        "e\u0301",
        "ﷺ",
        "🙂",
        "\x00",
    ),
    *("\u202e", "%", "_", "\\", "'", '"', ",", "-", "(", "[", "{0}", "NULL", "aged", "born", "dob"),
    *("4", "99", "2019", "31/2/2017", "4 May 2017", "0000-00-00", "18 months", "9" * 30, "٣", "²"),
    *("NM4", "NM4 7QT", "943 476 5919", "C-100", "may", "x" * 300, " ", "\n", "\t", "years old"),
]


def scribbled(many: int) -> Iterator[str]:
    chance = Random(8)
    for _ in range(many):
        pieces = chance.choices(_PIECES, k=chance.randint(0, 6))
        yield chance.choice(("", " ")).join(pieces)
