"""The few words shown of what was found: where it answers, and safe."""

from __future__ import annotations

from search import parsing, snippets


def snippet(written: str, text: str) -> str:
    return snippets.snippet(parsing.parse(written).query, text)


def test_every_form_of_what_is_sought_is_marked() -> None:
    text = "Visited Siobhán’s flat:\nno further action; visiting again."
    assert snippet("visit siobhan", text) == (
        "<mark>Visited</mark> <mark>Siobhán’s</mark> flat: no further action; "
        "<mark>visiting</mark> again."
    )
    assert "<mark>no</mark> <mark>further</mark> <mark>action</mark>" in snippet(
        '"no further actions"', text
    )
    assert "<mark>flat</mark>" in snippet("fla*", text)


def test_words_of_a_phrase_are_marked_only_where_it_stands() -> None:
    assert snippet('"a b"', "b a, a b") == "b a, <mark>a</mark> <mark>b</mark>"


def test_a_word_is_marked_however_its_first_letter_is_written() -> None:
    assert snippet("aether", "the Æther") == "the <mark>Æther</mark>"
    assert snippet("ela*", "an Élan") == "an <mark>Élan</mark>"
    assert snippet("abc", "1e5abc O’abc") == "<mark>1e5abc</mark> O’abc"


def test_what_must_not_be_there_is_not_marked() -> None:
    assert snippet("a -b", "a c") == "<mark>a</mark> c"


def test_a_long_text_is_shown_where_it_answers() -> None:
    text = "word " * 200 + "bruise " + "more " * 200
    shown = snippet("bruise", text)
    assert "<mark>bruise</mark>" in shown
    assert shown.startswith("… word")
    assert shown.endswith("more …")
    assert len(shown) < snippets.LONGEST + 30
    assert len(snippet("nothing", "x" * 5000)) < snippets.LONGEST + 30


def test_nothing_in_it_is_html_but_the_marks() -> None:
    shown = snippet("script b", "<script>alert('b')</script> & <b>")
    assert shown == (
        "&lt;<mark>script</mark>&gt;alert(&#x27;<mark>b</mark>&#x27;)"
        "&lt;/<mark>script</mark>&gt; &amp; &lt;<mark>b</mark>&gt;"
    )
