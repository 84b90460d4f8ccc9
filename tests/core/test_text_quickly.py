"""The quick way of cleaning gives, byte for byte, what the slow way gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from markdown_it.common.normalize_url import normalizeLink

from app.core import markdown, text
from app.core.errors import Invalid
from tests.core import scribble
from tests.core.hostile import CORPUS

LINK = f'<a href="https://example.org/" {scribble.REL}>'

# HTML that Bleach changes, and what of it is wrong.
CHANGED = {
    "a paragraph in a paragraph": "<p>a<p>b</p></p>",
    "a list in a paragraph": "<p>a<ul><li>b</li></ul></p>",
    "an item in an item": "<ul><li>a<li>b</li></li></ul>",
    "a link in a link": f"<p>{LINK}a<em>{LINK}b</a></em></a></p>",
    "tags that cross": "<p><strong>a<em>b</strong>c</em></p>",
    "a tag never closed": "<p>a",
    "a tag never opened": "<p>a</em></p>",
    "only an end": "</p>",
    "the end of a line break": "<p>a</br></p>",
    "a strange tag": "<p>a<b>c</b></p>",
    "a strange attribute": '<p onclick="x">a</p>',
    "a link that acts": f'<p><a href="javascript:alert(1)" {scribble.REL}>a</a></p>',
    "a bare ampersand in an address": f'<p><a href="https://x.example/?&" {scribble.REL}>a</a></p>',
    "a comment": "<p>a<!-- b --></p>",
    "a bare ampersand": "<p>a & b</p>",
    "a bare bracket": "<p>a > b</p>",
    "half an entity each": "<p>&am<br>p;</p>",
    "a control character": "<p>a\x01b</p>",
    "a line end of old": "<p>a\rb</p>",
}


def quickly(written: str) -> text.Text | None:
    try:
        return text.clean(written)
    except Invalid:
        return None


def differing(written: list[str]) -> list[str]:
    answers = [(each, quickly(each)) for each in written]
    return [each for each, it in answers if it and it.html != scribble.cleaned_slowly(it.source)]


def test_every_hostile_text_comes_out_as_the_slow_way_has_it() -> None:
    assert differing(CORPUS) == []


def test_what_chance_writes_comes_out_as_the_slow_way_has_it() -> None:
    chance = Random(10)
    written = [scribble.words(chance) for _ in range(1000)]
    assert sum(quickly(each) is not None for each in written) > 800
    assert differing(written) == []


def test_bleach_changes_nothing_that_counts_as_settled() -> None:
    chance = Random(10)
    settled = [each for each in (scribble.soup(chance) for _ in range(5000)) if text._settled(each)]
    assert len(settled) > 500
    assert [each for each in settled if scribble.bleached(each) != each] == []


@pytest.mark.parametrize("html", CHANGED.values(), ids=CHANGED)
def test_what_bleach_changes_never_counts_as_settled(html: str) -> None:
    assert scribble.bleached(html) != html
    assert not text._settled(html)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("_well_nested", lambda tags: True),
        ("_kept", lambda tag: True),
        ("_BETWEEN", re.compile("(?s).*")),
        ("_BETWEEN", re.compile("[^<>&]*")),
        ("_INLINE", set()),
        ("_HOLDS", {**text._HOLDS, "p": text._BLOCKS | text._INLINE}),
        ("_HOLDS", {**text._HOLDS, "li": {"li"}}),
    ],
)
def test_a_mistake_in_the_quick_way_would_be_found(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any
) -> None:
    monkeypatch.setattr(text, name, wrong)
    assert any(text._settled(html) for html in CHANGED.values())


def test_bleach_judges_an_address_once() -> None:
    text._kept.cache_clear()
    once, twice = (text.clean("See [the plan](https://example.org/plan).") for _ in range(2))
    assert once == twice
    assert (text._kept.cache_info().misses, text._kept.cache_info().hits) == (2, 2)


def test_what_is_remembered_of_tags_is_bounded() -> None:
    text._kept.cache_clear()
    text.clean(f"[long](https://example.org/{'a' * 500})")
    text.clean(" ".join(f"[{n}](https://example.org/{n})" for n in range(100)))
    assert text._kept.cache_info().currsize == 0
    assert text._kept.cache_info().maxsize == 1024


def test_threads_judge_each_with_a_cleaner_of_its_own() -> None:
    chance = Random(10)
    written = [scribble.words(chance) for _ in range(100)]
    text._kept.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(quickly, written * 8))
    assert answers == [quickly(each) for each in written] * 8


@pytest.mark.parametrize("shape", ["https://{}", "http://{}/{}", "https://{}.org/{}?{}={}"])
def test_an_ordinary_address_is_one_that_needs_no_encoding(shape: str) -> None:
    chance = Random(10)
    parts = "a xn--pple-43d example.org a.b.co - _ ~ . // = & %7e %z".split()
    pieces = ["".join(chance.choices(parts, k=chance.randint(1, 3))) for _ in range(12_000)]
    urls = [shape.format(*pieces[at : at + 4]) for at in range(0, len(pieces), 4)]
    assert sum(bool(markdown._ORDINARY.fullmatch(url)) for url in urls) > 50
    normalize: Callable[[str], str] = markdown._markdown.normalizeLink
    assert [url for url in urls if normalize(url) != normalizeLink(url)] == []
