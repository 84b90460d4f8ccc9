"""Reads sayings.txt and puts a child's own details into its sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.models import KINDS

_WORRIES = {"watch": "keep_an_eye_on", "worried": "worried"}
_SEEN = {"alone": (True, True), "seen": (True, False), "not seen": (False, None)}
_STAGES = {"plan": "child_protection_plan", "cin": "child_in_need"}
_AGES = re.compile(r"(\d+)-(\d+)")
_START = re.compile(r"(^|[.!?] )([a-z])")


@dataclass(frozen=True, eq=False)
class Saying:
    kind: str
    words: str
    meaning: str | None
    worry: str
    themes: frozenset[str]
    ages: tuple[int, int]
    seen: bool | None
    alone: bool | None
    many: bool
    stage: str | None

    def fits(self, theme: str, status: str, age: float, *, many: bool) -> bool:
        if self.many != many or (theme == "baby" and "baby" not in self.themes):
            return False
        if self.themes and theme not in self.themes:
            return False
        if self.stage and self.stage != status:
            return False
        return self.ages[0] <= max(age, 0) < self.ages[1] + 1


@cache
def sayings() -> dict[str, list[Saying]]:
    """All sayings by heading."""
    return {
        heading: [_saying(line) for line in lines]
        for heading, lines in _lines().items()
        if any("|" in line for line in lines)
    }


@cache
def lists() -> dict[str, list[str]]:
    """The plain lists: comments, answers, wishes."""
    return {name: lines for name, lines in _lines().items() if not any("|" in x for x in lines)}


def told(words: str, details: dict[str, str]) -> str:
    """The sentence with its details, each sentence beginning with a capital."""
    return _START.sub(lambda match: match[1] + match[2].upper(), words.format_map(details))


def _lines() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (files("app.demo") / "sayings.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = heading = []
        elif line and not line.startswith("#"):
            heading.append(line)
    return found


def _saying(line: str) -> Saying:
    when, words, *meaning = (part.strip() for part in line.split("|"))
    kind, *marks = (mark.strip() for mark in when.split(","))
    assert kind in KINDS, line
    ages = next((match for mark in marks if (match := _AGES.fullmatch(mark))), None)
    seen, alone = next((_SEEN[mark] for mark in marks if mark in _SEEN), (None, None))
    if kind == "visit" and seen is None:
        seen, alone = True, "watch" not in marks
    return Saying(
        kind=kind,
        words=words,
        meaning=meaning[0] if meaning else None,
        worry=next((_WORRIES[mark] for mark in marks if mark in _WORRIES), "none"),
        themes=frozenset(_THEMES.intersection(marks)),
        ages=(int(ages[1]), int(ages[2])) if ages else (0, 18),
        seen=seen,
        alone=alone,
        many="many" in marks,
        stage=next((_STAGES[mark] for mark in marks if mark in _STAGES), None),
    )


_THEMES = frozenset("neglect abuse mental teen disabled baby looked help".split())
