"""Names after an @: who is named in what somebody wrote."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape

_MARKED_OR_TAG = re.compile(r"<strong>@[^<]*</strong>|<[^>]*>")
_WORD = re.compile(r"(?<!\w)@([^\W\d_][\w'’-]*)")


def of(body: str, names: Collection[str], others: Collection[str] = ()) -> set[str]:
    """Which of these names stand after an @, in small letters.

    Where one of the `others` stands in whole, a shorter name inside it is not meant.
    """
    either = {*names, *others}
    found = _after_an_at(either).findall(body) if either and "@" in body else ()
    return {name.casefold() for name in found} & {name.casefold() for name in names}


def marked(body: str, names: Collection[str], others: Collection[str] = ()) -> str:
    """The same words with each of these names, where it stands after an @, made strong."""
    meant = {name.casefold() for name in names}

    def strong(found: re.Match[str]) -> str:
        return f"**{found[0]}**" if found[1].casefold() in meant else found[0]

    return _after_an_at({*names, *others}).sub(strong, body)


def in_vain(html: str) -> list[str]:
    """The words after an @ that nothing has marked as a name, each once."""
    return list(dict.fromkeys(_WORD.findall(unescape(_MARKED_OR_TAG.sub(" ", html)))))


def _after_an_at(names: Collection[str]) -> re.Pattern[str]:
    # The longest name first, and whole: "@Ann Lee" is not somebody inside "@Ann Leeson".
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)@({either})(?!\w)", re.IGNORECASE)
