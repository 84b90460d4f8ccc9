"""Words and HTML put together by chance, and the slow, plain way of cleaning to hold results to."""

from __future__ import annotations

from random import Random

import nh3
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt

from app.core import markdown, text

REL = 'rel="noopener noreferrer nofollow"'

_MARKS = [
    *("*", "**", "_", "__", "***", "\\", "`", "~~", "#", "# ", "> ", "- ", "+ ", "1. ", "10) "),
    *("\n", "\n\n", "  \n", "\\\n", "\r\n", "\t", "    ", "   ", " ", "\x00", "\x0c", "\x85"),
    *("[", "]", "(", ")", "](", "[a](", "![a](", "<", ">", "</", "<!--", "-->", "---", "===", "'"),
    *("&", "&amp;", "&lt;", "&quot;", "&nbsp;", "&#39;", "&copy;", "&#x202e;", "&amp;lt;", '"'),
    *("a", "child", "seen today", "Amara’s", "e\u0301", "\u200b", "\u200c", "\u00a0", "\ufffe"),
    *("https://example.org/a?b=1&c=2", "http://EXAMPLE.org/%7e%zz", "mailto:a@b.example", "tel:1"),
    *("[a](https://example.org/?a&amp;copy;b)", "[a](https://example.org/%e2%zz)"),
    *("javascript:1", "<https://xn--pple-43d.example/%E2%80%AE>", "<a@b.example>", "a_b_c", "2*3"),
    *("<b>", "<p>", "</p>", "<br>", "<script>", '<a href="https://example.org">', "[x]: http://x"),
]
_WORDS = [
    *("Seen", "today", "**calm**", "*better*", "at home", "5 < 6", "R&D", '"quoted"', "__strong__"),
    *("***both***", "<mailto:a@example.org>", "a\\*b", "[x](<https://example.org/a b> 'title')"),
]
_STARTS = ["", "", "- ", "1. ", "> ", "  ", "    ", "> - ", "- > ", "  - ", "* ", "7) "]

_TAGS = [
    *("p", "strong", "em", "ul", "ol", "li", "blockquote", "a", "br", "b", "script"),
]
_ADDRESSES = [
    *("https://example.org/", "mailto:a@b.example", "tel:1", "https://example.org/?a=1&amp;b=2"),
    *("https://example.org/?a&amp;lt;b", "https://example.org/?&amp;copy;", "javascript:alert(1)"),
    *("/here", "//there", "#", "https://[x", "&#106;avascript:alert(1)", "https://x.example/`"),
]
_BETWEEN = [
    *("x", "a b", "é", "\n", " ", "&amp;", "&lt;", "&nbsp;", "&amp;lt;", "&amp;amp;", "&am", "p;"),
    *("&copy;", "&#39;", "&quot;", "&", '"', "'", "<", ">", "\x00", "\x0c", "\r", "\x1f", "\ufffe"),
]
_INSIDE = {"": ["p", "ul", "ol", "blockquote"], "ul": ["li"], "ol": ["li"]}
_BLOCKS = {"li": ["p", "ul", "em", "strong", "a"], "blockquote": ["p", "ul", "blockquote"]}
_INLINE = ["strong", "em", "a", "br"]


def words(chance: Random) -> str:
    """What somebody might type: half of it nearly sensible, half of it marks without sense."""
    if chance.random() < 0.5:
        marks = _MARKS if chance.random() < 0.5 else chance.sample(_MARKS, 6)
        return "".join(chance.choices(marks, k=int(chance.expovariate(1 / 12)) + 1))
    return "".join(_line(chance) for _ in range(chance.randint(1, 7)))


def _line(chance: Random) -> str:
    link = f"[plan](https://example.org/{chance.randrange(9)})"
    said = " ".join(chance.choices([*_WORDS, link], k=chance.randint(1, 8)))
    starts = "".join(chance.choices(_STARTS, k=chance.randint(0, 2)))
    return starts + said + chance.choice(["\n", "\n\n", "  \n", "\\\n"])


def soup(chance: Random) -> str:
    """HTML: mostly as Markdown would nest it, often with something wrong in it."""
    html = _nested(chance)
    if chance.random() < 0.5:
        at = chance.randrange(len(html) + 1)
        tag = chance.choice(_TAGS)
        wrong = chance.choice([*_BETWEEN, _opening(chance, tag), f"</{tag}>"])
        html = html[:at] + wrong + html[at + chance.randrange(4) :]
    return html


def _nested(chance: Random, around: str = "", depth: int = 0) -> str:
    usual = _INSIDE.get(around) or _BLOCKS.get(around, _INLINE)
    made = []
    for _ in range(chance.randint(1, 3)):
        tag = chance.choice(usual if chance.random() < 0.9 else _TAGS)
        if depth > 5 or (around not in _INSIDE and chance.random() < 0.5):
            made.append(chance.choice(_BETWEEN[:10] if chance.random() < 0.9 else _BETWEEN))
        elif tag == "br":
            made.append("<br>")
        else:
            made.append(f"{_opening(chance, tag)}{_nested(chance, tag, depth + 1)}</{tag}>")
    return "".join(made)


def _opening(chance: Random, tag: str) -> str:
    return f'<a href="{chance.choice(_ADDRESSES)}" {REL}>' if tag == "a" else f"<{tag}>"


_markdown = MarkdownIt(
    "commonmark", {"html": False, "breaks": True, "maxNesting": markdown.DEEPEST}
)
_markdown.disable("heading lheading code fence hr image html_block html_inline".split())
_markdown.disable("backticks reference".split())
_markdown.validateLink = lambda url: url.partition(":")[0].lower() in markdown.SCHEMES  # type: ignore[method-assign]
_bleach = Cleaner(
    tags=text.TAGS, attributes={"a": ["href", "rel"]}, protocols=markdown.SCHEMES, strip=True
)


def cleaned_slowly(source: str) -> str:
    """The library's own rules and renderer, nh3, and Bleach over the whole."""
    loose = nh3.clean(
        text._UNSEEN.sub("", _markdown.render(source)),
        tags=text.TAGS,
        attributes={"a": {"href"}},
        url_schemes=markdown.SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return bleached(loose).strip()


def bleached(html: str) -> str:
    """What Bleach makes of the whole of it."""
    return _bleach.clean(html)
