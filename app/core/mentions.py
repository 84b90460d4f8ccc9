"""Names after an @: who is named in what somebody wrote."""

from __future__ import annotations

import re
from collections.abc import Collection


def of(body: str, names: Collection[str]) -> set[str]:
    """Which of these names stand after an @, in small letters."""
    found = _after_an_at(names).findall(body) if names and "@" in body else ()
    return {name.casefold() for name in found}


def marked(body: str, names: Collection[str]) -> str:
    """The same words with each of these names, where it stands after an @, made strong."""
    return _after_an_at(names).sub(r"**@\1**", body)


def _after_an_at(names: Collection[str]) -> re.Pattern[str]:
    # The longest name first, and whole: "@Ann Lee" is not somebody inside "@Ann Leeson".
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)@({either})(?!\w)", re.IGNORECASE)
