"""Makes `nicknames.tsv` of the open table of English nicknames: `python -m search.make_nicknames`.

The table is that of the package `nicknames` (Apache 2.0), which only those who change Kith need.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from importlib import resources
from pathlib import Path

from search.known_names import NICKNAMES

_HEAD = """\
# Names and what they are shortened to, made by search/make_nicknames.py from names.csv of
# carltonnorthern/nicknames, Apache License 2.0 (nicknames-licence.txt). Changed: sorted and
# gathered by name, without what is not a word and a few pairs that are two names today.
"""
# They are no short form of the other in Britain today, or are another name of their own.
_NOT = {("aaron", "erin"), ("anthony", "antonia"), ("henry", "henrietta"), ("lee", "leroy")}


def table() -> str:
    """A line for each name: the name, a tab, and what it is shortened to."""
    with resources.files("nicknames").joinpath("names.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    shortened = defaultdict(set)
    for row in rows:
        pair = row["name1"], row["name2"]
        if row["relationship"] == "has_nickname" and pair not in _NOT and row["name2"].isalpha():
            shortened[pair[0]].add(pair[1])
    return _HEAD + "".join(
        f"{name}\t{' '.join(sorted(shortened[name]))}\n" for name in sorted(shortened)
    )


if __name__ == "__main__":
    Path(NICKNAMES).write_text(table(), encoding="utf-8")
