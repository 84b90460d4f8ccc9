"""Words people wrote: what stays of them, and what never reaches a reader."""

from __future__ import annotations

import unicodedata
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from app.core import text
from app.core.errors import Invalid
from app.core.markdown import DEEPEST, SCHEMES
from tests.core.hostile import CORPUS

TURNS = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}


class Reader(HTMLParser):
    """Notes whatever a text may not hold."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in text.TAGS:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if tag != "a" or name not in ("href", "rel"):
                self.wrong.append(f"<{tag} {name}>")
            elif name == "href" and urlsplit((value or "").strip()).scheme not in SCHEMES:
                self.wrong.append(f"href={value!r}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}>")


def cleaned(written: str) -> text.Text:
    try:
        return text.clean(written)
    except Invalid:
        return text.Text("", "")


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(set(CORPUS)) >= 150


@pytest.mark.parametrize("written", CORPUS)
def test_a_hostile_text_keeps_only_light_formatting(written: str) -> None:
    assert Reader(cleaned(written).html).wrong == []


@pytest.mark.parametrize("written", CORPUS)
def test_cleaning_what_is_clean_changes_nothing(written: str) -> None:
    once = cleaned(written)
    if once.source:
        assert text.clean(once.source) == once


def unseen(words: str) -> list[str]:
    return [
        character
        for character in words
        if (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in "\n\t")
        or unicodedata.bidirectional(character) in TURNS
        or character in "\u061c\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
    ]


@pytest.mark.parametrize("written", CORPUS)
def test_nothing_unseen_is_kept(written: str) -> None:
    kept = cleaned(written)
    assert unseen(kept.source) == []
    assert kept.source == unicodedata.normalize("NFC", kept.source)


@pytest.mark.parametrize("written", CORPUS)
def test_nothing_unseen_is_shown_however_it_was_spelt(written: str) -> None:
    assert unseen(unescape(cleaned(written).html)) == []


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Seen *today*, **well**.", "<p>Seen <em>today</em>, <strong>well</strong>.</p>"),
        ("One\nTwo", "<p>One<br>\nTwo</p>"),
        ("One\r\n\r\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("- milk\n- bread", "<ul>\n<li>milk</li>\n<li>bread</li>\n</ul>"),
        ("> I like school", "<blockquote>\n<p>I like school</p>\n</blockquote>"),
        ("5 < 6 & 7 > 6", "<p>5 &lt; 6 &amp; 7 &gt; 6</p>"),
        ("Ages 3 - 5, 2026. Yes", "<p>Ages 3 - 5, 2026. Yes</p>"),
        ("# Not a heading", "<p># Not a heading</p>"),
    ],
)
def test_light_formatting_is_shown(written: str, shown: str) -> None:
    assert text.clean(written).html == shown


def test_a_link_may_be_followed_and_tells_the_other_side_nothing() -> None:
    html = text.clean("[The guidance](https://example.org/a?b=1&c=2)").html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize("address", ["/sign-out", "//evil.example", "page", "javascript:1"])
def test_a_link_that_names_no_place_to_go_stays_text(address: str) -> None:
    assert text.clean(f"[here]({address})").html == f"<p>[here]({address})</p>"


@pytest.mark.parametrize("kind", ["> ", "- ", "1. ", "* ", "+ ", "[", "*", "_", "![", "<b>"])
def test_64_kib_of_nesting_is_refused(kind: str) -> None:
    with pytest.raises(Invalid, match="at most 20,000"):
        text.clean(kind * (65536 // len(kind)))


@pytest.mark.parametrize("kind", ["> ", "- ", "1. ", "* ", "+ ", ">", "[", "*", "_"])
def test_deep_nesting_is_refused_however_short(kind: str) -> None:
    with pytest.raises(Invalid, match="inside each other"):
        text.clean(kind * (DEEPEST + 1) + "x")


def test_steps_of_indentation_are_nesting_too() -> None:
    stairs = "\n".join("  " * step + "- a" for step in range(60))
    with pytest.raises(Invalid, match="inside each other"):
        text.clean(stairs)


def test_the_longest_text_is_taken_and_one_character_more_is_not() -> None:
    assert text.clean("x" * text.LONGEST).source == "x" * text.LONGEST
    with pytest.raises(Invalid) as refused:
        text.clean("x" * (text.LONGEST + 1), field="reason")
    assert list(refused.value.fields) == ["reason"]


@pytest.mark.parametrize("nothing", ["", " \n\t ", "\u200b\ufeff", "\x00"])
def test_nothing_but_space_is_nothing(nothing: str) -> None:
    with pytest.raises(Invalid, match="Write something first"):
        text.clean(nothing)


def test_a_line_is_one_line_of_plain_words() -> None:
    assert text.line("  Mum’s\n new \t partner ", field="x") == "Mum’s new partner"
    assert text.line(None, field="x") == ""
    with pytest.raises(Invalid, match="Say why"):
        text.line(" ", field="x", needed="Say why.")
    with pytest.raises(Invalid, match="at most 5"):
        text.line("longer", field="x", longest=5)


def test_people_write_in_every_script() -> None:
    for words in ("Zoë", "محمد", "שָׁלוֹם", "नमस्ते", "👩‍👧 🏴󠁧󠁢󠁷󠁬󠁳󠁿"):
        assert text.clean(words).source == unicodedata.normalize("NFC", words)
