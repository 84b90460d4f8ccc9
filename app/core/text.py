"""Words people wrote: checked, formatted and cleaned once, before they are kept."""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass

import nh3
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt

from app.core.errors import Invalid

LONGEST = 20_000
DEEPEST = 40

# Kept beside each text, so that texts cleaned by an older rule can be found and cleaned again.
CLEANER = 2

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}
SCHEMES = {"http", "https", "mailto", "tel"}

# Anything a reader cannot see but a program may act on: controls, and marks that turn the
# direction of writing so that a sentence reads as another one. Half a pair of UTF-16 is no
# character at all, and neither database takes it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_NESTING = re.compile(r"^(?:[ \t]*(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s)))+", re.MULTILINE)
_MARK = re.compile(r">|[-*+]|\d+[.)]")
_BRACKETS = re.compile(rf"[\[*_!]{{{DEEPEST + 1},}}")
_INDENT = re.compile(rf"^[ \t]{{{2 * DEEPEST + 1},}}\S", re.MULTILINE)

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
_markdown.disable(
    [
        "heading",
        "lheading",
        "code",
        "fence",
        "hr",
        "image",
        "html_block",
        "html_inline",
        "backticks",
        "reference",
    ]
)
# A link without one of the schemes, a relative one too, stays the text it was.
_markdown.validateLink = lambda url: url.partition(":")[0].lower() in SCHEMES  # type: ignore[method-assign]
_threads = threading.local()


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
    rendered = _UNSEEN.sub("", _markdown.render(source))
    loose = nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Text(source, _bleach().clean(loose).strip())


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
    if _BRACKETS.search(source) or _INDENT.search(source):
        return True
    return any(len(_MARK.findall(run[0])) > DEEPEST for run in _NESTING.finditer(source))


def _bleach() -> Cleaner:
    # A Cleaner keeps the state of what it parses, so each thread has its own.
    if not hasattr(_threads, "cleaner"):
        _threads.cleaner = Cleaner(
            tags=TAGS, attributes={"a": ["href", "rel"]}, protocols=SCHEMES, strip=True
        )
    cleaner: Cleaner = _threads.cleaner
    return cleaner
