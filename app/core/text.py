"""Words people wrote: checked, formatted and cleaned once, before they are kept."""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import nh3
from bleach.sanitizer import Cleaner

from app.core import markdown
from app.core.errors import Invalid
from app.core.markdown import DEEPEST, SCHEMES

LONGEST = 20_000

# Kept beside each text, so that texts cleaned by an older rule can be found and cleaned again.
CLEANER = 2

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}

# Anything a reader cannot see but a program may act on: controls, and marks that turn the
# direction of writing so that a sentence reads as another one. Half a pair of UTF-16 is no
# character at all, and neither database takes it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_NESTING = re.compile(
    rf"^(?:[ \t]*(?:>|[-*+](?=\s)|\d{{1,9}}[.)](?=\s))){{{DEEPEST + 1}}}", re.MULTILINE
)
_BRACKETS = re.compile(rf"[\[*_!]{{{DEEPEST + 1},}}")
_INDENT = re.compile(rf"^[ \t]{{{2 * DEEPEST + 1},}}\S", re.MULTILINE)

_REL = "noopener noreferrer nofollow"
_strict = nh3.Cleaner(tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=_REL)
_threads = threading.local()

# All that nh3 makes of ordinary words: these tags, and these characters and entities between them.
_TAG = re.compile(rf'(</?[a-z]{{1,10}}>|<a href="[^"<>]{{1,500}}" rel="{_REL}">)')
_BETWEEN = re.compile("(?:[^<>&\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+|&(?:amp|lt|gt|nbsp);)*+")
_BLOCKS = {"p", "ul", "ol", "blockquote"}
_INLINE = {"strong", "em", "a", "br"}
_HOLDS = {
    "": _BLOCKS,
    "blockquote": _BLOCKS,
    "ul": {"li"},
    "ol": {"li"},
    "li": _BLOCKS | _INLINE,
    **dict.fromkeys(("p", "strong", "em", "a"), _INLINE),
}
# With more different tags than these, Bleach is quicker to read the whole.
_MOST_TAGS = 16


@dataclass(frozen=True)
class Text:
    """What somebody wrote, as written and as safe HTML."""

    source: str
    html: str


def clean(written: str, *, field: str = "body", longest: int = LONGEST) -> Text:
    """Check, format and clean; raises `Invalid` naming `field` with a sentence."""
    if len(written) > longest:
        raise Invalid(**{field: f"Write at most {longest:,} characters."})
    source = plain(written)
    if not source:
        raise Invalid(**{field: "Write something first."})
    if _too_deep(source):
        raise Invalid(**{field: "Use fewer lists or quotes inside each other."})
    # Once more, because Markdown reads "&#x202e;" as the mark it names, and "%e2%80%ae" in a link.
    rendered = _UNSEEN.sub("", markdown.render(source))
    html = _strict.clean(rendered)
    return Text(source, (html if _settled(html) else _bleach().clean(html)).strip())


def plain(written: str) -> str:
    """The words without what cannot be seen, in one form of Unicode, with plain line ends."""
    text = _UNSEEN.sub("", written.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text).strip()


def line(written: str | None, *, field: str, longest: int = 200, needed: str | None = None) -> str:
    """One line of plain words; with `needed`, that sentence is the answer to none."""
    text = " ".join(plain(written or "").split())
    if needed and not text:
        raise Invalid(**{field: needed})
    if len(text) > longest:
        raise Invalid(**{field: f"Write at most {longest} characters."})
    return text


def _too_deep(source: str) -> bool:
    return any(deep.search(source) for deep in (_NESTING, _BRACKETS, _INDENT))


def _settled(html: str) -> bool:
    """Whether Bleach would change nothing, because it keeps each of these tags by itself.

    No, when these are not plainly tags inside each other and escaped words between them.
    """
    pieces = _TAG.split(html)
    between, tags = "\n".join(pieces[::2]), pieces[1::2]
    opening = {tag for tag in tags if tag[1] != "/"}
    return (
        len(opening) <= _MOST_TAGS
        and _BETWEEN.fullmatch(between) is not None
        and _well_nested(tags)
        and all(map(_kept, opening))
    )


def _well_nested(tags: list[str]) -> bool:
    """Whether these tags stand where a parser leaves them, so that one says nothing of another."""
    open_tags = [""]
    for tag in tags:
        name = _name(tag)
        if tag[1] == "/":
            if open_tags.pop() != name:
                return False
        elif name not in _HOLDS[open_tags[-1]] or (name in _INLINE and name in open_tags):
            return False
        elif name != "br":
            open_tags.append(name)
    return open_tags == [""]


def _name(tag: str) -> str:
    return "a" if tag.startswith("<a ") else tag.strip("</>")


@lru_cache(maxsize=1024)
def _kept(tag: str) -> bool:
    """Whether Bleach leaves this tag and its end exactly as they are, round a letter."""
    alone = tag if tag == "<br>" else f"{tag}x</{_name(tag)}>"
    return _bleach().clean(alone) == alone


def _bleach() -> Cleaner:
    # A Cleaner keeps the state of what it parses, so each thread has its own.
    if not hasattr(_threads, "cleaner"):
        _threads.cleaner = Cleaner(
            tags=TAGS, attributes={"a": ["href", "rel"]}, protocols=SCHEMES, strip=True
        )
    cleaner: Cleaner = _threads.cleaner
    return cleaner
