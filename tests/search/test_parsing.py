"""What people write into the field, and that nothing they write is an error."""

from __future__ import annotations

import random

import pytest

from search import parsing
from search.parsing import Parsed
from search.query import All, Either, Everything, Not, Phrase, Prefix, Query, Word

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("", Everything()),
        (" … ", Everything()),
        ("Bruise", Word("bruise")),
        ("a b", All((A, B))),
        ("a AND b", All((A, B))),
        ("mum and dad", All((Word("mum"), Word("and"), Word("dad")))),
        ("a b OR c", Either((All((A, B)), C))),
        ("a (b OR c)", All((A, Either((B, C))))),
        ("a -b", All((A, Not(B)))),
        ("NOT a", Not(A)),
        ("a NOT (b c)", All((A, Not(All((B, C)))))),
        ("-(a b) c", All((Not(All((A, B))), C))),
        ('"no further action"', Phrase(("no", "further", "action"))),
        ("“no further action”", Phrase(("no", "further", "action"))),
        ('-"a b" c', All((Not(Phrase(("a", "b"))), C))),
        ('"Visit"', Word("visit")),
        ("nurs*", Prefix("nurs")),
        ("a*", A),
        ("step-father 12/11", All((Phrase(("step", "father")), Phrase(("12", "11"))))),
        ("O'Connor’s", Word("oconnor")),
        ("http://a", Phrase(("http", "a"))),
    ],
)
def test_what_is_written_is_read(written: str, query: Query) -> None:
    assert parsing.parse(written) == Parsed(query)


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ('"a b', All((A, B))),
        ('a "b" "c', All((A, B, C))),
        ("(a b", All((A, B))),
        ("a) b", All((A, B))),
        ("a () b", All((A, B))),
        ("a OR", A),
        ("AND a", A),
        ("a OR OR b", Either((A, B))),
        ("NOT", Word("not")),
        ("a -", A),
        ("(OR)", Word("or")),
        (")(", Everything()),
        ("NOT NOT a", A),
        ("a OR NOT", A),
        ("a NOT OR b", Either((A, B))),
        ("(AND a OR) b", All((A, B))),
    ],
)
def test_what_does_not_fit_is_left_out(written: str, query: Query) -> None:
    assert parsing.parse(written) == Parsed(query)


def test_filters_stand_apart_from_the_words() -> None:
    written = 'a kind:visit from:"Dan Hughes" OR case:12 IN:messages is:unread b since:2026-11-01'
    assert parsing.parse(written) == Parsed(
        All((A, B)),
        (
            ("kind", "visit"),
            ("from", "Dan Hughes"),
            ("case", "12"),
            ("in", "messages"),
            ("is", "unread"),
            ("since", "2026-11-01"),
        ),
    )


def test_a_filter_may_have_a_blank_behind_its_colon_and_words_with_colons_are_none() -> None:
    assert parsing.parse('a Kind: visit from:  "Dan Hughes"') == Parsed(
        A, (("kind", "visit"), ("from", "Dan Hughes"))
    )
    assert parsing.parse("b: a") == Parsed(All((B, A)))
    assert parsing.parse("mankind:a").filters == ()


def test_a_filter_behind_a_minus_is_kept_apart_and_excludes_nothing_unseen() -> None:
    read = parsing.parse("a -kind:visit")
    assert read == Parsed(A, (("-kind", "visit"),))
    assert parsing.parse(parsing.written(read.words, read.filters)) == read


@pytest.mark.parametrize(
    ("written", "left_out"),
    [
        ("a OR", ("OR",)),
        ("AND a OR OR b NOT", ("AND", "OR", "NOT")),
        ("a OR b NOT c", ()),
        ("OR", ()),
    ],
)
def test_it_is_told_which_operators_join_nothing(written: str, left_out: tuple[str, ...]) -> None:
    assert parsing.parse(written).left_out == left_out


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("DO NOT COME", All((Word("do"), Word("not"), Word("come")))),
        ("MUM AND DAD kind:visit", All((Word("mum"), Word("and"), Word("dad")))),
        ("DO NOT COME today", All((Word("do"), Not(Word("come")), Word("today")))),
        ("bruise NOT arm", All((Word("bruise"), Not(Word("arm"))))),
        ("DO -COME", All((Word("do"), Not(Word("come"))))),
        ("4 NOT 5", All((Word("4"), Not(Word("5"))))),
        ("محمد NOT علي", All((Word("محمد"), Not(Word("علي"))))),
    ],
)
def test_with_caps_lock_on_there_are_no_operators(written: str, query: Query) -> None:
    assert parsing.parse(written).query == query


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Amara -football", "Amara"),
        ("AMARA AND TOBI", "AMARA AND TOBI"),
        ('Amara -"on Monday" 4', "Amara 4"),
        ("Amara NOT football Okoye", "Amara Okoye"),
        ("Amara NOT (football OR (tennis golf)) Okoye", "Amara Okoye"),
        ("Amara -(football tennis) Okoye", "Amara Okoye"),
        ("(Amara OR Tobi) AND Okoye", "Amara Tobi Okoye"),
        ("Okoye, Amara kind:visit", "Okoye, Amara"),
        ('"Amara Okoye"', "Amara Okoye"),
        ("-Amara", ""),
        ("OR", "OR"),
    ],
)
def test_nobody_is_looked_for_by_an_operator_or_by_what_is_left_out(
    written: str, names: str
) -> None:
    assert parsing.parse(written).names == names


@pytest.mark.parametrize(
    "line",
    [
        "",
        "bruise school",
        "DO NOT COME kind:visit",
        "a OR",
        'a OR kind:visit "b c" from:“Dan Hughes” -d',
        '(a OR b) in:posts - c "" case:12 case:"Amara O" is:mine',
    ],
)
def test_a_line_is_written_again_without_a_filter_or_with_one_more(line: str) -> None:
    read = parsing.parse(line)
    again = parsing.parse(parsing.written(read.words, read.filters))
    assert (again, again.words) == (read, read.words)
    assert parsing.parse(parsing.written(read.words, ())) == Parsed(read.query)
    more = parsing.parse(parsing.written(read.words, [*read.filters, ("agency", ' a "(b) ')]))
    assert more == Parsed(read.query, (*read.filters, ("agency", "a (b)")))


def test_the_last_word_may_be_half_typed() -> None:
    half = Either((Word("visi"), Prefix("visi")))
    for written, query in (
        ("a visi", All((A, half))),
        ("a visi ", All((A, Word("visi")))),
        ('"a visi"', Phrase(("a", "visi"))),
        ("-visi", Not(half)),
        ("v", Word("v")),
    ):
        assert parsing.parse(written, typing=True).query == query, written


def test_no_scribble_is_an_error_and_none_grows_without_end() -> None:
    chance = random.Random(5)
    pieces = ['"', "(", ")", "-", "*", ":", " ", "AND", "OR", "NOT", "a", "kind:", "x-y", "é", "\0"]
    for _ in range(2000):
        written = "".join(chance.choices(pieces, k=chance.randint(0, 60)))
        parsing.parse(written, typing=chance.random() < 0.5)
    assert parsing.parse("(" * 5000 + "a" + ")" * 5000).query == Everything()
    assert parsing.parse("-" * 400 + "a").query == Not(A)
    assert parsing.parse("NOT " * 101 + "a").query == Not(A)
    assert len(str(parsing.parse("a " * 5000).query)) < 1000
