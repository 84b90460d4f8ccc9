"""Turn what stands in a council's cells into dates, codes and plain words."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from app.models import ETHNICITIES

# Whoever is older than this is no child, so an earlier date is a slip of the keyboard.
EARLIEST = date(1920, 1, 1)
# Day nought of what Excel counts in, where a file says no other.
EPOCH = date(1899, 12, 30)
# Room for a pregnancy reckoned late; a date of birth further ahead is a slip.
LONGEST_WAIT = timedelta(days=310)
LONGEST_WORDS = 200

_BLANK = frozenset(
    "|#n/a|n/a|na|n.a.|#null!|null|none|nil|nan|nat|(blank)|-|--|---|.|?|tbc|not known"
    "|not applicable".split("|")
)
_PUNCTUATION = str.maketrans("‘’‛“”„–—‐‑", "'''\"\"\"----")
_MONTHS = dict(
    zip(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        range(1, 13),
        strict=True,
    )
)
_DAY_FIRST = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_WORDED = re.compile(
    r"(?:[a-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)?[ /-]?([a-z]{3})[a-z]*[ /,-]{0,2}(\d{4}|\d{2})"
)
_TIME = re.compile(r"[ t]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?(z|[+-]\d{2}:?\d{2})?$")
_SERIAL = re.compile(r"\d{4,5}(\.\d+)?")
_CODE_LETTER = re.compile(r"^[a-z]{1,2}\s*[).:]\s*", re.IGNORECASE)
_COUNCIL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.\-]{0,39}")
_UNBORN = re.compile(r"\b(unborn|expected|due|edd|date|of|delivery|on)\b|[:()]")


class Unreadable(Exception):
    """A cell that holds something, but not what its heading asks for."""

    def __init__(self, value_shape: str, reason: str) -> None:
        super().__init__(reason)
        self.value_shape = value_shape
        self.reason = reason


def words(value: object) -> str | None:
    """The cell's text on one line, with plain spaces and quotes; None when it says nothing."""
    if value is None:
        return None
    text = value if isinstance(value, str) else _number_as_text(value)
    text = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return None if text.casefold() in _BLANK else text


def _number_as_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def shape(value: object) -> str:
    """What kind of value stands there, without the value."""
    if value is None:
        return "empty"
    if isinstance(value, str):
        text = words(value)
        if text is None:
            return "empty"
        return "an Excel error" if text.startswith("#") else f"text of {len(text)} characters"
    if isinstance(value, bool):
        return "true or false"
    return "a number" if isinstance(value, int | float) else "a date or time"


def plain(value: object) -> str | None:
    """The words of a coded value without its list letter: "b) Female" is "Female"."""
    text = words(value)
    if text is None or text.startswith("#"):
        return None
    return (_CODE_LETTER.sub("", text) or text)[:LONGEST_WORDS]


def council_id(value: object) -> str:
    text = words(value)
    if text is None:
        raise Unreadable("empty", "the child's identifier is missing")
    if not _COUNCIL_ID.fullmatch(text) or not re.search(r"[1-9]", text):
        raise Unreadable(shape(value), "this does not look like a council's identifier")
    return text


def day(value: object, epoch: date) -> date | None:
    """A date however it was typed: UK order first, ISO, in words, or Excel's day number.

    Month-first dates are refused even where only they fit: the next row would be read wrongly
    without anybody noticing.
    """
    found = _day(value, epoch)
    if found is not None and found < EARLIEST:
        raise Unreadable(shape(value), f"the date is before {EARLIEST.year}")
    return found


def _day(value: object, epoch: date) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if value is None or (isinstance(value, time) and value == time.min):
        return None  # Excel shows day number nought as midnight
    if isinstance(value, bool | time | timedelta):
        raise Unreadable(shape(value), "this is not a date")
    if isinstance(value, int | float):
        return _numbered(value, epoch)
    return _written(value, epoch)


def _numbered(value: float, epoch: date) -> date | None:
    if value == 0:
        return None
    if compact := _COMPACT.fullmatch(_number_as_text(value)):
        return _on(value, *compact.groups())
    if not 1 <= value < 100_000:
        raise Unreadable("a number", "the number is not one Excel uses for a date")
    return epoch + timedelta(days=int(value))


# A return has many rows and few days.
@lru_cache(maxsize=8192)
def _written(value: object, epoch: date) -> date | None:
    text = words(value)
    if text is None:
        return None
    text = _TIME.sub("", text.casefold())
    if found := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        return _on(value, *found.groups())
    if found := _DAY_FIRST.fullmatch(text):
        return _on(value, found[3], found[2], found[1])
    if (found := _WORDED.fullmatch(text)) and found[2] in _MONTHS:
        return _on(value, found[3], _MONTHS[found[2]], found[1])
    if _SERIAL.fullmatch(text):
        return _numbered(float(text), epoch)
    raise Unreadable(shape(value), "this is not a date; write it as day/month/year")


def _on(value: object, year: str | int, month: str | int, day_of_month: str | int) -> date:
    try:
        return date(_century(int(year)), int(month), int(day_of_month))
    except ValueError:
        raise Unreadable(shape(value), "there is no such day; write it as day/month/year") from None


def _century(year: int) -> int:
    if year >= 100:
        return year
    return year + (2000 if year < 50 else 1900)


def birth(value: object, epoch: date, today: date) -> tuple[date | None, date | None, bool]:
    """Date of birth, or the expected date of an unborn child, and whether unborn."""
    text = words(value) if isinstance(value, str) else None
    unborn = text is not None and _UNBORN.search(text.casefold()) is not None
    if unborn and text is not None:
        value = _UNBORN.sub(" ", text.casefold()).strip()
    found = day(value, epoch)
    if found is None:
        return None, None, unborn
    if found > today + LONGEST_WAIT:
        raise Unreadable("a date", "an expected date of birth cannot be that far ahead")
    return (None, found, True) if unborn or found > today else (found, None, False)


_YES = frozenset({"yes", "y", "1", "true", "a"})
_NO = frozenset({"no", "n", "0", "false", "b", "2"})
_UNSAID = frozenset({"c", "unknown", "not stated", "not recorded", "u", "9"})


def yes(value: object) -> bool | None:
    """Yes, no, or None where the cell is empty or says "unknown"."""
    text = (plain(value) or "").casefold().rstrip(")")
    if text in _YES or text.startswith("yes"):
        return True
    if text in _NO or text.startswith("no "):
        return False
    if not text or text in _UNSAID or text.startswith("not "):
        return None
    raise Unreadable(shape(value), "this is neither yes nor no")


_DISABILITIES = frozenset(
    ("mob", "hand", "pc", "inc", "comm", "ld", "hear", "vis", "beh", "con", "aut", "dda")
)


def disabled(value: object) -> bool | None:
    """Yes or no, or one of the census codes for a kind of disability."""
    text = (plain(value) or "").casefold()
    return True if text in _DISABILITIES else yes(value)


_GENDERS = {
    **dict.fromkeys(("female", "f", "2", "b", "girl", "woman"), "female"),
    **dict.fromkeys(("male", "m", "1", "a", "boy", "man"), "male"),
    **dict.fromkeys(("neither", "d", "i", "indeterminate", "other", "x", "9"), "neither"),
    **dict.fromkeys(("", "c", "u", "0", "unknown", "3", "not stated", "unborn"), None),
}


def gender(value: object) -> str | None:
    """Female, male or neither, from words, census numbers or list letters."""
    text = (plain(value) or "").casefold().rstrip(")")
    if text.startswith("not "):
        return None
    if text not in _GENDERS:
        raise Unreadable(shape(value), "this is not a gender the return knows")
    return _GENDERS[text]


_ETHNICITIES = {words.casefold(): code for code, words in ETHNICITIES.items()}
_ETHNIC_CODES = re.compile(rf"\b({'|'.join(_ETHNICITIES.values())})\b", re.IGNORECASE)


def ethnicity(value: object) -> str | None:
    """The census code, from the code wherever it stands or from the census wording."""
    text = plain(value)
    if text is None:
        return None
    if code := _ETHNIC_CODES.search(text):
        return code[1].upper()
    if text.casefold() in _ETHNICITIES:
        return _ETHNICITIES[text.casefold()]
    raise Unreadable(shape(value), "this is not an ethnicity the return knows")


_ABUSE = {"neglect": "NEG", "physical": "PHY", "sexual": "SAB", "emotional": "EMO"}


def abuse(value: object) -> str | None:
    """Category of abuse; two kinds in one cell are "multiple"."""
    text = (plain(value) or "").casefold()
    if not text:
        return None
    found = {code for word, code in _ABUSE.items() if word in text or text == code.casefold()}
    if len(found) == 1:
        return found.pop()
    if found or text == "mul" or "multiple" in text or "more than one" in text:
        return "MUL"
    raise Unreadable(shape(value), "this is not a category of abuse")


_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")


def upn(value: object) -> str | None:
    """A unique pupil number, permanent or temporary: thirteen characters."""
    text = (words(value) or "").replace(" ", "").upper()
    if text and not _UPN.fullmatch(text):
        raise Unreadable(shape(value), "this is not a unique pupil number")
    return text or None


_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")


def postcode(value: object) -> str | None:
    text = (words(value) or "").replace(" ", "").upper()
    found = _POSTCODE.fullmatch(text)
    if text and not found:
        raise Unreadable(shape(value), "this is not a UK postcode")
    return f"{found[1]} {found[2]}" if found else None


def code(value: object, codes: Mapping[str, str]) -> str | None:
    """The words of a code; one that is not among them is no words."""
    return codes.get((words(value) or "").upper())


def count(value: object) -> int | None:
    text = words(value)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,4}", text):
        raise Unreadable(shape(value), "this is not a number of times")
    return int(text)


_SOURCES = {
    "1A": "a family member, relative or carer",
    "1B": "somebody who knows the family",
    "1C": "the child",
    "1D": "another individual",
    "2A": "a school",
    "2B": "an education service",
    "3A": "a GP",
    "3B": "a health visitor",
    "3C": "a school nurse",
    "3D": "another primary health service",
    "3E": "an emergency department",
    "3F": "another health service",
    "4": "housing",
    "5A": "social care",
    "5B": "another service of the council",
    "5C": "another council's social care",
    "5D": "early help",
    "6": "the police",
    "7": "another legal agency",
    "8": "another organisation",
    "9": "somebody anonymous",
    "10": "an unknown source",
}
_SOURCE_CODE = re.compile(r"(10|[125][A-D]|3[A-F]|[4-9])(?![0-9A-Z])", re.IGNORECASE)


def source(value: object) -> str | None:
    """Who made contact, in words for a census code; free wording is kept as written."""
    text = plain(value)
    code = _SOURCE_CODE.match(text) if text else None
    return _SOURCES.get(code[1].upper(), text) if code else text
