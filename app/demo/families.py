"""Reads families.txt: the children of the demo world and how the work round them has gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files


@dataclass(frozen=True)
class Born:
    name: str | None
    years: float
    gender: str | None
    day: str


@dataclass(frozen=True)
class Family:
    key: str
    lead: str
    theme: str
    pace: float
    story: str
    relatives: list[tuple[str, str, bool]]
    before_visit: str | None
    children: list[Born] = field(default_factory=list)
    statuses: list[tuple[int, str, str | None]] = field(default_factory=list)


def families() -> list[Family]:
    found: list[Family] = []
    for line in (files("app.demo") / "families.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if not line.startswith("  "):
            key, lead, theme, pace, story, relatives, before = parts
            found.append(
                Family(key, lead, theme, float(pace), story, _relatives(relatives), before or None)
            )
        elif len(parts) > 1:
            name, years, gender, day = parts
            found[-1].children.append(
                Born(None if name == "-" else name, float(years), gender or None, day)
            )
        else:
            found[-1].statuses.extend(_statuses(line))
    return found


def _statuses(line: str) -> list[tuple[int, str, str | None]]:
    words = (each.split() for each in line.split(","))
    return [(int(each[0]), each[1], each[2] if len(each) > 2 else None) for each in words]


# The longer first: "mother's partner" begins with "mother".
_RELATIONS = (
    "mother's brother",
    "mother's partner",
    "father's partner",
    "foster carer",
    *"mother father grandmother grandfather stepfather uncle sister brother".split(),
)


def _relatives(words: str) -> list[tuple[str, str, bool]]:
    """(relation, name, same household); a star marks somebody who lives elsewhere."""
    found = []
    for each in filter(None, (part.strip() for part in words.split(","))):
        relation = next(known for known in _RELATIONS if each.startswith(known + " "))
        name = each.removeprefix(relation).strip()
        found.append((relation.replace("'", "’"), name.rstrip("*"), not name.endswith("*")))
    return found
