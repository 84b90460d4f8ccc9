"""The light formatting people may use: strong and stressed words, lists, quotes, links."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

DEEPEST = 40
SCHEMES = {"http", "https", "mailto", "tel"}

_markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
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
        # These would only tidy: line ends are plain already, and pieces of text need not be joined.
        "normalize",
        "text_join",
        "fragments_join",
    ]
)
# A link without one of the schemes, a relative one too, stays the text it was. The library names
# this attribute, and the next one, as the place to say so; its types know only methods.
_markdown.validateLink = lambda url: url.partition(":")[0].lower() in SCHEMES  # type: ignore[method-assign]
# Most addresses hold nothing that would have to be encoded, and finding that out takes long.
_ORDINARY = re.compile(
    r"https?://(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,20}"
    r"(?:/[A-Za-z0-9._~/-]*)?(?:\?[A-Za-z0-9=&_.-]*)?"
)
_markdown.normalizeLink = (  # type: ignore[method-assign]
    lambda url: url if _ORDINARY.fullmatch(url) else normalizeLink(url)
)

_MARKS = {
    "softbreak": "<br>\n",
    "hardbreak": "<br>\n",
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "em_open": "<em>",
    "em_close": "</em>",
    "link_close": "</a>",
}


def render(source: str) -> str:
    """HTML of words whose line ends are plain; still to be cleaned."""
    return _blocks(_markdown.parse(source))


# The library's renderer asks of each piece what it might be; this knows what is left on.
def _blocks(tokens: Sequence[Token]) -> str:
    made = []
    for token, following in zip(tokens, [*tokens[1:], *tokens[-1:]], strict=True):
        if token.type == "inline":
            made.append(
                "".join([_MARKS.get(each.type) or _words(each) for each in token.children or ()])
            )
        elif token.hidden:
            # The paragraph of a list item without empty lines; a block that follows starts a line.
            made.append("\n" if following.nesting == 1 else "")
        elif token.nesting == 1:
            on_one_line = following.type == "inline" or following.hidden or following.nesting == -1
            made.append(f"<{token.tag}>" if on_one_line else f"<{token.tag}>\n")
        else:
            made.append(f"</{token.tag}>\n")
    return "".join(made)


def _words(token: Token) -> str:
    if token.type == "link_open":
        return f'<a href="{escapeHtml(str(token.attrs["href"]))}">'
    return escapeHtml(token.content)
