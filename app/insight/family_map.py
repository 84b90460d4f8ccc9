"""The map of a family: the child in the middle, relatives round it, professionals round them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import accumulate, pairwise
from math import hypot
from typing import Protocol

from app.models import CONTACTS, STRENGTHS

# Units of the picture. A cell has room for a symbol and its words; a symbol for a finger.
CELL, SIDE, RIM = 144, 168, 12
SYMBOL, RING = 20, 30
LINE, FONT = 16, 13
WORDS = CELL - 10
# Between a symbol's ring and its words; above a row and below it, without and with words.
CLOSE, BARE, WORDED = 4, 34, 38 + 4 * LINE
GAP, ROOM_FOR_TIES = 16, 46
# How far apart the turns of a stressful tie are, and how far they swing out.
TURN, SWING = 11, 4
# How wide letters are, in parts of the font: a picture cannot measure its own words.
THIN, BROAD = "iljtfrI.,:;'’ -()", "mwMW@"

OLDEST, YOUNGEST = 2, -1
GENERATIONS = {
    "great-grandmother": 2,
    "great-grandfather": 2,
    "child": -1,
    "son": -1,
    "daughter": -1,
}
PEERS = re.compile(r"(brother|sister|sibling|twin|cousin)$")
WOMEN = re.compile(r"(mother|sister|aunt|auntie|niece|daughter|wife|girlfriend|grandma|nan|mum)$")
MEN = re.compile(
    r"(father|brother|uncle|nephew|(^|grand|step|god|foster)-?son|husband|boyfriend|grandad|dad)$"
)
PEOPLE_HEADINGS = ("Name", "Who they are", "Lives with the child", "Tie", "Contact")
ROUND_HEADINGS = ("Name", "Role", "Agency")


class Child(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def born_on(self) -> date | None: ...
    @property
    def gender(self) -> str | None: ...


class Relative(Protocol):
    """A row of the family as the viewer sees it."""

    @property
    def link_id(self) -> int: ...
    @property
    def case_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def same_household(self) -> bool: ...
    @property
    def born_on(self) -> date | None: ...
    @property
    def gender(self) -> str | None: ...
    @property
    def strength(self) -> str | None: ...
    @property
    def is_stressful(self) -> bool: ...
    @property
    def contact(self) -> str: ...
    @property
    def contact_reason(self) -> str | None: ...
    @property
    def said_by(self) -> str | None: ...
    @property
    def has_died(self) -> bool: ...


class Member(Protocol):
    """A row of the network as the viewer sees it."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def is_lead(self) -> bool: ...
    @property
    def agency_id(self) -> int: ...
    @property
    def agency_name(self) -> str: ...
    @property
    def agency_type(self) -> str: ...


@dataclass(frozen=True)
class Words:
    """One line of text, its middle at x and its foot at y."""

    x: int
    y: int
    words: str
    look: str = ""  # "name", "note" or none

    @property
    def box(self) -> tuple[float, float, float, float]:
        half = width(self.words) / 2
        return (self.x - half, self.y - FONT + 1, self.x + half, self.y + 4)


@dataclass(frozen=True)
class Node:
    """Somebody on the map; `to` says what it leads to: a case, a line of the list, a person."""

    to: tuple[str, int]
    kind: str  # "child", "relative" or "professional"
    name: str
    about: str
    x: int
    y: int
    shape: str  # "square", "circle", "diamond" or "badge"
    lines: tuple[Words, ...]
    at_home: bool = False
    contact: str = "ordinary"
    has_died: bool = False
    agency_type: str | None = None

    @property
    def title(self) -> str:
        """What is read aloud of it."""
        return ", ".join(each for each in (self.name, self.about, *self._notes) if each)

    @property
    def _notes(self) -> Iterable[str]:
        if self.has_died:
            yield "has died"
        elif self.at_home and self.kind == "relative":
            yield "lives with the child"
        if self.contact != "ordinary":
            yield CONTACTS[self.contact].lower()


@dataclass(frozen=True)
class Tie:
    """A line between the child and a relative."""

    link_id: int
    strength: str | None
    is_stressful: bool
    path: str


@dataclass(frozen=True)
class FamilyMap:
    """All of it: `nodes` and `ties` are the picture, `people` and `round` the tables."""

    child: str
    relatives: Sequence[Relative]
    members: Sequence[Member]
    size: tuple[int, int] = (0, 0)
    ring: tuple[int, int, int, int] = (0, 0, 0, 0)
    nodes: Sequence[Node] = field(default=())
    ties: Sequence[Tie] = field(default=())
    spokes: Sequence[str] = field(default=())

    @cached_property
    def sentence(self) -> str:
        """How many there are, who lives with the child, how the ties are, and who is round them."""
        return " ".join(
            each for each in (self._family, self._ties, self._limits, self._round) if each
        )

    @property
    def apart(self) -> list[Relative]:
        """Whom nobody must contact, or not without somebody there."""
        return [each for each in self.relatives if each.contact != "ordinary"]

    @property
    def people(self) -> list[tuple[Relative, tuple[str, ...]]]:
        """A row under `PEOPLE_HEADINGS` for each relative."""
        return [(each, _cells(each)) for each in self.relatives]

    @property
    def round(self) -> list[tuple[Member, tuple[str, ...]]]:
        """A row under `ROUND_HEADINGS` for each professional."""
        return [(each, (each.name, _role(each), each.agency_name)) for each in self.members]

    @property
    def _family(self) -> str:
        many = len(self.relatives)
        if not many:
            return f"Nobody of {self.child}’s family is recorded yet."
        home = sum(_is_home(each) for each in self.relatives)
        if home == many:
            return f"{self.child} lives with {_many(many, 'relative')}, all who are recorded."
        return f"{self.child} lives with {home or 'none'} of {_many(many, 'relative')}."

    @property
    def _ties(self) -> str:
        said = [
            _many(many, f"{word} tie")
            for strength, word in (("strong", "strong"), ("weak", "weak"))
            if (many := sum(each.strength == strength for each in self.relatives))
        ]
        if stressful := sum(each.is_stressful for each in self.relatives):
            said.append(_many(stressful, "stressful tie"))
        return f"{_listed(said)}.".capitalize() if said else ""

    @property
    def _limits(self) -> str:
        kept = sum(each.contact == "none" for each in self.relatives)
        watched = sum(each.contact == "supervised" for each in self.relatives)
        said = [f"{kept} must not be contacted"] if kept else []
        if watched:
            said.append(f"{watched} with somebody there only")
        return f"{_listed(said)}." if said else ""

    @property
    def _round(self) -> str:
        agencies = len({each.agency_id for each in self.members})
        if not self.members:
            return ""
        people = _many(len(self.members), "professional")
        return f"{people} of {_many(agencies, 'agency', 'agencies')} work round the family."


def of(
    child: Child, case_id: int, relatives: Sequence[Relative], members: Sequence[Member]
) -> FamilyMap:
    """The map of what the viewer sees: rows of the family and of the network, as they see them."""
    rows = _rows(child, relatives)
    columns = max(3, *(row.breadth for row in rows))
    columns += columns % 2 == 0  # so that there is a middle
    left, right = _sides(members)
    tall = _height(rows)
    most = max(len(left), len(right))
    high = max(tall, most * (BARE + WORDED + GAP))
    inside = columns * CELL
    beside = SIDE if members else 0
    ring = (beside + RIM, RIM, inside + 2 * RIM, high + 2 * RIM)
    wide = 2 * beside + inside + 4 * RIM
    nodes = _placed(child, case_id, rows, wide // 2, 2 * RIM + (high - tall) // 2)
    ties = _tied(nodes, relatives)
    round_ = [
        *_column(left, SIDE // 2, high),
        *_column(right, wide - SIDE // 2, high),
    ]
    spokes = [
        f"M{node.x + SYMBOL} {node.y}H{ring[0]}"
        if node.x < wide // 2
        else f"M{node.x - SYMBOL} {node.y}H{ring[0] + ring[2]}"
        for node in round_
    ]
    size = (wide, high + 4 * RIM)
    return FamilyMap(child.label, relatives, members, size, ring, [*nodes, *round_], ties, spokes)


def width(words: str) -> float:
    """About how wide words are in the picture."""
    return FONT * sum(map(_letter, words))


@cache
def _letter(each: str) -> float:
    """In parts of the font."""
    if each in THIN:
        return 0.33
    return 0.9 if each in BROAD else 0.72 if each.isupper() else 0.58


def generation(relation: str) -> int:
    """2 for grandparents, 1 for the grown-ups, 0 for brothers and sisters, -1 for children."""
    last = relation.casefold().split()[-1] if relation.split() else ""
    if last in GENERATIONS:
        return GENERATIONS[last]
    if last.startswith("grand") and not last.startswith(("grandson", "granddaughter")):
        return OLDEST
    # The mother's brother is an uncle, whatever the last word says.
    is_of_another = bool(re.search(r"[’']s\b", relation))
    return 0 if PEERS.search(last) and not is_of_another else 1


def shape(relation: str, gender: str | None) -> str:
    """A square for a man or boy, a circle for a woman or girl, a diamond where nobody said."""
    said = (gender or "")[:1].casefold()
    last = relation.casefold().split()[-1] if relation.split() else ""
    if said == "m" or (not said and MEN.search(last)):
        return "square"
    return "circle" if said == "f" or (not said and WOMEN.search(last)) else "diamond"


# Rows


@dataclass(frozen=True)
class _Row:
    """People side by side; None is the child. Their words stand above or below them."""

    people: Sequence[Relative | None]
    is_above: bool

    @property
    def centre(self) -> float:
        """Which place stands in the middle of the map: the child's, where the child is."""
        return self.people.index(None) if self.has_child else (len(self.people) - 1) / 2

    @property
    def has_child(self) -> bool:
        return None in self.people

    @property
    def breadth(self) -> int:
        """In cells, as many on each side of the middle."""
        if not self.has_child:
            return len(self.people)
        before = self.people.index(None)
        return 2 * max(before, len(self.people) - before - 1) + 1


def _rows(child: Child, relatives: Sequence[Relative]) -> list[_Row]:
    """The oldest on top; brothers and sisters beside the child, the older ones left."""
    by_age: dict[int, list[Relative]] = {}
    for each in relatives:
        by_age.setdefault(generation(each.relation), []).append(each)
    older, younger = _beside(child, by_age.get(0, []))
    above = [line for old in (2, 1) for line in _lines(_home_inside(by_age.get(old, [])))]
    above += _lines(older[:-2]) if len(older) > 2 else []
    below = _lines(younger[2:]) + _lines(by_age.get(YOUNGEST, []))
    middle = _Row([*older[-2:], None, *younger[:2]], is_above=False)
    return [
        *(_Row(line, is_above=True) for line in above),
        middle,
        *(_Row(line, is_above=False) for line in below),
    ]


def _beside(child: Child, peers: Sequence[Relative]) -> tuple[list[Relative], list[Relative]]:
    """Who is older and who is not, each in order; whose age nobody said stands last."""
    known = sorted(
        (each for each in peers if each.born_on),
        key=lambda each: (each.born_on or date.max, each.link_id),
    )
    unknown = [each for each in peers if not each.born_on]
    born = child.born_on or date.max
    older = [each for each in known if each.born_on and each.born_on < born]
    return older, [each for each in known if each not in older] + unknown


def _home_inside(people: Sequence[Relative]) -> list[Relative]:
    """Those who live with the child in the middle of the row."""
    home = [each for each in people if _is_home(each)]
    away = [each for each in people if not _is_home(each)]
    return [*away[: len(away) // 2], *home, *away[len(away) // 2 :]]


def _lines(people: Sequence[Relative]) -> list[Sequence[Relative]]:
    """Five in a line at most, and lines of about the same length."""
    many = -(-len(people) // 5)
    share = -(-len(people) // many) if many else 1
    return [people[at : at + share] for at in range(0, len(people), share)]


def _height(rows: Sequence[_Row]) -> int:
    gaps = sum(_gap(upper, lower) for upper, lower in pairwise(rows))
    return len(rows) * (BARE + WORDED) + gaps


def _gap(upper: _Row, lower: _Row) -> int:
    """More where ties must be seen: next to the child."""
    return ROOM_FOR_TIES if upper.has_child or lower.has_child else GAP


# Nodes


def _placed(child: Child, case_id: int, rows: Sequence[_Row], middle: int, top: int) -> list[Node]:
    nodes: list[Node] = []
    y = top
    for at, row in enumerate(rows):
        y += _gap(rows[at - 1], row) if at else 0
        foot = y + (WORDED if row.is_above else BARE)
        for place, each in enumerate(row.people):
            x = middle + round((place - row.centre) * CELL)
            nodes.append(
                _relative(each, x, foot, is_above=row.is_above)
                if each is not None
                else _child(child, case_id, x, foot)
            )
        y += BARE + WORDED
    return nodes


def _child(child: Child, case_id: int, x: int, y: int) -> Node:
    return Node(
        to=("case", case_id),
        kind="child",
        name=child.label,
        about="the child",
        x=x,
        y=y,
        shape=shape("", child.gender),
        lines=_below(x, y, _wrapped(child.label)),
        at_home=True,
    )


def _relative(each: Relative, x: int, y: int, *, is_above: bool) -> Node:
    lines = [*_wrapped(each.name), (_cut(each.relation), "")]
    if note := _note(each):
        lines.append((note, "note"))
    return Node(
        to=("case", each.case_id) if each.case_id else ("link", each.link_id),
        kind="relative",
        name=each.name,
        about=each.relation,
        x=x,
        y=y,
        shape=shape(each.relation, each.gender),
        lines=(_above if is_above else _below)(x, y, lines),
        at_home=_is_home(each),
        contact=each.contact,
        has_died=each.has_died,
    )


def _note(each: Relative) -> str:
    """Neither hides the other: that somebody has died may have been said by mistake."""
    if each.has_died:
        kept = {"none": ", no contact", "supervised": ", supervised"}.get(each.contact, "")
        return f"has died{kept}"
    return {"none": "No contact", "supervised": "Supervised only"}.get(each.contact, "")


def _sides(members: Sequence[Member]) -> tuple[list[Member], list[Member]]:
    """Colleagues of one agency together, and about as many on each side."""
    by_agency: dict[int, list[Member]] = {}
    for each in members:
        by_agency.setdefault(each.agency_id, []).append(each)
    left: list[Member] = []
    right: list[Member] = []
    for group in by_agency.values():
        (left if len(left) <= len(right) else right).extend(group)
    return left, right


def _column(members: Sequence[Member], x: int, high: int) -> list[Node]:
    tall = len(members) * (BARE + WORDED) + max(len(members) - 1, 0) * GAP
    top = 2 * RIM + (high - tall) // 2
    return [
        _professional(each, x, top + at * (BARE + WORDED + GAP) + BARE)
        for at, each in enumerate(members)
    ]


def _professional(each: Member, x: int, y: int) -> Node:
    lines = [*_wrapped(each.name), (_cut(_role(each)), ""), (_cut(each.agency_name), "")]
    return Node(
        to=("person", each.id),
        kind="professional",
        name=each.name,
        about=f"{_role(each)}, {each.agency_name}",
        x=x,
        y=y,
        shape="badge",
        lines=_below(x, y, lines),
        agency_type=each.agency_type,
    )


# Ties


def _tied(nodes: Sequence[Node], relatives: Sequence[Relative]) -> list[Tie]:
    child = next(each for each in nodes if each.kind == "child")
    by_key = {_key(each): each for each in relatives}
    return [
        Tie(
            by_key[node.to].link_id,
            by_key[node.to].strength,
            by_key[node.to].is_stressful,
            _drawn(_way(child, node), is_stressful=by_key[node.to].is_stressful),
        )
        for node in nodes
        if node.kind == "relative"
    ]


def _key(each: Relative) -> tuple[str, int]:
    return ("case", each.case_id) if each.case_id else ("link", each.link_id)


Point = tuple[float, float]


def _way(child: Node, node: Node) -> list[Point]:
    """From symbol to symbol, past the words below the child and over whoever stands between."""
    if node.y == child.y:
        side = 1 if node.x > child.x else -1
        if abs(node.x - child.x) <= CELL:
            return [(child.x + side * RING, child.y), (node.x - side * RING, node.y)]
        over = child.y - RING - 24
        return [
            (child.x + side * 12, child.y - RING),
            (child.x + side * 44, over),
            (node.x - side * 44, over),
            (node.x - side * 12, node.y - RING),
        ]
    is_above = node.y < child.y
    begin = (child.x, child.y - RING if is_above else child.y + WORDED - LINE)
    return [begin, (node.x, node.y + RING if is_above else node.y - RING)]


def _drawn(points: Sequence[Point], *, is_stressful: bool) -> str:
    if is_stressful:
        points = [turn for pair in pairwise(points) for turn in _swinging(*pair)] + [points[-1]]
    first, *rest = (f"{x:.0f} {y:.0f}" for x, y in points)
    return f"M{first}L{' '.join(rest)}"


def _swinging(one: Point, other: Point) -> list[Point]:
    """The same way, turning to and fro; it begins where it began and ends just before the end."""
    (x, y), (to_x, to_y) = one, other
    length = hypot(to_x - x, to_y - y)
    turns = max(int(length / TURN), 2)
    # Across the way, one unit long.
    across = ((y - to_y) / length, (to_x - x) / length)
    found = [one]
    for turn in range(1, turns):
        part, swing = turn / turns, SWING if turn % 2 else -SWING
        found.append(
            (x + part * (to_x - x) + swing * across[0], y + part * (to_y - y) + swing * across[1])
        )
    return found


# Words


def _cells(each: Relative) -> tuple[str, ...]:
    return (
        each.name,
        f"{each.relation}, has died" if each.has_died else each.relation,
        "Yes" if _is_home(each) else "No",
        _tie_words(each),
        CONTACTS[each.contact],
    )


def _tie_words(each: Relative) -> str:
    strength = STRENGTHS.get(each.strength or "", "Not said")
    return f"{strength}, stressful" if each.is_stressful else strength


def _is_home(each: Relative) -> bool:
    return each.same_household and not each.has_died


def _role(each: Member) -> str:
    return f"{each.role}, leads" if each.is_lead else each.role


def _above(x: int, y: int, lines: Sequence[tuple[str, str]]) -> tuple[Words, ...]:
    foot = y - RING - CLOSE - 4
    top = foot - (len(lines) - 1) * LINE
    return tuple(Words(x, top + at * LINE, *each) for at, each in enumerate(lines))


def _below(x: int, y: int, lines: Sequence[tuple[str, str]]) -> tuple[Words, ...]:
    top = y + RING + CLOSE + FONT - 2
    return tuple(Words(x, top + at * LINE, *each) for at, each in enumerate(lines))


def _wrapped(name: str) -> list[tuple[str, str]]:
    """A name in two lines at most."""
    first = ""
    rest = name.split()
    while rest and width(f"{first} {rest[0]}") <= WORDS:
        first = f"{first} {rest.pop(0)}".strip()
    if not first and rest:
        first = _cut(rest.pop(0))
    lines = [first, _cut(" ".join(rest))] if rest else [first]
    return [(line, "name") for line in lines if line]


def _cut(words: str) -> str:
    """As much as a line has room for."""
    if width(words) <= WORDS:
        return words
    room = WORDS - width("…")
    fits = sum(1 for so_far in accumulate(map(_letter, words)) if FONT * so_far <= room)
    return f"{words[:fits].rstrip()}…"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(each for each in (", ".join(words[:-1]), *words[-1:]) if each)


def _many(number: int, noun: str, nouns: str = "") -> str:
    return f"1 {noun}" if number == 1 else f"{number} {nouns or noun + 's'}"
