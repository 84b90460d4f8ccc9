"""How well two rows of one child are found, and how soon among 100,000 children.

Children are made up, and of some of them a second row as another agency would have written it: with
slips of the keyboard, days and months exchanged, homes they moved from, another surname, numbers
missing. Among them are twins, brothers and sisters, and namesakes, who are two children each.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from app.casework import matching
from app.casework.matching import Known

CHILDREN, SECOND_ROWS = 100_000, 5_000
FORENAMES = (
    "Amara Tobi Noor Ellis Skye Jayden Robin Leila Sam Efe Mia Zara Ivy Otis Kai Ruth Dana Aisha "
    "Maya Finn Rosa Hugo Ines Idris Luca Freya Nia Owen Esme Theo Layla Yusuf Anya Callum Orla "
    "Rhys Sofia Musa Daisy Arlo Hanna Emil Tara Niall Bella Joel Kemi Ravi Wren Alfie Cora Milan "
    "Poppy Ewan Salma Ciaran Edith Bilal Megan Piotr Grace Tomas Holly Jamal Erin Dev Lottie Karim"
).split()
PRECISION, RECALL = 0.99, 0.95


@dataclass(frozen=True)
class Made:
    children: list[Known]
    same: set[tuple[int, int]]


def main() -> bool:
    made = make(Random(47))
    began = time.perf_counter()
    found = list(matching.pairs(made.children))
    took = time.perf_counter() - began
    by_itself = {(each.one, each.other) for each in found if each.way == "itself"}
    asked = {(each.one, each.other) for each in found if each.way == "person"}
    precision = len(by_itself & made.same) / max(1, len(by_itself))
    recall = len((by_itself | asked) & made.same) / len(made.same)
    print(f"{len(made.children):,} children, {len(made.same):,} of them twice; {took:.0f} s,")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print(f"linked by itself: {len(by_itself):,}, precision {precision:.4f} (goal {PRECISION})")
    print(f"with what a person is asked: recall {recall:.4f} (goal {RECALL})")
    true, false = len(asked & made.same), len(asked - made.same)
    print(f"a person is asked of {len(asked):,} pairs: {true:,} are one child, {false:,} are two")
    print(f"share of the true pairs that goes to a person: {true / len(made.same):.2f}")
    missed = sorted(made.same - by_itself - asked)
    by_id = {each.id: each for each in made.children}
    for one, other in missed[: 3 * ("--missed" in sys.argv)]:
        print(matching.compare(by_id[one], by_id[other]), by_id[one], by_id[other], sep="\n  ")
    return precision >= PRECISION and recall >= RECALL


def make(chance: Random, children: int = CHILDREN, second_rows: int = SECOND_ROWS) -> Made:
    known = list(islice(_town(chance, children), children))
    same = set()
    for one in chance.sample(known, second_rows):
        other = _as_another_wrote(chance, one, len(known) + 1)
        same.add((one.id, other.id))
        known.append(other)
    return Made(known, same)


def _town(chance: Random, children: int) -> Iterator[Known]:
    """Households of one to four children, some of them twins; a surname as common as it is."""
    surnames = _surnames()
    weights = [1 / (rank + 10) for rank in range(len(surnames))]
    number = 0
    while number < children:
        surname = chance.choices(surnames, weights)[0]
        place = _postcode(chance)
        address = f"{chance.randint(1, 200)} Mill Lane"
        born = _day(chance)
        for _ in range(chance.choices((1, 2, 3, 4), (40, 35, 18, 7))[0]):
            number += 1
            if chance.random() > 0.03:  # else a twin of the one before
                born = _day(chance)
            yield Known(
                number,
                (f"{chance.choice(FORENAMES)} {surname}",),
                born,
                chance.choice(("Female", "Male")),
                (place,),
                address,
                council_id=str(100_000 + number),
                nhs_number=_maybe(chance, 0.6, f"{9_000_000_000 + number * 7}"),
                upn=_maybe(chance, 0.6, f"A{10**11 + number * 13}1"),
            )


def _as_another_wrote(chance: Random, child: Known, number: int) -> Known:
    """As another agency has the child: some numbers, and what goes wrong when people type."""
    other = replace(
        child,
        id=number,
        council_id=_maybe(chance, 0.15, child.council_id),
        nhs_number=_maybe(chance, 0.45, child.nhs_number),
        upn=_maybe(chance, 0.45, child.upn),
        gender=_maybe(chance, 0.9, child.gender),
    )
    if chance.random() < 0.15:
        other = replace(other, names=(), postcodes=child.postcodes)  # a return has no name
    elif chance.random() < 0.35:
        other = replace(other, names=(_mistyped(chance, child.names[0]),))
    elif chance.random() < 0.08:
        first = child.names[0].split()[0]
        other = replace(other, names=(f"{first} {chance.choice(_surnames())}",))
    if child.born_on and chance.random() < 0.06:
        other = replace(other, born_on=_slipped(chance, child.born_on))
    if chance.random() < 0.3:
        other = replace(other, postcodes=(_postcode(chance),), address=None)
    # A number of another child in the wrong row, as happens to one in a few hundred.
    if chance.random() < 0.003:
        other = replace(other, upn=f"A{10**11 + chance.randint(1, CHILDREN) * 13}1")
    return other


def _mistyped(chance: Random, name: str) -> str:
    at = chance.randrange(1, len(name) - 1)
    way = chance.randrange(4)
    if way == 0:
        return name[:at] + name[at + 1 :]
    if way == 1:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if way == 2:
        return name[:at] + chance.choice("aeinrst") + name[at + 1 :]
    return name[:at] + name[at] + name[at:]


def _slipped(chance: Random, born: date) -> date:
    if born.day <= 12 and born.day != born.month and chance.random() < 0.5:
        return date(born.year, born.day, born.month)
    years = chance.choice((-1, 1, 10 if born.year < 2015 else -10))
    return date(born.year + years, born.month, min(born.day, 28))


def _maybe(chance: Random, share: float, value: str | None) -> str | None:
    return value if chance.random() < share else None


def _day(chance: Random) -> date:
    return date(2008, 1, 1) + timedelta(days=chance.randrange(18 * 365))


def _postcode(chance: Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = f"{chance.randint(1, 9)}{chance.choice(letters)}{chance.choice(letters)}"
    return f"NM{chance.randint(1, 20)} {inward}"


def _surnames() -> Sequence[str]:
    lines = (Path(__file__).with_name("name_parts.txt")).read_text().splitlines()
    return lines[lines.index("[surnames]") + 1].split()


if __name__ == "__main__":
    raise SystemExit(not main())
