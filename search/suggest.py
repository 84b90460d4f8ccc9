"""What may be meant by a search that is still being typed: nothing that is not hers to see.

Her own saved and recent searches, her cases, colleagues, and the filters with their values. No word
of what was said is among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import select

from app import audit
from app.core import clock, db, text
from app.models import KINDS, WORRIES, Agency, Person
from search import find, names, parsing, saved
from search.filters import THINGS

SEARCHES, CASES, PEOPLE, VALUES = 3, 4, 3, 6
# Of one letter there is too much to choose from.
SHORTEST = 2
MEANINGS = {
    "kind": "a type of update",
    "case": "one case",
    "agency": "where its author worked",
    "from": "who wrote it",
    "worry": "how worried",
    "since": "from this day on",
    "before": "before this day",
    "in": "posts, comments, messages or files",
    "is": "what is yours, or unread",
}
DAYS = {"today": 0, "a week ago": 7, "four weeks ago": 28}

# The filter or the word at the end of the line, which may go on.
_FILTER = re.compile(r'(?:^|(?<=[\s(]))([A-Za-z]+):\s*("[^"]*|[^\s"()]*)$')
_WORD = re.compile(r"(?:^|(?<=[\s(]))[A-Za-z]{2,}$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be meant: a case or a person to open, or a line to write instead.

    `thing` is "search", "case", "person" or "filter"; `note` says more of it. A line that ends in
    a colon wants a value, one that ends in a blank may go on.
    """

    thing: str
    label: str
    note: str = ""
    written: str | None = None
    id: int | None = None


def suggest(viewer: Person, written: str, *, how: str) -> list[Suggestion]:
    """What may be meant, the likeliest of each kind first.

    Which of her cases are named to her is put on record, once in some minutes for each of them:
    otherwise every letter would be a row.
    """
    line = written[: parsing.LONGEST]
    typed = _FILTER.search(line)
    if typed and typed[1].lower() in parsing.FILTERS:
        offered = _values(viewer, line[: typed.start()], typed[1].lower(), typed[2].strip('"'))
    else:
        offered = [*_searches(viewer, line), *_filters(line), *_named(viewer, line)]
    shown = [each.id for each in offered if each.thing == "case" and each.id]
    if shown:
        audit.note_unless_lately(viewer, "was offered cases", shown, how=how)
    return offered


def _searches(viewer: Person, line: str) -> list[Suggestion]:
    """Her own that begin so, saved ones by their name too; before anything is typed, the last."""
    begun = " ".join(text.plain(line).split()).casefold()
    found: dict[str, Suggestion] = {}
    for each in saved.of(viewer):
        called = (each.words or "", each.name or "")
        if each.words and begun and any(name.casefold().startswith(begun) for name in called):
            label = each.name or each.words
            found[each.words] = Suggestion("search", label, "Saved search", each.words)
    for words in saved.recent(viewer):
        if words.casefold().startswith(begun):
            found.setdefault(words, Suggestion("search", words, "Searched lately", words))
    return [each for words, each in found.items() if words.casefold() != begun][:SEARCHES]


def _filters(line: str) -> Iterator[Suggestion]:
    """The filters whose names begin like the last word."""
    word = _WORD.search(line)
    if word and line.count('"') % 2 == 0:
        for name, meaning in MEANINGS.items():
            if name.startswith(word[0].lower()):
                yield Suggestion("filter", f"{name}:", meaning, f"{line[: word.start()]}{name}:")


def _named(viewer: Person, line: str) -> list[Suggestion]:
    """Her cases and colleagues by the name that is being typed, beside whatever narrows it."""
    name = parsing.parse(line).names
    return [*_cases(viewer, name), *_people(name)] if len(name) >= SHORTEST else []


def _cases(viewer: Person, name: str) -> list[Suggestion]:
    found = find.cases(viewer, name)[:CASES]
    return [
        Suggestion("case", row.child_name, ", ".join(filter(None, ["Case", row.why])), id=row.id)
        for row in found
    ]


def _people(name: str) -> list[Suggestion]:
    # A search finds "am" within "team" as well: while one types that is not what is meant.
    begun = (row for row in find.people(name) if _is_alike(name, row.name) or _are(name, row))
    return [
        Suggestion("person", row.name, f"{row.role}, {row.agency_name}", id=row.id)
        for row in islice(begun, PEOPLE)
    ]


def _is_alike(written: str, name: str) -> bool:
    match = names.match(written, name)
    return match is not None and match.score >= names.ALIKE


def _are(written: str, row: find.FoundPerson) -> bool:
    """Whether each word begins one of the name, the role or the agency."""
    known = f"{row.name} {row.role} {row.agency_name}"
    return all(_begins(known, word) for word in written.split())


def _values(viewer: Person, before: str, name: str, value: str) -> list[Suggestion]:
    """What may stand behind the colon. Who is chosen is written as a number: that one alone."""

    def of(label: str, key: object, thing: str = "filter", number: int | None = None) -> Suggestion:
        return Suggestion(thing, label, f"{name}:", f"{before}{name}:{key} ", number)

    def known(labels: Iterable[tuple[str, str]]) -> list[Suggestion]:
        begun = (of(label, key.replace("_", "-")) for key, label in labels if _begins(label, value))
        return list(islice(begun, VALUES))

    if name == "case":
        if len(value) < SHORTEST:
            return []
        return [of(each.label, each.id, "case", each.id) for each in _cases(viewer, value)]
    if name in ("from", "person"):
        me = known([("me", "me, what I wrote")])
        named = _people(value) if len(value) >= SHORTEST else []
        return [*me, *(of(each.label, each.id, "person", each.id) for each in named)]
    if name in ("since", "before"):
        days = ((_day(back), label) for label, back in DAYS.items())
        return [of(label, day) for day, label in days if day.startswith(value)]
    return known(_VALUES[name]())


def _begins(label: str, value: str) -> bool:
    """Whether it begins so, or one of its words does."""
    begun = " ".join(re.split(r"[\s_-]+", value.casefold().strip()))
    whole = label.casefold()
    return whole.startswith(begun) or any(word.startswith(begun) for word in whole.split())


def _day(back: int) -> str:
    return (clock.today() - timedelta(days=back)).isoformat()


def _agencies() -> Iterable[tuple[str, str]]:
    rows = db.rows(select(Agency.id, Agency.name).order_by(Agency.name))
    return ((str(row.id), row.name) for row in rows)


_VALUES: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
    "kind": KINDS.items,
    "worry": WORRIES.items,
    "in": lambda: ((each, each) for each in THINGS.values()),
    "is": lambda: (("mine", "mine, what I wrote"), ("unread", "unread, what I have not read")),
    "agency": _agencies,
}
